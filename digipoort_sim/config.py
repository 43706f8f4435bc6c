"""Settings: defaults, then a TOML file, then the environment, then command-line options.

Environment variables are ``DIGIPOORT_SIM_<NAME>``, for a section
``DIGIPOORT_SIM_<SECTION>__<NAME>``. The TOML file is ``--config``, ``DIGIPOORT_SIM_CONFIG`` or
``<state>/config.toml``. Durations are seconds unless the name says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator

from digipoort_sim.resources import default_state as default_state
from digipoort_sim.resources import plain_path

_GB_PORT = 2122


class Section(BaseModel):
    """A group of settings: unknown names are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WusSettings(Section):
    """The SOAP door."""

    fault_http_status: Literal[200, 500] = 500
    strict_action: bool = Field(False, description="accept only the WSDL's wsa:Action, not WCF's")
    strict_to: bool = Field(False, description="compare host and port of wsa:To too")
    accept_unqualified_id: bool = Field(True, description="accept Id without the wsu namespace")
    signer_must_be_peer: bool = Field(True, description="who signs must be the TLS client")
    replay_guard: bool = Field(True, description="refuse a MessageID that was seen before")
    future_skew_seconds: int = Field(60, ge=0)
    validity_seconds: int = Field(600, ge=1, description="validity of a request without Expires")
    unknown_kenmerk_is_fault: bool = False
    max_request_bytes: int = Field(64 * 1024 * 1024, ge=1024)
    max_attachments: int = Field(10, ge=0)
    handshake_timeout_seconds: float = Field(10.0, gt=0)
    request_timeout_seconds: float = Field(60.0, gt=0, description="time for one request to arrive")
    idle_timeout_seconds: float = Field(75.0, gt=0, description="life of an idle connection")
    max_connections: int = Field(1000, ge=1)
    busy_delay_seconds: float = Field(10.0, ge=0, description="the Zwaarbelast scenarios' delay")
    overload_answer: Literal["503", "fault", "timeout"] = Field(
        "503", description="what the Overbelast scenarios give instead of an answer"
    )
    scenarios_on_preproduction: bool = False


class FtpSettings(Section):
    """One file interface: its profile, and what is to differ from the profile's rows."""

    profile: str = Field(
        "ftp-1.6.1", description="name of a built-in profile, or a TOML file with one of your own"
    )
    passive_first_port: int | None = Field(None, ge=1, le=65535)
    passive_ports: int | None = Field(None, ge=1, description="how many ports the passive range has")
    minimum_tls: Literal["1.2", "1.3"] | None = None
    maximum_tls: Literal["1.2", "1.3"] | None = None
    require_protected_data: bool | None = None
    require_account_oin: bool | None = None
    session_reuse: Literal["off", "wanted", "required"] | None = None
    complete_when: Literal["rename", "marker", "close"] | None = None
    temporary_suffix: str | None = None
    zip_containers: bool | None = None
    resume: bool | None = None
    require_close_notify: bool | None = None
    require_same_certificate_on_data: bool | None = None
    max_file_bytes: int | None = Field(None, ge=1)
    retention_days: int | None = Field(None, ge=1)
    max_connections: int | None = Field(None, ge=1)
    max_failed_logins: int | None = Field(None, ge=0)
    locked_minutes: int | None = Field(None, ge=0)
    idle_timeout_seconds: int | None = Field(None, ge=1)


class FtpGbSettings(FtpSettings):
    """The file interface for large messages; single rows of it leave its profile as it is."""

    profile: str = Field("gb-3.0", description="likewise")


class FileFaultSettings(Section):
    """Faults on demand at the file door; those that nobody asks for do not happen."""

    scenarios: bool = Field(
        True, description="names of files ask for faults, as the catalogue's file_scenarios say"
    )
    asked: tuple[dict[str, Any], ...] = Field(
        (),
        description="faults that are asked for from the start: each a table with kind, and what it takes "
        "(digipoort-sim ftp fault kinds)",
    )
    mark_replies: bool = Field(
        True, description="replies say that they were asked for; false: as a real refusal looks"
    )


