"""Checks against an XSD: fast with lxml, and with a complete list of errors where a content is small."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from digipoort_sim import xml_names
from digipoort_sim.errors import ConfigError
from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.schema.faults import SchemaFault, finding_of
from digipoort_sim.validation.schema.files import check_schema_files, found_schema
from digipoort_sim.validation.schema.log import faults_of_log
from digipoort_sim.validation.schema.readable import faults_of_errors
from digipoort_sim.validation.xml_content import XmlContent

if TYPE_CHECKING:
    import xmlschema

MAXIMUM_FINDINGS: Final = 200
_SMALL_BYTES: Final = 65_536
_READABLE_DEPTH: Final = 50
_READABLE_NAMESPACES: Final = 100
_MANY: Final = 100


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
        """All that the schema has against the content, up to `MAXIMUM_FINDINGS`.

        Args:
            schema: an absolute path, or one relative to a folder of the store.

        Raises:
            ConfigError: there is no such schema, or it is not one.
        """
        faults = self._faults(schema, xml)
        return (finding_of(xml, fault) for fault in islice(faults, MAXIMUM_FINDINGS))

    def findings_of_part(self, schema: str, xml: XmlContent, part: etree._Element) -> Iterator[Finding]:
        """All that the schema has against one small element of a content, as if it stood alone.

        Raises:
            ConfigError: there is no such schema, or it is not one.
        """
        compiled = self._compiled(schema)
        if compiled.validate(part):
            return
        for fault in faults_of_log(_entries(compiled), part):
            yield finding_of(xml, fault)

    def path(self, schema: str) -> Path | None:
        """Where the schema is: in the first of the folders that has it."""
        return found_schema(self._folders, schema)

    def _faults(self, schema: str, xml: XmlContent) -> Iterator[SchemaFault]:
        if len(xml.content) > _SMALL_BYTES:
            yield from self._faults_of_large(schema, xml)
            return
        compiled = self._compiled(schema)
        if not compiled.validate(xml.root):
            readable = self._readable_errors(schema, xml)
            yield from faults_of_errors(readable) if readable else faults_of_log(_entries(compiled), xml.root)

    def _compiled(self, schema: str) -> etree.XMLSchema:
        cache: dict[str, etree.XMLSchema] = self._own.__dict__.setdefault("schemas", {})
        if schema not in cache:
            path = self._present(schema)
            check_schema_files(path, self._folders)
            try:
                cache[schema] = etree.XMLSchema(file=str(path))
            except etree.LxmlError as error:
                raise ConfigError(f"The schema {schema} cannot be used: {error}.", rule="SCHEMA") from error
        return cache[schema]

    def _present(self, schema: str) -> Path:
        path = self.path(schema)
        if path is None:
            places = ", ".join(map(str, self._folders))
            raise ConfigError(f"There is no schema {schema} in {places}.", rule="SCHEMA")
        return path

    def _faults_of_large(self, schema: str, xml: XmlContent) -> Iterator[SchemaFault]:
        """Those of a content for which a list without end, or places in it, would cost too much.

        lxml looks up the path of every error, by counting all that stands before it. So the errors are
        counted while parsing, where there are no paths (and it keeps no more than a hundred); if they are
        many, places are only told of those at the beginning.
        """
        messages = xml_names.parsed(xml.content, lambda content: self._while_parsing(schema, content))
        if not messages:
            return
        compiled = self._compiled(schema)
        if len(messages) < _MANY:
            compiled.validate(xml.root)
            yield from faults_of_log(islice(_entries(compiled), MAXIMUM_FINDINGS), xml.root)
            return
        beginning = list(_of_beginning(compiled, xml))
        yield from beginning or faults_of_log(messages, xml.root)

    def _while_parsing(self, schema: str, content: bytes) -> list[Any]:
        parser = etree.XMLParser(
            schema=self._compiled(schema),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=True,
        )
        try:
            etree.parse(io.BytesIO(content), parser)
        except etree.XMLSyntaxError as error:
            log: Any = error.error_log
            return list(log)
        return []

    def _readable_errors(self, schema: str, xml: XmlContent) -> list[Any]:
        """What xmlschema says; nothing where the content would take it too long, or is too much for it."""
        if not _is_readable(xml):
            return []
        with self._lock:
            try:
                errors = self._readable_schema(schema).iter_errors(xml.root)
                return list(islice(errors, MAXIMUM_FINDINGS))
            except Exception:  # such as an OverflowError for the year 99999999999; lxml has told as well
                return []

    def _readable_schema(self, schema: str) -> xmlschema.XMLSchema:
        if schema not in self._readable:
            import xmlschema

            self._readable[schema] = xmlschema.XMLSchema(str(self._present(schema)), allow="local")
        return self._readable[schema]


def _entries(compiled: etree.XMLSchema) -> Any:
    return compiled.error_log


def _of_beginning(compiled: etree.XMLSchema, xml: XmlContent) -> Iterator[SchemaFault]:
    """The faults in the first part of a large content; what is only missing because it is cut is none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    cut = xml.content.rfind(b">", 0, _SMALL_BYTES) + 1
    try:
        beginning = etree.fromstring(xml.content[:cut], parser)
    except etree.XMLSyntaxError:
        return
    if beginning is None or compiled.validate(beginning):
        return
    *_, last = beginning.iter("*")
    open_path = f"{beginning.getroottree().getpath(last)}/"
    whole = (entry for entry in _entries(compiled) if not open_path.startswith(f"{entry.path}/"))
    yield from faults_of_log(islice(whole, MAXIMUM_FINDINGS), xml.root)


def _is_readable(xml: XmlContent) -> bool:
    """Whether xmlschema can be asked: its time grows with elements times namespaces, its stack with depth."""
    return xml.content.count(b"xmlns") <= _READABLE_NAMESPACES and _depth(xml.root) <= _READABLE_DEPTH


def _depth(root: etree._Element) -> int:
    deepest = depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest
