"""The doctor at real doors: each fault of a set-up is named, and every step has its time limit."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from digipoort_sim.client import doctor_call
from digipoort_sim.client.doctor import Diagnosis, DoctorOptions, examine
from digipoort_sim.client.doctor_files import Places
from digipoort_sim.client.doctor_findings import CHECKS, Finding, Findings, Outcome
from digipoort_sim.client.doctor_network import Target
from digipoort_sim.errors import ConfigError
from digipoort_sim.pki import Authority
from digipoort_sim.pki.bad import BAD_KINDS, make_bad
from digipoort_sim.pki.certificate import load_certificates
from digipoort_sim.wus.names import OPERATIONS
from tests.client.strange_servers import (
    dribbled_handshake,
    http_answer,
    https,
    plain_http,
    silent,
    strange_server,
)
from tests.wus.door_kit import RunningDoor, path_of, running_door, signed
from tests.wus.tls_kit import authority_in, client_folder

OK, WARNING, FAILED, NOT_REACHED = Outcome


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A running door."""
    with running_door(tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority of another simulator."""
    return authority_in(tmp_path_factory.mktemp("other"))


def options_for(door: RunningDoor, cert: Path, path: str = "", **changes: Any) -> DoctorOptions:
    """Options with a certificate folder or file, at a path of the door."""
    target = Target.of(f"https://localhost:{door.port}{path}")
    state = door.inner.authority.paths.folder.parent
    files = {name: changes.pop(name, None) for name in ("key", "ca", "password")}
    return replace(
        DoctorOptions(target=target, places=Places.of(cert, **files), state=state, timeout=5), **changes
    )


def outcomes(diagnosis: Diagnosis) -> dict[str, Finding]:
    """The findings by check; all checks are there, each fault says what to do."""
    found = {one.check: one for one in diagnosis.findings}
    assert list(found) == list(CHECKS)
    assert all(one.mend for one in diagnosis.findings if one.outcome is FAILED)
    return found


def failed(diagnosis: Diagnosis) -> list[str]:
    """The checks that failed."""
    return [check for check, one in outcomes(diagnosis).items() if one.outcome is FAILED]


@pytest.mark.parametrize("path", ["", "/cpl/aanleverservice/1.2", "/wus/2.0/ophaalservice/1.2/"])
def test_a_good_set_up(door: RunningDoor, path: str) -> None:
    """With a folder of certs issue every check is ok, from any endpoint; nothing is left on the server."""
    before = len(door.inner.office.events())
    diagnosis = examine(options_for(door, door.folder, path))
    assert {one.outcome for one in outcomes(diagnosis).values()} == {OK}
    assert diagnosis.is_good
    assert len(door.inner.office.events()) == before


@pytest.mark.parametrize("kind", BAD_KINDS)
def test_every_bad_certificate_is_seen(door: RunningDoor, tmp_path: Path, kind: str) -> None:
    """The server's refusal is told with its alert or code, and what can be seen in the file as well."""
    bad = BAD_KINDS[kind]
    door.inner.authority.write_client_files(make_bad(door.inner.authority, kind), tmp_path)
    found = outcomes(examine(options_for(door, tmp_path)))
    assert found["client-certificate"].outcome is FAILED
    assert found["client-certificate"].code == (bad.alert or "STS110")
    if kind not in (
        "unknown-root",
        "path-too-long",
        "look-alike-names",
        "issuer-in-other-case",
        "name-of-a-ca",
    ):
        rules = [one.code for one in found.values() if one.outcome is FAILED]
        assert bad.rule in rules or (kind == "bad-signature" and "CERT-LOOKALIKE" in rules)
    assert found["call"].outcome is NOT_REACHED


def test_the_forms_in_which_people_have_their_files(door: RunningDoor, tmp_path: Path) -> None:
    """PEM, DER and PKCS#12, key in the same file or encrypted: all are read, and the call succeeds."""
    folder, ca = door.folder, door.folder / "ca.pem"
    key = serialization.load_pem_private_key((folder / "client.key").read_bytes(), None)
    both, locked, der = tmp_path / "both.pem", tmp_path / "locked.key", tmp_path / "key.der"
    both.write_bytes((folder / "client.key").read_bytes() + (folder / "client.pem").read_bytes())
    encryption = serialization.BestAvailableEncryption(b"geheim")
    for file, encoding, how in (
        (locked, serialization.Encoding.PEM, encryption),
        (der, serialization.Encoding.DER, serialization.NoEncryption()),
    ):
        file.write_bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, how))
    (tmp_path / "only").mkdir()
    shutil.copy(folder / "client.p12", tmp_path / "only" / "client.p12")
    cases: list[tuple[Path, dict[str, Any]]] = [
        (both, {}),
        (folder / "client.p12", {}),
        (folder / "client.p12", {"password": "trial"}),
        (folder / "client.pem", {"key": locked, "password": "geheim"}),
        (folder / "client.pem", {"key": der}),
        (folder / "client.pem", {"key": folder / "client.p12"}),
        (tmp_path / "only", {}),
    ]
    for cert, files in cases:
        diagnosis = examine(options_for(door, cert, ca=ca, **files))
        assert diagnosis.is_good, (cert, files, failed(diagnosis))
        assert outcomes(diagnosis)["answer"].outcome is OK


