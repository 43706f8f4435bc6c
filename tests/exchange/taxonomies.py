"""Who checks against taxonomies as a test wants it: it finds, hangs, fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.exchange.values import Content, Delivery, Identity
from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.subject import Delivered
from tests.exchange.office import OB
from tests.validation.samples import INSTANCE

CATALOGUE = replace(load_catalogue(), bedrijfsregels={})
"""Without business rules, which have something to say of a return as short as the sample."""

TAXONOMY_ERROR = Finding(
    "xbrl.5.2.5.2:calcInconsistency", "error", 12, 0, "De som klopt niet.", "The sum is wrong.", "published"
)


class Taxonomist:
    """Taxonomies for the entry points of the samples; safe to share between threads.

    Attributes:
        seen: the contents that were checked, in the order of their beginning.
        answer: what is found in one, or raised.
    """

    def __init__(self, answer: Callable[[Delivered], Iterable[Finding]] = lambda delivered: ()) -> None:
        self.answer = answer
        self.at_hand = True
        self.seen: list[Delivered] = []

    def missing(self, entrypoint: str) -> str | None:
        """Nothing is, unless the test takes the packages away."""
        return None if self.at_hand else "XBRL-TAXONOMY"

    def partly(self, entrypoint: str) -> tuple[str, ...]:
        """All checks are made."""
        return ()

    def findings(self, delivered: Delivered) -> tuple[Finding, ...]:
        """The test's answer."""
        self.seen.append(delivered)
        return tuple(self.answer(delivered))


def ob_delivery(old: str = "", new: str = "", *, aanleverkenmerk: str | None = None) -> Delivery:
    """A good VAT return, or one with something replaced."""
    assert old in INSTANCE
    content = Content("text/xml", "ob.xbrl", INSTANCE.replace(old, new).encode())
    return Delivery(
        "Omzetbelasting", Identity(OB.nummer, OB.type), "Bedrijf", content, aanleverkenmerk=aanleverkenmerk
    )


def until(event: threading.Event) -> Iterable[Finding]:
    """Wait for a test, then find nothing."""
    assert event.wait(30)
    return ()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)
