"""Checks against an XSD: fast with lxml, and with a complete list of errors where it fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from digipoort_sim.errors import ConfigError
from digipoort_sim.validation.findings import Finding, shown
from digipoort_sim.validation.xml_content import XmlContent

if TYPE_CHECKING:
    import xmlschema

MAXIMUM_FINDINGS: Final = 200
_READABLE_BYTES: Final = 65_536
_READABLE_DEPTH: Final = 50
_READABLE_NAMESPACES: Final = 100


class SchemaStore:
    """Compiled schemas, made when they are first needed and kept.

    lxml keeps the errors of the last validation on the schema object, so every thread has its own
    objects (1 to 3 ms each); the slow ones of xmlschema are shared, behind a lock.

    Args:
        folders: where schemas are looked for, in this order.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._own = threading.local()
        self._readable: dict[str, xmlschema.XMLSchema] = {}
        self._lock = threading.Lock()

    def findings(self, schema: str, xml: XmlContent) -> Iterator[Finding]:
        """All that the schema has against the content.

        Args:
            schema: an absolute path, or one relative to a folder of the store.

        Raises:
            ConfigError: there is no such schema, or it is not one.
        """
        compiled = self._compiled(schema)
        if compiled.validate(xml.root):
            return
        log: Any = compiled.error_log
        errors = self._readable_errors(schema, xml) or [
            (entry.line, entry.message) for entry in islice(log, MAXIMUM_FINDINGS)
        ]
        yield from (_finding(line, message) for line, message in errors)

    def _path(self, schema: str) -> Path:
        """Where the schema is: in the first of the folders that has it."""
        paths = [folder / schema for folder in self._folders]
        return next((path for path in paths if path.is_file()), paths[-1])

    def _compiled(self, schema: str) -> etree.XMLSchema:
        cache: dict[str, etree.XMLSchema] = self._own.__dict__.setdefault("schemas", {})
        if schema not in cache:
            try:
                cache[schema] = etree.XMLSchema(file=str(self._path(schema)))
            except etree.LxmlError as error:
                raise ConfigError(f"The schema {schema} cannot be used: {error}.", rule="SCHEMA") from error
        return cache[schema]

    def _readable_errors(self, schema: str, xml: XmlContent) -> list[tuple[int, str]]:
        """What xmlschema says; nothing where the content would take it too long, or is too much for it."""
        if not _is_readable(xml):
            return []
        with self._lock:
            readable = self._readable_schema(schema)
            try:
                return [
                    (error.sourceline or 0, f"{error.path or ''}: {error.reason or error.message}")
                    for error in islice(readable.iter_errors(xml.root), MAXIMUM_FINDINGS)
                ]
            except Exception:  # such as an OverflowError for the year 99999999999; lxml has told as well
                return []

    def _readable_schema(self, schema: str) -> xmlschema.XMLSchema:
        if schema not in self._readable:
            import xmlschema

            self._readable[schema] = xmlschema.XMLSchema(str(self._path(schema)), allow="local")
        return self._readable[schema]


def _is_readable(xml: XmlContent) -> bool:
    """Whether xmlschema can be asked: its time grows with elements times namespaces, its stack with depth."""
    small = len(xml.content) <= _READABLE_BYTES and xml.content.count(b"xmlns") <= _READABLE_NAMESPACES
    return small and _depth(xml.root) <= _READABLE_DEPTH


def _depth(root: etree._Element) -> int:
    deepest = depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _finding(line: int, message: str) -> Finding:
    text = shown(" ".join(message.split()).rstrip("."), 400)
    return Finding(
        "XSD",
        "error",
        line,
        0,
        f"Het bericht voldoet niet aan het schema: {text}.",
        f"The message does not agree with its schema: {text}.",
        "inferred",
    )
