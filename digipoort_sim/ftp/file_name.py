"""What a file's name says of the delivery in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from digipoort_sim.catalogue import Berichtsoort, Catalogue
from digipoort_sim.catalogue.file_profiles.pattern import KNOWN, Parts, WrongPart, compile_pattern
from digipoort_sim.errors import (
    BerichtsoortRefusal,
    ConfigError,
    ContentNameRefusal,
    PermissionRefusal,
    Refusal,
)
from digipoort_sim.ftp.profile import Profile

PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
"""Names that may stand in the folder to deliver in: no blanks, no separators, no hidden files."""
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]")
_SHOWN = 60


@dataclass(frozen=True)
class FileName:
    """A good name, taken apart.

    Attributes:
        whole: the name itself.
        aanleverkenmerk: None where names of this profile have none.
        ontvanger: the OIN of the receiver, as the name has it; None likewise.
        mime_type: what the extension stands for.
        belanghebbende: the number of whom it is about; None likewise.
    """

    whole: str
    berichtsoort: str
    aanleverkenmerk: str | None
    ontvanger: str | None
    mime_type: str
    belanghebbende: str | None = None


class NameRule:
    """The naming rule of a profile for the berichtsoorten of a catalogue.

    Raises:
        ConfigError: the profile names a berichtsoort that cannot come by file.
    """

    def __init__(self, profile: Profile, catalogue: Catalogue) -> None:
        self._profile = profile
        self._catalogue = catalogue
        self._known = [row.name for row in catalogue.berichtsoorten.values() if row.direction == "in"]
        self._pattern = compile_pattern(profile.file_name, self._known)
        self._parts = Parts(profile.file_name, self._known)
        if profile.berichtsoort:
            self._check_berichtsoort(profile.berichtsoort)

    def check_plain(self, name: str) -> None:
        """Check that a name is one that a file to be delivered may have at all.

        Raises:
            ContentNameRefusal: it is too long or has other characters (rule ``FTP-NAME-CHARACTERS``).
        """
        longest = self._profile.max_name_length
        if len(name) > longest:
            raise self._characters(f"the name has {len(name)} characters; it may have at most {longest}")
        found = _NOT_PLAIN.search(name)
        if found is not None:
            raise self._characters(
                f"the name has {found.group()!a} as character {found.start() + 1}; it may have letters, "
                "digits, dots, hyphens and underscores only"
            )
        if PLAIN.fullmatch(name) is None:
            raise self._characters("the name may not be empty, nor start with a dot or a hyphen")

    def parse(self, name: str) -> FileName:
        """Take a final name apart.

        Raises:
            Refusal: the name does not follow the rule, or its berichtsoort does not go by this door.
        """
        self.check_plain(name)
        match = self._pattern.fullmatch(name)
        if match is None:
            raise self._refusal(name)
        parts = match.groupdict()
        row = self._catalogue.berichtsoort(parts.get("berichtsoort") or self._profile.berichtsoort)
        if "ftp" not in self._catalogue.doors_of(row):
            raise PermissionRefusal(
                f"berichtsoort {row.name} does not go by FTP", rule="FTP-NAME-BERICHTSOORT"
            )
        return FileName(
            name,
            row.name,
            parts.get("aanleverkenmerk"),
            parts.get("ontvanger"),
            self.mime_type(row, parts["ext"]),
            parts.get("belanghebbende"),
        )

    def mime_type(self, row: Berichtsoort, extension: str) -> str:
        """What an extension stands for where a berichtsoort goes.

        Raises:
            ContentNameRefusal: the profile does not know it (rule ``FTP-NAME-EXTENSION``).
        """
        types = self._profile.mime_types.get(extension.lower())
        if types is None:
            known = ", ".join(self._profile.mime_types)
            raise ContentNameRefusal(
                f"ext is .{extension}, which is none of {known}{self._for_example()}",
                rule="FTP-NAME-EXTENSION",
            )
        return next((one for one in types if one in row.mime_types), types[0])

    def _refusal(self, name: str) -> Refusal:
        wrong = self._parts.wrong_part(name)
        if wrong is None:
            return ContentNameRefusal(f"the name does not fit{self._for_example()}", rule="FTP-NAME-PATTERN")
        text = f"{self._told(wrong)}{self._for_example()}"
        if wrong.part == "berichtsoort" and KNOWN in self._profile.file_name:
            return BerichtsoortRefusal(text, rule="FTP-NAME-BERICHTSOORT")
        return ContentNameRefusal(text, rule="FTP-NAME-PATTERN")

    def _told(self, wrong: WrongPart) -> str:
        found = wrong.found if len(wrong.found) <= _SHOWN else f"{wrong.found[:_SHOWN]}..."
        there = f"found {found!r}" if found else "it is missing"
        return f"{wrong.part} is not good: {there}, expected {self._profile.file_name_parts[wrong.part]}"

    def _for_example(self) -> str:
        return f"; a good name: {self._profile.file_name_example}"

    def _characters(self, text: str) -> ContentNameRefusal:
        return ContentNameRefusal(text + self._for_example(), rule="FTP-NAME-CHARACTERS")

    def _check_berichtsoort(self, name: str) -> None:
        row = self._catalogue.berichtsoorten.get(name)
        origin = self._profile.sources["berichtsoort"].origin
        if row is None or row.direction != "in":
            raise ConfigError(
                f"{origin}: berichtsoort: {name!r} is none that can be delivered; "
                "'digipoort-sim catalogue berichtsoorten' lists them",
                rule="FTP-PROFILE",
            )
        if "ftp" not in self._catalogue.doors_of(row) and not origin.startswith("profile "):
            raise ConfigError(
                f"{origin}: berichtsoort: {name} does not go by FTP; take another, or give it interfaces in "
                "the catalogue",
                rule="FTP-PROFILE",
            )