class ExchangeSettings(Section):
    """The post office."""

    payloads: Path | None = Field(
        None,
        description="folder of contents too large for the database; default payloads/ in the state "
        "directory. Servers that share a database must share this folder too",
    )
    delivery_retry_hours: float = Field(72.0, ge=0)
    delivery_retry_interval_seconds: float = Field(3600.0, gt=0)
    last_attempt_statuscode: Literal["420", "425"] = Field(
        "420", description="the status after the last attempt to deliver, with AFS600; DAC7 has shown 425"
    )
    content_of_another_party_is_error: bool = True
    not_authenticated: tuple[str, ...] = Field(
        (), description="senders that get status 210: OIN, OIN:berichtsoort or *:berichtsoort"
    )
    not_authorised: tuple[str, ...] = Field((), description="senders that get status 220, written likewise")
    foreign_sender: Literal["fault", "status"] = Field(
        "fault",
        description="how a foreign business is refused what is not open to it: fault ALS130, or status 220",
    )
    known_ausps: tuple[str, ...] = Field(
        (), description="addresses of AuSPs that are registered at Digipoort; none is ever called"
    )
    unreachable_ausps: tuple[str, ...] = Field(
        (), description="registered AuSPs that have a technical problem: status 230"
    )
    autorisatie_adres_for_others: bool = Field(
        False,
        description="status requests about another party than the requester need an autorisatieAdres",
    )


class RegisterSettings(Section):
    """The mandate register: its terms."""

    letter_after_days: int = Field(14, ge=0)
    opt_out_days: int = Field(26, ge=0)
    code_valid_weeks: int = Field(8, ge=1)
    code_valid_from: Literal["letter", "request"] = "letter"
    letters_per_day: int | None = Field(None, ge=1)
    year_bound_ends_after_years: int = Field(5, ge=0)
    max_wrong_codes: int = Field(5, ge=1, description="wrong codes after which a claim is locked")
    without_mandate: Literal["empty", "fault"] = Field(
        "empty", description="what who fetches without an active mandate gets: nothing, or fault OPS130"
    )
    fiscal_check: bool = Field(
        True, description="mandate requests for a foreign client need a fiscal representative's permit"
    )
    mau: bool = Field(
        False,
        description="the older scheme: from 1 August an active SBA registration of the year is extended to "
        "the next year, with a new opt-out letter",
    )
    names: Path | None = Field(
        None, description="TOML or CSV file with own names (and addresses) by number; see names_file.py"
    )


class PortalSettings(Section):
    """The register's portal in the browser."""

    shows: Literal["seed", "2024-11"] = Field(
        "seed",
        description="what the portal shows: seed, not yet clients' mandates on the fiscaal nummer or KvK "
        "number of an organisation and intermediaries' on an RSIN; 2024-11, those too (both published)",
    )


class AgencyEndpoint(Section):
    """An agency's own AfleverService, to which messages go in place of its stand-in (all of it (s))."""

    url: str = Field(description="https URL of its AfleverService")
    ca: Path | None = Field(
        None, description="PEM file of the CAs of its TLS certificate; default the simulator's own CA"
    )
    signer_ca: Path | None = Field(
        None, description="PEM file of the CAs of who signs its answers; default that of `ca`"
    )
    signer_certificate: Path | None = Field(
        None, description="PEM file of the one certificate that signs its answers; then no CA counts"
    )
    oins: tuple[str, ...] = Field(
        (), description="OINs that its certificates may have; default that of the catalogue"
    )
    answers: Literal["zetStatus", "stand-in"] = Field(
        "zetStatus", description="whether 500 and 510 come from the agency or from its stand-in"
    )
    sha: Literal[1, 256] = Field(1, description="1: rsa-sha1 as the WSDLs state, 256: rsa-sha256")
    connections: int = Field(4, ge=1, le=32, description="how many deliveries go to it at a time")
    connect_timeout_seconds: float = Field(10.0, gt=0, le=120)
    call_timeout_seconds: float = Field(60.0, gt=0, le=600, description="from connection to whole answer")

    @field_validator("url")
    @classmethod
    def _is_an_https_address(cls, url: str) -> str:
        parts = urlsplit(url)  # raises ValueError itself where the port is none
        plain = url.isascii() and url.isprintable() and " " not in url and "@" not in parts.netloc
        if parts.scheme != "https" or not parts.hostname or parts.fragment or parts.port == 0 or not plain:
            raise ValueError("must be an address such as https://host:9443/path, without a user's name")
        parts.hostname.encode("idna")  # a name that no look-up takes is a ValueError too
        return url


class AgenciesSettings(Section):
    """The receivers: keys of stand-ins that do not work as they should, and agencies outside."""

    unreachable: tuple[str, ...] = Field((), description="does not take deliveries: 420, retried")
    rejecting: tuple[str, ...] = Field((), description="takes them and says no: 510")
    refusing: tuple[str, ...] = Field((), description="does not want them: 410 with AFO100")
    failing: tuple[str, ...] = Field((), description="cannot take them, finally: 410 with AFS400")
    endpoints: Mapping[str, AgencyEndpoint] = Field(
        {}, description="by key of the catalogue's agencies: where messages are really delivered"
    )
    patience_seconds: float = Field(
        30.0,
        ge=0,
        description="how long moving the clock waits in all for calls to agencies outside and for checks "
        "against taxonomies",
    )


