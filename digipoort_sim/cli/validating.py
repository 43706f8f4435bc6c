"""``validate``: the checks that Digipoort makes of a content, without a server.

Exit codes: 0 no errors (there may be warnings), 1 errors, 2 a file cannot be opened or an option is wrong,
4 a check could not be made for technical reasons.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Final

import typer

from digipoort_sim.cli.choices import ConfigFile, StateIfGiven
from digipoort_sim.cli.refusals import Lang, Language

if TYPE_CHECKING:
    from digipoort_sim.catalogue import Berichtsoort, Catalogue
    from digipoort_sim.cli.verdicts import Verdict
    from digipoort_sim.config import Settings
    from digipoort_sim.validation.findings import Finding, ValidationReport
    from digipoort_sim.validation.pipeline import Validator
    from digipoort_sim.validation.subject import Delivered, Part

MAXIMUM_OCTETS: Final = 67_108_864
"""Of a content or an attachment; what is larger is not read further."""

_INVALID, _UNREADABLE, _TECHNICAL = 1, 2, 4
_STDIN = "-"
_MAXIMUM_NEAR = 3
_OF_ATTACHMENTS = {".png": "image/png", ".jpg": "image/jpeg", ".csv": "text/csv"}


def register(app: typer.Typer) -> None:
    """Add ``validate``."""
    app.command("validate")(_validate)


@dataclass(frozen=True)
class _Wanted:
    """What was asked for all files."""

    files: tuple[str, ...]
    berichtsoort: str | None
    mime_type: str | None
    name: str | None
    identity: str | None
    bijlagen: tuple[Path, ...]
    lang: Language
    as_json: bool
    as_document: bool


def _validate(
    ctx: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Contents to check; - is stdin.")],
    berichtsoort: Annotated[
        str | None,
        typer.Option(metavar="B", help="What kind of message [by its entry point or root, where certain]."),
    ] = None,
    identity: Annotated[
        str | None,
        typer.Option(metavar="NUMBER[:TYPE]", help="Compare the identity in the content with this one."),
    ] = None,
    mime_type: Annotated[
        str | None, typer.Option(metavar="M", help="mimeType [by the name's ending, or the berichtsoort].")
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="N", help="bestandsnaam [the file's].")] = None,
    bijlage: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Attachment of the one FILE (repeatable).")
    ] = None,
    lang: Lang = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per FILE.")] = False,
    as_document: Annotated[
        bool, typer.Option("--result-document", help="Print what statusdetails of the message would hold.")
    ] = False,
    state: StateIfGiven = None,
    config: ConfigFile = None,
) -> None:
    """Check contents as Digipoort checks them: form, filing rules, schema, taxonomy; needs no server.

    Exit codes: 0 no errors (warnings allowed), 1 errors, 2 a file cannot be opened or an option is wrong,
    4 a check could not be made for technical reasons.
    """
    from digipoort_sim.validation.opening import open_validator

    wanted = _Wanted(
        tuple(files),
        berichtsoort,
        mime_type,
        name,
        identity,
        tuple(bijlage or ()),
        lang,
        as_json,
        as_document,
    )
    with _told_as_json(wanted):
        _check_options(wanted)
        house = _House.open(state or ctx.obj, config, wanted)
        opened = open_validator(house.settings, house.catalogue)
    with contextlib.closing(opened):  # also when it is interrupted
        codes = {_one(file, house, opened.validator) for file in files}
    raise typer.Exit(max(codes))


@contextlib.contextmanager
def _told_as_json(wanted: _Wanted) -> Iterator[None]:
    """What stops the whole command is an object of each file too."""
    from digipoort_sim.errors import DigipoortSimError

    try:
        yield
    except DigipoortSimError as error:
        if wanted.as_json:
            from digipoort_sim.cli.verdicts import print_no_verdict

            for file in wanted.files:
                print_no_verdict(file, wanted.berichtsoort, error.detail)
        raise


def _check_options(wanted: _Wanted) -> None:
    from digipoort_sim.errors import ConfigError

    if wanted.as_json and wanted.as_document:
        raise ConfigError("--json and --result-document do not go together", rule="OPTION")
    if len(wanted.files) > 1 and (wanted.bijlagen or wanted.name is not None or _STDIN in wanted.files):
        raise ConfigError("--bijlage, --name and standard input go with one FILE only", rule="OPTION")


@dataclass(frozen=True)
class _House:
    """The settings, the catalogue and what was asked for."""

    settings: Settings
    catalogue: Catalogue
    wanted: _Wanted

    @classmethod
    def open(cls, state: Path | None, config: Path | None, wanted: _Wanted) -> _House:
        from digipoort_sim.catalogue import load_catalogue
        from digipoort_sim.config_loading import load_settings

        settings = load_settings({"state": state}, config_file=config)
        house = cls(settings, load_catalogue(settings.catalogue, settings.profiles), wanted)
        if wanted.berichtsoort is not None:
            house.named(wanted.berichtsoort)
        return house

    def row(self, content: bytes) -> Berichtsoort:
        """The berichtsoort that was named, or that the content shows."""
        from digipoort_sim.cli.recognising import recognised
        from digipoort_sim.errors import ConfigError

        name = self.wanted.berichtsoort or recognised(content, self.catalogue)
        if name is None:
            raise ConfigError(
                "the content does not show what kind of message it is; to have it checked, name it with "
                f"--berichtsoort: {', '.join(self._delivered())}",
                rule="BERICHTSOORT",
            )
        return self.named(name)

    def none_takes(self, content: bytes) -> tuple[Finding, ...]:
        """The errors of a content whose berichtsoort was not named and cannot be seen."""
        from digipoort_sim.cli.recognising import findings_of_none, recognised

        if self.wanted.berichtsoort or recognised(content, self.catalogue):
            return ()
        return tuple(findings_of_none(content))

    def _delivered(self) -> tuple[str, ...]:
        """The berichtsoorten that parties deliver; those that are only fetched are seldom meant."""
        return tuple(row.name for row in self.catalogue.berichtsoorten.values() if row.direction == "in")

    def named(self, name: str) -> Berichtsoort:
        """The berichtsoort of this name, delivered or fetched.

        Raises:
            ConfigError: there is none; the detail has the names that are near it, and all.
        """
        from digipoort_sim.errors import ConfigError

        rows = self.catalogue.berichtsoorten
        if name in rows:
            return rows[name]
        known = self._delivered()
        near = _near(name, known)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise ConfigError(
            f"berichtsoort {name!r} is not known here; {hint}known are: {', '.join(known)}",
            rule="BERICHTSOORT",
        )


def _near(name: str, known: tuple[str, ...]) -> list[str]:
    """Names that this one may be short for (``OB``: Omzetbelasting), then those that are written like it."""
    folded = {one.casefold(): one for one in known}
    short = [folded[one] for one in folded if _is_short_for(name.casefold(), one)]
    alike = difflib.get_close_matches(name.casefold(), folded, cutoff=0.5)
    return list(dict.fromkeys((*short, *(folded[one] for one in alike))))[:_MAXIMUM_NEAR]


def _is_short_for(short: str, name: str) -> bool:
    """Whether it is two letters or more of a name, or of its last part, in their order, from the first."""
    return len(short) > 1 and any(
        part.startswith(short[0]) and _has_in_order(part, short) for part in (name, name.rpartition("_")[2])
    )


def _has_in_order(name: str, letters: str) -> bool:
    rest = iter(name)
    return all(letter in rest for letter in letters)


def _one(file: str, house: _House, validator: Validator) -> int:
    """Check one file and tell of it; gives its exit code."""
    from digipoort_sim.cli.verdicts import print_no_verdict
    from digipoort_sim.errors import DigipoortSimError
    from digipoort_sim.terminal import visible

    wanted = house.wanted
    try:
        verdict = _judged(file, house, validator)
    except (DigipoortSimError, OSError) as error:
        why = error.detail if isinstance(error, DigipoortSimError) else f"{error.strerror or error}"
        if wanted.as_json:
            print_no_verdict(file, wanted.berichtsoort, why)
        print(f"digipoort-sim: {visible(file)}: {visible(' '.join(why.split()))}", file=sys.stderr)
        return _UNREADABLE
    _tell(verdict, house)
    trouble = verdict.report.trouble
    if trouble:
        print(f"digipoort-sim: {visible(file)}: {visible(trouble)}", file=sys.stderr)
    if not verdict.report.valid:
        return _INVALID
    return _TECHNICAL if trouble else 0


def _tell(verdict: Verdict, house: _House) -> None:
    from digipoort_sim.cli.verdicts import print_lines, print_object

    if house.wanted.as_json:
        print_object(verdict)
    elif house.wanted.as_document:
        _print_document(verdict, house)
    else:
        print_lines(verdict, house.wanted.lang)


def _print_document(verdict: Verdict, house: _House) -> None:
    from digipoort_sim.validation.result_document import result_document

    told = verdict.report.not_checked if house.settings.validation.tell_not_checked else ()
    if verdict.report.findings or told:
        print(result_document(verdict.report.findings, told))
    else:
        print("There would be no result document: nothing was found.", file=sys.stderr)


def _judged(file: str, house: _House, validator: Validator) -> Verdict:
    from digipoort_sim.cli.verdicts import Verdict
    from digipoort_sim.validation.findings import ValidationReport

    content = _read(file)
    settings = house.settings
    places = {"taxonomies": str(settings.taxonomies_folder()), "schemas": str(settings.schemas_folder())}
    none = house.none_takes(content)
    if none:
        return Verdict(file, content, None, "xml", ValidationReport(none), places, house.catalogue.rules)
    row = house.row(content)
    delivered = _delivered(file, content, row, house.wanted)
    report = _report(delivered, validator)
    return Verdict(file, content, row.name, row.form, report, places, house.catalogue.rules)


def _read(file: str) -> bytes:
    """A file or standard input, or as much of it as shows that it is too large."""
    if file == _STDIN:
        if sys.stdin is None:  # closed by who started the program
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return sys.stdin.buffer.read(MAXIMUM_OCTETS + 1)
    with Path(file).open("rb") as opened:
        return opened.read(MAXIMUM_OCTETS + 1)


def _report(delivered: Delivered, validator: Validator) -> ValidationReport:
    """What was found; what is too large is not looked at."""
    from digipoort_sim.validation.findings import ValidationReport

    too_large = tuple(_too_large(delivered))
    return ValidationReport(too_large) if too_large else validator.check_all(delivered, insists=False)


def _too_large(delivered: Delivered) -> Iterator[Finding]:
    from digipoort_sim.validation.findings import Finding

    for part in (delivered.content, *delivered.bijlagen):
        if len(part.inhoud) > MAXIMUM_OCTETS:
            yield Finding(
                "XML-SIZE",
                "error",
                0,
                0,
                f"{part.bestandsnaam or 'Het bericht'} is te groot: meer dan {MAXIMUM_OCTETS} octetten.",
                f"{part.bestandsnaam or 'The message'} is too large: more than {MAXIMUM_OCTETS} octets.",
                "simulator",
            )


def _delivered(file: str, content: bytes, row: Berichtsoort, wanted: _Wanted) -> Delivered:
    from digipoort_sim.validation.content_rules import rules_of
    from digipoort_sim.validation.subject import Delivered, Part

    name = wanted.name if wanted.name is not None else "" if file == _STDIN else PurePath(file).name
    allowed = row.mime_types[0] if row.mime_types else "application/octet-stream"
    part = Part(content, wanted.mime_type or _mime_type(name, allowed), name)
    identity = None if wanted.identity is None else _identity(wanted.identity, row)
    return Delivered(part, rules_of(row), identity, tuple(map(_bijlage, wanted.bijlagen)))


def _bijlage(path: Path) -> Part:
    from digipoort_sim.validation.subject import Part

    return Part(_read(str(path)), _mime_type(path.name, "application/octet-stream"), path.name)


def _mime_type(name: str, otherwise: str) -> str:
    from digipoort_sim.validation.signatures import MIME_TYPES

    return (MIME_TYPES | _OF_ATTACHMENTS).get(PurePath(name).suffix.lower(), otherwise)


def _identity(given: str, row: Berichtsoort) -> tuple[str, str]:
    """Number and type of ``--identity``; the type is derived where the number or the berichtsoort tells it.

    Raises:
        ConfigError: the door would not take this number, as one of this type.
    """
    from digipoort_sim.errors import ConfigError, Refusal
    from digipoort_sim.pki.numbers import canonical_type, check_identity, derive_type

    number, _, type_ = given.partition(":")
    derived = derive_type(number)
    if not type_ and row.identity_types:
        type_ = derived if derived in row.identity_types else row.identity_types[0]
    type_ = type_ or derived or "RSIN"
    try:
        check_identity(number, type_)
        return number, canonical_type(type_)
    except Refusal as error:
        raise ConfigError(f"--identity: {error.detail}", rule="OPTION") from error
