"""Signature wrapping, enumerated: every signed part, at every place of the message, in every disguise.

The sender's signature is genuine throughout; the attacker moves what was signed and puts something else
where it would be processed. Each case is refused with one of our errors, or the values that would be
processed are exactly those that were signed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product

import pytest
from lxml import etree

from digipoort_sim.errors import Refusal
from digipoort_sim.wus import names
from digipoort_sim.wus.envelope import WSU_ID
from tests.security import forge
from tests.security.forge import DS, PARTS, SOAP, WSA, WSSE, WSU
from tests.wus import messages

XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
SIGNED = forge.processed(etree.tostring(forge.complete()))

Place = tuple[int, int]
"""An element by its number in document order, and the position among its children."""

WRAPPERS = (
    *("{urn:own}wrapper", SOAP + "Header", SOAP + "Body", SOAP + "Envelope", WSSE + "Security"),
    *(WSU + "Timestamp", DS + "Object", DS + "Signature", DS + "KeyInfo", DS + "Manifest"),
    *(WSA + "ReferenceParameters", WSA + "Metadata", WSSE + "SecurityTokenReference", WSSE + "Embedded"),
    f"{{{names.KOPPELVLAK}}}aanleverRequest",
)


@dataclass
class Tally:
    """How the cases of one enumeration ended."""

    refused: int = 0
    unchanged: int = 0
    changed: list[bytes] = field(default_factory=list)
    rules: set[str] = field(default_factory=set)

    def judge(self, message: etree._Element | bytes) -> None:
        """Take one message through the door."""
        raw = message if isinstance(message, bytes) else etree.tostring(message)
        try:
            values = forge.processed(raw)
        except Refusal as refusal:
            self.refused += 1
            self.rules.add(refusal.rule)
            return
        if values == SIGNED:
            self.unchanged += 1
        else:
            self.changed.append(raw)

    def report(self, what: str) -> None:
        """Print the figures, and fail if a forgery came through."""
        total = self.refused + self.unchanged + len(self.changed)
        print(
            f"{what}: {total} messages, {self.refused} refused, {self.unchanged} accepted as signed, "
            f"{len(self.changed)} accepted with other values"
        )
        assert not self.changed, self.changed[0]
        assert "" not in self.rules


def _forged_certificate(element: etree._Element) -> None:
    element.text = messages.signer("TRIAL attacker").token


def _set(path: str, text: str) -> Callable[[etree._Element], None]:
    def change(element: etree._Element) -> None:
        target = element.find(path)
        assert target is not None
        target.text = text

    return change


def _text(text: str) -> Callable[[etree._Element], None]:
    def change(element: etree._Element) -> None:
        element.text = text

    return change


FORGERIES: dict[str, Callable[[etree._Element], None]] = {
    # Each would be accepted if it were signed, so that no later check hides a hole.
    "Body": _set(f".//{{{names.KOPPELVLAK}}}berichtsoort", "Omzetbelasting"),
    "Timestamp": _set(WSU + "Created", "2026-11-21T12:00:59.250Z"),
    "BinarySecurityToken": _forged_certificate,
    "To": _text("https://localhost/wus/2.0/aanleverservice/1.2"),
    "Action": _text(messages.AANLEVEREN.wcf_action),
    "MessageID": _text("urn:uuid:forged"),
    "RelatesTo": _text("urn:uuid:forged"),
    "ReplyTo": _set(WSA + "Address", names.NONE),
    "From": _set(WSA + "Address", names.NONE),
    "FaultTo": _set(WSA + "Address", names.NONE),
}


def _no_id(element: etree._Element, genuine: str) -> None:
    assert genuine


def _with(attribute: str, other: str = "") -> Callable[[etree._Element, str], None]:
    def mark(element: etree._Element, genuine: str) -> None:
        element.set(attribute, other or genuine)

    return mark


COPIES: dict[str, Callable[[etree._Element, str], None]] = {
    "no Id": _no_id,
    "same wsu:Id": _with(WSU_ID),
    "same Id": _with("Id"),
    "other wsu:Id": _with(WSU_ID, "forged"),
    "xml:id": _with(XML_ID),
    "ID": _with("ID"),
    "id": _with("id"),
    "Id of another namespace": _with("{urn:own}Id"),
    "wsse:Id": _with(WSSE + "Id"),
}


LIKELY = ("no Id", "same wsu:Id", "same Id", "other wsu:Id")
"""The kinds of copy that come nearest; the others are tried at every place by the first test."""


def forgery(name: str, genuine: etree._Element, kind: str) -> etree._Element:
    """A forged copy of a part, with an Id of some kind."""
    forged = copy.deepcopy(genuine)
    forged.tail = None
    identifier = forged.attrib.pop(WSU_ID)
    FORGERIES[name](forged)
    COPIES[kind](forged, identifier)
    return forged


def places(root: etree._Element) -> list[Place]:
    """Every place in a tree where an element can stand, those inside a forged copy among them."""
    return [
        (number, index) for number, element in enumerate(root.iter("*")) for index in range(len(element) + 1)
    ]


def moved_to(name: str, place: Place, kind: str, wrapper: str | None = None) -> etree._Element:
    """The message with a part at another place, and a forged copy where it was."""
    root = forge.complete()
    genuine = forge.part(root, name)
    old = genuine.getparent()
    assert old is not None
    # The copy has the shape of the part, so that the elements keep their numbers.
    old.replace(genuine, forgery(name, genuine, kind))
    parent = list(root.iter("*"))[place[0]]
    if wrapper is None:
        parent.insert(place[1], genuine)
    else:
        around = etree.Element(wrapper)
        around.append(genuine)
        parent.insert(place[1], around)
    return root


def moved_away(name: str, place: Place) -> etree._Element:
    """The message with a part at another place, and nothing where it was."""
    root = forge.complete()
    genuine = forge.part(root, name)
    parent = list(root.iter("*"))[place[0]]
    if genuine not in (parent, *parent.iterancestors()):
        parent.insert(place[1], genuine)
    return root


@pytest.mark.parametrize("name", PARTS)
def test_every_part_at_every_place(name: str) -> None:
    """A signed part moved to any place, with any kind of forged copy where it was, gains nothing."""
    tally = Tally()
    for place in places(forge.complete()):
        tally.judge(moved_away(name, place))
        for kind in COPIES:
            tally.judge(moved_to(name, place, kind))
    tally.report(f"{name} moved")
    assert tally.refused > 500
    assert tally.unchanged  # put back among its own siblings, it is the message as it was signed


@pytest.mark.parametrize("name", PARTS)
def test_every_part_under_every_wrapper(name: str) -> None:
    """A signed part under a wrapper of any name, own or known, in any element, gains nothing."""
    tally = Tally()
    count = sum(1 for _ in forge.complete().iter("*"))
    for number, wrapper, kind in product(range(count), WRAPPERS, ("no Id", "same wsu:Id")):
        tally.judge(moved_to(name, (number, 0), kind, wrapper))
    tally.report(f"{name} wrapped")
    assert not tally.unchanged


@pytest.mark.parametrize("name", PARTS)
def test_a_second_forged_part_anywhere(name: str) -> None:
    """With the signed part where it was, a forged second one at any place is never what is processed."""
    tally = Tally()
    for place, kind in product(places(forge.complete()), LIKELY):
        root = forge.complete()
        forged = forgery(name, forge.part(root, name), kind)
        list(root.iter("*"))[place[0]].insert(place[1], forged)
        tally.judge(root)
    tally.report(f"{name} doubled")
    assert not tally.unchanged


def _uris(identifier: str) -> Iterator[str | None]:
    yield f"#{identifier}"
    yield ""
    yield "#"
    yield None
    yield "#forged"
    yield identifier
    yield f"#xpointer(id('{identifier}'))"
    yield "#xpointer(/)"
    yield f"#xpointer(//*[@wsu:Id='{identifier}'])"
    yield f"#element({identifier})"
    yield f"# {identifier}"
    yield f"#{identifier} "
    yield f"#{identifier.replace('-', '%2D')}"
    yield f"http://127.0.0.1:9/message.xml#{identifier}"
    yield f"https://localhost/cpl/aanleverservice/1.2#{identifier}"
    yield f"file:///etc/hostname#{identifier}"
    yield f"cid:{identifier}"
    yield f"?#{identifier}"


_WHERE: dict[str, Callable[[etree._Element], etree._Element]] = {
    "first header": lambda root: root[0],
    "Envelope": lambda root: root,
    "Security": lambda root: root[0][0],
    "Body": lambda root: root[-1][0],
    "Signature": lambda root: next(root.iter(DS + "Signature")),
    "KeyInfo": lambda root: next(root.iter(DS + "KeyInfo")),
    "SignedInfo": lambda root: next(root.iter(DS + "SignedInfo")),
    "Transforms": lambda root: next(root.iter(DS + "Transforms")),
    "ReplyTo": lambda root: next(root.iter(WSA + "Address")),
}


@pytest.mark.parametrize("name", PARTS)
def test_every_form_of_reference(name: str) -> None:
    """However a Reference points, also in a SignedInfo that the sender did sign, it reaches no forgery."""
    tally = Tally()
    identifier = forge.part(forge.complete(), name).get(WSU_ID) or ""
    for uri, kind, where in product(_uris(identifier), LIKELY, _WHERE):
        tally.judge(_pointed(name, uri, kind, where))
    tally.report(f"{name} referenced")
    assert not tally.unchanged


def _pointed(name: str, uri: str | None, kind: str, where: str) -> etree._Element:
    root = forge.complete()
    genuine = forge.part(root, name)
    old = genuine.getparent()
    identifier = genuine.get(WSU_ID)
    assert old is not None
    forged = forgery(name, genuine, kind)
    old.replace(genuine, forged)
    holder = _WHERE[where](root)
    if forged in list(holder.iterancestors()) or holder is forged:
        holder = forged
    holder.append(genuine)
    for reference in root.iter(DS + "Reference"):
        if reference.get("URI") == f"#{identifier}":
            del reference.attrib["URI"]
            if uri is not None:
                reference.set("URI", uri)
    forge.seal(root)
    return root


def test_text_that_looks_like_the_signed_part() -> None:
    """The signed part as the text of an attribute, a CDATA section or a comment is no part."""
    tally = Tally()
    for name in PARTS:
        root = forge.complete()
        genuine = forge.part(root, name)
        marker = etree.Element("marker")
        (holder,) = genuine.xpath("..")
        holder.replace(genuine, marker)
        text = etree.tostring(genuine, with_tail=False)
        escaped = text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b'"', b"&quot;")
        forged = etree.tostring(forgery(name, genuine, "no Id"))
        for hidden in (
            forged + b'<x:a xmlns:x="urn:own" b="' + escaped + b'"/>',
            forged.replace(b" ", b' x:a="' + escaped + b'" xmlns:x="urn:own" ', 1),
            b"<!--" + text.replace(b"--", b"- -") + b"-->" + forged,
            forged + b"<![CDATA[" + text + b"]]>",
            escaped + forged,
        ):
            tally.judge(etree.tostring(root).replace(b"<marker/>", hidden))
    tally.report("parts as text")
    assert not tally.unchanged


def test_parts_that_change_places() -> None:
    """Two signed parts that swap places, Ids or both are never processed as one another."""
    tally = Tally()
    for first, second in product(PARTS, PARTS):
        if first == second:
            continue
        for swap in (_swap_places, _swap_ids, _swap_tags):
            root = forge.complete()
            swap(forge.part(root, first), forge.part(root, second))
            tally.judge(root)
    tally.report("parts swapped")
    assert tally.refused > 200


def _swap_places(first: etree._Element, second: etree._Element) -> None:
    marker = etree.Element("marker")
    one, two = first.getparent(), second.getparent()
    assert one is not None
    assert two is not None
    one.replace(first, marker)
    two.replace(second, first)
    one.replace(marker, second)


def _swap_ids(first: etree._Element, second: etree._Element) -> None:
    one, two = first.get(WSU_ID), second.get(WSU_ID)
    first.set(WSU_ID, two or "")
    second.set(WSU_ID, one or "")


def _swap_tags(first: etree._Element, second: etree._Element) -> None:
    first.tag, second.tag = second.tag, first.tag
