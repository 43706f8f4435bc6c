"""The name that a file gets at the file door: its own if it is good, else made of options and content."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.catalogue.file_profiles import Profile
from digipoort_sim.errors import ConfigError, DigipoortSimError
from digipoort_sim.ftp.file_name import NameRule

_PERIOD = re.compile(r"(\d{4})-(\d{1,2})")
_FOUR_WEEKS = 28
_MOST_ELEMENTS = 10_000
"""The number and the period stand at the beginning of a wage return."""


@dataclass(frozen=True)
class Wanted:
    """What is known of a delivery that needs a name.

    Attributes:
        extension: without its dot.
        belanghebbende: loonheffingennummer, for interfaces whose names have it.
        period: year and period, ``2026-1``; likewise.
        number: volgnummer; likewise.
    """

    extension: str = "xml"
    berichtsoort: str | None = None
    aanleverkenmerk: str | None = None
    belanghebbende: str | None = None
    period: str | None = None
    number: int = 1


class DeliveryNames:
    """Makes names by the rule of one file interface."""

    def __init__(self, profile: Profile, catalogue: Catalogue) -> None:
        self._profile = profile
        self._catalogue = catalogue
        self._rule = NameRule(profile, catalogue)
        self._groups = set(re.findall(r"\(\?P<(\w+)>", profile.file_name))

    def is_good(self, name: str) -> bool:
        """Whether a file may be delivered under this name."""
        try:
            self._rule.parse(name)
        except DigipoortSimError:
            return False
        return True

    def berichtsoort_of(self, name: str) -> str:
        """The berichtsoort of a file that was accepted under this name."""
        return self._rule.parse(name).berichtsoort

    def made(self, wanted: Wanted, content: Path | None = None) -> str:
        """A name for a delivery; what is not known of a wage return is read from its content.

        Raises:
            ConfigError: something is missing, or this interface has names of another kind.
        """
        name = None
        if {"berichtsoort", "aanleverkenmerk", "ontvanger"} <= self._groups:
            name = self._by_berichtsoort(wanted)
        elif {"belanghebbende", "jaar", "periode", "volgnummer"} <= self._groups:
            self._check_packed(wanted)
            name = _by_period(_with_content(wanted, content))
        if name is None or not self.is_good(name):
            shown = f"{name} is no name" if name else "a name cannot be made"
            raise ConfigError(
                f"{shown} for {self._profile.title}, where it is {self._profile.file_name_example}; "
                "give one with --name",
                rule="OPTION",
            )
        return name

    def _check_packed(self, wanted: Wanted) -> None:
        if wanted.extension.lower() == "zip" and not self._profile.zip_containers:
            raise ConfigError(
                f"{self._profile.title} takes no zip files: deliver what is in it; or give the zip a name "
                "all the same, with --name",
                rule="OPTION",
            )

    def _by_berichtsoort(self, wanted: Wanted) -> str:
        if wanted.berichtsoort is None:
            raise ConfigError(
                "give --berichtsoort (see: catalogue berichtsoorten), or a file whose own name is "
                f"{self._profile.file_name_example}",
                rule="OPTION",
            )
        try:
            kind = self._catalogue.berichtsoort(wanted.berichtsoort)
        except DigipoortSimError as error:
            raise ConfigError(error.detail, rule="OPTION") from None
        receiver = self._catalogue.agency_of(kind).oin
        return f"{kind.name}_{wanted.aanleverkenmerk}_{receiver}.{wanted.extension}"


def _by_period(wanted: Wanted) -> str:
    found = _PERIOD.fullmatch(wanted.period or "")
    if wanted.period and found is None:
        raise ConfigError(
            f"--period is a year and a number, such as 2026-1, not {wanted.period}", rule="OPTION"
        )
    if not wanted.belanghebbende or found is None:
        raise ConfigError(
            "the name needs a loonheffingennummer and a period, which the content does not tell: give "
            "--belanghebbende and --period YEAR-NUMBER",
            rule="OPTION",
        )
    return f"{wanted.belanghebbende}_{found[1]}_{int(found[2]):02}_{wanted.number}.xml"


def _with_content(wanted: Wanted, content: Path | None) -> Wanted:
    if content is None or (wanted.belanghebbende and wanted.period):
        return wanted
    with content.open("rb") as stream:
        number, period = _of_wage_return(stream)
    return Wanted(
        wanted.extension,
        wanted.berichtsoort,
        wanted.aanleverkenmerk,
        wanted.belanghebbende or number,
        wanted.period or period,
        wanted.number,
    )


def _of_wage_return(stream: BinaryIO) -> tuple[str | None, str | None]:
    """Loonheffingennummer and period of a wage return, as far as its beginning tells them."""
    found: dict[str, str] = {}
    events = etree.iterparse(stream, events=("end",), resolve_entities=False, no_network=True)
    try:
        for count, (_, element) in enumerate(events):
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if name in ("LhNr", "DatAanvTv", "DatEindTv"):
                found.setdefault(name, (element.text or "").strip())
            element.clear()
            if len(found) == 3 or count == _MOST_ELEMENTS:
                break
    except etree.XMLSyntaxError:
        pass  # the door will say what is wrong with it
    return found.get("LhNr"), _period(found.get("DatAanvTv", ""), found.get("DatEindTv", ""))


def _period(first: str, last: str) -> str | None:
    """Year and number of a month, or of four weeks, that goes from one day to another."""
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return None
    if (end - begin).days + 1 == _FOUR_WEEKS and begin.day != 1:
        middle = begin + timedelta(days=_FOUR_WEEKS // 2)
        return f"{middle.year}-{(middle.timetuple().tm_yday - 1) // _FOUR_WEEKS + 1}"
    return f"{begin.year}-{begin.month}"