def _content(folder: Path) -> dict[str, bytes]:
    pem = (folder / "client.pem").read_bytes()
    return {
        "empty": b"",
        "a Java key store": b"\xfe\xed\xfe\xed" + bytes(40),
        "UTF-16": pem.decode().encode("utf-16"),
        "damaged": pem[:200] + pem[300:],
        "a request": b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
        "anything": b"\x00\x01\x02" * 100,
        "too large": b"-" * (1024 * 1024 + 1),
        "PKCS#12": b"\x30\x82\x10\x00\x02\x01\x03" + bytes(100),
    }


@pytest.mark.parametrize(
    "what",
    ["empty", "a Java key store", "UTF-16", "damaged", "a request", "anything", "too large", "PKCS#12"],
)
def test_a_file_that_is_none(door: RunningDoor, tmp_path: Path, what: str) -> None:
    """What is no certificate or key is told in words, whichever option it was given to."""
    wrong, folder = tmp_path / "wrong", door.folder
    wrong.write_bytes(_content(folder)[what])
    good = {"key": folder / "client.key", "ca": folder / "ca.pem"}
    assert "certificate-file" in failed(examine(options_for(door, wrong, **good)))
    as_key = examine(options_for(door, folder / "client.pem", **{**good, "key": wrong}))
    assert failed(as_key) == ["key-file"]
    as_ca = examine(options_for(door, folder / "client.pem", **{**good, "ca": wrong}))
    assert failed(as_ca) == ["ca-file"]
    assert outcomes(as_ca)["tcp"].outcome is OK


def test_files_that_do_not_belong_together(door: RunningDoor, tmp_path: Path) -> None:
    """Another's key, swapped options, a key of another kind, a locked key and open permissions are told."""
    folder, pem = door.folder, door.folder / "client.pem"
    another = client_folder(door.inner.authority, tmp_path / "another")
    ca = folder / "ca.pem"
    assert failed(examine(options_for(door, pem, key=another / "client.key", ca=ca))) == ["key-match"]
    swapped = outcomes(examine(options_for(door, folder / "client.key", key=pem, ca=ca)))
    assert "swapped" in swapped["certificate-file"].mend
    assert "swapped" in swapped["key-file"].mend
    locked = tmp_path / "locked.key"
    made: list[Any] = [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)]
    for key in made:
        locked.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(b"geheim"),
            )
        )
        for password, check in ((None, "key-file"), ("anders", "key-file"), ("geheim", "key-match")):
            assert failed(examine(options_for(door, pem, key=locked, ca=ca, password=password))) == [check]
    open_key = tmp_path / "open.key"
    shutil.copy(folder / "client.key", open_key)
    open_key.chmod(0o644)
    assert outcomes(examine(options_for(door, pem, key=open_key, ca=ca)))["key-file"].outcome is WARNING


