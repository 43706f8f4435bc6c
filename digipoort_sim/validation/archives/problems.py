"""What can be wrong with a zip archive that anybody may have sent: a key with its texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from digipoort_sim.validation.findings import shown

PROBLEMS: Final = {
    "unreadable": (
        "Het bestand kan niet worden gelezen.",
        "The file cannot be read.",
    ),
    "not-a-zip": (
        "De inhoud is geen zip-bestand: het slot van een zip-bestand ontbreekt.",
        "The content is no zip archive: the record that ends one is missing.",
    ),
    "octets": (
        "Het zip-bestand is te groot: {found} octetten, hoogstens {limit}.",
        "The zip archive is too large: {found} octets, at most {limit}.",
    ),
    "leading-data": (
        "Voor het eerste bestand in het zip-bestand staan andere gegevens.",
        "There is other data before the first member of the zip archive.",
    ),
    "trailing-data": (
        "Na het einde van het zip-bestand staan nog gegevens.",
        "There is data after the end of the zip archive.",
    ),
    "disks": (
        "Het zip-bestand is over meer schijven verdeeld; dat is niet toegestaan.",
        "The zip archive is split over several disks; that is not allowed.",
    ),
    "zip64": (
        "De zip64-gegevens spreken de andere gegevens van het zip-bestand tegen.",
        "The zip64 data contradict the other data of the zip archive.",
    ),
    "directory": (
        "De inhoudsopgave van het zip-bestand is beschadigd.",
        "The central directory of the zip archive is damaged.",
    ),
    "directory-size": (
        "De inhoudsopgave van het zip-bestand is te groot: {found} octetten, hoogstens {limit}.",
        "The central directory of the zip archive is too large: {found} octets, at most {limit}.",
    ),
    "members": (
        "Het zip-bestand bevat te veel bestanden: {found}, hoogstens {limit}.",
        "The zip archive has too many members: {found}, at most {limit}.",
    ),
    "total-size": (
        "De inhoud van het zip-bestand is uitgepakt te groot: {found} octetten, hoogstens {limit}.",
        "The contents of the zip archive are too large unpacked: {found} octets, at most {limit}.",
    ),
    "member-size": (
        "Het bestand {member} is uitgepakt te groot: {found} octetten, hoogstens {limit}.",
        "The member {member} is too large unpacked: {found} octets, at most {limit}.",
    ),
    "ratio": (
        "Het bestand {member} wordt bij het uitpakken {found} keer zo groot, hoogstens {limit} keer mag.",
        "The member {member} becomes {found} times as large when unpacked, at most {limit} times is allowed.",
    ),
    "overlap": (
        "De gegevens van het bestand {member} overlappen die van een ander deel van het zip-bestand.",
        "The data of the member {member} overlap those of another part of the zip archive.",
    ),
    "encrypted": (
        "Het bestand {member} is versleuteld (of een patch); dat is niet toegestaan.",
        "The member {member} is encrypted (or a patch); that is not allowed.",
    ),
    "method": (
        "Het bestand {member} is met methode {found} gecomprimeerd; alleen 0 (stored) en 8 (deflate) mogen.",
        "The member {member} is compressed by method {found}; only 0 (stored) and 8 (deflate) are allowed.",
    ),
    "special": (
        "{member} is geen gewoon bestand maar een koppeling of apparaat; dat is niet toegestaan.",
        "{member} is no ordinary file but a link or device; that is not allowed.",
    ),
    "folder": (
        "De map {member} bevat zelf gegevens; dat is niet toegestaan.",
        "The folder {member} has data of its own; that is not allowed.",
    ),
    "name-encoding": (
        "De naam {member} is geen UTF-8.",
        "The name {member} is not UTF-8.",
    ),
    "name-characters": (
        "De naam {member} bevat tekens die niet mogen (backslash of besturingstekens).",
        "The name {member} has characters that are not allowed (a backslash or control characters).",
    ),
    "name-path": (
        "De naam {member} is geen relatief pad binnen het zip-bestand.",
        "The name {member} is not a relative path within the zip archive.",
    ),
    "name-length": (
        "De naam {member} is te lang: {found} tekens, hoogstens {limit}.",
        "The name {member} is too long: {found} characters, at most {limit}.",
    ),
    "depth": (
        "Het pad {member} is te diep: {found} niveaus, hoogstens {limit}.",
        "The path {member} is too deep: {found} levels, at most {limit}.",
    ),
    "duplicate": (
        "De naam {member} komt in het zip-bestand meer dan eens voor.",
        "The name {member} stands in the zip archive more than once.",
    ),
    "missing": (
        "Het bestand {member} is niet in het zip-bestand.",
        "The member {member} is not in the zip archive.",
    ),
    "header": (
        "De kop van het bestand {member} is een andere dan de inhoudsopgave van het zip-bestand zegt.",
        "The header of the member {member} is not what the central directory of the zip archive says.",
    ),
    "damaged": (
        "Het bestand {member} is beschadigd en kan niet worden uitgepakt.",
        "The member {member} is damaged and cannot be unpacked.",
    ),
    "checksum": (
        "Het controlegetal (CRC-32) of de grootte van het bestand {member} klopt niet.",
        "The checksum (CRC-32) or the size of the member {member} is wrong.",
    ),
}
"""Every problem by its stable key: Dutch text, English text; ``found`` and ``limit`` are numbers."""


@dataclass(frozen=True, slots=True)
class ArchiveProblem:
    """One thing that is wrong with an archive.

    Args:
        key: of `PROBLEMS`.
        member: name of the member it is about; empty for the whole archive.
        found: the number that was found, where the problem is about one.
        limit: what it may be at most.
    """

    key: str
    member: str = ""
    found: int = 0
    limit: int = 0

    @property
    def text_nl(self) -> str:
        """What is wrong, in Dutch."""
        return self._text(PROBLEMS[self.key][0])

    @property
    def text_en(self) -> str:
        """What is wrong, in English."""
        return self._text(PROBLEMS[self.key][1])

    def _text(self, template: str) -> str:
        return template.format(member=shown(self.member), found=self.found, limit=self.limit)
