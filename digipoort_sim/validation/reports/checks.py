"""The checks of a report package or a lone inline document, as the pipeline calls them."""

from __future__ import annotations

from collections.abc import Iterator

from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.identity import identity_elements, identity_findings
from digipoort_sim.validation.instance import text_of
from digipoort_sim.validation.reports.inline_rules import INLINE_RULES
from digipoort_sim.validation.reports.kvk_rules import KVK_RULES
from digipoort_sim.validation.reports.package import in_document
from digipoort_sim.validation.subject import Subject


def package_findings(subject: Subject) -> Iterator[Finding]:
    """What is wrong with the package, and what keeps its documents from being read."""
    if subject.report is not None:
        yield from subject.report.findings


def inline_findings(subject: Subject) -> Iterator[Finding]:
    """What is wrong with the documents, as far as plain parsing tells."""
    if subject.report is not None:
        for rule in (*INLINE_RULES, *KVK_RULES):
            yield from rule.findings(subject.report)


def report_identity_findings(subject: Subject) -> Iterator[Finding]:
    """Numbers in the documents that are not identiteitBelanghebbende."""
    if subject.report is not None and subject.identity:
        for document in subject.report.documents:
            for finding in identity_findings(document.xml, subject.rules, subject.identity):
                yield in_document(document.name, finding)


def has_identity(subject: Subject) -> bool:
    """Whether there was a number to compare, on both sides."""
    documents = subject.report.documents if subject.report is not None else ()
    elements = (e for document in documents for e in identity_elements(document.xml, subject.rules))
    return subject.identity is not None and any(text_of(element) for element in elements)
