"""How values look in JSON: the names of the wire where the wire has one, camelCase elsewhere.

Used by the control API, by the console and by those commands of the command line that need no server.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from digipoort_sim.clock import wire_time

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from digipoort_sim.catalogue import Catalogue

Fields = dict[str, Any]

_WORD = re.compile(r"_+([a-z0-9])")


def camel(name: str) -> str:
    """``identiteit_belanghebbende`` as ``identiteitBelanghebbende``."""
    return _WORD.sub(lambda found: found.group(1).upper(), name)


def fields_of(value: DataclassInstance, *, without: tuple[str, ...] = ()) -> Fields:
    """The fields of a value by their camelCase names; times as on the wire, other values inside too."""
    return {
        camel(field.name): _plain(getattr(value, field.name))
        for field in dataclasses.fields(value)
        if field.name not in without
    }


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return fields_of(value)
    if isinstance(value, datetime):
        return wire_time(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


CATALOGUE_TABLES = (
    "statuses",
    "faults",
    "berichtsoorten",
    "diensten",
    "scenarios",
    "flows",
    "agencies",
    "outcomes",
)
"""The tables of the catalogue, by the names under which they can be asked for."""


def catalogue_rows(catalogue: Catalogue, table: str) -> list[Fields]:
    """One table of the catalogue; the fields are those of its TOML files.

    Args:
        table: one of `CATALOGUE_TABLES`.
    """
    rows: Mapping[str, Any] = getattr(catalogue, table)
    return [_toml_fields(row) for row in rows.values()]


def _toml_fields(row: DataclassInstance) -> Fields:
    return dataclasses.asdict(row)
