"""A running SOAP door with all rooms behind it, and a client that signs with libxmlsec1."""

from __future__ import annotations

import asyncio
import http.client
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import xmlsec
from lxml import etree

from digipoort_sim.clock import RealClock
from digipoort_sim.config import Settings
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki import client_context, server_context
from digipoort_sim.server.inner import open_inner
from digipoort_sim.wus import WusDoor, names
from digipoort_sim.wus.names import Operation
from digipoort_sim.wus.signing import Signer, sign_request
from tests.wus.tls_kit import client_folder

KV = f"{{{names.KOPPELVLAK}}}"
IDENTITY = "<identiteitBelanghebbende><nummer>001000044B37</nummer><type>Fi</type></identiteitBelanghebbende>"
QUESTIONS = {
    "getBerichtsoorten": IDENTITY,
    "getProcessen": f"<berichtsoort>TEST</berichtsoort>{IDENTITY}",
    "getStatussenProces": "<kenmerk>{kenmerk}</kenmerk>",
    "getNieuweStatussenProces": "<kenmerk>{kenmerk}</kenmerk>",
    "getNieuweStatussen": f"<berichtsoort>TEST</berichtsoort>{IDENTITY}",
    "getBerichten": IDENTITY,
    "getNieuweBerichten": f"<berichtsoort>TEST</berichtsoort>{IDENTITY}",
    "getBerichtenLijst": "",
    "getNieuweBerichtenLijst": "<tijdstempelVanaf>2020-01-01T00:00:00</tijdstempelVanaf>",
    "getBerichtenKenmerk": "<kenmerk>{kenmerk}</kenmerk>",
    "getNieuweBerichtenKenmerk": "<kenmerk>{kenmerk}</kenmerk>",
}


@dataclass(frozen=True)
class Answer:
    """An HTTP answer with a SOAP message in it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def root(self) -> etree._Element:
        """The message."""
        return etree.fromstring(self.body, etree.XMLParser(huge_tree=True))

    def text(self, name: str) -> str | None:
        """The text of the first element with this local name, whatever its namespace."""
        return next((one.text for one in self.root.iter(f"{{*}}{name}")), None)

    @property
    def fault(self) -> tuple[str | None, str | None]:
        """foutcode and foutbeschrijving."""
        return self.text("foutcode"), self.text("foutbeschrijving")


class RunningDoor:
    """The door in a thread of its own, with a good client."""

    def __init__(self, state: Path, settings: dict[str, Any], others: dict[str, Any]) -> None:
        self.inner: Rooms = open_inner(Settings(state=state, wus_port=0, wus=settings, **others))
        self.folder = client_folder(self.inner.authority, state / "client")
        self.context = server_context(self.inner.authority)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._door = WusDoor(self.inner, self.context)
        self.port: int = self._await(self._door.start())
        self.connection = self.connect()

    def connect(self, folder: Path | None = None, **options: Any) -> http.client.HTTPSConnection:
        """A connection as the client of a folder."""
        context = client_context(folder or self.folder)
        return http.client.HTTPSConnection("localhost", self.port, context=context, timeout=30, **options)

    def post(
        self,
        path: str,
        body: bytes,
        headers: dict[str, str] | None = None,
        connection: http.client.HTTPSConnection | None = None,
    ) -> Answer:
        """POST a message; on the one connection that is kept alive, unless another is given."""
        used = connection or self.connection
        used.request("POST", path, body, {"Content-Type": "text/xml; charset=utf-8", **(headers or {})})
        response = used.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read())

    def get(self, path: str, method: str = "GET") -> Answer:
        """Ask without a body."""
        self.connection.request(method, path)
        response = self.connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read())

    def call(
        self, operation: Operation, content: str, stub: bool = False, folder: Path | None = None, **how: Any
    ) -> Answer:
        """Call an operation as a good client, with the inside of its request element."""
        raw = signed(operation, content, folder or self.folder, stub=stub, **how)
        return self.post(path_of(operation, stub), raw)

    def last_event(self) -> Any:
        """The newest event."""
        return self.inner.office.events(limit=1)[0].event

    def close(self) -> None:
        """Stop it all."""
        self.connection.close()
        self._await(self._door.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.inner.close()

    def _await(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)


@contextmanager
def running_door(state: Path, others: dict[str, Any] | None = None, **settings: Any) -> Iterator[RunningDoor]:
    """A running door with these settings of the section wus, and `others` of the whole."""
    door = RunningDoor(state, settings, others or {})
    try:
        yield door
    finally:
        door.close()


def path_of(operation: Operation, stub: bool = False) -> str:
    """The path of an operation's service."""
    services = {**names.SERVICES, names.ZETSTATUS.name: names.ZETSTATUS}
    return services[operation.service].paths["stub" if stub else "preproduction"]


