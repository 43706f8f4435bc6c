"""``fiscal permit``: permits of fiscal representatives, in a running simulator."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, Limit, State
from digipoort_sim.cli.fiscal import (
    Category,
    FiguresFile,
    Inspector,
    Kind,
    Months,
    Paid,
    Transactions,
    figures_document,
)

if TYPE_CHECKING:
    from digipoort_sim.client.control import Control

_COLUMNS = ("id", "representative", "kind", "state", "securitySet", "putUp", "releaseFrom", "clients")
_PATH = "fiscal/permits"

_Id = Annotated[str, typer.Argument(metavar="ID")]
_Amount = Annotated[str | None, typer.Option(metavar="EUR", help="The security, where no figures are given.")]


def register(group: typer.Typer) -> None:
    """Add ``fiscal permit request|set|secure|list|show|add-client|end|release``."""
    group.command("request")(_request)
    group.command("set")(_set)
    group.command("secure")(_secure)
    group.command("list")(_list)
    group.command("show")(_show)
    group.command("add-client")(_add_client)
    group.command("end")(_end)
    group.command("release")(_release)


def _request(
    representative: Annotated[str, typer.Option(metavar="OIN", help="OIN of the representative.")],
    kind: Annotated[Kind, typer.Option(help="Kind of permit.")],
    client: Annotated[list[str], typer.Option(metavar="FINR", help="FInr of a client. May be repeated.")],
    year_end: Annotated[
        str | None, typer.Option(metavar="MM-DD", help="End of the financial year [default: 12-31].")
    ] = None,
    amount: _Amount = None,
    months: Months = None,
    category: Category = None,
    paid: Paid = None,
    inspector: Inspector = None,
    transaction: Transactions = None,
    file: FiguresFile = None,
    state: State = NO_STATE,
    as_json: AsJson = False,
) -> None:
    """Request a permit; with figures or an amount its security is set at once."""
    figures = figures_document(file, transaction, months, category, paid, inspector)
    asked = {
        "representative": representative,
        "kind": kind,
        "clients": client,
        **_without_kind(figures, kind),
    }
    _post(state, "", {**asked, **_given(yearEnd=year_end, amount=amount)}, as_json)


def _set(
    id_: _Id,
    amount: _Amount = None,
    months: Months = None,
    category: Category = None,
    paid: Paid = None,
    inspector: Inspector = None,
    transaction: Transactions = None,
    file: FiguresFile = None,
    state: State = NO_STATE,
    as_json: AsJson = False,
) -> None:
    """Set the security of a permit that was requested, by figures or to an amount."""
    figures = figures_document(file, transaction, months, category, paid, inspector)
    _post(state, f"{_part(id_)}/set", {**_without_kind(figures, None), **_given(amount=amount)}, as_json)


def _secure(
    id_: _Id,
    form: Annotated[str, typer.Option(metavar="F", help="deposit, guarantee or other.")],
    amount: Annotated[str, typer.Option(metavar="EUR", help="What is put up.")],
    state: State = NO_STATE,
    as_json: AsJson = False,
) -> None:
    """Put up security; once all of it is there, the permit is active."""
    _post(state, f"{_part(id_)}/secure", {"form": form, "amount": amount}, as_json)


def _list(
    state: State = NO_STATE,
    as_json: AsJson = False,
    limit: Limit = None,
    representative: Annotated[str | None, typer.Option(metavar="OIN", help="Only of this one.")] = None,
    client: Annotated[str | None, typer.Option(metavar="FINR", help="Only covering this client.")] = None,
) -> None:
    """List the permits, oldest first."""
    from digipoort_sim.cli.printing import print_rows

    rows = list(_control(state).rows(_PATH, limit, representative=representative, client=client))
    print_rows(rows, _COLUMNS, as_json=as_json, empty="There are no permits.")


def _show(id_: _Id, state: State = NO_STATE, as_json: AsJson = False) -> None:
    """Show one permit with its securities, its history and the sum of its security."""
    from digipoort_sim.cli.printing import print_fields

    print_fields(_control(state).get(f"{_PATH}/{_part(id_)}"), as_json=as_json)


def _add_client(
    id_: _Id,
    client: Annotated[str, typer.Option(metavar="FINR", help="FInr of the client.")],
    state: State = NO_STATE,
    as_json: AsJson = False,
) -> None:
    """Let a limited permit cover one more client."""
    _post(state, f"{_part(id_)}/clients", {"client": client}, as_json)


def _end(
    id_: _Id,
    by: Annotated[str | None, typer.Option(metavar="WHO", help="representative or inspector.")] = None,
    state: State = NO_STATE,
    as_json: AsJson = False,
) -> None:
    """End a permit, or withdraw the request for it."""
    _post(state, f"{_part(id_)}/end", _given(by=by), as_json)


def _release(id_: _Id, state: State = NO_STATE, as_json: AsJson = False) -> None:
    """Give back the security, five years after the financial year in which the permit ended."""
    _post(state, f"{_part(id_)}/release", {}, as_json)


def _post(state: Path, path: str, body: dict[str, Any], as_json: bool) -> None:
    from digipoort_sim.cli.printing import print_fields

    address = f"{_PATH}/{path}" if path else _PATH
    print_fields(_control(state).post(address, body), as_json=as_json)


def _without_kind(figures: dict[str, Any], kind: Kind | None) -> dict[str, Any]:
    """The figures without their own kind, which is the permit's.

    Raises:
        ConfigError: they are of another kind of permit.
    """
    from digipoort_sim.errors import ConfigError

    said = figures.pop("kind", kind)
    if kind is not None and said != kind:
        raise ConfigError(f"the figures are of a {said} permit, --kind is {kind}", rule="FISCAL-KIND")
    return figures


def _given(**fields: str | None) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _part(text: str) -> str:
    from digipoort_sim.client.control import path_part

    return path_part(text)


def _control(state: Path) -> Control:
    from digipoort_sim.client.control import Control

    return Control.find(state)
