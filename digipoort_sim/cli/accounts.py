"""``ftp account``: through the control API of a running server, else in the state directory's database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, ConfigFile, State
from digipoort_sim.cli.refusals import Lang, told

if TYPE_CHECKING:
    from digipoort_sim.client.control import Control
    from digipoort_sim.exchange.accounts import Accounts
    from digipoort_sim.exchange.foreign_forms import ForeignForms


def register(group: typer.Typer) -> None:
    """Add ``ftp account add|list|remove``."""
    group.command("add")(_add)
    group.command("list")(_list)
    group.command("remove")(_remove)


def _add(
    oin: Annotated[
        str | None, typer.Option(metavar="OIN", help="The party; its certificates must carry this OIN.")
    ] = None,
    cert: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Instead: folder that 'certs issue' made. The party is its certificate's; name and password "
            "are kept there in account.netrc, where the other commands find them, and not printed.",
        ),
    ] = None,
    non_nl_form: Annotated[
        bool,
        typer.Option(
            "--non-nl-form", help="A foreign party hands in the form that comes before its account."
        ),
    ] = False,
    state: State = NO_STATE,
    config: ConfigFile = None,
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """Make an account; its password is shown only now. A foreign party's form comes first."""
    from digipoort_sim.cli.printing import print_fields

    oin = _party(oin, cert)
    control = _running(state)
    with told(lang, as_json):
        if control is not None:
            made: dict[str, Any] = control.post("ftp/accounts", {"oin": oin, "nonNlForm": non_nl_form})
        else:
            made = _make(state, config, oin, non_nl_form)
    if cert is not None:
        made = _kept(made, cert)
    print_fields(made, as_json=as_json)


def _party(oin: str | None, cert: Path | None) -> str:
    from digipoort_sim.client.folder import CertificateFolder
    from digipoort_sim.errors import ConfigError

    if oin is not None and cert is None:
        return oin
    if cert is None or oin is not None:
        raise ConfigError("give exactly one of --oin and --cert", rule="OPTION")
    return CertificateFolder.open(cert).oin().value


def _kept(made: dict[str, Any], cert: Path) -> dict[str, Any]:
    """What was made, with the name of the file that holds its password in place of the password."""
    from digipoort_sim.client.credentials import keep_account

    file = keep_account(cert, str(made["user"]), str(made["password"]))
    return {**{name: value for name, value in made.items() if name != "password"}, "file": str(file)}


def _make(state: Path, config: Path | None, oin: str, non_nl_form: bool) -> dict[str, Any]:
    """Make an account without a server; a refusal is that of the control API."""
    from digipoort_sim.client.control import RegisterRefusal
    from digipoort_sim.exchange.foreign_office import ForeignRefused
    from digipoort_sim.web.problems import problem

    with _counter(state, config) as (accounts, forms):
        try:
            forms.check(oin, is_handed_in=non_nl_form)
        except ForeignRefused as refused:
            document = json.loads(problem(refused).content)
            raise RegisterRefusal(refused.detail, refused.rule, document) from None
        user, password = accounts.add(oin)
    return {"user": user, "password": password, "oin": oin}


def _list(state: State = NO_STATE, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """List the accounts, oldest first."""
    from digipoort_sim.cli.printing import print_rows
    from digipoort_sim.web.fields import account_fields

    control = _running(state)
    if control is not None:
        rows = control.get("ftp/accounts")
    else:
        with _counter(state, config) as (accounts, _):
            rows = [account_fields(account) for account in accounts.list()]
    print_rows(rows, ("user", "oin", "created"), as_json=as_json, empty="There are no accounts.")


def _remove(
    user: Annotated[str, typer.Argument(metavar="USER")], state: State = NO_STATE, config: ConfigFile = None
) -> None:
    """Remove an account."""
    from digipoort_sim.client.control import path_part

    control = _running(state)
    if control is not None:
        control.call("DELETE", f"ftp/accounts/{path_part(user)}")
    else:
        with _counter(state, config) as (accounts, _):
            accounts.remove(user)
    print(f"removed {user}")


def _running(state: Path) -> Control | None:
    """The control API, if a server answers."""
    from digipoort_sim.client.control import Control
    from digipoort_sim.client.endpoints import UnreachableError

    try:
        control = Control.find(state)
        control.get("clock")
    except UnreachableError:
        return None
    return control


@contextmanager
def _counter(state: Path, config: Path | None) -> Iterator[tuple[Accounts, ForeignForms]]:
    """The accounts and forms in the database that a server of this state directory would use."""
    from digipoort_sim.catalogue import load_catalogue
    from digipoort_sim.clock import Clocks, RealClock, SimulatorClock
    from digipoort_sim.config_loading import load_settings
    from digipoort_sim.exchange import read_clock
    from digipoort_sim.exchange.accounts import Accounts
    from digipoort_sim.exchange.foreign_forms import ForeignForms
    from digipoort_sim.ids import SystemIds
    from digipoort_sim.store import Store

    settings = load_settings({"state": state}, config_file=config)
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = Store.open(settings.database())
    real = RealClock()
    simulator = SimulatorClock(real, lambda: read_clock(store))
    try:
        clocks = Clocks(simulator, real)
        catalogue = load_catalogue(settings.catalogue, settings.profiles)
        yield Accounts(store, SystemIds(), clocks), ForeignForms(store, catalogue, clocks)
    finally:
        store.close()
