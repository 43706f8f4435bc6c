"""Reading the catalogue's TOML files into rows."""

from __future__ import annotations

import dataclasses
import functools
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping, Sequence, ValuesView
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from digipoort_sim.catalogue.business_rules import BusinessRule
from digipoort_sim.catalogue.rows import (
    Agency,
    Berichtsoort,
    Dienst,
    Fault,
    FileScenario,
    FiscalRule,
    Flow,
    MandateOutcome,
    OinRegister,
    Rule,
    Scenario,
    ScenarioStep,
    StatusCode,
)
from digipoort_sim.errors import BerichtsoortRefusal, ConfigError, NotFoundError

_DATA = Path(__file__).parent / "data"
_PROVENANCES = ("recorded", "published", "inferred", "simulator")
_DOORS = ("wus", "ftp")
_PREFIX = 8
Row = TypeVar("Row")

_KEYS: dict[type, str] = {
    StatusCode: "code",
    Fault: "code",
    Agency: "key",
    Berichtsoort: "name",
    Dienst: "code",
    MandateOutcome: "key",
    Scenario: "aanleverkenmerk",
    FileScenario: "aanleverkenmerk",
    Flow: "key",
    Rule: "id",
    OinRegister: "prefix",
    FiscalRule: "key",
    BusinessRule: "id",
}


@dataclass(frozen=True)
class Catalogue:
    """All tables, each a mapping from its key to its row, in the order of the files."""

    statuses: Mapping[str, StatusCode]
    faults: Mapping[str, Fault]
    agencies: Mapping[str, Agency]
    berichtsoorten: Mapping[str, Berichtsoort]
    diensten: Mapping[str, Dienst]
    outcomes: Mapping[str, MandateOutcome]
    scenarios: Mapping[str, Scenario]
    file_scenarios: Mapping[str, FileScenario]
    flows: Mapping[str, Flow]
    rules: Mapping[str, Rule]
    oin_registers: Mapping[str, OinRegister]
    fiscal: Mapping[str, FiscalRule]
    bedrijfsregels: Mapping[str, BusinessRule]

    def berichtsoort(self, name: str) -> Berichtsoort:
        """The berichtsoort that parties may deliver under this name.

        Raises:
            BerichtsoortRefusal: it is unknown, or one that is only fetched.
        """
        row = self.berichtsoorten.get(name)
        if row is None or row.direction != "in":
            known = ", ".join(b.name for b in self.berichtsoorten.values() if b.direction == "in")
            raise BerichtsoortRefusal(
                f"berichtsoort {name!r} is not known here; known are: {known}", rule="BERICHTSOORT"
            )
        return row

    def status(self, code: str) -> StatusCode:
        """The status with this code.

        Raises:
            NotFoundError: there is none.
        """
        try:
            return self.statuses[code]
        except KeyError:
            raise NotFoundError(f"there is no statuscode {code!r}", rule="STATUSCODE") from None

    def agency_of(self, row: Berichtsoort | Dienst) -> Agency:
        """The agency that receives this berichtsoort or runs this dienst."""
        return self.agencies[row.agency]

    def doors_of(self, row: Berichtsoort) -> tuple[str, ...]:
        """The doors that a berichtsoort may be delivered by: its own, else those of its flow, else all."""
        flow = self.flows.get(row.flow)
        if row.interfaces or flow is None:
            return row.interfaces or _DOORS
        return (*flow.interfaces, *flow.tolerated)

    def is_unusual(self, row: Berichtsoort, door: str) -> bool:
        """Whether a berichtsoort may come by this door although the table of flows names another."""
        flow = self.flows.get(row.flow)
        return not row.interfaces and flow is not None and door in flow.tolerated

    def of_flow(self, key: str) -> tuple[str, ...]:
        """The names of the berichtsoorten of a flow."""
        return tuple(row.name for row in self.berichtsoorten.values() if row.flow == key)

    def is_foreign(self, oin: str) -> bool:
        """Whether who has this OIN is on the foreign route."""
        register = self.oin_registers.get(oin[:_PREFIX])
        return register is not None and register.foreign

    def fault_text(self, code: str, melding: str = "") -> str:
        """The foutbeschrijving of a code, with a message where the text has a place for one."""
        row = self.faults.get(code)
        if row is None:
            return melding
        return row.text.replace("{melding}", melding)


