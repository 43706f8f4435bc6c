"""The ASGI application: routes from the table, checks around them, work in threads."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digipoort_sim.errors import ConfigError, DigipoortSimError, NotFoundError, SizeRefusal, TechnicalError
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.store.payloads import Payload
from digipoort_sim.web.guard import SECURITY_HEADERS, Guard
from digipoort_sim.web.operations import Asked, Operation, Reply
from digipoort_sim.web.problems import problem, problem_reply
from digipoort_sim.web.stream import NewsStream
from digipoort_sim.web.uploads import Upload

LARGEST_BODY = 64 * 1024
_BODY_SECONDS = 10.0
_FORM = "application/x-www-form-urlencoded"
_LOG = logging.getLogger("digipoort_sim.web")

Failure = Callable[[Reply, str], Reply]
"""What to show for a problem document at a path: the console makes a page of it."""


class Application:
    """The web door without its socket: an ASGI application.

    Args:
        operations: the table; each row becomes a route.
        stream: serves the row without a handler.
        failure: what goes out in place of a problem document.
        threads: where handlers run, because they wait for the database.
    """

    def __init__(
        self,
        rooms: Rooms,
        guard: Guard,
        operations: tuple[Operation, ...],
        stream: NewsStream,
        failure: Failure,
        threads: Executor,
    ) -> None:
        self._rooms = rooms
        self._guard = guard
        self._stream = stream
        self._failure = failure
        self._threads = threads
        routes = [Route(row.path, self._endpoint(row), methods=[row.method]) for row in operations]
        self._inside: ASGIApp = Starlette(
            routes=routes,
            exception_handlers={HTTPException: self._http_error},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything that is no HTTP request is closed."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        headers = [(name.lower(), value) for name, value in Headers(scope=scope).items()]
        secured = _secured(send)
        try:
            self._guard.check(scope["method"], scope["path"], headers)
        except DigipoortSimError as error:
            await self._failed(error, scope["path"])(scope, receive, secured)
            return
        await self._inside(scope, receive, secured)

    def _endpoint(self, row: Operation) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            try:
                takes_fields = row.method == "POST" and not row.upload
                content, payload = await self._uploaded(request) if row.upload else (b"", None)
                asked = Asked(
                    self._rooms,
                    _storable(request.path_params),
                    row.read_query(dict(request.query_params)),
                    row.read_body(await _body(request)) if takes_fields else {},
                    request.headers,
                    content,
                    payload,
                )
                if row.handler is None:
                    return self._streaming(asked, request)
                loop = asyncio.get_running_loop()
                return _response(await loop.run_in_executor(self._threads, row.handler, asked))
            except DigipoortSimError as error:
                return self._failed(error, request.url.path)
            except Exception:  # a fault of our own: the caller gets a document too, the log the traceback
                return self._unplanned(request)

        return endpoint

    async def _uploaded(self, request: Request) -> tuple[bytes, Payload | None]:
        file = self._rooms.ids.uuid()
        return await Upload(self._rooms.office.payloads, file, self._threads).receive(request)

    def _streaming(self, asked: Asked, request: Request) -> Response:
        if self._stream.full:
            raise TechnicalError("too many readers of the stream at once", rule="STREAMS")
        last = request.headers.get("last-event-id", "")
        last_event = int(last) if last.isascii() and last.isdigit() and len(last) <= 18 else None
        return StreamingResponse(self._stream.serve(asked, last_event), media_type="text/event-stream")

    def _failed(self, error: DigipoortSimError, path: str) -> Response:
        return _response(self._failure(problem(error), path))

    async def _http_error(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        known = {404: "there is nothing at this address", 405: "this method is not allowed here"}
        detail = known.get(error.status_code, error.detail)
        reply = problem_reply(
            error.status_code, detail, f"HTTP-{error.status_code}", dict(error.headers or {})
        )
        return _response(self._failure(reply, request.url.path))

    def _unplanned(self, request: Request) -> Response:
        _LOG.exception("unplanned error at %s %s", request.method, request.url.path)
        reply = problem_reply(500, "an error that was not planned for; the log has it", "UNPLANNED")
        return _response(self._failure(reply, request.url.path))


def _response(reply: Reply) -> Response:
    if reply.payload is not None:
        return FileResponse(reply.payload.path, reply.status, dict(reply.headers), reply.media_type)
    return Response(reply.content, reply.status, dict(reply.headers), reply.media_type)


def _secured(send: Send) -> Send:
    async def secured(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return secured


def _storable(variables: dict[str, str]) -> dict[str, str]:
    """The variable parts of a path; PostgreSQL does not even compare a text with a NUL in it."""
    if any("\x00" in value for value in variables.values()):
        raise NotFoundError("nothing has a name with a NUL in it", rule="PATH")
    return variables


async def _body(request: Request) -> dict[str, Any]:
    """The fields of a JSON object or of a form; no body is no fields."""
    content = await _received(request, LARGEST_BODY, _BODY_SECONDS)
    if not content:
        return {}
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return _form(content) if media_type == _FORM else _json_object(content, media_type)


async def _received(request: Request, largest: int, seconds: float) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            return await _limited(request, largest)
    except TimeoutError:
        raise ConfigError("the body did not arrive in time", rule="BODY-TIME") from None
    except ClientDisconnect:
        raise ConfigError("the body was cut off", rule="BODY") from None


async def _limited(request: Request, largest: int) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > largest:
            raise SizeRefusal(f"the body is larger than {largest} octets", rule="BODY-SIZE")
    return bytes(content)


def _form(content: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(content.decode(), keep_blank_values=False, max_num_fields=100)
    except ValueError:
        raise ConfigError("the body is not a form in UTF-8", rule="BODY") from None
    return dict(pairs)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a name that comes twice means one thing to one reader and another to the next."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ConfigError("a name comes twice in the JSON body", rule="BODY-DOUBLE")
    return fields


def _json_object(content: bytes, media_type: str) -> dict[str, Any]:
    if media_type != "application/json":
        raise ConfigError("the body must be application/json", rule="BODY-TYPE")
    try:
        document = json.loads(content, object_pairs_hook=_without_doubles)
        # Half of a surrogate pair, written as \ud800, is a text to Python and to nothing behind it.
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise ConfigError("the body is not JSON", rule="BODY") from None
    if not isinstance(document, dict):
        raise ConfigError("the body must be a JSON object", rule="BODY")
    return document