def delivery(
    berichtsoort: str = "TEST", aanleverkenmerk: str = "Happyflow", inhoud: str = "PGEvPg==", more: str = ""
) -> str:
    """The inside of an aanleverRequest."""
    return (
        f"<berichtsoort>{berichtsoort}</berichtsoort><aanleverkenmerk>{aanleverkenmerk}</aanleverkenmerk>"
        f"{IDENTITY}<rolBelanghebbende>Bedrijf</rolBelanghebbende><berichtInhoud>"
        "<mimeType>application/xml</mimeType><bestandsnaam>a.xml</bestandsnaam>"
        f"<inhoud>{inhoud}</inhoud></berichtInhoud>{more}"
        "<autorisatieAdres>http://geenausp.nl</autorisatieAdres>"
    )


def signed(
    operation: Operation,
    content: str,
    folder: Path,
    *,
    stub: bool = False,
    message_id: str | None = None,
    action: str | None = None,
    created: datetime | None = None,
    sha: int = 1,
    spoil: Callable[[etree._Element], None] | None = None,
) -> bytes:
    """A request signed by libxmlsec1 with the key of a client's folder.

    Args:
        content: the inside of the request element.
        spoil: changes the tree before it is signed, with its Security header in place.
    """
    name = names.local_name(operation.request_tag)
    text = (
        f'<soap:Envelope xmlns:soap="{names.SOAP}" xmlns:wsa="{names.WSA}"><soap:Header>'
        f"<wsa:To>https://localhost{path_of(operation, stub)}</wsa:To>"
        f"<wsa:Action>{action or operation.action}</wsa:Action>"
        f"<wsa:MessageID>{message_id or 'urn:uuid:' + SystemIds().uuid()}</wsa:MessageID></soap:Header>"
        f'<soap:Body><{name} xmlns="{names.KOPPELVLAK}">{content}</{name}></soap:Body></soap:Envelope>'
    )
    root = etree.fromstring(text, etree.XMLParser(huge_tree=True))
    signer = Signer.from_pem((folder / "client.key").read_bytes(), (folder / "client.pem").read_bytes())
    sign_request(
        root,
        signer,
        created=created or RealClock().now(),
        ids=SystemIds(),
        sha=256 if sha == 256 else 1,
    )
    if spoil is not None:
        spoil(root)
    for value in root.iter(f"{{{names.DS}}}DigestValue", f"{{{names.DS}}}SignatureValue"):
        value.text = None
    # Parsed anew, so that the namespaces are declared as on the wire.
    root = etree.fromstring(etree.tostring(root), etree.XMLParser(huge_tree=True))
    context = _registered(root)
    context.key = xmlsec.Key.from_file(str(folder / "client.key"), xmlsec.KeyFormat.PEM)
    context.sign(root.find(f".//{{{names.DS}}}Signature"))
    return etree.tostring(root)


def verify_answer(answer: Answer, certificate: Path) -> None:
    """Let libxmlsec1 verify an answer with the service certificate; raises if it is not good."""
    root = answer.root
    context = _registered(root)
    context.key = xmlsec.Key.from_file(str(certificate), xmlsec.KeyFormat.CERT_PEM)
    context.verify(root.find(f".//{{{names.DS}}}Signature"))


def _registered(root: etree._Element) -> xmlsec.SignatureContext:
    context = xmlsec.SignatureContext()
    header, body = root[0], root[1]
    security = header.find(f"{{{names.WSSE}}}Security")
    for element in (body, *header, *security):
        if element.get(f"{{{names.WSU}}}Id"):
            context.register_id(element, "Id", names.WSU)
    return context


def resumed_context(folder: Path) -> ssl.SSLContext:
    """A context whose sessions can be resumed: TLS 1.2 only, where the ticket comes in the handshake."""
    context = client_context(folder)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context
