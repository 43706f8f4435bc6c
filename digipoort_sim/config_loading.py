"""Reading settings: defaults, then a TOML file, then the environment, then command-line options.

Each value remembers its origin (`Settings.origin`), so that ``config show`` can say why it is what it is.
This is a small loader of our own on top of the pydantic model: pydantic-settings costs more time at start
than all the rest of reading the settings, and does not tell where a value came from.
"""

from __future__ import annotations

import os
import re
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from digipoort_sim.config import Settings, default_state
from digipoort_sim.errors import ConfigError

PREFIX = "DIGIPOORT_SIM_"
CONFIG_VARIABLE = f"{PREFIX}CONFIG"
STATE_VARIABLE = f"{PREFIX}STATE"
_KUBERNETES = re.compile(r"(SERVICE_(HOST|PORT)|PORT)(_.*)?")
"""Kubernetes gives every pod ``<SERVICE>_PORT`` and the like; a service may well be called digipoort-sim."""
_PASSWORD_IN_URL = re.compile(r"(?<=://)([^:/@]*):[^@/]*@")
_SECRET_PARAMETER = re.compile(r"(?<=[?&])(password|sslpassword)=[^&]*")
_MAXIMUM_FILE_BYTES = 1_048_576

Tree = dict[str, Any]


@dataclass(frozen=True)
class SettingRow:
    """One setting as it is in force.

    Attributes:
        name: with its section, such as ``wus.strict_to``.
        value: fit for JSON; passwords are masked.
        origin: ``default``, ``file PATH``, ``environment NAME`` or ``option --NAME``.
    """

    name: str
    value: object
    origin: str


