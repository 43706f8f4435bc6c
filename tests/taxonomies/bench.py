"""A validator with taxonomy packages, and the samples as deliveries."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.config import Settings
from digipoort_sim.validation.content_rules import ContentRules, rules_of
from digipoort_sim.validation.opening import open_validator
from digipoort_sim.validation.pipeline import Validator
from digipoort_sim.validation.subject import Delivered, Part
from tests.taxonomies.faults import SAMPLES, Fault
from tests.taxonomies.packages import Packages, sample

CATALOGUE: Final = load_catalogue()
IDENTITY: Final = ("001000044B37", "Fi")
NEEDS_ARELLE: Final = pytest.mark.skipif(
    not importlib.util.find_spec("arelle"), reason="the extra [xbrl] is not installed"
)
_MESSAGES = {sample: soort for soort, sample in SAMPLES.items()}


@dataclass(frozen=True)
class Bench:
    """A validator with packages, and what is asked of it."""

    packages: Packages
    validator: Validator

    @classmethod
    @contextlib.contextmanager
    def opened(cls, packages: Packages) -> Iterator[Bench]:
        """The validator that a server with these packages would have."""
        taxonomies = {"taxonomies": packages.folder}
        settings = Settings.model_validate({"state": packages.folder, "validation": taxonomies})
        with contextlib.closing(open_validator(settings, CATALOGUE)) as opened:
            yield cls(packages, opened.validator)

    def delivered(self, name: str, *faults: Fault) -> Delivered:
        """The sample with faults as a delivery of its berichtsoort."""
        text = sample(name)
        for fault in faults:
            text = fault.put_into(text)
        content = self.packages.adapted(text)
        if content is None:
            pytest.skip(f"the packages have no report like {name}")
        part = Part(content.encode(), "text/xml", f"{name}.xbrl")
        return Delivered(part, _rules(name), _identity(name))


def _rules(name: str) -> ContentRules:
    row = CATALOGUE.berichtsoorten.get(_MESSAGES[name])
    return rules_of(row) if row else ContentRules("Vpb", "xbrl", r"bd-rpt-vpb-aangifte-\d{4}\.xsd")


def _identity(name: str) -> tuple[str, str] | None:
    return IDENTITY if _MESSAGES[name] in CATALOGUE.berichtsoorten else None
