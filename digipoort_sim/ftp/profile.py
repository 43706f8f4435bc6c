"""The rules of one file interface, read from a file in which every value says how sure we are of it."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from digipoort_sim.catalogue import Provenance
from digipoort_sim.config import FtpSettings
from digipoort_sim.errors import ConfigError

_FOLDER = Path(__file__).parent / "profiles"
CompleteWhen = Literal["rename", "marker", "close"]
SessionReuse = Literal["off", "wanted", "required"]
UsedNames = Literal["refused", "free-when-done"]
Processed = Literal["moved", "kept"]
StatusFiles = Literal["final", "none"]


@dataclass(frozen=True)
class Profile:
    """What one file interface asks of its clients; what each value means stands in the profile's file.

    Attributes:
        complete_when: what makes an uploaded file a delivery.
        file_name: regular expression; ``{berichtsoort}`` stands for the known ones, the longest first.
        berichtsoort: that of all files where their names do not say it; empty where they do.
        mime_types: extension to the mimeTypes that it may stand for.
        provenance: how sure we are, for each value by its name.
    """

    name: str
    title: str
    passive_first_port: int
    passive_ports: int
    minimum_tls: Literal["1.2", "1.3"]
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
    resume: bool
    require_close_notify: bool
    max_file_bytes: int
    max_unpacked_bytes: int
    max_folder_bytes: int
    max_folder_files: int
    max_listing: int
    max_name_length: int
    max_command_bytes: int
    max_refusals: int
    max_connections: int
    max_connections_per_address: int
    max_failed_logins: int
    locked_minutes: int
    idle_timeout_seconds: int
    login_timeout_seconds: int
    failed_login_delay_seconds: float
    retention_days: int
    provenance: Mapping[str, Provenance]

    @property
    def retention(self) -> timedelta:
        """How long a file stays in ``/out``."""
        return timedelta(days=self.retention_days)


def profile_names() -> tuple[str, ...]:
    """The names of the profiles that there are."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def load_profile(settings: FtpSettings) -> Profile:
    """The profile that the settings name, with what the settings say themselves put over it.

    Raises:
        ConfigError: there is no such profile.
    """
    if settings.profile not in profile_names():
        raise ConfigError(
            f"there is no FTP profile {settings.profile!r}; there are: {', '.join(profile_names())}",
            rule="FTP-PROFILE",
        )
    lines = _rows(settings.profile)
    values: dict[str, Any] = {key: line["value"] for key, line in lines.items()}
    provenance: dict[str, Provenance] = {key: _provenance(key, line) for key, line in lines.items()}
    fields = {field.name for field in dataclasses.fields(Profile)}
    for key in settings.model_fields_set & fields:
        if getattr(settings, key) is not None:
            values[key] = getattr(settings, key)
            provenance[key] = "simulator"
    return Profile(name=settings.profile, provenance=provenance, **values)


def _rows(name: str) -> dict[str, Any]:
    lines = tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))
    base = lines.pop("extends", None)
    return lines if base is None else {**_rows(base), **lines}


def _provenance(key: str, line: Mapping[str, Any]) -> Provenance:
    label = line["provenance"]
    if label not in get_args(Provenance):
        raise ConfigError(f"{key}: {label!r} is no provenance", rule="FTP-PROFILE")
    return label  # type: ignore[no-any-return]
