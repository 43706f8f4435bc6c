"""Whether the taxonomies in packages can be loaded, and what Arelle has against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final
from xml.sax.saxutils import quoteattr

from digipoort_sim.config import ValidationSettings
from digipoort_sim.errors import TechnicalError
from digipoort_sim.validation.findings import Severity, shown
from digipoort_sim.validation.instance import NS_LINK, NS_XBRLI, NS_XLINK
from digipoort_sim.validation.packages.package import Package, holder_of
from digipoort_sim.validation.taxonomy.pool import Pool, Question

SECONDS: Final = 600.0
"""For one entry point; a large taxonomy takes a minute."""

_LONGEST = 1_000
_OF_THE_PACKAGE = "XBRL-PACKAGE"


@dataclass(frozen=True, slots=True)
class TaxonomyProblem:
    """One thing that Arelle has against a taxonomy, in its own words.

    Args:
        code: Arelle's, such as ``xbrl.5.2.2.2.1:...``; ``XBRL-PACKAGE`` where it cannot be loaded.
    """

    severity: Severity
    code: str
    text: str


@dataclass(frozen=True)
class _Fixed:
    """Packages that stay the same; see `pool.PackageSource`."""

    all: tuple[Package, ...]

    def packages(self) -> tuple[Package, ...]:
        return self.all

    def package_of(self, entrypoint: str) -> Package | None:
        return holder_of(entrypoint, self.all)


class PackageChecker:
    """Loads taxonomies in a process of Arelle; a context manager, that ends the process.

    Args:
        packages: all that may be needed, also the packages that a taxonomy builds upon; of several that
            have a document, the last one counts.
        settings: memory of the process.
    """

    def __init__(self, packages: Sequence[Package], settings: ValidationSettings) -> None:
        self._pool = Pool(_Fixed(tuple(packages)), 1, settings.max_memory_mb)

    def __enter__(self) -> PackageChecker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.close()

    def problems(self, entrypoint: str) -> tuple[TaxonomyProblem, ...]:
        """All errors and warnings about the taxonomy of an entry point.

        Raises:
            TechnicalError: it took too long or too much memory, or the process died.
        """
        question = Question(_empty_instance(entrypoint), entrypoint, "", SECONDS, about_taxonomy=True)
        try:
            records = self._pool.ask(question)["taxonomy"]
        except TechnicalError as error:
            if error.rule != _OF_THE_PACKAGE:
                raise
            return (TaxonomyProblem("error", _OF_THE_PACKAGE, shown(error.detail, _LONGEST)),)
        found = (TaxonomyProblem(*_plain(record)) for record in records)
        return tuple(dict.fromkeys(replace(one, text=shown(one.text, _LONGEST)) for one in found))


def _plain(record: dict[str, str]) -> tuple[Severity, str, str]:
    severity: Severity = "warning" if record["level"] == "WARNING" else "error"
    return severity, shown(record["code"]), " ".join(record["text"].split())


def _empty_instance(entrypoint: str) -> bytes:
    """The least that makes Arelle load a taxonomy as it is loaded for messages."""
    return (
        f'<x:xbrl xmlns:x="{NS_XBRLI}" xmlns:l="{NS_LINK}" xmlns:k="{NS_XLINK}">'
        f'<l:schemaRef k:type="simple" k:href={quoteattr(entrypoint)}/></x:xbrl>'
    ).encode()
