"""The beginning of a large XML content: its root element, and the identity that it names first."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final
from xml.parsers import expat

from lxml import etree

from digipoort_sim import xml_names
from digipoort_sim.validation.archives.reading import Archive, BadMemberError, open_archive
from digipoort_sim.validation.content_rules import ContentRules
from digipoort_sim.validation.identity import identity_elements, normal_scheme
from digipoort_sim.validation.instance import IDENTIFIER, text_of
from digipoort_sim.validation.places import BYTE_ORDER_MARK
from digipoort_sim.validation.reports.package import PACKAGE_LIMITS
from digipoort_sim.validation.xml_content import LIMITS, XmlContent, encoding_of

HEAD: Final = 65_536
"""Octets in which the root element's start tag must end to be looked at."""

_TREE = 1_048_576
"""Octets of which a tree is made to look for the identity."""

_SEARCHED = 67_108_864
"""Octets that are searched for the identity: as many as a content may have that is read whole."""

_BY_LOCAL_NAMES = re.compile(r"/(/\*\[local-name\(\)='[^'\"]+'\])+")
_LOCAL_NAME = re.compile(r"local-name\(\)='([^'\"]+)'")
_LONGEST_NUMBER = 1000
_DOCUMENTS = (".xhtml", ".html", ".htm")
_MOST_DOCUMENTS = 10
_SEPARATOR = " "


class _FoundError(Exception):
    """Ends expat."""


def only_root(head: bytes, encoding: str) -> bytes:
    """A document of nothing but the root element of one that begins so; empty if that cannot be made.

    Everything in it stands where it stands in the content.
    """
    parser = expat.ParserCreate(encoding)
    ends: list[int] = []

    def started(*_: object) -> None:
        ends.append(parser.CurrentByteIndex)
        raise _FoundError

    parser.StartElementHandler = started
    with contextlib.suppress(_FoundError, expat.ExpatError):
        parser.Parse(head, False)
    if not ends:
        return b""
    tag = re.compile(rb"<(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*>").match(head, ends[0])
    if tag is None:
        return b""
    return head[: tag.end() - 1].removesuffix(b"/") + b"/>"


def first_identity(pieces: Iterator[bytes], rules: ContentRules) -> str | None:
    """The number of the party that an XML content is about, or None if it names none in its first 64 MiB.

    It is looked for as in contents that are read whole; but where an identity_xpath of the user's own is more
    than names of elements within each other, in the first MiB only.
    """
    head = next(pieces, b"")
    while len(head) < _TREE and (piece := next(pieces, b"")):
        head += piece
    encoding = encoding_of(head, LIMITS["xml"])
    if not isinstance(encoding, str):
        return None
    in_tree = xml_names.apart(lambda: _in_tree(head, encoding, rules))
    return in_tree or _in_stream(head, pieces, encoding, rules)


def identity_in_file(path: Path, rules: ContentRules) -> str | None:
    """As `first_identity`, of a file: XML, or a report package, whose documents are looked through.

    Raises:
        OSError: it cannot be read.
    """
    if rules.form == "any":
        return None
    archive = open_archive(path, PACKAGE_LIMITS) if rules.form == "report-package" else ()
    if not isinstance(archive, Archive):
        with path.open("rb", buffering=0) as file:
            return first_identity(iter(lambda: file.read(HEAD), b""), rules)
    try:
        documents = [name for name in archive.names if name.lower().endswith(_DOCUMENTS)]
        found = (first_identity(archive.pieces(name), rules) for name in documents[:_MOST_DOCUMENTS])
        return next(filter(None, found), None)
    except BadMemberError:
        return None


def _in_tree(head: bytes, encoding: str, rules: ContentRules) -> str | None:
    """The first number in what can be read of the beginning, up to a tag that is whole."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, encoding=encoding
    )
    whole = head[: head.rfind(b">") + 1].removeprefix(BYTE_ORDER_MARK)
    if not whole or b"<!DOCTYPE" in whole:
        return None
    try:
        root = etree.fromstring(whole, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None:
        return None
    texts = map(text_of, identity_elements(XmlContent(whole, root), rules))
    return next((text for text in texts if text), None)


def _in_stream(head: bytes, pieces: Iterator[bytes], encoding: str, rules: ContentRules) -> str | None:
    search = _search(rules)
    if search is None:
        return None
    parser = expat.ParserCreate(encoding, _SEPARATOR)
    parser.StartElementHandler = search.start
    parser.EndElementHandler = search.end
    parser.CharacterDataHandler = search.data
    parser.StartDoctypeDeclHandler = search.give_up
    read = 0
    with contextlib.suppress(_FoundError, expat.ExpatError):
        for piece in chain((head,), pieces):
            parser.Parse(piece, False)
            read += len(piece)
            if read > _SEARCHED:
                return None
        parser.Parse(b"", True)  # newer versions of expat put off what stands behind something very long
    return search.found


class _Search:
    """Follows the elements to the first one whose names, from the outside in, end as wanted.

    Args:
        names: local names.
        schemes: those that its scheme may be; empty for any.
    """

    def __init__(self, names: tuple[str, ...], schemes: frozenset[str], namespace: str = "") -> None:
        self.found: str | None = None
        self._names = names
        self._schemes = schemes
        self._namespace = namespace
        self._open: list[str] = []
        self._text: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A start tag."""
        namespace, _, local = name.rpartition(_SEPARATOR)
        self._open.append(local)
        if len(self._open) > _LONGEST_NUMBER * 2:
            raise _FoundError
        if local == self._names[-1] and tuple(self._open[-len(self._names) :]) == self._names:
            here = not self._namespace or namespace == self._namespace
            scheme = normal_scheme(attributes.get("scheme", ""))
            if here and (not self._schemes or scheme in self._schemes):
                self._text = []

    def data(self, text: str) -> None:
        """Text."""
        if self._text is not None and sum(map(len, self._text)) < _LONGEST_NUMBER:
            self._text.append(text)

    def end(self, _: str) -> None:
        """An end tag."""
        self._open.pop()
        if self._text is not None:
            self.found = "".join(self._text).strip() or None
            self._text = None
            if self.found:
                raise _FoundError

    def give_up(self, *_: object) -> None:
        """A DOCTYPE."""
        raise _FoundError


def _search(rules: ContentRules) -> _Search | None:
    """What to look for; None where only a tree can tell."""
    if rules.form in ("xbrl", "report-package"):
        namespace, _, local = IDENTIFIER.removeprefix("{").partition("}")
        return _Search((local,), frozenset(map(normal_scheme, rules.identity_schemes)), namespace)
    if rules.identity_xpath and _BY_LOCAL_NAMES.fullmatch(rules.identity_xpath):
        return _Search(tuple(_LOCAL_NAME.findall(rules.identity_xpath)), frozenset())
    return None
