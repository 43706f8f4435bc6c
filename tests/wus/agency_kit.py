"""An agency outside for tests: a real server with mutual TLS whose answers each test chooses."""

from __future__ import annotations

import contextlib
import functools
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

from lxml import etree

from digipoort_sim.clock import RealClock, wire_time
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki import Oin
from digipoort_sim.testing.simulator import Simulator
from digipoort_sim.wus import names
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.signing import Signer, sign_request

STUB_OIN = "00000099000000006000"
"""OIN of the agency that receives berichtsoort TEST."""

KV = f"{{{names.KOPPELVLAK}}}"
AFLEVEREN = names.AFLEVEREN.operations["afleveren"]


class Received:
    """A request that the agency got.

    Attributes:
        peer: the TLS client's certificate, DER.
    """

    def __init__(self, raw: bytes, headers: dict[str, str], peer: bytes) -> None:
        self.raw = raw
        self.headers = headers
        self.peer = peer
        self.root = etree.fromstring(raw, etree.XMLParser(huge_tree=True))

    def text(self, name: str) -> str:
        """The text of the first element with this local name, whatever its namespace."""
        return next((one.text or "" for one in self.root.iter(f"{{*}}{name}")), "")


Answer = Callable[["Agency", Received], bytes]


class Agency:
    """A server on a free port; `answer` may be replaced at any time.

    Args:
        folder: with client.pem, client.key and ca.pem of the agency.
    """

    def __init__(self, folder: Path, answer: Answer | None = None, port: int = 0) -> None:
        self.folder = folder
        self.answer: Answer = answer or taken
        self.received: list[Received] = []
        self.status = 200
        self.content_type = "text/xml; charset=utf-8"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "client.pem", folder / "client.key")
        context.load_verify_locations(folder / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self), bind_and_activate=False)
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._server.server_bind()
        self._server.server_activate()
        self.port: int = self._server.server_address[1]
        self.url = f"https://localhost:{self.port}/wus/2.0/afleverservice/1.2"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def signer(self) -> Signer:
        """The agency's own key and certificate."""
        return signer_in(self.folder)


def _handler(agency: Agency) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            peer = self.connection.getpeercert(binary_form=True)  # type: ignore[attr-defined]
            request = Received(raw, {key.lower(): value for key, value in self.headers.items()}, peer)
            agency.received.append(request)
            body = agency.answer(agency, request)
            with contextlib.suppress(OSError):
                self.send_response(agency.status)
                self.send_header("Content-Type", agency.content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    return Handler


@functools.cache
def signer_in(folder: Path) -> Signer:
    """The key and certificate in a folder; read once, as the check of a key takes a tenth of a second."""
    return Signer.from_pem((folder / "client.key").read_bytes(), (folder / "client.pem").read_bytes())


def taken(agency: Agency, request: Received) -> bytes:
    """The answer of an agency that takes the message."""
    return signed(agency.signer, request, response(request))


def response(request: Received, more: str = "", **changes: str) -> str:
    """An afleverResponse to a request; `more` goes after its four elements."""
    values = {
        "kenmerk": request.text("kenmerk"),
        "berichtsoort": request.text("berichtsoort"),
        "berichtkenmerk": request.text("berichtkenmerk"),
        "tijdstempelAfgeleverd": wire_time(RealClock().now()),
        **changes,
    }
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in values.items())
    return f'<afleverResponse xmlns="{names.KOPPELVLAK}">{inside}{more}</afleverResponse>'


def signed(
    signer: Signer,
    request: Received,
    body: str,
    *,
    relates_to: str | None = None,
    action: str = AFLEVEREN.response_action,
    created: datetime | None = None,
    sha: Literal[1, 256] = 1,
) -> bytes:
    """A signed answer with this body."""
    root = parse(
        (
            f'<soap:Envelope xmlns:soap="{names.SOAP}" xmlns:wsa="{names.WSA}"><soap:Header>'
            f"<wsa:To>{names.ANONYMOUS}</wsa:To><wsa:Action>{action}</wsa:Action>"
            f"<wsa:MessageID>urn:uuid:{SystemIds().uuid()}</wsa:MessageID>"
            f"<wsa:RelatesTo>{relates_to or request.text('MessageID')}</wsa:RelatesTo></soap:Header>"
            f"<soap:Body>{body}</soap:Body></soap:Envelope>"
        ).encode()
    )
    sign_request(root, signer, created=created or RealClock().now(), ids=SystemIds(), sha=sha)
    return etree.tostring(root)


def fault(code: str = "AFO100", text: str = "Wij willen dit niet.", side: str = "Client") -> bytes:
    """A SOAP fault with an afleverFault; without a code it has none."""
    detail = (
        f'<detail><f:afleverFault xmlns:f="{names.KOPPELVLAK}"><f:foutcode>{code}</f:foutcode>'
        f"<f:foutbeschrijving>{text}</f:foutbeschrijving></f:afleverFault></detail>"
    )
    return (
        f'<s:Envelope xmlns:s="{names.SOAP}"><s:Body><s:Fault><faultcode>s:{side}</faultcode>'
        f"<faultstring>fout</faultstring>{detail if code else ''}</s:Fault></s:Body></s:Envelope>"
    ).encode()


def refusing(*arguments: str) -> Answer:
    """The answer of an agency that gives a fault; see `fault`."""

    def answer(agency: Agency, request: Received) -> bytes:
        agency.status = 500
        return fault(*arguments)

    return answer


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextlib.contextmanager
def simulator_with(
    tmp_path: Path, answer: Answer | None = None, **endpoint: Any
) -> Iterator[tuple[Simulator, Agency]]:
    """A simulator that delivers berichtsoort TEST to an agency, and that agency."""
    port = free_port()
    settings = {
        "url": f"https://localhost:{port}/wus/2.0/afleverservice/1.2",
        "connect_timeout_seconds": 5,
        "call_timeout_seconds": 5,
        **endpoint,
    }
    with Simulator(tmp_path / "state", agencies={"endpoints": {"stub": settings}}) as simulator:
        folder = tmp_path / "agency"
        simulator.certificate(Oin.parse(STUB_OIN), "TRIAL agency", folder, ["localhost"])
        agency = Agency(folder, answer, port)
        try:
            yield simulator, agency
        finally:
            agency.close()
