"""``foreign`` and ``oin``: the foreign route in a running simulator, and who has an OIN."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, Limit, State
from digipoort_sim.cli.refusals import Lang, told

if TYPE_CHECKING:
    from digipoort_sim.client.control import Control

_COLUMNS = ("finr", "country", "oin", "registered", "name")
_PATH = "foreign"

_Finr = Annotated[str, typer.Argument(metavar="FINR", help="Fiscal Identification Number.")]
_Out = Annotated[
    Path | None,
    typer.Option("-o", "--out", metavar="DIR", help="Folder for the five files too; they are replaced."),
]


def register(group: typer.Typer) -> None:
    """Add ``foreign register|oin|certificate|list|show``."""
    group.command("register")(_register)
    group.command("oin")(_oin)
    group.command("certificate")(_certificate)
    group.command("list")(_list)
    group.command("show")(_show)


def register_oin(group: typer.Typer) -> None:
    """Add ``oin show``."""
    group.callback()(_oin_group)
    group.command("show")(_show_oin)


def _oin_group() -> None:
    """The OIN register."""


def _register(
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the business.")],
    country: Annotated[str, typer.Option(metavar="CC", help="Two letters such as DE; not NL.")],
    address: Annotated[str, typer.Option(metavar="TEXT", help="Street and number.")],
    city: Annotated[str, typer.Option(metavar="TEXT", help="Place, with its postcode.")],
    number: Annotated[
        str | None,
        typer.Option(metavar="N", help="Its number in the Chamber of Commerce of its own country."),
    ] = None,
    chamber_proof: Annotated[
        bool, typer.Option("--chamber-proof", help="Proof of that registration is shown.")
    ] = False,
    deed: Annotated[
        str | None, typer.Option(metavar="LANG", help="The deed of incorporation is shown, in nl, de or en.")
    ] = None,
    kvk: Annotated[
        str | None, typer.Option(metavar="N", help="A KvK number; who has one is refused.")
    ] = None,
    every_step: Annotated[bool, typer.Option("--all", help="Go on: OIN and certificate as well.")] = False,
    out: _Out = None,
    state: State = NO_STATE,
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """Register a foreign business with the tax administration: it gets an FInr. Exit 3 refused."""
    from digipoort_sim.errors import ConfigError

    if out is not None and not every_step:
        raise ConfigError("--out needs --all: a certificate comes last", rule="OPTION")
    body: dict[str, object] = {
        "name": name,
        "country": country,
        "address": address,
        "city": city,
        "registrationNumber": number,
    }
    body |= {"chamberProof": chamber_proof, "deedLanguage": deed, "kvk": kvk}
    control = _control(state)
    with told(lang, as_json):
        party = control.post(_PATH, {key: value for key, value in body.items() if value is not None})
        who = f"{party['name']} ({party['country']})"
        _say("registration", f"the tax administration registered {who}: FInr {party['finr']}", as_json)
        if every_step:
            party = _enter(control, party["finr"], as_json)
            party["certificate"] = _issue(control, state, party["finr"], out, as_json)
    _print_if(as_json, party)


def _oin(finr: _Finr, state: State = NO_STATE, as_json: AsJson = False, lang: Lang = "en") -> None:
    """Enter it in the OIN register: it gets an OIN. Exit 3 refused."""
    with told(lang, as_json):
        party = _enter(_control(state), finr, as_json)
    _print_if(as_json, party)


def _certificate(
    finr: _Finr, out: _Out = None, state: State = NO_STATE, as_json: AsJson = False, lang: Lang = "en"
) -> None:
    """Issue a TRIAL certificate to it. Exit 3 refused."""
    with told(lang, as_json):
        made = _issue(_control(state), state, finr, out, as_json)
    _print_if(as_json, made)


def _list(state: State = NO_STATE, as_json: AsJson = False, limit: Limit = None) -> None:
    """List the foreign businesses, in the order in which they registered."""
    from digipoort_sim.cli.printing import print_rows

    rows = list(_control(state).rows(_PATH, limit))
    print_rows(rows, _COLUMNS, as_json=as_json, empty="There are no foreign businesses.")


def _show(finr: _Finr, state: State = NO_STATE, as_json: AsJson = False) -> None:
    """Show one foreign business with its certificates."""
    from digipoort_sim.cli.printing import print_fields
    from digipoort_sim.client.control import path_part

    print_fields(_control(state).get(f"{_PATH}/{path_part(finr)}"), as_json=as_json)


def _show_oin(
    oin: Annotated[str, typer.Argument(metavar="OIN")], state: State = NO_STATE, as_json: AsJson = False
) -> None:
    """Show what the OIN register says: what the prefix means, the number in it, and whose it is."""
    from digipoort_sim.cli.printing import print_fields
    from digipoort_sim.client.control import path_part

    print_fields(_control(state).get(f"oin/{path_part(oin)}"), as_json=as_json)


def _control(state: Path) -> Control:
    from digipoort_sim.client.control import Control

    return Control.find(state)


def _enter(control: Control, finr: str, as_json: bool) -> dict[str, Any]:
    from digipoort_sim.client.control import path_part

    party: dict[str, Any] = control.post(f"{_PATH}/{path_part(finr)}/oin")
    _say("OIN register", f"its registration appears in the OIN register: OIN {party['oin']}", as_json)
    return party


def _issue(control: Control, state: Path, finr: str, out: Path | None, as_json: bool) -> dict[str, Any]:
    from digipoort_sim.client.control import path_part

    made: dict[str, Any] = control.post(f"{_PATH}/{path_part(finr)}/certificate")
    if out is not None:
        _copy(state / "foreign" / made["oin"], out)
        made["files"] = str(out)
    _say("certificate", f"{made['serial']} for {made['subject']}", as_json)
    _say("issuer", made["issuer"], as_json)
    _say("in reality", made["issuerRule"], as_json)
    _say("files", made["files"], as_json)
    return made


def _copy(source: Path, out: Path) -> None:
    """Copy the five files of a client with their permissions; existing ones are replaced."""
    import shutil

    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in sorted(source.iterdir()):
        shutil.copy2(path, out / path.name)


def _say(step: str, text: str, as_json: bool) -> None:
    """Say what happened at a step, unless JSON is wanted at the end."""
    from digipoort_sim.terminal import visible

    if not as_json:
        print(visible(f"{step:<12}  {text}"))


def _print_if(as_json: bool, value: object) -> None:
    from digipoort_sim.cli.printing import print_json

    if as_json:
        print_json(value)
