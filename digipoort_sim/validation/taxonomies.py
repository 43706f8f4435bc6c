"""What validation asks of who knows taxonomies; the answer may take seconds and other processes."""

from __future__ import annotations

from typing import Protocol

from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.subject import Delivered


class Taxonomies(Protocol):
    """Checks of contents against the taxonomies that are at hand; safe to share between threads."""

    def missing(self, entrypoint: str) -> str | None:
        """Why contents of this entry point cannot be checked: a key of `NOT_CHECKED`; None if they can.

        Quick: no taxonomy is loaded for it.
        """
        ...

    def partly(self, entrypoint: str) -> tuple[str, ...]:
        """Checks that are not made of contents of this entry point, though it is at hand: keys likewise."""
        ...

    def findings(self, delivered: Delivered) -> tuple[Finding, ...]:
        """All that XBRL 2.1, dimensions, formulas and the taxonomy itself have against a content.

        Raises:
            TechnicalError: no answer could be had: a time-out, too little memory, a process that died.
        """
        ...
