"""The one place where this door turns an error into a SOAP fault and an event."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from digipoort_sim.errors import ConfigError, DigipoortSimError, Refusal, TechnicalError
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.exchange.values import Event
from digipoort_sim.pki import offered
from digipoort_sim.pki.tls_words import MEND
from digipoort_sim.wus import fault
from digipoort_sim.wus.http_connection import PEER_CERTIFICATE
from digipoort_sim.wus.judging import Request, Trail
from digipoort_sim.wus.names import AANLEVEREN, Service
from digipoort_sim.wus.tls_alerts import peer_text

MAX_RAW = 256 * 1024
"""How many octets of a refused request an event keeps."""

_MAX_TRACEBACK = 8000


@dataclass(frozen=True)
class Verdict:
    """How an error is shown.

    Attributes:
        number: what stands behind the letters of the fault code.
        rule: the rule that was broken.
        public: the message for the client.
        private: what the event says besides; the client never sees it.
    """

    number: str
    rule: str
    public: str
    private: str = ""

    @property
    def is_technical(self) -> bool:
        """Whether it is trouble of our own."""
        return self.number == TechnicalError.number


def verdict_on(error: Exception) -> Verdict:
    """The verdict on an error; anything that is not one of ours is technical."""
    if isinstance(error, Refusal):
        return Verdict(error.number, error.rule, error.detail)
    if isinstance(error, DigipoortSimError) and not isinstance(error, TechnicalError | ConfigError):
        return Verdict(Refusal.number, error.rule, error.detail)
    rule = error.rule if isinstance(error, DigipoortSimError) else "UNEXPECTED"
    trace = "".join(traceback.format_exception(error))[-_MAX_TRACEBACK:]
    return Verdict(TechnicalError.number, rule, "", f"{error}\n{trace}")


def write_fault(rooms: Rooms, service: Service, verdict: Verdict, trail: Trail) -> bytes:
    """The SOAP fault for a verdict."""
    code = fault.fault_code(service, verdict.number)
    relates_to = trail.message_id()
    new_id = f"uuid:{rooms.ids.uuid()}"
    return fault.build(
        service=service,
        operation=trail.operation(service),
        number=verdict.number,
        beschrijving=rooms.catalogue.fault_text(code, verdict.public),
        relates_to=relates_to,
        # Recorded: on aanleveren a fault has the MessageID of its request.
        message_id=relates_to if relates_to is not None and service is AANLEVEREN else new_id,
        server_side=verdict.is_technical,
    )


def refusal_event(request: Request, verdict: Verdict, peer: str) -> Event:
    """The event of a refused request, with the request itself as it came, chunk framing taken out."""
    return Event(
        kind="wus-refused",
        detail=verdict.private or verdict.public,
        door="wus",
        peer=peer,
        oin=request.peer.oin.value,
        certificate=request.peer.sha256,
        rule=verdict.rule,
        code=fault.fault_code(request.service, verdict.number),
        raw=raw_request(request),
    )


def stranger_event(refusal: Refusal, code: str, peer: str, chain: Sequence[bytes]) -> Event:
    """The event of a client whose certificate passed the handshake but is not good.

    Args:
        chain: the certificates that the client offered, as DER.
    """
    return Event(
        kind="wus-refused",
        detail=f"{refusal.detail}\n{MEND}\n{offered.describe(chain)}",
        door="wus",
        peer=peer,
        oin=offered.claimed_oin(chain),
        certificate=offered.fingerprint_of(chain),
        rule=refusal.rule,
        code=code,
        raw=offered.pem(chain) or None,
    )


def misdirected_event(scope: Mapping[str, Any], status: int, why: bytes) -> Event:
    """The event of a request for a path or with a method that this door does not have; its head only.

    Args:
        scope: that of ASGI.
    """
    target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    start = (scope["method"].encode("ascii"), target, b"HTTP/" + scope["http_version"].encode("ascii"))
    lines = [b" ".join(start)]
    lines += [name + b": " + value for name, value in scope["headers"]]
    certificate = scope[PEER_CERTIFICATE]
    return Event(
        kind="wus-refused",
        detail=f"{why.decode('ascii').strip()} Asked for: {scope['method']} {target.decode('ascii')[:500]}",
        door="wus",
        peer=peer_text(scope["client"]),
        certificate=hashlib.sha256(certificate).hexdigest(),
        rule="HTTP-METHOD" if status == 405 else "HTTP-PATH",
        code=str(status),
        raw=(b"\r\n".join([*lines, b"", b""]))[:MAX_RAW],
    )


def raw_request(request: Request) -> bytes:
    """A request as HTTP, in the form that `rawhttp.read` takes; of a large one the first `MAX_RAW` octets."""
    head = [f"POST {request.path} HTTP/1.1"]
    head += [
        f"{name}: {value}"
        for name, value in request.headers.items()
        if name not in ("transfer-encoding", "content-length", "expect")
    ]
    head.append(f"content-length: {len(request.body)}")
    start = "\r\n".join([*head, "", ""]).encode("latin-1", "replace")
    return start + request.body[: max(MAX_RAW - len(start), 0)]