def load_catalogue(override: Path | None = None, profiles: Sequence[str] = ()) -> Catalogue:
    """Read the built-in tables, those of profiles over them, and a user's folder over all.

    Args:
        override: folder with TOML files of the same names as the built-in ones.
        profiles: names of built-in profiles that add lines, such as ``biv``.

    Raises:
        ConfigError: a file is no TOML, or a line has a wrong field or value.
    """
    if override is not None and not override.is_dir():
        raise ConfigError(f"the catalogue folder {override} does not exist", rule="CATALOGUE")
    folders = [_DATA, *(_DATA / profile for profile in profiles), *([override] if override else [])]
    business = _LateTable("bedrijfsregels", BusinessRule, folders)
    if override is not None and (override / "bedrijfsregels.toml").is_file():
        len(business)  # what a user wrote is judged at the start, not with the first message
    return Catalogue(
        statuses=_table("statuses", StatusCode, folders),
        faults=_table("faults", Fault, folders),
        agencies=_table("agencies", Agency, folders),
        berichtsoorten=_table("berichtsoorten", Berichtsoort, folders),
        diensten=_table("diensten", Dienst, folders),
        outcomes=_table("outcomes", MandateOutcome, folders),
        scenarios=_table("scenarios", Scenario, folders),
        file_scenarios=_table("file_scenarios", FileScenario, folders),
        flows=_table("flows", Flow, folders),
        rules=_LateTable("rules", Rule, folders),
        oin_registers=_table("oin_registers", OinRegister, folders),
        fiscal=_LateTable("fiscal", FiscalRule, folders),
        bedrijfsregels=business,
    )


class _LateTable(Mapping[str, Row]):
    """A long table that servers do not need at their start, and so is read at its first use."""

    def __init__(self, name: str, row: type[Row], folders: Sequence[Path]) -> None:
        self._read = functools.cache(lambda: _table(name, row, folders))

    def __getitem__(self, key: str) -> Row:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def values(self) -> ValuesView[Row]:
        """All rows; that of `Mapping` looks each of them up."""
        return self._read().values()


def _table(name: str, row: type[Row], folders: Sequence[Path]) -> Mapping[str, Row]:
    lines: dict[str, dict[str, Any]] = {}
    for path in (folder / f"{name}.toml" for folder in folders):
        if path.is_file():
            for key, line in _lines(path, name).items():
                lines[key] = {**lines.get(key, {}), **line}
    return types.MappingProxyType(
        {key: _row(row, {_KEYS[row]: key, **line}, f"{name}.toml [{key}]") for key, line in lines.items()}
    )


def _lines(path: Path, name: str) -> dict[str, dict[str, Any]]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", rule="CATALOGUE") from error
    for key, line in document.items():
        if not isinstance(line, dict):
            raise ConfigError(f"{path}: {key} must be a table in {name}", rule="CATALOGUE")
    return document


def _row(kind: type[Row], line: dict[str, Any], where: str) -> Row:
    hints = typing.get_type_hints(kind)
    unknown = set(line) - set(hints)
    if unknown:
        raise ConfigError(f"{where}: unknown field {', '.join(sorted(unknown))}", rule="CATALOGUE")
    values = {name: _value(hints[name], value, f"{where}.{name}") for name, value in line.items()}
    missing = [
        f.name
        for f in dataclasses.fields(kind)  # type: ignore[arg-type]
        if f.default is dataclasses.MISSING and f.name not in values
    ]
    if missing:
        raise ConfigError(f"{where}: {', '.join(missing)} missing", rule="CATALOGUE")
    return kind(**values)


def _value(hint: Any, value: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        if value not in typing.get_args(hint):
            raise ConfigError(f"{where}: {value!r} is none of {typing.get_args(hint)}", rule="CATALOGUE")
        return value
    if origin is tuple:
        item = typing.get_args(hint)[0]
        if not isinstance(value, list):
            raise ConfigError(f"{where}: must be a list", rule="CATALOGUE")
        return tuple(_item(item, entry, where) for entry in value)
    return _plain(hint, value, where)


def _item(hint: Any, value: Any, where: str) -> Any:
    if hint is ScenarioStep:
        return _row(ScenarioStep, value if isinstance(value, dict) else {"statuscode": value}, where)
    return _plain(hint, value, where)


def _plain(hint: Any, value: Any, where: str) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise ConfigError(f"{where}: {value!r} must be {hint.__name__}", rule="CATALOGUE")
    return value
