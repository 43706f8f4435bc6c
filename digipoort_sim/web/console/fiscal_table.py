"""The table of the console's pages on fiscal representatives."""

from __future__ import annotations

from dataclasses import replace

from digipoort_sim.web.api import fiscal as api
from digipoort_sim.web.api import fiscal_table as rows
from digipoort_sim.web.console import fiscal
from digipoort_sim.web.operations import Handler, Operation, Parameter

_HTML = "text/html"
_LONGEST_LIST = 60_000
_MONTHS = Parameter("months", "how many months the figures cover")
_CLIENTS = Parameter("clients", "FInr of each client", longest=_LONGEST_LIST)
_TRANSACTIONS = Parameter("transactions", "a line of CSV per transaction", longest=_LONGEST_LIST)
_ASSESSMENTS = Parameter("assessments", "a line of CSV per assessment", longest=_LONGEST_LIST)
_FIGURES = (rows.CATEGORY, _MONTHS, rows.PAID, rows.INSPECTOR, _TRANSACTIONS)


def fiscal_pages() -> tuple[Operation, ...]:
    """Every page and form on fiscal representatives."""
    return (*_sums(), *_permits(), *_actions())


def _sums() -> tuple[Operation, ...]:
    debts = (_optional(rows.SECURITY), _ASSESSMENTS)
    return (
        Operation("GET", "/fiscal/security", "Security", fiscal.calculator, _HTML),
        Operation(
            "POST", "/fiscal/security", "Calculate", fiscal.calculate, _HTML, body=(rows.KIND, *_FIGURES)
        ),
        Operation("GET", "/fiscal/liability", "Liability", fiscal.liability_form, _HTML),
        Operation(
            "POST", "/fiscal/liability", "Calculate", fiscal.liability, _HTML, body=(rows.KIND, *debts)
        ),
    )


def _permits() -> tuple[Operation, ...]:
    asked = (_optional(rows.REPRESENTATIVE), rows.KIND, _CLIENTS, rows.YEAR_END, rows.AMOUNT_SET, *_FIGURES)
    return (
        Operation("GET", "/fiscal", "Permits", fiscal.permits, _HTML, pages=True, query=rows.FILTERS),
        Operation("POST", "/fiscal", "Request", fiscal.request, _HTML, body=asked),
        Operation("GET", "/fiscal/permits/{id}", "One permit", fiscal.permit, _HTML),
    )


def _actions() -> tuple[Operation, ...]:
    set_by = (rows.AMOUNT_SET, *_FIGURES)
    forms = (
        ("set", "Set the security", fiscal.set_security, set_by),
        ("secure", "Put up security", api.put_up, (rows.FORM, rows.PUT_UP)),
        ("clients", "Add a client", api.add_client, (rows.CLIENT,)),
        ("end", "End", api.end_permit, (rows.BY,)),
        ("release", "Give back the security", api.release, ()),
    )
    return tuple(_action(*form) for form in forms)


def _action(tail: str, title: str, handler: Handler, body: tuple[Parameter, ...]) -> Operation:
    needed = tuple(row.name for row in body if row.required)
    act = fiscal.acting(handler, needed)
    return Operation(
        "POST", f"/fiscal/permits/{{id}}/{tail}", title, act, _HTML, body=tuple(map(_optional, body))
    )


def _optional(row: Parameter) -> Parameter:
    """The same field, whose absence is told beside its form and not on a page of its own."""
    return replace(row, required=False)
