"""Faults on demand at the file door."""

from __future__ import annotations

from digipoort_sim.exchange.file_fault_kinds import KINDS
from digipoort_sim.exchange.file_fault_values import Fault
from digipoort_sim.web.fields import Fields, camel, fields_of
from digipoort_sim.web.operations import Asked, Reply, as_json

_WITHOUT = ("certificate", "scenario")
_SNAKE = {camel(name): name for name in ("after_bytes", "bytes_per_second")}


def list_faults(asked: Asked) -> Reply:
    """The faults that were asked for and not removed, oldest first."""
    return as_json([fault_fields(fault) for fault in asked.rooms.file_faults.list()])


def list_kinds(_: Asked) -> Reply:
    """What can be asked for."""
    return as_json(kind_rows())


def kind_rows() -> list[Fields]:
    """What can be asked for, with the parameters that each takes."""
    return [{**fields_of(row), "takes": [camel(name) for name in row.takes]} for row in KINDS.values()]


def add_fault(asked: Asked) -> Reply:
    """Ask for a fault."""
    return as_json(fault_fields(ask(asked)), status=201)


def ask(asked: Asked) -> Fault:
    """Ask for the fault of a body or a form; empty fields count as not given.

    Raises:
        ConfigError: no such kind, or a parameter that is not good or none of its own.
        ConflictError: there are too many.
    """
    given = {_SNAKE.get(name, name): value for name, value in asked.body.items() if value != ""}
    return asked.rooms.file_faults.add(given.pop("kind", ""), **given)


def remove_fault(asked: Asked) -> Reply:
    """Remove a fault; what it held back goes on."""
    asked.rooms.file_faults.remove(asked.path["id"])
    return Reply(b"", "application/json", 204)


def clear_faults(asked: Asked) -> Reply:
    """Remove all faults."""
    asked.rooms.file_faults.clear()
    return Reply(b"", "application/json", 204)


def fault_fields(fault: Fault) -> Fields:
    """A fault, and whether it may strike again."""
    fields = fields_of(fault, without=_WITHOUT)
    return {**fields, "usedUp": fault.is_used_up}
