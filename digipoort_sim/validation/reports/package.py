"""A report package (a zip with inline XBRL), or an inline document alone: from bytes to its documents.

Source: Report Packages 1.0 (XBRL International, 2023-09-22); sizes: NL-KVK 8.1.1.1 and our own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, Final

from digipoort_sim.validation.archives.problems import ArchiveProblem
from digipoort_sim.validation.archives.reading import Archive, ArchiveLimits, open_archive
from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.reports import package_rules as rules
from digipoort_sim.validation.reports.inline_document import InlineDocument, read_inline
from digipoort_sim.validation.reports.package_taxonomy import entry_points
from digipoort_sim.validation.rules.rule import MAXIMUM_PER_RULE
from digipoort_sim.validation.xml_content import Limits

PACKAGE_LIMITS: Final = ArchiveLimits(
    octets=100_000_000,
    members=5_000,
    directory_octets=2_097_152,
    member_octets=67_108_864,
    total_octets=268_435_456,
)
DOCUMENT_LIMITS: Final = Limits(67_108_864, 1_000_000)
"""For all documents of a report together."""
MAXIMUM_DOCUMENTS: Final = 100

TYPE_FILE: Final = "META-INF/reportPackage.json"
INLINE_TYPE: Final = "https://xbrl.org/report-package/2023/xbri"
OPEN_TYPE: Final = "https://xbrl.org/report-package/2023"
_EXTENSIONS = {INLINE_TYPE: ".xbri", OPEN_TYPE: ".zip"}
_INLINE = frozenset({".xhtml", ".html", ".htm"})
_OTHER_REPORTS = frozenset({".xbrl", ".json"})
_ARCHIVES = frozenset({".zip", ".xbri", ".xbr", ".7z", ".rar", ".gz", ".jar", ".tar"})
_MOST_NAMES = 10


@dataclass(frozen=True)
class Report:
    """What was delivered as an inline report.

    Args:
        findings: all that is wrong with the package, and what keeps documents from being read.
        documents: those that could be read; together they are one report.
        files: the names of all files of the package; empty for a lone document.
        entry_points: addresses of the schemas that a taxonomy at hand must have for this report; none if the
            package has errors, so that nobody else opens it.
        extension: of the file name that tells other programs what it is, such as ``.xbri``.
    """

    findings: tuple[Finding, ...]
    documents: tuple[InlineDocument, ...] = ()
    files: frozenset[str] = frozenset()
    entry_points: tuple[str, ...] = ()
    extension: str = ".xhtml"


def read_report(content: bytes, bestandsnaam: str) -> Report:
    """A report as it was delivered: a zip is a package, all else a document; nothing makes this raise."""
    if not content.startswith(b"PK"):
        read = read_inline("", content, DOCUMENT_LIMITS)
        if not isinstance(read, InlineDocument):
            return Report(read)
        return Report((), (read,), entry_points=entry_points((read,), None))
    archive = open_archive(content, PACKAGE_LIMITS)
    if not isinstance(archive, Archive):
        return Report(tuple(rules.archive_finding(problem) for problem in archive), extension=".zip")
    return _Reading(archive, PurePosixPath(bestandsnaam).suffix.casefold()).report()


class _Reading:
    """One reading of a package: its documents, and the findings in the order in which they come up."""

    def __init__(self, archive: Archive, extension: str) -> None:
        self._archive = archive
        self._extension = extension
        self._findings: list[Finding] = []

    def report(self) -> Report:
        damage = islice(self._damage(), MAXIMUM_PER_RULE)
        self._findings += (rules.archive_finding(problem) for problem in damage)
        if self._findings:
            return Report(tuple(self._findings), extension=".zip")
        names = self._archive.names
        top = self._top_folder()
        kind = self._type(top)
        documents = tuple(self._documents(self._report_files(top, kind)))
        self._add(rules.INNER_ARCHIVE, (n for n in names if PurePosixPath(n).suffix.lower() in _ARCHIVES))
        broken = any(finding.severity == "error" for finding in self._findings)
        points = () if broken else entry_points(documents, self._archive)
        extension = _EXTENSIONS.get(kind, ".zip")
        return Report(tuple(self._findings), documents, frozenset(names), points, extension)

    def _add(self, rule: rules.PackageRule, names: Iterable[str]) -> None:
        self._findings += (rule.finding(name) for name in islice(names, MAXIMUM_PER_RULE))

    def _damage(self) -> Iterator[ArchiveProblem]:
        """What cannot be unpacked; nothing of it stays in memory."""
        for name in self._archive.names:
            problem = self._archive.problem(name)
            if problem is not None:
                yield problem

    def _top_folder(self) -> str:
        """The folder that holds the package; the first of them if there are more."""
        members = self._archive.members
        folders = tuple(dict.fromkeys(name.partition("/")[0] for name in members if "/" in name))
        if len(folders) != 1:
            self._findings.append(rules.TOP_FOLDERS.finding(", ".join(folders[:_MOST_NAMES]) or "0"))
        self._add(rules.TOP_FILE, (name for name in self._archive.names if "/" not in name))
        likely = (name.partition("/")[0] for name in members if name.partition("/")[2].startswith("reports/"))
        return next(likely, folders[0] if folders else "")

    def _type(self, top: str) -> str:
        """The documentType of the package; empty if it has none that is good."""
        name = f"{top}/{TYPE_FILE}"
        if name not in self._archive.members:
            missing = rules.NO_TYPE if self._extension == ".xbri" else rules.NO_TYPE_OTHER
            self._findings.append(missing.finding(name))
            return ""
        kind = _document_type(self._archive.read(name))
        if kind is None:
            self._findings.append(rules.BAD_TYPE.finding(name))
        elif kind not in _EXTENSIONS:
            self._findings.append(rules.OTHER_TYPE.finding(kind))
        elif _EXTENSIONS[kind] != self._extension:
            self._findings.append(rules.EXTENSION.finding(_EXTENSIONS[kind]))
        return kind or ""

    def _report_files(self, top: str, kind: str) -> tuple[str, ...]:
        """The files that are the report: one in ``reports/``, or all of one folder in it."""
        folder = f"{top}/reports/"
        inside = [n for n in self._archive.names if n.startswith(folder) and n.count("/") in (2, 3)]
        others = (name for name in inside if PurePosixPath(name).suffix in _OTHER_REPORTS)
        self._add(rules.NOT_INLINE, others if kind == INLINE_TYPE else ())
        inline = [name for name in inside if PurePosixPath(name).suffix in _INLINE]
        at_top = [name for name in inline if name.count("/") == 2]
        groups: dict[str, list[str]] = {}
        for name in at_top or inline:
            groups.setdefault(name if at_top else name.rpartition("/")[0], []).append(name)
        reports = list(groups.items())
        if not reports:
            self._findings.append(rules.NO_REPORT.finding(folder))
            return ()
        self._add(rules.MORE_REPORTS, (name for name, _ in reports[1:]))
        return tuple(name for _, names in reports for name in names)

    def _documents(self, names: tuple[str, ...]) -> Iterator[InlineDocument]:
        """The documents that can be read, as long as the limits for all of them allow."""
        if len(names) > MAXIMUM_DOCUMENTS:
            self._findings.append(rules.TOO_MANY_DOCUMENTS.finding(str(len(names))))
        left = DOCUMENT_LIMITS
        for name in names[:MAXIMUM_DOCUMENTS]:
            content = self._archive.read(name)
            read = read_inline(name, content, left) if isinstance(content, bytes) else ()
            if isinstance(read, InlineDocument) and isinstance(content, bytes):
                yield read
                left = Limits(left.octets - len(content), left.elements - content.count(b"<"))
            elif isinstance(read, tuple):
                self._findings += (in_document(name, finding) for finding in read)


def _document_type(content: bytes | ArchiveProblem) -> str | None:
    """documentInfo.documentType of a reportPackage.json; None if there is no such thing in it."""
    if not isinstance(content, bytes):
        return None
    try:
        found: Any = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_object)
    except (ValueError, RecursionError):
        return None
    info = found.get("documentInfo") if isinstance(found, dict) else None
    kind = info.get("documentType") if isinstance(info, dict) else None
    return kind if isinstance(kind, str) else None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose names are all different."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return found


def in_document(name: str, finding: Finding) -> Finding:
    """A finding about a document of a package: its texts say which, as places do not."""
    if not name:
        return finding
    return replace(finding, text_nl=f"{name}: {finding.text_nl}", text_en=f"{name}: {finding.text_en}")
