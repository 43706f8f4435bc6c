"""What the reference client is asked to do: one frozen value per command, its options checked together.

The command line fills these in; scripts and tests may do the same. Making one with options that do not go
together raises `ConfigError`, whose detail names the option.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from digipoort_sim.errors import ConfigError

Via = Literal["wus", "ftp"]
FileInterface = Literal["ftp", "ftp_gb", "ftp_implicit"]
MandateKind = Literal["opvoeren", "activeren", "intrekken", "opvragen"]
MandateForm = Literal["xbrl", "xml"]


def _wrong(detail: str) -> ConfigError:
    return ConfigError(detail, rule="OPTION")


@dataclass(frozen=True, kw_only=True)
class Route:
    """Which simulator is called, as whom, and by which door.

    Attributes:
        state: state directory of the simulator.
        cert: folder that ``certs issue`` made.
        user: account of the file door; only with ``ftp``.
        password: its password.
        interface: which file interface; with ``ftp_implicit`` the first one, under TLS from the first octet.
        stub: use the paths of the Aansluit Suite.
        sha: digest and signature algorithm of requests, SHA-1 or SHA-256.
        wait: follow the message by WUS to its final status.
    """

    state: Path
    cert: Path
    via: Via = "wus"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    interface: FileInterface = "ftp"
    stub: bool = False
    sha: Literal[1, 256] = 256
    wait: bool = False

    def __post_init__(self) -> None:
        self.check()

    def check(self) -> None:
        """Refuse options that do not go together.

        Raises:
            ConfigError: the detail names the option.
        """
        given = self.user is not None, self.password is not None
        if self.via == "ftp" and not all(given):
            raise _wrong(
                "the file door needs an account: "
                f"'digipoort-sim ftp account add --cert {self.cert}' makes one and keeps it in that folder; "
                "or give --user and --password, or DIGIPOORT_FTP_USER and DIGIPOORT_FTP_PASSWORD in the "
                "environment"
            )
        if self.via == "ftp" and self.stub:
            raise _wrong("--stub means paths of the SOAP door; it cannot go with --via ftp")
        if self.via == "wus" and any(given):
            raise _wrong("--user and --password belong to --via ftp")
        if self.via == "wus" and self.interface != "ftp":
            raise _wrong("--interface belongs to --via ftp")


@dataclass(frozen=True, kw_only=True)
class SendOptions:
    """One delivery.

    Attributes:
        file: the content to deliver.
        belanghebbende: number of the identiteitBelanghebbende.
        type: type of that number; None derives it from the number.
        rol: rolBelanghebbende; None derives it from the certificate and the number.
        mime: mimeType; None derives it from the file's name.
        bijlagen: files that go along as attachments.
    """

    route: Route
    file: Path
    berichtsoort: str
    belanghebbende: str
    type: str | None = None
    aanleverkenmerk: str | None = None
    rol: str | None = None
    mime: str | None = None
    bijlagen: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if self.route.via == "ftp" and self.bijlagen:
            raise _wrong("--bijlage cannot go with --via ftp: a file delivery is one file")

    def as_file(self) -> PutOptions:
        """The same delivery by the file door; type, rol and mimeType have no place there."""
        return PutOptions(
            route=self.route,
            files=(self.file,),
            berichtsoort=self.berichtsoort,
            belanghebbende=self.belanghebbende,
            aanleverkenmerk=self.aanleverkenmerk,
        )


@dataclass(frozen=True, kw_only=True)
class PutOptions:
    """Deliveries by file.

    Attributes:
        files: what to deliver, each by itself.
        berichtsoort: for names that have one; None where the files' own names tell.
        belanghebbende: loonheffingennummer, for names that have one; None reads it from the content.
        period: year and period (``2026-1``), likewise.
        number: volgnummer, likewise; None makes one.
        name: the file's name at the door; None makes one.
        resume: go on where an earlier upload under the same name broke off.
        as_json: print one JSON array.
        lang: of what is told about a refusal.
    """

    route: Route
    files: tuple[Path, ...]
    berichtsoort: str | None = None
    belanghebbende: str | None = None
    aanleverkenmerk: str | None = None
    period: str | None = None
    number: int | None = None
    name: str | None = None
    resume: bool = False
    as_json: bool = False
    lang: Literal["nl", "en"] = "en"

    def __post_init__(self) -> None:
        one_name = self.name or self.aanleverkenmerk or self.number
        if len(self.files) > 1 and one_name:
            raise _wrong("--name, --aanleverkenmerk and --number go with one file")


@dataclass(frozen=True, kw_only=True)
class MandateOptions:
    """One mandate message.

    Attributes:
        kind: what is asked, in the wire's word.
        dienst: full code of the service with its year (``VIA_2025``); empty only for ``opvragen``.
        client: number of the client (vertegenwoordigde).
        type: type of that number; None derives it from the dienst or the number.
        code: activation code of the letter; only for ``activeren``.
        form: XBRL instance or plain XML.
    """

    route: Route
    kind: MandateKind
    client: str
    dienst: str = ""
    type: str | None = None
    code: str | None = None
    form: MandateForm = "xbrl"

    def __post_init__(self) -> None:
        if self.kind == "activeren" and not self.code:
            raise _wrong("'mandate activate' needs --code, the activation code of the letter")
        if self.kind != "activeren" and self.code is not None:
            raise _wrong("--code belongs to 'mandate activate'")
        if self.kind != "opvragen" and not self.dienst:
            raise _wrong("this mandate message needs --dienst")


@dataclass(frozen=True, kw_only=True)
class PollOptions:
    """Statuses of one process.

    Attributes:
        new: only those that this certificate did not get before.
        as_json: print one JSON array.
    """

    state: Path
    cert: Path
    kenmerk: str
    new: bool = False
    stub: bool = False
    as_json: bool = False


@dataclass(frozen=True, kw_only=True)
class FetchOptions:
    """Messages that lie ready for a party.

    Attributes:
        belanghebbende: with it getBerichten is called, without it getBerichtenLijst and
            getBerichtenKenmerk.
        out: folder for the contents; None writes none.
        as_json: print one JSON array.
    """

    state: Path
    cert: Path
    berichtsoort: str | None = None
    belanghebbende: str | None = None
    type: str | None = None
    new: bool = False
    out: Path | None = None
    stub: bool = False
    as_json: bool = False

    def __post_init__(self) -> None:
        if self.type is not None and self.belanghebbende is None:
            raise _wrong("--type says what kind of number --belanghebbende is; give both")


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """The main job, end to end.

    Attributes:
        state: state directory to use and keep; None makes one that is removed at the end.
    """

    state: Path | None = None
