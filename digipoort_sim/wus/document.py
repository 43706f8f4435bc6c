"""From bytes to a tree, guarded: nothing that a sender writes costs more than it should.

What is refused and why:

* a DOCTYPE (SOAP 1.1, section 3), which is found before the parser sees it: no entity, no external
  file, no default attribute ever comes into being;
* a processing instruction (same section), because it would cut the text of an element in two;
* any encoding but UTF-8; the parser is told so, whatever the XML declaration says;
* too many bytes, levels, elements, attributes or namespace declarations. Counts that bound the
  parser's memory are taken from the bytes, before parsing.

Comments are dropped by the parser, which then joins the text around them. So no comment can cut a
value short, and the canonical form (without comments) is the same as that of the document sent.
"""

from __future__ import annotations

import functools
import re
import threading
from dataclasses import dataclass
from typing import cast

from lxml import etree

from digipoort_sim.errors import SizeRefusal, SpecificationRefusal

_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_DECLARATION = re.compile(rb"<\?xml[ \t\r\n][^>]*?\bencoding[ \t\r\n]*=[ \t\r\n]*[\"']([^\"'>]*)[\"']")
_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[ \t\r\n]")
_ACCEPTED_ENCODINGS = (b"UTF-8", b"UTF8", b"US-ASCII", b"ASCII")
_PROLOG_ITEMS = 20
_LONG = 64 * 1024
_INSTRUCTIONS = etree.XPath("boolean(//processing-instruction())")
_COUNT = etree.XPath("count(//*)")
_threads = threading.local()


@dataclass(frozen=True)
class Limits:
    """How much a document may hold (simulator's choices); by default what a request may.

    The largest honest request has some 300 elements and 18 prefixes. Elements times namespaces times
    the PrefixList bound the time that canonicalisation takes: a tenth of a second at the worst.

    Attributes:
        max_bytes: octets of the document.
        max_depth: levels of elements.
        max_elements: elements.
        max_attributes: attributes of one element.
        max_attributes_in_all: attributes of the whole document, counted as equals signs.
        max_namespaces: namespace declarations of the whole document.
    """

    max_bytes: int = 64 * 1024 * 1024
    max_depth: int = 100
    max_elements: int = 2_000
    max_attributes: int = 256
    max_attributes_in_all: int = 5_000
    max_namespaces: int = 256


DEFAULT_LIMITS = Limits()
ANSWER_LIMITS = Limits(
    max_bytes=1024**3, max_elements=1_000_000, max_attributes_in_all=1_000_000, max_namespaces=10_000
)
"""What a client accepts from the simulator: lists of many thousands of statuses and messages."""