def load_settings(
    options: Mapping[str, object] | None = None,
    *,
    config_file: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings in force, each with its origin.

    Args:
        options: values of command-line options by setting (``wus_port``); None means not given.
        config_file: the TOML file; without it ``DIGIPOORT_SIM_CONFIG`` or ``<state>/config.toml``.
        environ: the environment, by default the process's own.

    Raises:
        ConfigError: a file cannot be read, or a name or value is wrong; the detail says which and where.
    """
    environ = os.environ if environ is None else environ
    given = {name: value for name, value in (options or {}).items() if value is not None}
    origins: dict[str, str] = {}
    tree: Tree = {}
    _lay(tree, origins, _from_file(given, config_file, environ))
    _lay(tree, origins, _from_environment(environ))
    for name, value in given.items():
        _put(tree, origins, name, value, f"option --{name.replace('_', '-')}")
    return _validated(tree, origins)


def setting_rows(settings: Settings) -> list[SettingRow]:
    """All settings, sections flattened, in the order of the model; secrets are masked."""
    return list(_rows(settings, settings.model_dump(mode="json", by_alias=True), ""))


def masked(value: object) -> object:
    """The same value without passwords in it."""
    if not isinstance(value, str):
        return value
    hidden = _PASSWORD_IN_URL.sub(r"\1:***@", value)
    return _SECRET_PARAMETER.sub(r"\1=***", hidden)


def _rows(settings: Settings, level: Tree, prefix: str) -> Iterator[SettingRow]:
    for key, value in level.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _rows(settings, value, f"{name}.")
        else:
            yield SettingRow(name, masked(value), settings.origin(name))


Line = tuple[str, object, str]
"""Dotted name of a setting, its value, its origin."""


def _lay(tree: Tree, origins: dict[str, str], lines: Iterator[Line]) -> None:
    for name, value, origin in lines:
        _put(tree, origins, name, value, origin)


def _put(tree: Tree, origins: dict[str, str], name: str, value: object, origin: str) -> None:
    *sections, leaf = name.split(".")
    for section in sections:
        tree = tree.setdefault(section, {})
        if not isinstance(tree, dict):
            raise ConfigError(f"{section} must be a table ({origins[section]})", rule="CONFIG-FILE")
    tree[leaf] = value
    origins[name] = origin


def _from_file(given: Mapping[str, object], named: Path | None, environ: Mapping[str, str]) -> Iterator[Line]:
    variable = environ.get(CONFIG_VARIABLE)
    chosen = named or (Path(variable) if variable else None)
    if chosen is not None:
        yield from _file_lines(chosen.expanduser())
        return
    state = given.get("state") or environ.get(STATE_VARIABLE) or default_state()
    own = Path(str(state)).expanduser() / "config.toml"
    if own.is_file():
        lines = list(_file_lines(own))
        if any(name == "state" for name, _, _ in lines):
            raise ConfigError(
                f"{own}: a file inside the state directory cannot set 'state'", rule="CONFIG-FILE"
            )
        yield from lines


def _file_lines(path: Path) -> Iterator[Line]:
    try:
        with path.open("rb") as file:
            content = file.read(_MAXIMUM_FILE_BYTES + 1)
        if len(content) > _MAXIMUM_FILE_BYTES:
            raise ConfigError(f"{path} is larger than 1 MiB", rule="CONFIG-FILE")
        document = tomllib.loads(content.decode())
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", rule="CONFIG-FILE") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}", rule="CONFIG-FILE") from error
    yield from _flat(document, "", f"file {path}")


def _flat(level: Tree, prefix: str, origin: str) -> Iterator[Line]:
    for key, value in level.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.", origin)
        else:
            yield f"{prefix}{key}", value, origin


def _from_environment(environ: Mapping[str, str]) -> Iterator[Line]:
    known = dict(_leaves(Settings, ""))
    for variable, text in sorted(environ.items()):
        if not variable.startswith(PREFIX) or variable == CONFIG_VARIABLE or not text:
            continue
        name = variable.removeprefix(PREFIX).lower().replace("__", ".")
        annotation = known.get(name) or known.get(_with_any_key(name))
        if annotation is not None:
            yield name, _from_text(annotation, text), f"environment {variable}"
        elif not _KUBERNETES.fullmatch(variable.removeprefix(PREFIX)):
            raise ConfigError(
                f"there is no setting for the environment variable {variable}", rule="CONFIG-NAME"
            )


def _with_any_key(name: str) -> str:
    """The name under which `_leaves` gives a setting of a keyed section: ``agencies.endpoints.*.url``."""
    section, _, leaf = name.rpartition(".")
    return f"{section.rpartition('.')[0]}.*.{leaf}"


def _leaves(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        annotation = field.annotation
        wire = f"{prefix}{field.alias or name}"
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from _leaves(annotation, f"{wire}.")
        elif typing.get_origin(annotation) is Mapping:
            yield from _leaves(typing.get_args(annotation)[1], f"{wire}.*.")
        else:
            yield wire, annotation


def _from_text(annotation: Any, text: str) -> object:
    """What a text in the environment means for a field; pydantic does the rest."""
    if typing.get_origin(annotation) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if typing.get_origin(annotation) is typing.Literal:
        return next((value for value in typing.get_args(annotation) if str(value) == text), text)
    if typing.get_origin(annotation) in (types.UnionType, typing.Union) and text.lower() == "none":
        return None
    return text


def _validated(tree: Tree, origins: Mapping[str, str]) -> Settings:
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(_sentence(error, origins), rule="CONFIG-VALUE") from None
    return settings.with_origins(origins)


def _sentence(error: ValidationError, origins: Mapping[str, str]) -> str:
    lines = []
    for found in error.errors(include_url=False):
        parts = [str(part) for part in found["loc"]]
        name = ".".join(parts)
        origin = next((origins[n] for n in (name, parts[0]) if n in origins), "the settings")
        if found["type"] == "extra_forbidden":
            lines.append(f"there is no setting {name} ({origin})")
        else:
            value = masked(cast(object, found["input"]))
            lines.append(f"{name} = {value!r} ({origin}): {found['msg']}")
    return "; ".join(lines)
