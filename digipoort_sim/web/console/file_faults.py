"""The console's page on faults on demand: those that were asked for, and the form that asks for one."""

from __future__ import annotations

from digipoort_sim.errors import DigipoortSimError
from digipoort_sim.web.api import file_faults as api
from digipoort_sim.web.api.file_fault_table import FAULT
from digipoort_sim.web.console.rendering import page, see_other
from digipoort_sim.web.fields import catalogue_rows
from digipoort_sim.web.operations import Asked, Operation, Parameter, Reply
from digipoort_sim.web.problems import problem

_HTML = "text/html"
_FORM = tuple(row if row.kind == "boolean" else Parameter(row.name, row.description) for row in FAULT)
"""Texts all: what is left empty or wrong is told beside the form."""


def file_fault_pages() -> tuple[Operation, ...]:
    """The page and its forms."""
    return (
        Operation("GET", "/faults", "Faults on demand", faults, _HTML),
        Operation("POST", "/faults", "Ask for a fault", ask, _HTML, body=_FORM),
        Operation("POST", "/faults/{id}/remove", "Remove a fault", remove, _HTML),
    )


def faults(asked: Asked) -> Reply:
    """The faults that were asked for, and the form."""
    return _page(asked, None)


def ask(asked: Asked) -> Reply:
    """Ask for a fault and show the list; what is wrong is told beside the form."""
    try:
        api.ask(asked)
    except DigipoortSimError as error:
        return _page(asked, error)
    return see_other("/faults")


def remove(asked: Asked) -> Reply:
    """Remove a fault and show the list."""
    api.remove_fault(asked)
    return see_other("/faults")


def _page(asked: Asked, error: DigipoortSimError | None) -> Reply:
    rooms = asked.rooms
    return page(
        "faults",
        status=200 if error is None else problem(error).status,
        title="Faults on demand",
        rows=[api.fault_fields(fault) for fault in rooms.file_faults.list()],
        kinds=api.kind_rows(),
        scenarios=catalogue_rows(rooms.catalogue, "file_scenarios"),
        has_scenarios=rooms.file_faults.has_scenarios,
        inputs=[row for row in FAULT if row.name not in ("kind", "plain")],
        form=asked.body,
        error=error,
    )
