"""What a file's name says of the delivery in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from digipoort_sim.catalogue import Berichtsoort, Catalogue
from digipoort_sim.errors import BerichtsoortRefusal, ContentNameRefusal, PermissionRefusal, Refusal
from digipoort_sim.ftp.profile import Profile

PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
"""Names that may stand in ``/in``: no blanks, no separators, no hidden files."""


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
    """The naming rule of a profile for the berichtsoorten of a catalogue."""

    def __init__(self, profile: Profile, catalogue: Catalogue) -> None:
        self._profile = profile
        self._catalogue = catalogue
        self._known = [row.name for row in catalogue.berichtsoorten.values() if row.direction == "in"]
        self._pattern = re.compile(profile.file_name.replace("{berichtsoort}", _any_of(self._known)))

    def check_plain(self, name: str) -> None:
        """Check that a name is one that a file in ``/in`` may have at all.

        Raises:
            ContentNameRefusal: it is too long or has other characters (rule ``FTP-NAME-CHARACTERS``).
        """
        if len(name) > self._profile.max_name_length or PLAIN.fullmatch(name) is None:
            raise ContentNameRefusal(
                f"the name may have at most {self._profile.max_name_length} characters, only letters, "
                "digits, dots, hyphens and underscores, and may not start with a dot or a hyphen",
                rule="FTP-NAME-CHARACTERS",
            )

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
        mime_type = self._mime_type(row, parts["ext"])
        return FileName(
            name,
            row.name,
            parts.get("aanleverkenmerk"),
            parts.get("ontvanger"),
            mime_type,
            parts.get("belanghebbende"),
        )

    def _mime_type(self, row: Berichtsoort, extension: str) -> str:
        types = self._profile.mime_types.get(extension.lower())
        if types is None:
            known = ", ".join(self._profile.mime_types)
            raise ContentNameRefusal(
                f"the extension .{extension} is none of {known}", rule="FTP-NAME-EXTENSION"
            )
        return next((one for one in types if one in row.mime_types), types[0])

    def _refusal(self, name: str) -> Refusal:
        example = self._profile.file_name_example
        if not self._profile.berichtsoort and not any(name.startswith(known) for known in self._known):
            return BerichtsoortRefusal(
                f"the name does not start with a berichtsoort that is known here; it must be {example}",
                rule="FTP-NAME-BERICHTSOORT",
            )
        return ContentNameRefusal(f"the name must be {example}", rule="FTP-NAME-PATTERN")


def _any_of(names: Iterable[str]) -> str:
    longest_first = sorted(names, key=len, reverse=True)
    return "|".join(re.escape(name) for name in longest_first)
