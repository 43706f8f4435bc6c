"""``mandates``: the register's counter; a tester plays the gemachtigde and the client.

Messages of a gemachtigde with its own certificate are sent by ``mandate`` (`cli.sending`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, Limit, State
from digipoort_sim.cli.refusals import Lang, Language, told, words

_COLUMNS = ("id", "dienst", "idVertegenwoordigde", "idGemachtigde", "toestand")
_WITH_YEAR = re.compile(r".+_[0-9]{4}", re.ASCII)

_Id = Annotated[str, typer.Argument(metavar="ID", help="Of the registration; see: mandates list.")]
_Party = Annotated[str, typer.Option("--gemachtigde", metavar="OIN", help="OIN of the intermediary.")]
_Client = Annotated[str, typer.Option("--client", metavar="N", help="Number of the client.")]
_Dienst = Annotated[str, typer.Option("--dienst", metavar="D", help="Service with its year: VIA_2025.")]


def register(group: typer.Typer) -> None:
    """Add ``mandates list|show|request|activate|revoke|form``."""
    group.command("list")(_list)
    group.command("show")(_show)
    group.command("request")(_request)
    group.command("activate")(_activate)
    group.command("revoke")(_revoke)
    group.command("form")(_form)


def _list(
    state: State = NO_STATE,
    as_json: AsJson = False,
    limit: Limit = None,
    client: Annotated[str | None, typer.Option(metavar="N", help="Only of this client.")] = None,
    gemachtigde: Annotated[str | None, typer.Option(metavar="OIN", help="Only of this party.")] = None,
    dienst: Annotated[
        str | None, typer.Option(metavar="D", help="Only this service, with its year or of all years.")
    ] = None,
    year: Annotated[int | None, typer.Option(metavar="Y", help="Only of this tax or benefit year.")] = None,
    toestand: Annotated[str | None, typer.Option(metavar="T", help="Only in this toestand.")] = None,
) -> None:
    """List the registrations, oldest first."""
    from digipoort_sim.cli.printing import print_rows
    from digipoort_sim.client.control import Control

    wanted = {"vertegenwoordigde": client, "gemachtigde": gemachtigde, "jaar": year, "toestand": toestand}
    wanted["dienst" if _WITH_YEAR.fullmatch(dienst or "") else "code"] = dienst
    rows = list(Control.find(state).rows("mandates", limit, **wanted))
    print_rows(
        rows if as_json else [_with_lock(row) for row in rows],
        _COLUMNS,
        as_json=as_json,
        empty="There are no mandates.",
    )


def _with_lock(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**row, "toestand": f"{row['toestand']} (locked)"} if row["geblokkeerd"] else row


def _show(id_: _Id, state: State = NO_STATE, as_json: AsJson = False, lang: Lang = "en") -> None:
    """Show one registration: what its state means, what falls due next, and its history."""
    from digipoort_sim.cli.printing import print_fields
    from digipoort_sim.client.control import Control, path_part

    found = Control.find(state).get(f"mandates/{path_part(id_)}")
    print_fields(found if as_json else _in_words(found, lang), as_json=as_json)


def _request(
    gemachtigde: _Party,
    client: _Client,
    dienst: _Dienst,
    type_: Annotated[
        str | None, typer.Option("--type", metavar="T", help="Type of the client's number; else derived.")
    ] = None,
    state: State = NO_STATE,
    as_json: AsJson = False,
    lang: Lang = "en",
) -> int:
    """Ask for a mandate as that intermediary; the client gets a letter. Exit 3 refused."""
    body = {
        "gemachtigdeOin": gemachtigde,
        "idVertegenwoordigde": client,
        "dienst": dienst,
        "typeVertegenwoordigde": type_,
    }
    return _tell(state, "mandates", body, lang, as_json)


def _activate(
    id_: _Id,
    code: Annotated[str, typer.Option(metavar="C", help="Activation code of the letter.")],
    state: State = NO_STATE,
    as_json: AsJson = False,
    lang: Lang = "en",
) -> int:
    """Activate a mandate with the code of its letter, as its intermediary. Exit 3 refused."""
    from digipoort_sim.client.control import path_part

    return _tell(state, f"mandates/{path_part(id_)}/activate", {"activatieToken": code}, lang, as_json)


def _revoke(
    id_: _Id,
    side: Annotated[
        Literal["gemachtigde", "vertegenwoordigde"], typer.Option(help="Who revokes.")
    ] = "gemachtigde",
    reden: Annotated[str | None, typer.Option(metavar="R", help="Why; kept in the history.")] = None,
    state: State = NO_STATE,
    as_json: AsJson = False,
    lang: Lang = "en",
) -> int:
    """Revoke a mandate, at once, as either side does in the portal. Exit 3 refused."""
    from digipoort_sim.client.control import path_part

    return _tell(state, f"mandates/{path_part(id_)}/revoke", {"side": side, "reden": reden}, lang, as_json)


def _form(
    gemachtigde: Annotated[
        str, typer.Option(metavar="N", help="OIN, KvK number or RSIN of the intermediary.")
    ],
    client: _Client,
    dienst: _Dienst,
    state: State = NO_STATE,
    as_json: AsJson = False,
    lang: Lang = "en",
) -> int:
    """The client sends the form that refuses or revokes a mandate. Exit 3 refused."""
    body = {"idGemachtigde": gemachtigde, "idVertegenwoordigde": client, "dienst": dienst}
    return _tell(state, "mandates/form", body, lang, as_json)


def _tell(state: Path, path: str, body: Mapping[str, Any], lang: Language, as_json: bool) -> int:
    """Tell the register something and print what it says; gives the exit code."""
    from digipoort_sim.cli.printing import print_json
    from digipoort_sim.client.control import Control
    from digipoort_sim.terminal import visible

    given = {name: value for name, value in body.items() if value is not None}
    with told(lang, as_json):
        said = Control.find(state).post(path, given)
    if as_json:
        print_json(said)
    else:
        print(visible(_outcome(said, lang)))
    return 0


def _outcome(said: Mapping[str, Any], lang: Language) -> str:
    row = said["registratie"]
    subject = f"{row['dienst']} for {row['idVertegenwoordigde']}: {row['toestand']}"
    return f"{words(said, lang)}\n{subject}\nid {row['id']}"


def _in_words(found: Mapping[str, Any], lang: Language) -> dict[str, Any]:
    """The fields of a registration with its texts in one language."""
    due, refusal = found["expected"], found["refusal"]
    expected = None if due is None else f"{due['kind']} {due['at'] or 'when its turn comes'}"
    reason = None if refusal is None else f"{refusal['code']} {words(refusal, lang)}"
    return {**found, "meaning": found["meaning"][lang], "expected": expected, "refusal": reason}