def test_a_chain_that_is_not_in_order(door: RunningDoor, tmp_path: Path) -> None:
    """A chain in another order, with a stranger, or without CAs is a warning that says which."""
    parts = (door.folder / "client.pem").read_text().split("-----END CERTIFICATE-----\n")
    own, tsp, intermediate = (f"{part}-----END CERTIFICATE-----\n" for part in parts[:3])
    cases = {
        "not in order": own + intermediate + tsp,
        "no CA certificate comes with it": own,
        "does not belong": own + tsp + intermediate + own.replace(own, tsp),
    }
    file = tmp_path / "chain.pem"
    for words, text in cases.items():
        file.write_text(text)
        options = options_for(door, file, key=door.folder / "client.key", ca=door.folder / "ca.pem")
        found = outcomes(examine(options))["chain"]
        assert found.outcome is WARNING
        assert words in found.found
    file.write_text(tsp + own)
    options = options_for(door, file, key=door.folder / "client.key", ca=door.folder / "ca.pem")
    assert "not the first" in outcomes(examine(options))["key-match"].found


def test_another_simulators_files(door: RunningDoor, other: Authority, tmp_path: Path) -> None:
    """A folder of another simulator: its CA does not vouch; with the right CA file the alert is told."""
    folder = client_folder(other, tmp_path / "stranger")
    found = outcomes(examine(options_for(door, folder)))
    assert found["server-certificate"].outcome is FAILED
    assert "TRIAL TSP SIMULATOR" in found["server-certificate"].found
    diagnosis = examine(options_for(door, folder, ca=door.folder / "ca.pem"))
    assert failed(diagnosis) == ["chain", "client-certificate"]
    assert outcomes(diagnosis)["client-certificate"].code == "unknown_ca"


