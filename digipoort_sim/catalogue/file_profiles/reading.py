"""Reading profiles: those that come along, a user's own TOML files, and what the settings put over them.

A file is a list of rows; ``extends`` names the profile that has the others. A row is written plainly
(``retention_days = 3``) or as a table with ``value``, ``provenance`` and ``note``. A row of a user's own
file is the ``simulator``'s unless the row, or the line ``provenance`` of the whole file, says otherwise.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from digipoort_sim.catalogue.file_profiles.checks import check_together, check_value
from digipoort_sim.catalogue.file_profiles.profile import ROW_KEYS, Profile, Source
from digipoort_sim.catalogue.rows import Provenance
from digipoort_sim.config import FtpSettings, Settings
from digipoort_sim.errors import ConfigError

_DATA = Path(__file__).parent / "data"
_MOST_BYTES = 1_048_576
_MOST_FILES = 10
_TABLE_KEYS = frozenset({"value", "provenance", "note"})
_FILE_ORIGIN = "file "


@dataclass(frozen=True)
class _Cell:
    """One row as some file or setting gives it."""

    value: Any
    source: Source


_Cells = dict[str, _Cell]


def profile_names() -> tuple[str, ...]:
    """The names of the profiles that come along."""
    return tuple(sorted(path.stem for path in _DATA.glob("*.toml")))


def profiles_in_force(settings: Settings) -> dict[str, Profile]:
    """The profiles that the settings name, by the interface's key: ``ftp`` and ``ftp_gb``.

    Raises:
        ConfigError: there is no such profile, or something is wrong in it.
    """
    sections = {"ftp": settings.ftp, "ftp_gb": settings.ftp_gb}
    found = {}
    for key, section in sections.items():

        def origin(name: str, key: str = key) -> str:
            return settings.origin(f"{key}.{name}")

        found[key] = load_profile(section, origin, _folders(settings, origin("profile")))
    return found


def _folders(settings: Settings, origin: str) -> list[Path]:
    """Where a relative path of a profile is looked for: beside the settings' file, then in the state."""
    beside = [Path(origin.removeprefix(_FILE_ORIGIN)).parent] if origin.startswith(_FILE_ORIGIN) else []
    return [*beside, settings.state]


def load_profile(
    settings: FtpSettings,
    origin: Callable[[str], str] = lambda name: "default",
    folders: Sequence[Path] = (),
) -> Profile:
    """The profile that the settings name, with what the settings say themselves put over it.

    Args:
        origin: where a setting of this section comes from, by its name.
        folders: where the file of a profile is looked for, if its path is relative.

    Raises:
        ConfigError: there is no such profile, or something is wrong in it.
    """
    name, cells = _named(settings.profile, folders, ())
    for key in sorted(settings.model_fields_set & set(ROW_KEYS)):
        value = getattr(settings, key)
        if value is not None:
            where = origin(key)
            place = "settings" if where == "default" else where
            cells[key] = _Cell(check_value(key, value, place), Source("simulator", "", place))
    missing = [key for key in ROW_KEYS if key not in cells]
    if missing:
        raise ConfigError(
            f"FTP profile {settings.profile}: {missing[0]}: there is no such row in it; give it, or begin "
            'with extends = "ftp-1.6.1"',
            rule="FTP-PROFILE",
        )
    values = {key: cells[key].value for key in ROW_KEYS}
    sources = {key: cells[key].source for key in ROW_KEYS}
    check_together(values, sources)
    return Profile(name=name, sources=sources, **values)


def _named(named: str, folders: Sequence[Path], seen: tuple[Path, ...]) -> tuple[str, _Cells]:
    """Name and rows of a profile that comes along, or of a file."""
    if named in profile_names():
        path, origin = _DATA / f"{named}.toml", f"profile {named}"
    else:
        path = _own_file(named, folders)
        origin = f"{_FILE_ORIGIN}{path}"
    if path in seen or len(seen) >= _MOST_FILES:
        chain = " -> ".join(one.name for one in (*seen, path))
        raise ConfigError(
            f"{origin}: extends: it comes back to itself, or goes too far ({chain}); end it with one of "
            f"{', '.join(profile_names())}",
            rule="FTP-PROFILE",
        )
    lines = _toml(path, origin)
    base = lines.pop("extends", None)
    label = _label(lines.pop("provenance", "simulator"), origin, "provenance")
    cells: _Cells = {}
    if base is not None:
        if not isinstance(base, str):
            raise ConfigError(
                f"{origin}: extends: it must be a text; name a profile or a file", rule="FTP-PROFILE"
            )
        _, cells = _named(base, [path.parent], (*seen, path))
    return path.stem, {**cells, **{key: _cell(key, line, label, origin) for key, line in lines.items()}}


def _own_file(named: str, folders: Sequence[Path]) -> Path:
    if not named.endswith(".toml"):
        raise ConfigError(
            f"there is no FTP profile {named!r}; there are: {', '.join(profile_names())}; one of your own is "
            "a file whose name ends in .toml",
            rule="FTP-PROFILE",
        )
    given = Path(named).expanduser()
    tried = [given] if given.is_absolute() else [folder / given for folder in folders or (Path.cwd(),)]
    for path in tried:
        if path.is_file():
            return path.resolve()
    looked = " nor ".join(str(path) for path in tried)
    raise ConfigError(f"there is no FTP profile {looked}; put the file there", rule="FTP-PROFILE")


def _toml(path: Path, origin: str) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise ConfigError(f"{origin}: it is larger than 1 MiB; make it smaller", rule="FTP-PROFILE")
        return tomllib.loads(content.decode())
    except OSError as error:
        raise ConfigError(f"{origin}: it cannot be read: {error.strerror}", rule="FTP-PROFILE") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{origin}: it is not TOML: {error}; mend it", rule="FTP-PROFILE") from None


def _cell(key: str, line: Any, label: Provenance, origin: str) -> _Cell:
    note = ""
    if isinstance(line, dict) and "value" in line:
        unknown = sorted(set(line) - _TABLE_KEYS)
        if unknown:
            raise ConfigError(
                f"{origin}: {key}: {unknown[0]} cannot stand in it; use {', '.join(sorted(_TABLE_KEYS))}",
                rule="FTP-PROFILE",
            )
        label = _label(line.get("provenance", label), origin, key)
        note, line = _note(key, line.get("note", ""), origin), line["value"]
    return _Cell(check_value(key, line, origin), Source(label, note, origin))


def _note(key: str, note: Any, origin: str) -> str:
    """The note of a row.

    Raises:
        ConfigError: it is no text of a sensible length.
    """
    if not isinstance(note, str) or len(note) > 1000:
        raise ConfigError(
            f"{origin}: {key}: note must be a text of at most 1000 characters", rule="FTP-PROFILE"
        )
    return note


def _label(label: Any, origin: str, key: str) -> Provenance:
    if label not in get_args(Provenance):
        raise ConfigError(
            f"{origin}: {key}: {label!r} is no provenance; use one of {', '.join(get_args(Provenance))}",
            rule="FTP-PROFILE",
        )
    return label  # type: ignore[no-any-return]
