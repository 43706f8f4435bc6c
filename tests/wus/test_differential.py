"""Our verdict beside that of libxmlsec1: what we call good, xmlsec calls good."""

from __future__ import annotations

import random
import re

import pytest

from digipoort_sim.errors import Refusal
from digipoort_sim.wus import envelope, names
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.verification import verify
from tests.wus import messages

_SNIPPETS = (
    *(
        b"<!-- c -->",
        b"<![CDATA[x]]>",
        b" ",
        b"\n",
        b"\t",
        b"&amp;",
        b"&#xD;",
        b"&#13;&#10;",
        b"\r\n",
        b"<x/>",
    ),
    *(b' a="b"', b' xmlns:q="urn:q"', b' xmlns=""', b' xml:lang="nl"', b' xml:space="preserve"', b"<?p i?>"),
    *(b' wsu:Id="x"', b' Id="x"', b"\xc3\xa9", b"\xe2\x80\xa8", b"\x00", b"=", b"'", b'"'),
)


def _flip(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << chance.randrange(7))]) + raw[at + 1 :]


def _insert(raw: bytes, chance: random.Random) -> bytes:
    at = chance.choice([match.end() for match in re.finditer(rb">|=\"|<[\w:]+|(?<=>)[^<]{3}", raw)])
    return raw[:at] + chance.choice(_SNIPPETS) + raw[at:]


def _drop(raw: bytes, chance: random.Random) -> bytes:
    tag = chance.choice(
        list(re.finditer(rb"<[\w:]+[^<>]*/>|<([\w:]+)[^<>]*>[^<]*</\1>|\s[\w:]+=\"[^\"]*\"", raw))
    )
    return raw[: tag.start()] + raw[tag.end() :]


def _double(raw: bytes, chance: random.Random) -> bytes:
    part = chance.choice(list(re.finditer(rb"<(ds:Reference|wsa:\w+|wsu:Timestamp) .*?</\1>", raw)))
    return raw[: part.end()] + part[0] + raw[part.end() :]


def _exchange(raw: bytes, chance: random.Random) -> bytes:
    pairs = [
        (names.SHA1, names.SHA256),
        (names.RSA_SHA1, names.RSA_SHA256),
        (names.EXCLUSIVE_C14N, names.EXCLUSIVE_C14N + "WithComments"),
        ("wsa:To", "wsa:From"),
        ('"', "'"),
        ("soap:", "wsa:"),
        ("<soap:Body ", '<soap:Body xmlns:unused="urn:u" '),
        ("#default", ""),
    ]
    old, new = chance.choice(pairs)
    return raw.replace(old.encode(), new.encode(), chance.choice([1, -1]))


_MUTATIONS = (_flip, _insert, _insert, _drop, _double, _exchange)


def _sources() -> list[bytes]:
    prefixed = messages.unsigned(
        body=messages.BODY.replace("<aanleverRequest", '<aanleverRequest xmlns:q="urn:q"')
    )
    return [
        messages.signed(),
        messages.signed(sha=256),
        messages.signed_by_xmlsec(prefixed, "#default soap wsa"),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_what_we_verify_xmlsec_verifies(seed: int) -> None:
    """Of hundreds of mutated messages, each gets a verdict, and none is good for us alone."""
    chance = random.Random(seed)
    sources = _sources()
    good = refused = 0
    for _ in range(150):
        raw = chance.choice(sources)
        for _ in range(chance.choice([1, 1, 2])):
            raw = chance.choice(_MUTATIONS)(raw, chance)
        try:
            verified = verify(envelope.read(parse(raw)))
        except Refusal:
            refused += 1
            continue
        good += 1
        assert messages.xmlsec_verifies(raw, verified.certificate_der), raw
    assert good > 5
    assert refused > 50
