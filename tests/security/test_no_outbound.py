"""No outbound connection ever because of content: messages full of addresses, and a canary behind each."""

from __future__ import annotations

import base64
import errno
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID
from lxml import etree

from digipoort_sim.errors import Refusal
from digipoort_sim.pki import build
from digipoort_sim.wus import names
from tests.security import forge, hostile
from tests.security.test_hostile_octets import read
from tests.validation import samples
from tests.wus.door_kit import RunningDoor, delivery, path_of, running_door, signed
from tests.wus.tls_kit import crooked_folder

AANLEVEREN = names.OPERATIONS["aanleveren"]
_WATCHED = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.sendto",
    "subprocess.Popen",
)


@dataclass
class Canary:
    """A server and a pipe that nobody may touch, and a log of what this process asked of the network.

    Attributes:
        port: where the server listens, on 127.0.0.1.
        pipe: a named pipe; whoever opened it would hang, and be seen.
        knocks: first octets of each connection that came.
        asked: the names and addresses that Python code of this process looked up or connected to.
    """

    port: int
    pipe: Path
    knocks: list[bytes] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def urls(self) -> tuple[str, ...]:
        """Addresses that lead to it."""
        return (
            f"http://127.0.0.1:{self.port}/canary",
            f"https://127.0.0.1:{self.port}/canary",
            f"ftp://127.0.0.1:{self.port}/canary",
            f"http://canary.example:{self.port}/canary",
            f"//127.0.0.1:{self.port}/canary",
            self.pipe.as_uri(),
            str(self.pipe),
        )

    def was_touched(self) -> list[str]:
        """All that happened to it."""
        try:
            os.close(os.open(self.pipe, os.O_WRONLY | os.O_NONBLOCK))
            opened = ["the pipe was opened"]
        except OSError as error:
            opened = [] if error.errno == errno.ENXIO else [str(error)]  # ENXIO: nobody reads it
        return [*opened, *map(repr, self.knocks), *self.asked]


_listeners: list[Canary] = []
"""Who is to be told of audit events; an audit hook stays for ever, so it must be able to hear nothing."""


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    for canary in _listeners if event in _WATCHED else ():
        what = f"{event} {arguments[1:] if event == 'socket.connect' else arguments}"
        if (
            event != "socket.connect"
            or "canary" in what
            or str(canary.port) in what
            or "127.0.0.1" not in what
        ):
            canary.asked.append(what)


@contextmanager
def watched(folder: Path) -> Iterator[Canary]:
    """A canary that listens, while this process is watched."""
    pipe = folder / "canary.pipe"
    os.mkfifo(pipe)
    with socket.create_server(("127.0.0.1", 0)) as server:
        canary = Canary(server.getsockname()[1], pipe)
        thread = threading.Thread(target=_listen, args=(server, canary), daemon=True)
        thread.start()
        sys.addaudithook(_hear)
        yield canary
        _listeners.clear()


def _listen(server: socket.socket, canary: Canary) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(0.2)
            try:
                canary.knocks.append(connection.recv(100))
            except OSError as error:
                canary.knocks.append(str(error).encode())


def _instance(url: str) -> str:
    """An XBRL instance that points somewhere with all that it has."""
    text = samples.INSTANCE.replace("http://www.nltaxonomie.nl/", f"{url}/")
    places = (
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="urn:test:data {url}/a.xsd" '
        f'xsi:noNamespaceSchemaLocation="{url}/b.xsd" xml:base="{url}/" '
    )
    more = (
        f'<link:linkbaseRef xlink:type="simple" xlink:href="{url}/link.xml" '
        'xlink:arcrole="http://www.w3.org/1999/xlink/properties/linkbase"/>'
        f'<link:roleRef xlink:type="simple" xlink:href="{url}/role.xsd#r" roleURI="{url}/r"/>'
    )
    text = text.replace("<xbrli:xbrl ", f"<xbrli:xbrl {places}", 1)
    return text.replace("<xbrli:context", more + "<xbrli:context", 1)


def _contents(url: str) -> Iterator[tuple[str, str]]:
    """Berichtsoorten with a content for each, full of an address."""
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{url}" parse="text"/>'
    doctype = f'<!DOCTYPE a SYSTEM "{url}" [<!ENTITY e SYSTEM "{url}"><!ENTITY % p SYSTEM "{url}">%p;]>'
    sheet = f'<?xml-stylesheet href="{url}" type="text/xsl"?>'
    yield "TEST", f"{doctype}<a>&e;</a>"
    yield "TEST", include
    for berichtsoort in ("Omzetbelasting", "TEST"):
        instance = _instance(url)
        yield berichtsoort, instance
        yield berichtsoort, instance.replace("?>", f"?>{doctype}", 1)
        yield berichtsoort, instance.replace("?>", f"?>{sheet}", 1)
        yield berichtsoort, instance.replace("</xbrli:xbrl>", f"{include}</xbrli:xbrl>")
    for form in ("xml", "xbrl"):
        text = samples.mandate_text(form)  # type: ignore[arg-type]
        yield "MachtigingOpvoeren", text.replace("?>", f"?>{doctype}", 1)
        at = text.index(">", text.index("<", text.index("?>")))
        schema = f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x {url}"'
        yield "MachtigingOpvoeren", f"{text[:at]}{schema}{text[at:]}"