def test_a_wrong_address(door: RunningDoor) -> None:
    """A path without a service, a host name that is not in the certificate, a dead port, an unknown name."""
    found = outcomes(examine(options_for(door, door.folder, "/wus/2.0/aanleverservice/1.3")))
    assert (found["path"].outcome, found["path"].code) == (FAILED, "404")
    assert "/wus/2.0/aanleverservice/1.2" in found["path"].mend
    assert found["call"].outcome is NOT_REACHED
    options = options_for(door, door.folder)
    named = replace(options, target=Target.of(f"https://ip6-localhost.localhost:{door.port}"))
    with contextlib.suppress(OSError):
        socket.getaddrinfo(named.target.host, None)
        assert failed(examine(named)) == ["server-certificate"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    dead = examine(replace(options, target=Target.of(f"https://localhost:{port}")))
    assert failed(dead) == ["tcp"]
    unknown = examine(replace(options, target=Target.of("https://nowhere.invalid")))
    assert failed(unknown) == ["tcp"]


@pytest.mark.parametrize(
    "url",
    ["http://localhost", "localhost:8443", "https://", "https://user@localhost", "https://localhost:x",
     "https://localhost:0", "https://localhost:99999", "https://localhost/a b", "https://[::1", "", "https://é"],
)  # fmt: skip
def test_a_url_that_is_none(url: str) -> None:
    """What is no https URL is a bad option."""
    with pytest.raises(ConfigError, match="--url"):
        Target.of(url)


@pytest.mark.parametrize(
    ("serve", "says"),
    [
        (silent, "says nothing for 0.5 s"),
        (plain_http, "does not speak TLS"),
        (dribbled_handshake, "says nothing for 0.5 s"),
        (lambda connection: None, "handshake fails"),
    ],
    ids=["silent", "plain HTTP", "dribbling", "hanging up"],
)
def test_a_server_without_tls(door: RunningDoor, serve: Callable[[socket.socket], None], says: str) -> None:
    """A server that does not speak TLS, or never ends, is told within the time limit."""
    with strange_server(serve) as port:
        began = time.monotonic()
        target = Target.of(f"https://localhost:{port}")
        diagnosis = examine(replace(options_for(door, door.folder), target=target, timeout=0.5))
    assert failed(diagnosis) == ["tls"]
    assert says in outcomes(diagnosis)["tls"].found
    assert time.monotonic() - began < 10


WSDL = (
    b'<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" '
    b'targetNamespace="http://logius.nl/digipoort/wus/2.0/statusinformatieservice/1.2/"/>'
)
LATE = "Date: Sat, 01 Jan 2000 00:00:00 GMT"


def test_a_server_that_is_not_digipoort(door: RunningDoor) -> None:
    """Odd answers over good TLS are told: no client certificate asked, other pages, clocks, no end."""
    cases: dict[str, tuple[Callable[..., None], dict[str, Outcome]]] = {
        "asks nothing": (
            https(door, http_answer("200 OK", WSDL), ask=False),
            {"client-certificate": WARNING, "path": OK, "clock": WARNING, "call": FAILED},
        ),
        "late": (https(door, http_answer("200 OK", WSDL, LATE)), {"clock": FAILED, "call": FAILED}),
        "html": (https(door, http_answer("200 OK", b"<html>hello")), {"path": FAILED, "call": FAILED}),
        "moved": (https(door, http_answer("302 Found", b"", "Location: /x")), {"path": FAILED}),
        "forbidden": (https(door, http_answer("403 Forbidden")), {"client-certificate": FAILED}),
        "trouble": (https(door, http_answer("502 Bad Gateway")), {"path": WARNING, "call": FAILED}),
        "no HTTP": (https(door, b"220 Hello\r\n" * 9), {"client-certificate": FAILED}),
        "hangs up": (https(door, b""), {"client-certificate": FAILED}),
        "no end": (
            https(door, b"HTTP/1.1 200 OK\r\n\r\n", dribble=True),
            {"client-certificate": FAILED},
        ),
        "endless line": (
            https(door, b"HTTP/1.1 200 " + b"x" * 200_000),
            {"client-certificate": FAILED},
        ),
        "bomb": (
            https(door, http_answer("200 OK", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')),
            {"path": FAILED},
        ),
    }
    for name, (serve, expected) in cases.items():
        with strange_server(serve) as port:
            target = Target.of(f"https://localhost:{port}")
            found = outcomes(examine(replace(options_for(door, door.folder), target=target, timeout=1)))
        assert {check: found[check].outcome for check in expected} == expected, name
        assert found["server-certificate"].outcome is OK


def test_a_refusal_within_the_handshake(door: RunningDoor, other: Authority, tmp_path: Path) -> None:
    """A server of TLS 1.2 refuses in its handshake already; that is told as its refusal, not as bad TLS."""
    folder = client_folder(other, tmp_path)
    door.context.maximum_version = ssl.TLSVersion.TLSv1_2
    try:
        diagnosis = examine(options_for(door, folder, ca=door.folder / "ca.pem"))
    finally:
        door.context.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
    found = outcomes(diagnosis)
    assert (found["tls"].outcome, found["server-certificate"].outcome) == (OK, OK)
    assert found["client-certificate"].code == "unknown_ca"


def test_a_fault_is_told_with_its_code(door: RunningDoor) -> None:
    """The fault of a call comes with its code, its text and what to do."""
    options = replace(options_for(door, door.folder), nummer="1" * 36)
    found = outcomes(examine(options))["call"]
    assert (found.outcome, found.code) == (FAILED, "STS100")
    assert "nummer" in found.found


def test_a_wrong_answer_is_not_believed(door: RunningDoor, other: Authority) -> None:
    """An answer signed by another authority than that of the CA file fails, without CAs it is a warning."""
    operation = OPERATIONS["getBerichtsoorten"]
    identity = "<identiteitBelanghebbende><nummer>1</nummer><type>OIN</type></identiteitBelanghebbende>"
    answer = door.post(path_of(operation), signed(operation, identity, door.folder))
    good = load_certificates(door.folder / "ca.pem")
    changed = answer.body.replace(b"Return", b"Retrun")
    for body, cas, outcome in (
        (answer.body, good, OK),
        (answer.body, other.ca_certificates, FAILED),
        (answer.body, (), WARNING),
        (changed, good, FAILED),
        (changed, (), FAILED),
    ):
        findings = Findings()
        doctor_call.judge(200, body, tuple(cas), findings)
        assert next(one for one in findings.all() if one.check == "answer").outcome is outcome