class ValidationSettings(Section):
    """Checks of contents; the taxonomies and schemas of others that a user has."""

    taxonomies: Path | None = Field(
        None, description="folder with taxonomy packages; default taxonomies/ in the state directory"
    )
    schemas: Path | None = Field(
        None, description="folder with XSDs of others; default schemas/ in the state directory"
    )
    processes: int = Field(1, ge=0, le=32, description="processes that check against taxonomies; 0 = none")
    timeout_seconds: float = Field(60.0, gt=0, le=3600, description="for one check against a taxonomy")
    max_memory_mb: int = Field(1024, ge=128, description="of one of those processes")
    max_taxonomy_bytes: int = Field(
        20 * 1024**2, ge=1, description="larger contents are not checked against their taxonomy"
    )
    max_whole_bytes: int = Field(
        64 * 1024**2,
        ge=1024**2,
        le=64 * 1024**2,
        description="contents up to this size are checked whole; of larger ones, which lie in files, only "
        "size, checksum, zip integrity and whether XML is well-formed",
    )
    tell_not_checked: bool = Field(
        True, description="the statusdetails of the last 301 or the 311 list the checks that were not made"
    )


class Settings(Section):
    """All settings of one simulator."""

    state: Path = Field(default_factory=default_state)
    host: str = "127.0.0.1"
    web_host: str | None = None
    wus_port: int = Field(8443, ge=0, le=65535)
    ftp_port: int = Field(2121, ge=0, le=65535)
    ftp_gb_port: int | None = Field(
        None, ge=0, le=65535, description="FTP GB; 2122 unless given, or any free one where ftp_port is 0"
    )
    ftp_implicit_port: int | None = Field(
        None, ge=0, le=65535, description="a further port of ftp with TLS from the first octet, such as 2990"
    )
    web_port: int = Field(8080, ge=0, le=65535)
    workers: int = Field(1, ge=1, le=64)
    server_names: tuple[str, ...] = ()
    database_url: str | None = Field(None, description="SQLAlchemy URL; default SQLite in state")
    catalogue: Path | None = Field(None, description="folder with TOML that overrides the catalogue")
    profiles: tuple[Literal["biv"], ...] = Field(
        (), description="further platforms that are served; biv: the banks' sister platform"
    )
    security_clock: Literal["real", "simulated"] = "real"
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    event_ring: int = Field(1000, ge=1, description="how many events with raw bytes are kept")
    wus: WusSettings = WusSettings()
    ftp: FtpSettings = FtpSettings()
    ftp_gb: FtpGbSettings = FtpGbSettings()
    file_faults: FileFaultSettings = FileFaultSettings()
    exchange: ExchangeSettings = ExchangeSettings()
    register_: RegisterSettings = Field(default=RegisterSettings(), alias="register")
    portal: PortalSettings = PortalSettings()
    agencies: AgenciesSettings = AgenciesSettings()
    validation: ValidationSettings = ValidationSettings()

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    _origins: Mapping[str, str] = PrivateAttr(default_factory=dict)

    def with_origins(self, origins: Mapping[str, str]) -> Self:
        """The same settings, knowing where each value comes from (dotted name to origin)."""
        copy = self.model_copy()
        copy._origins = dict(origins)
        return copy

    def origin(self, name: str) -> str:
        """Where a setting's value comes from, such as ``environment DIGIPOORT_SIM_HOST``."""
        return self._origins.get(name, "default")

    def database(self) -> str:
        """The database URL in force; SQLite in the state directory unless given."""
        return self.database_url or f"sqlite:///{self.state / 'digipoort.sqlite3'}"

    def gb_port(self) -> int:
        """The port of the interface for large messages in force; 0 is any free one."""
        if self.ftp_gb_port is not None:
            return self.ftp_gb_port
        return _GB_PORT if self.ftp_port else 0

    def payloads_folder(self) -> Path:
        """The folder of contents too large for the database in force."""
        return self.exchange.payloads or self.state / "payloads"

    def taxonomies_folder(self) -> Path:
        """The folder of taxonomy packages in force."""
        return self.validation.taxonomies or self.state / "taxonomies"

    def schemas_folder(self) -> Path:
        """The folder of the user's XSDs in force."""
        return self.validation.schemas or self.state / "schemas"

    def model_post_init(self, context: Any, /) -> None:
        """Make the state directory a plain absolute path."""
        object.__setattr__(self, "state", plain_path(self.state))
