"""Octets made to hurt: each is refused by a rule, soon, and without much memory."""

from __future__ import annotations

import resource
import time

import pytest
from lxml import etree

from digipoort_sim.errors import Refusal
from digipoort_sim.wus import document, envelope, multipart
from digipoort_sim.wus.verification import verify
from tests.security import forge, hostile
from tests.security.test_wrapping_everywhere import SIGNED
from tests.wus import messages


def read(content_type: str, raw: bytes) -> forge.Values:
    """A message of any media type, up to and including its signature.

    Raises:
        Refusal: it is refused.
    """
    if multipart.is_multipart(content_type):
        root = multipart.parse_inlined(content_type, raw, 10)
    else:
        root = document.parse(raw)
    found = envelope.read(root)
    return forge.values_of(found, verify(found).certificate_der)


@pytest.mark.parametrize("kind", ["documents", "packages"])
def test_hostile_octets(kind: str) -> None:
    """Every hostile document and package is refused with a rule and a reason, whatever it is made of."""
    times: list[tuple[float, str, str]] = []
    for name, content_type, make in getattr(hostile, kind)():
        raw = make()
        start = time.process_time()
        with pytest.raises(Refusal) as caught:
            read(content_type, raw)
        times.append((time.process_time() - start, name, caught.value.rule))
        assert caught.value.rule, name
        assert 0 < len(caught.value.detail) < 2_000, name
    slowest = ", ".join(f"{name} {1000 * took:.0f} ms ({rule})" for took, name, rule in sorted(times)[-3:])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{kind}: {len(times)} refused; slowest: {slowest}; peak {peak} MB")
    assert len(times) > 50


def test_a_good_package_says_the_same() -> None:
    """The package that the attacks are made of is good, and has the values of the message it stands for."""
    assert read(hostile.RELATED, hostile.GOOD_PACKAGE) == SIGNED


def test_neutral_packages() -> None:
    """Case of names, encoded Content-IDs, a preamble, an epilogue and base64 parts change no value."""
    include = hostile.XOP % "a%20b"
    root = hostile._root(include)
    encoded = hostile.part(
        b"PGEv\r\nPg==", "CONTENT-ID: <a b>", "content-transfer-encoding: BASE64", "Content-Type: x/y"
    )
    raw = b"preamble\r\n" + hostile.package(root, encoded) + b"epilogue"
    assert read(hostile.RELATED.replace("boundary=b", 'BOUNDARY="b"'), raw) == SIGNED


def test_the_costliest_good_message() -> None:
    """The largest work that a signer can make of one message within the limits is a fraction of a second."""
    raw = hostile.costly()
    start = time.process_time()
    found = envelope.read(document.parse(raw))
    assert verify(found).certificate_der == messages.signer().certificate_der
    print(f"costliest good message: {1000 * (time.process_time() - start):.0f} ms for {len(raw)} octets")


def test_a_refusal_never_repeats_the_message() -> None:
    """However long what is wrong is, the refusal that names it is short."""
    raw = etree.tostring(forge.complete())
    for old in (b"wsa:To", b"soap:Body", b"ds:Signature", b"wsu:Created", b"berichtsoort"):
        long = raw.replace(b"<" + old + b" ", b"<" + old + b"x" * 100_000 + b" ")
        long = long.replace(b"<" + old + b">", b"<" + old + b"x" * 100_000 + b">")
        long = long.replace(b"</" + old + b">", b"</" + old + b"x" * 100_000 + b">")
        with pytest.raises(Refusal) as caught:
            forge.accepted(long)
        assert len(caught.value.detail) < 2_000
