"""Large contents take another way through the door: its verdict and values are those of the ordinary way."""

from __future__ import annotations

import base64
import random
import re
from dataclasses import replace

from lxml import etree

from digipoort_sim.errors import Refusal
from digipoort_sim.exchange.values import Delivery
from digipoort_sim.ids import SystemIds
from digipoort_sim.wus import document, envelope, lifted, names, requests, structure
from digipoort_sim.wus.verification import verify
from tests.security import forge, mutations
from tests.wus import messages
from tests.wus.door_kit import delivery

_IDS = SystemIds()
_ONE = base64.b64encode(b"one" * 30_000).decode()
_TWO = base64.b64encode(b"two!" * 20_000).decode()
_SMALL = "PGEvPg=="
_BIJLAGE = "<bijlage><mimeType>a/b</mimeType><bestandsnaam>b</bestandsnaam><inhoud>%s</inhoud></bijlage>"
_BODY = (
    f'<aanleverRequest xmlns="{names.KOPPELVLAK}">'
    + delivery(inhoud=_ONE, more=f"<berichtBijlagen>{_BIJLAGE % _TWO}{_BIJLAGE % _SMALL}</berichtBijlagen>")
    + "</aanleverRequest>"
)
_MARK = base64.b64encode(b"m" * 24).decode()
_VALUES = (
    *(
        _ONE,
        _TWO,
        _SMALL,
        "",
        _MARK,
        _MARK + _ONE,
        _ONE[:-4],
        _ONE + "AAAA",
        _ONE + "=",
        _ONE[:-1],
        "=" + _ONE,
    ),
    *(
        _TWO[:-4] + "QR==",
        _TWO[:-2] + "B=",
        _ONE[:60_000] + "\n" + _ONE[60_000:],
        " " + _ONE,
        _ONE + " ",
        _ONE * 2,
    ),
    *("<x/>" + _ONE, _ONE + "<x/>", "<inhoud/>" + _ONE, _ONE[:100] + "<!-- -->" + _ONE[100:], "*" + _ONE),
    *(
        f"<![CDATA[{_ONE}]]>",
        "&#65;" + _ONE[1:],
        "\u00e9" + _ONE,
        "-_" + _ONE[2:],
        f"<inhoud>{_ONE}</inhoud>",
    ),
)


def ordinary(raw: bytes) -> Delivery:
    """The values by the way of small messages."""
    found = envelope.read(document.parse(raw))
    verify(found)
    requests.check_sizes(found.body_element, 10)
    structure.check(found.body_element)
    return requests.delivery(found.body_element)


def lightened(raw: bytes) -> Delivery:
    """The values by the way of large ones, as `judging.Judge` goes it."""
    found = envelope.read(document.parse(raw))
    found = found._replace(lifted=lifted.lift(requests.contents_of(found.body_element), _IDS.token))
    verify(found)
    requests.check_sizes(found.body_element, 10, found.lifted)
    structure.check(found.body_element)
    return requests.delivery(found.body_element, found.lifted)


def _verdict(way: object, raw: bytes) -> tuple[str, Delivery | None]:
    try:
        return "", ordinary(raw) if way is ordinary else lightened(raw)
    except Refusal as refusal:
        return refusal.rule, None


def _both(raw: bytes) -> str:
    rule, values = _verdict(ordinary, raw)
    assert _verdict(lightened, raw) == (rule, values), raw[:200]
    if not rule:
        assert messages.xmlsec_finds_good(raw)
    return rule


def test_every_value_at_every_content() -> None:
    """Any text in the place of any content, signed or not, has the same verdict and values by both ways."""
    raw = messages.signed(body=_BODY)
    assert _both(raw) == ""
    rules: dict[str, int] = {}
    for match in re.finditer(rb"(?<=<inhoud>)[^<]+", raw):
        for value in _VALUES:
            changed = raw[: match.start()] + value.encode() + raw[match.end() :]
            unsigned = _both(changed)
            same = value.replace("<!-- -->", "").replace("<![CDATA[", "").replace("]]>", "")
            if same.replace("&#65;", "A").encode() != match[0]:
                assert unsigned
            root = etree.fromstring(changed)
            forge.redigest(root)
            forge.seal(root)
            rule = _both(etree.tostring(root))
            rules[rule] = rules.get(rule, 0) + 1
    print(rules)
    assert rules[""] > 10
    assert rules["XSD"] + rules["XSD-VALUE"] > 10


def test_contents_that_change_places() -> None:
    """Two contents that swap places are found out by both ways."""
    raw = messages.signed(body=_BODY)
    swapped = (
        raw.replace(_ONE.encode(), b"%").replace(_TWO.encode(), _ONE.encode()).replace(b"%", _TWO.encode())
    )
    assert _both(swapped) == "WSS-DIGEST"
    good = lightened(raw)
    assert good.inhoud == replace(good.inhoud, inhoud=b"one" * 30_000)
    assert [one.inhoud for one in good.bijlagen] == [b"two!" * 20_000, b"<a/>"]


def test_mutated_large_messages() -> None:
    """Blindly mutated large messages have the same verdict and values by both ways."""
    chance = random.Random(5)
    sources = [
        messages.signed(body=_BODY),
        messages.signed_by_xmlsec(messages.unsigned(body=_BODY), "#default"),
    ]
    for _ in range(150):
        _both(mutations.blindly(sources, chance))
    for _ in range(30):
        assert _both(mutations.neutrally(sources, chance)) == ""


def test_a_mark_cannot_be_foreseen() -> None:
    """The mark that stands for a content is made of 192 bits of chance, new for each content and message."""
    marks = set()
    for _ in range(50):
        found = envelope.read(document.parse(messages.signed(body=_BODY)))
        marks |= {one.mark for one in lifted.lift(requests.contents_of(found.body_element), _IDS.token)}
    assert len(marks) == 100
    assert all(len(mark) == 36 for mark in marks)
