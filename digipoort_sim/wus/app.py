"""The ASGI application of the SOAP door: HTTP in, judged, dispatched, committed, signed, HTTP out."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import math
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from digipoort_sim import xml_names
from digipoort_sim.catalogue import Scenario
from digipoort_sim.errors import AuthenticationRefusal, SpecificationRefusal, TechnicalError
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.exchange.values import Delivery, Event
from digipoort_sim.pki import VerifiedCertificate
from digipoort_sim.wus import answer, contract, operations, refusing, wsdl
from digipoort_sim.wus.at_once import Reply
from digipoort_sim.wus.bodies import BodyReader, Budget, ClientGoneError, Receive
from digipoort_sim.wus.http_connection import ABORT, OFFERED, PEER_CERTIFICATE
from digipoort_sim.wus.judging import Judge, Judged, Request, Trail
from digipoort_sim.wus.names import AANLEVEREN, Service, served_paths
from digipoort_sim.wus.operations import Outcome
from digipoort_sim.wus.signing import Signer
from digipoort_sim.wus.tls_alerts import peer_text

if TYPE_CHECKING:
    from digipoort_sim.exchange import Staged

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Result = TypeVar("Result")

LARGE = 256 * 1024
"""Octets from which an answer is made in a thread, so that others need not wait."""

_TEXT = b"text/plain; charset=utf-8"
_DATABASE_SECONDS = 30.0
_EVENT_SECONDS = 2.0
_BODIES_AT_ONCE = 4
_LARGE_ONES_JUDGED_AT_ONCE = 2


class NoAnswerError(Exception):
    """A scenario wants the connection to be dropped without an answer."""


class WusApp:
    """The SOAP door as an ASGI application.

    Args:
        rooms: what lies behind the door.
        signer: Digipoort's own key and certificate, which sign answers.
    """

    def __init__(self, rooms: Rooms, signer: Signer) -> None:
        self._rooms = rooms
        self._settings = rooms.settings.wus
        self._signer = signer
        self._judge = Judge(rooms)
        self._paths = served_paths(rooms.settings.profiles)
        self._budget = Budget(_BODIES_AT_ONCE * self._settings.max_request_bytes)
        self._judging = asyncio.Semaphore(_LARGE_ONES_JUDGED_AT_ONCE)
        self._has_quick_ones = rooms.store.is_sqlite and not self._settings.scenarios_on_preproduction
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            reply = await self._reply(scope, receive)
        except ClientGoneError:
            return
        except NoAnswerError:
            scope[ABORT]()
            return
        headers = reply.header_lines()
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    def at_once(self, scope: Scope, body: bytes, answer: Callable[[Reply], None]) -> bool:
        """Serve a whole delivery on the ordinary path without a task, if it is small and the store is SQLite.

        Args:
            answer: called from the loop, after the commit.

        Returns:
            False if it has to be served as others are; then nothing was done.
        """
        if not self._has_quick_ones or len(body) > self._settings.max_request_bytes:
            return False
        if xml_names.is_strange(body, sample=True):
            return False
        try:
            peer = self._rooms.trust.verify(scope[PEER_CERTIFICATE], at=self._rooms.clocks.security.now())
        except AuthenticationRefusal:
            return False
        request, trail = _request(scope, body, True, peer, AANLEVEREN, False), Trail()
        try:
            outcome, reply = self._delivered(request, trail)
        except Exception as error:
            self._answer_later(self._refuse(scope, request, trail, error), answer)
            return True

        def committed(done: asyncio.Future[None]) -> None:
            error = done.exception()
            if error is None:
                answer(reply)
            else:
                self._answer_later(self._refuse(scope, request, trail, cast(Exception, error)), answer)

        cast("Staged", outcome.staged).committed.add_done_callback(committed)
        return True

    def _delivered(self, request: Request, trail: Trail) -> tuple[Outcome, Reply]:
        """Judge and stage a delivery; the answer must wait for the commit."""
        judged = self._judge.judge(request, trail)
        outcome = self._deliver(judged, cast(Delivery, judged.content))
        return outcome, Reply(200, self._answer(judged, outcome))

    def _answer_later(self, work: Coroutine[Any, Any, Reply], answer: Callable[[Reply], None]) -> None:
        async def run() -> None:
            answer(await work)

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        path = scope["path"]
        found = self._paths.get(path)
        try:
            now = self._rooms.clocks.security.now()
            peer = self._rooms.trust.verify(scope[PEER_CERTIFICATE], at=now)
        except AuthenticationRefusal as refusal:
            # Read to its end, because a client that is still sending would see a reset, not the fault.
            await self._reader(scope, receive).discard()
            return await self._stranger(scope, refusal, found[0] if found else None)
        if found is None:
            return await self._told(scope, self._other_path(scope))
        service, family = found
        if scope["method"] == "POST":
            reader = self._reader(scope, receive)
            try:
                return await self._post(scope, reader, peer, service, family == "stub")
            finally:
                reader.close()
        if scope["method"] == "GET" and scope["query_string"].lower() == b"wsdl":
            return Reply(200, wsdl.wsdl(service, path, _header(scope, b"host")))
        return await self._told(scope, _not_allowed("GET, POST", "POST a SOAP message, or GET ?wsdl."))

    async def _told(self, scope: Scope, reply: Reply) -> Reply:
        """Keep an event of a request that asks for what there is not."""
        if reply.status >= 400:
            await self._record(refusing.misdirected_event(scope, reply.status, reply.body))
        return reply

    def _reader(self, scope: Scope, receive: Receive) -> BodyReader:
        return BodyReader(receive, self._budget, self._settings.max_request_bytes, _length(scope))

    def _other_path(self, scope: Scope) -> Reply:
        if scope["path"] != wsdl.XSD_PATH:
            return Reply(404, _no_service(self._paths), _TEXT)
        if scope["method"] != "GET":
            return _not_allowed("GET", "GET the XSD.")
        return Reply(200, wsdl.xsd())

    async def _stranger(self, scope: Scope, refusal: AuthenticationRefusal, service: Service | None) -> Reply:
        """Answer a client whose certificate passed the handshake but is not good: x110, and goodbye."""
        verdict = refusing.verdict_on(refusal)
        code = f"{service.letters}{verdict.number}" if service else "403"
        chain = scope[OFFERED]()
        await self._record(refusing.stranger_event(refusal, code, peer_text(scope["client"]), chain))
        if service is None:
            return Reply(403, b"The client certificate is not accepted.\n", _TEXT, close=True)
        body = refusing.write_fault(self._rooms, service, verdict, Trail())
        return Reply(self._settings.fault_http_status, body, close=True)

    async def _post(
        self, scope: Scope, reader: BodyReader, peer: VerifiedCertificate, service: Service, stub: bool
    ) -> Reply:
        body, whole = await reader.read()
        request, trail = _request(scope, body, whole, peer, service, stub), Trail()
        try:
            # Once more, because it may have been revoked while its request was coming in.
            self._rooms.trust.verify(peer.der, at=self._rooms.clocks.security.now())
            return await self._process(request, trail)
        except NoAnswerError:
            raise
        except Exception as error:
            return await self._refuse(scope, request, trail, error)

    async def _process(self, request: Request, trail: Trail) -> Reply:
        judged = await self._judged(request, trail)
        scenario = await self._scenario(judged)
        if scenario is not None and scenario.busy_on == request.service.name:
            busy = await self._busy(scenario)
            if busy is not None:
                return busy
        if scenario is not None and scenario.fault_on == request.service.name:
            # Recorded: the stub's fault has nothing where other faults name what is wrong.
            raise SpecificationRefusal("", rule=f"SCENARIO-{scenario.aanleverkenmerk}")
        outcome = await self._operate(judged)
        body = await _run(len(outcome.body) > LARGE, self._answer, judged, outcome)
        if outcome.staged is not None:
            staged = outcome.staged
            await (staged.committed if self._rooms.store.is_sqlite else staged.within(_DATABASE_SECONDS))
        return Reply(200, body)

    async def _judged(self, request: Request, trail: Trail) -> Judged:
        judge = functools.partial(self._judge.judge, request, trail)
        if not xml_names.is_strange(request.body, sample=True):
            return judge()
        # Large or strange: in a thread of its own, so that others need not wait and its names do not stay.
        async with self._judging:
            return await asyncio.to_thread(xml_names.apart, judge)

    async def _operate(self, judged: Judged) -> Outcome:
        office, call, content = self._rooms.office, judged.call, judged.content
        if isinstance(content, Delivery):
            return self._deliver(judged, content)
        return await _run(
            not self._rooms.store.is_sqlite,
            contract.dispatch,
            judged.service,
            judged.body,
            lambda operation, _body: operations.ask(office, call, operation, content),
        )

    def _deliver(self, judged: Judged, delivery: Delivery) -> Outcome:
        perform = functools.partial(operations.deliver, self._rooms.office, judged.call, delivery)
        return contract.dispatch(judged.service, judged.body, lambda _operation, _body: perform())

    def _answer(self, judged: Judged, outcome: Outcome) -> bytes:
        request_id = judged.call.message_id
        # Recorded: aanleveren answers with the request's MessageID, statusinformatie with a new one.
        own = judged.service is AANLEVEREN
        return answer.build(
            self._signer,
            judged.operation,
            relates_to=request_id,
            message_id=request_id if own else f"uuid:{self._rooms.ids.uuid()}",
            body_xml=outcome.body,
            created=self._rooms.clocks.security.now(),
            signature_algorithm=judged.signature_algorithm,
            digest_algorithm=judged.digest_algorithm,
            ids=self._rooms.ids,
        )

    async def _scenario(self, judged: Judged) -> Scenario | None:
        """The scenario of the Aansluit Suite that this call is part of, if any."""
        if not (judged.call.stub or self._settings.scenarios_on_preproduction):
            return None
        content = judged.content
        return await _run(
            not self._rooms.store.is_sqlite,
            functools.partial(
                self._rooms.office.scenario_of,
                judged.call,
                kenmerk=None if isinstance(content, Delivery) else content.kenmerk or None,
                aanleverkenmerk=content.aanleverkenmerk if isinstance(content, Delivery) else None,
            ),
        )

    async def _busy(self, scenario: Scenario) -> Reply | None:
        """Be slow (zwaarbelast), or give no normal answer (overbelast)."""
        delay = self._settings.busy_delay_seconds
        if not scenario.overloaded:
            await asyncio.sleep(delay)
            return None
        if self._settings.overload_answer == "fault":
            raise TechnicalError(
                f"scenario {scenario.aanleverkenmerk}", rule=f"SCENARIO-{scenario.aanleverkenmerk}"
            )
        if self._settings.overload_answer == "timeout":
            await asyncio.sleep(delay)
            raise NoAnswerError
        retry_after = (b"retry-after", str(max(1, math.ceil(delay))).encode("ascii"))
        return Reply(503, b"Digipoort is overloaded (scenario).\n", _TEXT, (retry_after,))

    async def _refuse(self, scope: Scope, request: Request, trail: Trail, error: Exception) -> Reply:
        verdict = refusing.verdict_on(error)
        # Its frames know the future that knows the error: a circle, which would keep the message.
        error.__traceback__ = None
        await self._record(refusing.refusal_event(request, verdict, peer_text(scope["client"])))
        body = refusing.write_fault(self._rooms, request.service, verdict, trail)
        return Reply(self._settings.fault_http_status, body, close=not request.whole)

    async def _record(self, event: Event) -> None:
        with contextlib.suppress(TechnicalError):  # the answer does not wait for a database that hangs
            await _run(
                not self._rooms.store.is_sqlite, self._rooms.office.record, event, seconds=_EVENT_SECONDS
            )


async def _run(
    in_thread: bool,
    function: Callable[..., Result],
    *arguments: Any,
    seconds: float = _DATABASE_SECONDS,
) -> Result:
    if in_thread:
        return await _in_time(asyncio.to_thread(function, *arguments), seconds)
    return function(*arguments)


async def _in_time(work: Awaitable[Result], seconds: float) -> Result:
    """Wait for a database, but not for ever: what it is asked to do may still be done later."""
    try:
        return await asyncio.wait_for(work, seconds)
    except TimeoutError:
        raise TechnicalError(f"the database did not answer within {seconds:g} s", rule="DATABASE") from None


def _request(
    scope: Scope, body: bytes, whole: bool, peer: VerifiedCertificate, service: Service, stub: bool
) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(service, stub, scope["path"], headers, body, whole, peer)


def _no_service(paths: Iterable[str]) -> bytes:
    known = "".join(f"  {path}\n" for path in paths)
    return f"There is no service at this path. There are services at\n{known}".encode("ascii")


def _length(scope: Scope) -> int | None:
    text = _header(scope, b"content-length")
    return int(text) if text.isascii() and text.isdigit() else None


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


def _not_allowed(methods: str, hint: str) -> Reply:
    return Reply(405, f"{hint}\n".encode("ascii"), _TEXT, ((b"allow", methods.encode("ascii")),))
