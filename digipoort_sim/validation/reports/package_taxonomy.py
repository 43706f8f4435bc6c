"""Which taxonomies a report needs: its schemaRefs, through the extension taxonomy in its own package.

Source: Taxonomy Packages 1.0, section 5 (catalog.xml); OASIS XML Catalogs 1.1.
"""

from __future__ import annotations

import posixpath
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final

from digipoort_sim.validation.archives.reading import Archive
from digipoort_sim.validation.reports.inline_document import InlineDocument
from digipoort_sim.validation.xml_content import Limits, XmlContent, read_xml

MAXIMUM_ENTRY_POINTS: Final = 100
MAXIMUM_SCHEMAS: Final = 100
MAXIMUM_IMPORTS: Final = 500
"""So many schemas of an extension taxonomy are looked into, for so many imports each."""

_LIMITS = Limits(16_777_216, 200_000)
_XSD = "http://www.w3.org/2001/XMLSchema"
_IMPORTS = tuple(f"{{{_XSD}}}{name}" for name in ("import", "include"))


def entry_points(documents: Iterable[InlineDocument], archive: Archive | None) -> tuple[str, ...]:
    """Addresses outside the package that the schemaRefs lead to, without the standards of XBRL itself.

    Args:
        archive: the package; None for a document that was delivered alone.
    """
    outside: dict[str, None] = {}
    references = ((document.name, href) for document in documents for _, href in document.schema_refs())
    waiting = deque(dict.fromkeys(references))
    rewrites = dict(islice(_rewrites(archive), MAXIMUM_IMPORTS)) if archive else {}
    seen: set[str] = set()
    while waiting and len(outside) < MAXIMUM_ENTRY_POINTS and len(seen) < MAXIMUM_SCHEMAS:
        base, href = waiting.popleft()
        member = _member(base, href, rewrites)
        if archive is None or member not in archive.members:
            outside.setdefault(href)
        elif member not in seen:
            seen.add(member)
            waiting += ((member, place) for place in islice(_imports(archive, member), MAXIMUM_IMPORTS))
    return tuple(href for href in outside if not _is_standard(href))


def _is_standard(href: str) -> bool:
    return href.startswith(("http://www.xbrl.org/", "https://www.xbrl.org/", "http://www.w3.org/"))


def _member(base: str, href: str, rewrites: Mapping[str, str]) -> str:
    """The path in the package that an address in one of its files stands for."""
    address = href.partition("#")[0]
    for start, replacement in rewrites.items():
        if address.startswith(start):
            return posixpath.normpath(replacement + address[len(start) :])
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), address))


def _rewrites(archive: Archive) -> Iterator[tuple[str, str]]:
    """What the catalog of the package puts in place of the beginnings of addresses."""
    for name in archive.names:
        if name.endswith("/META-INF/catalog.xml") and name.count("/") == 2:
            xml = _xml(archive, name)
            for element in xml.root.iter("{*}rewriteURI", "{*}rewriteSystem") if xml else ():
                start = element.get("uriStartString") or element.get("systemIdStartString")
                if start:
                    yield start, f"{posixpath.dirname(name)}/{element.get('rewritePrefix', '')}"


def _imports(archive: Archive, member: str) -> Iterator[str]:
    xml = _xml(archive, member)
    for element in xml.root.iter(*_IMPORTS) if xml else ():
        location = element.get("schemaLocation", "").strip()
        if location:
            yield location


def _xml(archive: Archive, member: str) -> XmlContent | None:
    content = archive.read(member)
    read = read_xml(content, _LIMITS) if isinstance(content, bytes) else None
    return read if isinstance(read, XmlContent) else None
