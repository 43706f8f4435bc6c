"""Large contents that are lifted out of the tree: the verdict is the same, and so is what is read."""

from __future__ import annotations

import base64
import random

import pytest
from lxml import etree

from digipoort_sim.errors import Refusal
from digipoort_sim.wus import lifted, requests, structure
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.envelope import Envelope, read
from digipoort_sim.wus.names import KOPPELVLAK
from digipoort_sim.wus.verification import verify
from tests.wus import messages

CHANCE = random.Random(7)
LONG = base64.b64encode(CHANCE.randbytes(lifted.LARGE)).decode()
BODY = (
    f'<aanleverRequest xmlns="{KOPPELVLAK}"><berichtsoort>TEST</berichtsoort>'
    "<identiteitBelanghebbende><nummer>001000044B37</nummer><type>Fi</type></identiteitBelanghebbende>"
    "<rolBelanghebbende>Bedrijf</rolBelanghebbende><berichtInhoud><mimeType>text/xml</mimeType>"
    "<bestandsnaam>a.xml</bestandsnaam><inhoud>{}</inhoud></berichtInhoud><berichtBijlagen><bijlage>"
    "<mimeType>text/xml</mimeType><bestandsnaam>b.xml</bestandsnaam><inhoud>{}</inhoud></bijlage>"
    "</berichtBijlagen></aanleverRequest>"
)


def _request(*contents: str, sha: int = 256) -> bytes:
    return messages.signed(body=BODY.format(*contents), sha=sha)  # type: ignore[arg-type]


def _lifted(raw: bytes) -> Envelope:
    envelope = read(parse(raw))
    contents = requests.contents_of(envelope.body_element)
    return envelope._replace(lifted=lifted.lift(contents, random.Random(raw).randbytes))


@pytest.mark.parametrize("contents", [(LONG, "PGEvPg=="), ("PGEvPg==", LONG), (LONG, LONG[4:])])
@pytest.mark.parametrize("sha", [1, 256])
def test_verdict_and_values_are_the_same(contents: tuple[str, str], sha: int) -> None:
    """A message with large contents is verified, valid and read as if nothing had been lifted."""
    raw = _request(*contents, sha=sha)
    plain, light = read(parse(raw)), _lifted(raw)
    assert len(light.lifted) == sum(len(text) > lifted.LARGE for text in contents)
    assert len(etree.tostring(light.root)) < lifted.LARGE
    assert verify(light).certificate_der == verify(plain).certificate_der
    requests.check_sizes(light.body_element, 10, light.lifted)
    structure.check(light.body_element)
    expected = requests.delivery(plain.body_element)
    assert requests.delivery(light.body_element, light.lifted) == expected
    assert expected.inhoud.inhoud == base64.b64decode(contents[0])


@pytest.mark.parametrize("at", [0, 40_000, len(LONG) - 8])
def test_a_changed_content_is_refused(at: int) -> None:
    """A large content of which one character was changed after signing is refused by its digest."""
    raw = _request(LONG, "PGEvPg==")
    place = raw.index(LONG.encode()) + at
    other = b"A" if raw[place : place + 1] != b"A" else b"B"
    with pytest.raises(Refusal) as caught:
        verify(_lifted(raw[:place] + other + raw[place + 1 :]))
    assert caught.value.rule == "WSS-DIGEST"


@pytest.mark.parametrize("text", [LONG + "\n", LONG[:-1], "&amp;" + LONG, LONG[:50_000] + "=" + LONG])
def test_what_is_not_strict_base64_stays(text: str) -> None:
    """White space, wrong padding and other characters are left in the tree, where the XSD judges them."""
    light = _lifted(_request(text, "PGEvPg=="))
    assert light.lifted == ()
    assert verify(light).covered


def test_a_mark_that_was_guessed_is_of_no_use() -> None:
    """Who knows the mark and writes it elsewhere in the Body moves nothing: the digest does not agree."""
    chance = random.Random(3).randbytes(24)
    mark = base64.b64encode(chance).decode() + LONG[-4:]
    raw = _request(mark, LONG)
    envelope = read(parse(raw))
    taken = lifted.lift(requests.contents_of(envelope.body_element), lambda _size: chance)
    with pytest.raises(Refusal) as caught:
        verify(envelope._replace(lifted=taken))
    assert caught.value.rule == "WSS-DIGEST"


def test_bad_padding_bits_are_seen_by_the_xsd_as_before() -> None:
    """What the XSD says of the end of a large content does not depend on its being lifted."""
    for end in ("AA==", "AB==", "AAA=", "AAB=", "AAAA"):
        raw = _request(LONG[:-4] + end, "PGEvPg==")
        assert _is_valid(_lifted(raw)) == _is_valid(read(parse(raw)))


def _is_valid(envelope: Envelope) -> bool:
    try:
        structure.check(envelope.body_element)
    except Refusal:
        return False
    return True
