"""The rules of one file interface: a value for every row, and how sure we are of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Self

from digipoort_sim.catalogue.rows import Provenance
from digipoort_sim.errors import ConfigError

CompleteWhen = Literal["rename", "marker", "close"]
SessionReuse = Literal["off", "wanted", "required"]
UsedNames = Literal["refused", "free-when-done"]
Processed = Literal["moved", "kept"]
StatusFiles = Literal["final", "none"]
TlsVersion = Literal["1.2", "1.3"]


@dataclass(frozen=True)
class Source:
    """Where a value comes from.

    Attributes:
        note: what its author says about it; empty if nothing.
        origin: ``profile NAME``, ``file PATH`` or the origin of a setting, as ``config show`` has it.
    """

    provenance: Provenance
    note: str
    origin: str


@dataclass(frozen=True)
class ProfileRow:
    """One row of a profile as it is in force."""

    key: str
    value: Any
    provenance: Provenance
    note: str
    origin: str


@dataclass(frozen=True)
class Profile:
    """What one file interface asks of its clients; what each value means stands in the profile's file.

    Attributes:
        complete_when: what makes an uploaded file a delivery.
        file_name: regular expression; ``{berichtsoort}`` stands for the known ones, the longest first.
        file_name_example: a good name, for those whose name was refused.
        file_name_parts: for each named group of `file_name` what is expected there, in words.
        berichtsoort: that of all files where their names do not say it; empty where they do.
        mime_types: extension to the mimeTypes that it may stand for.
        sources: where each value comes from, by its name.
    """

    name: str
    title: str
    passive_first_port: int
    passive_ports: int
    minimum_tls: TlsVersion
    maximum_tls: TlsVersion
    require_protected_data: bool
    session_reuse: SessionReuse
    require_account_oin: bool
    require_same_certificate_on_data: bool
    in_folder: str
    out_folder: str
    complete_when: CompleteWhen
    temporary_suffix: str
    marker_suffix: str
    file_name: str
    file_name_example: str
    file_name_parts: Mapping[str, str]
    berichtsoort: str
    mime_types: Mapping[str, list[str]]
    zip_containers: bool
    used_names: UsedNames
    processed_files: Processed
    receipt_suffix: str
    status_suffix: str
    error_suffix: str
    status_files: StatusFiles
    message_name: str
    message_suffix: str
    resume: bool
    require_close_notify: bool
    max_file_bytes: int
    max_unpacked_bytes: int
    max_folder_bytes: int
    max_folder_files: int
    min_free_bytes: int
    max_out_bytes: int
    max_out_files: int
    max_listing: int
    max_name_length: int
    max_command_bytes: int
    max_refusals: int
    max_connections: int
    max_connections_per_address: int
    max_sessions_per_account: int
    max_failed_logins: int
    locked_minutes: int
    idle_timeout_seconds: int
    login_timeout_seconds: int
    handshake_seconds: float
    data_connect_seconds: float
    failed_login_delay_seconds: float
    retention_days: int
    sources: Mapping[str, Source]

    @classmethod
    def of_rows(cls, name: str, rows: Iterable[Mapping[str, Any]]) -> Self:
        """A profile from its `rows`, as JSON has them; rows that are not known here are left out.

        Raises:
            ConfigError: one is missing.
        """
        known = [row for row in rows if row["key"] in ROW_KEYS]
        for missing in sorted(set(ROW_KEYS) - {row["key"] for row in known}):
            raise ConfigError(
                f"the simulator tells no row {missing} of its file interface: it is of another version; "
                "start it anew with this one",
                rule="FTP-PROFILE",
            )
        sources = {row["key"]: Source(row["provenance"], row["note"], row["origin"]) for row in known}
        return cls(name=name, sources=sources, **{row["key"]: row["value"] for row in known})

    @property
    def retention(self) -> timedelta:
        """How long a file stays in the out folder."""
        return timedelta(days=self.retention_days)

    def rows(self) -> list[ProfileRow]:
        """Every value with its label, note and origin, in the order of the fields."""
        return [
            ProfileRow(key, getattr(self, key), source.provenance, source.note, source.origin)
            for key in ROW_KEYS
            for source in (self.sources[key],)
        ]


ROW_KEYS = tuple(field.name for field in dataclasses.fields(Profile) if field.name not in ("name", "sources"))
"""The names of all rows of a profile."""