def parse(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> etree._Element:
    """Parse an XML document and give its root element.

    Raises:
        SpecificationRefusal: XML-WELLFORMED, XML-DOCTYPE, XML-PI or XML-ENCODING.
        SizeRefusal: XML-LIMIT.
    """
    _check_encoding(raw)
    _check_prolog(raw)
    tags, equals = _check_amounts(raw, limits)
    root = _parse(raw)
    _check_tree(raw, root, limits, tags, equals)
    return root


def text_of(element: etree._Element) -> str:
    """The text of an element that holds text only, without white space around it.

    Raises:
        SpecificationRefusal: XML-TEXT, there are elements inside.
    """
    if len(element):
        name = element.tag.rpartition("}")[2][:100]
        raise SpecificationRefusal(
            f"The element {name} holds elements; only text is allowed.", rule="XML-TEXT"
        )
    return (element.text or "").strip(" \t\r\n")


def _check_encoding(raw: bytes) -> None:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in raw[:2]:
        raise SpecificationRefusal(
            "The message is not in UTF-8 (it looks like UTF-16 or UTF-32).", rule="XML-ENCODING"
        )
    declared = _DECLARATION.match(raw, 3 if raw.startswith(_BOM) else 0)
    if declared and declared[1].upper() not in _ACCEPTED_ENCODINGS:
        name = declared[1][:60].decode("ascii", "replace")
        raise SpecificationRefusal(
            f"The XML declaration says encoding {name!r}; send UTF-8.", rule="XML-ENCODING"
        )


def _check_prolog(raw: bytes) -> None:
    at = 3 if raw.startswith(_BOM) else 0
    for _ in range(_PROLOG_ITEMS):
        at = raw.find(b"<", at)
        if at < 0 or raw[at + 1 : at + 2] not in (b"!", b"?"):
            return
        if raw.startswith(b"<!--", at):
            at = raw.find(b"-->", at + 4)
        elif raw.startswith(b"<?", at):
            at = raw.find(b"?>", at)
        else:
            raise SpecificationRefusal(
                "The message has a DOCTYPE; SOAP 1.1 does not allow one. Leave it out.", rule="XML-DOCTYPE"
            )
        if at < 0:
            return
    raise SizeRefusal("There are too many comments before the first element.", rule="XML-LIMIT")


def _check_amounts(raw: bytes, limits: Limits) -> tuple[int, int]:
    if len(raw) > limits.max_bytes:
        raise SizeRefusal(f"The message is larger than {limits.max_bytes} octets.", rule="XML-LIMIT")
    tags = _count(raw, b"<", 4 * limits.max_elements)
    equals = _count(raw, b"=", limits.max_attributes_in_all)
    if tags > 4 * limits.max_elements:
        raise _too_many("elements", limits.max_elements)
    if equals > limits.max_attributes_in_all:
        raise _too_many("attributes", limits.max_attributes_in_all)
    if equals > limits.max_namespaces and raw.count(b"xmlns") > limits.max_namespaces:
        raise _too_many("namespace declarations", limits.max_namespaces)
    return tags, equals


def _count(raw: bytes, sign: bytes, most: int) -> int:
    """How often a sign stands there, at least up to one more than `most`."""
    if len(raw) < _LONG:
        return raw.count(sign)
    found, at = 0, raw.find(sign)  # much quicker than a count where the sign is rare
    while at >= 0 and found <= most:
        found += 1
        at = raw.find(sign, at + 1)
    return found


def _too_many(what: str, limit: int) -> SizeRefusal:
    return SizeRefusal(f"The message has more than {limit} {what}.", rule="XML-LIMIT")


def _parse(raw: bytes) -> etree._Element:
    try:
        return etree.fromstring(raw, _parser())
    except etree.XMLSyntaxError as error:
        raise SpecificationRefusal(_reason(error), rule="XML-WELLFORMED") from None


def _parser() -> etree.XMLParser:
    parser: etree.XMLParser | None = getattr(_threads, "parser", None)
    if parser is None:
        parser = _threads.parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            attribute_defaults=False,
            huge_tree=True,
            remove_comments=True,
        )
    return parser


def _reason(error: etree.XMLSyntaxError) -> str:
    line, column = error.position
    message = (error.msg or "it cannot be parsed").partition(", line ")[0].strip()
    return f"The message is not well-formed XML: {message} (line {line}, column {column})."


def _check_tree(raw: bytes, root: etree._Element, limits: Limits, tags: int, equals: int) -> None:
    if _may_have_instructions(raw) and _INSTRUCTIONS(root):
        raise SpecificationRefusal(
            "The message has a processing instruction; SOAP 1.1 does not allow one.", rule="XML-PI"
        )
    if tags > limits.max_elements and cast(float, _COUNT(root)) > limits.max_elements:
        raise _too_many("elements", limits.max_elements)
    if equals > limits.max_attributes:
        _check_attributes(root, limits.max_attributes)
    if tags > 2 * limits.max_depth:  # each has an end tag, but the innermost
        _check_depth(root, limits.max_depth)


def _may_have_instructions(raw: bytes) -> bool:
    """Whether to look through the tree, which is the quicker way where one element holds nearly all."""
    return len(raw) > _LONG or raw.find(b"<?", 4 if _DECLARED.match(raw) else 0) >= 0


def _check_attributes(root: etree._Element, most: int) -> None:
    if _xpath(f"boolean(//*[@*[{most + 1}]])")(root):
        raise SizeRefusal(f"An element has more than {most} attributes.", rule="XML-LIMIT")


def _check_depth(root: etree._Element, most: int) -> None:
    if _xpath("boolean(" + "/*" * (most + 1) + ")")(root):
        raise SizeRefusal(f"Elements lie more than {most} levels deep.", rule="XML-LIMIT")


@functools.lru_cache(maxsize=16)
def _xpath(path: str) -> etree.XPath:
    return etree.XPath(path)