def _bodies(url: str) -> Iterator[str]:
    """The insides of aanleverRequests."""
    for berichtsoort, content in _contents(url):
        inhoud = base64.b64encode(content.encode()).decode()
        yield delivery(berichtsoort, inhoud=inhoud)


def _client(door: RunningDoor, folder: Path, canary: Canary) -> Path:
    """A client whose certificate points to the canary for its CRL, OCSP and issuer."""
    url = [x509.UniformResourceIdentifier(one) for one in canary.urls[:2]]
    pointers = (
        build.Extension(x509.CRLDistributionPoints([x509.DistributionPoint(url, None, None, None)])),
        build.Extension(
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(AuthorityInformationAccessOID.OCSP, url[0]),
                    x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, url[1]),
                ]
            )
        ),
    )
    honest = crooked_folder(door.inner.authority, folder / "plain")
    kept = tuple(
        build.Extension(extension.value, extension.critical)
        for extension in x509.load_pem_x509_certificate((honest / "client.pem").read_bytes()).extensions
        if not isinstance(extension.value, x509.CRLDistributionPoints | x509.AuthorityInformationAccess)
    )
    return crooked_folder(door.inner.authority, folder / "crooked", extensions=(*kept, *pointers))


@pytest.mark.heavy
def test_content_never_makes_a_connection(tmp_path: Path) -> None:
    """Deliveries full of addresses, in every field and kind of content, run to their end without a knock."""
    with running_door(tmp_path / "state") as door, watched(tmp_path) as canary:
        folder = _client(door, tmp_path, canary)
        connection = door.connect(folder)
        connection.connect()
        _listeners.append(canary)
        accepted = 0
        addresses = [delivery().replace("http://geenausp.nl", url) for url in canary.urls]
        full = [body for url in (canary.urls[0], canary.urls[3], canary.urls[5]) for body in _bodies(url)]
        for content in (*addresses, *full):
            raw = signed(AANLEVEREN, content, folder)
            accepted += door.post(path_of(AANLEVEREN), raw, connection=connection).status == 200
        while door.inner.scheduler.drain():
            pass
        codes = [message.statuscode for message in door.inner.office.messages()]
        print(f"no outbound: {accepted} deliveries ran to {sorted(set(codes))}")
        assert accepted == len(addresses) + len(full)
        assert set(codes) <= {"311", "321", "500", "510", "400", "230"}
        assert not canary.was_touched()


def test_envelopes_never_make_a_connection(tmp_path: Path) -> None:
    """Envelopes that point elsewhere with references, keys, schemas and attachments fetch nothing."""
    with watched(tmp_path) as canary:
        _listeners.append(canary)
        count = 0
        for url in canary.urls:
            for content_type, raw in _envelopes(url):
                with pytest.raises(Refusal):
                    read(content_type, raw)
                count += 1
        print(f"no outbound: {count} envelopes refused")
        assert not canary.was_touched()


def _envelopes(url: str) -> Iterator[tuple[str, bytes]]:
    text = etree.tostring(forge.complete()).decode()
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    for old, new in (
        ("<soap:Envelope ", f'<!DOCTYPE soap:Envelope SYSTEM "{url}"><soap:Envelope '),
        (
            "<berichtsoort>",
            f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{url}"/><berichtsoort>',
        ),
        ("<aanleverRequest ", f'<aanleverRequest {xsi} xsi:schemaLocation="{names.KOPPELVLAK} {url}" '),
        ("<aanleverRequest ", f'<aanleverRequest {xsi} xsi:noNamespaceSchemaLocation="{url}" '),
        ("<soap:Envelope ", f'<?xml-stylesheet href="{url}"?><soap:Envelope '),
        ("<aanleverRequest ", f'<aanleverRequest xml:base="{url}" '),
        ("<ds:KeyInfo>", f'<ds:KeyInfo><ds:RetrievalMethod URI="{url}"/>'),
        (' URI="#', f' URI="{url}#'),
        ("<wsse:Reference URI=", f'<wsse:Reference xmlns:x="urn:x" x:y="{url}" URI="{url}" x:z='),
        (names.EXCLUSIVE_C14N, url),
        (names.RSA_SHA1, url),
        (f">{names.ANONYMOUS}<", f">{url}<"),
        ("</ds:SignedInfo>", f'<ds:Reference URI="{url}"/></ds:SignedInfo>'),
    ):
        assert old in text
        yield hostile.TEXT, text.replace(old, new).encode()
    include = hostile.XOP % "a"
    yield (
        hostile.RELATED,
        hostile.package(hostile._root(include.replace("cid:a", url)), hostile._attachment()),
    )


def test_the_canary_sings(tmp_path: Path) -> None:
    """A connection, a look-up and an opened pipe are each seen: the tests above could fail."""
    with watched(tmp_path) as canary:
        assert not canary.was_touched()
        _listeners.append(canary)
        with socket.create_connection(("127.0.0.1", canary.port)) as connection:
            connection.sendall(b"hello")
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(1) == b""
        with pytest.raises(OSError):  # noqa: PT011
            socket.getaddrinfo("canary.invalid", 80)
        reader = os.open(canary.pipe, os.O_RDONLY | os.O_NONBLOCK)
        seen = " ".join(canary.was_touched())
        os.close(reader)
        assert "hello" in seen
        assert "canary.invalid" in seen
        assert "pipe" in seen
