"""``ftp account``: through the control API of a running server, else in the state directory's database."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, ConfigFile, State
from digipoort_sim.cli.refusals import Lang, told

if TYPE_CHECKING:
    from digipoort_sim.client.control import Control
    from digipoort_sim.exchange.account_desk import AccountDesk

User = Annotated[str, typer.Argument(metavar="USER", help="The account's name, such as ftp-0123456789.")]
Label = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Your own words for it, at most 80 characters.")
]
Deliver = Annotated[
    str | None,
    typer.Option(
        metavar="WORDS",
        help="What comes to /out besides receipts: none, all, or some of mededelingen, kennisgevingen and "
        "names of berichtsoorten, with commas between them.",
    ),
]
Interface = Annotated[
    str | None, typer.Option(metavar="KEY", help="In whose /out it comes: ftp or ftp_gb.  [default: ftp]")
]
_COLUMNS = ("user", "oin", "label", "created", "deliver", "locked")


def register(group: typer.Typer) -> None:
    """Add ``ftp account add|list|show|set|unlock|password|remove``."""
    for name, command in (
        ("add", _add),
        ("list", _list),
        ("show", _show),
        ("set", _set),
        ("unlock", _unlock),
        ("password", _password),
        ("remove", _remove),
    ):
        group.command(name)(command)


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
    label: Label = None,
    deliver: Deliver = None,
    interface: Interface = None,
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

    oin, given = _party(oin, cert), _given(label=label, deliver=deliver, interface=interface)
    control = _running(state)
    with told(lang, as_json):
        if control is not None:
            body = {"oin": oin, "nonNlForm": non_nl_form, **given}
            made: dict[str, Any] = control.post("ftp/accounts", body)
        else:
            made = _make(state, config, oin, non_nl_form, given)
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
    from digipoort_sim.client.credentials import keep_account, kept_account

    former = kept_account(cert)
    if former is not None and former[0] != made["user"]:
        _tell_former(former[0], cert)
    file = keep_account(cert, str(made["user"]), str(made["password"]))
    return {**{name: value for name, value in made.items() if name != "password"}, "file": str(file)}


def _tell_former(user: str, cert: Path) -> None:
    from digipoort_sim.terminal import visible

    text = f"{cert} had the account {user}, whose password is gone; to remove it: ftp account remove {user}"
    print(visible(f"digipoort-sim: {text}"), file=sys.stderr)


def _make(
    state: Path, config: Path | None, oin: str, non_nl_form: bool, given: dict[str, str]
) -> dict[str, Any]:
    """Make an account without a server; a refusal is that of the control API."""
    from digipoort_sim.client.control import RegisterRefusal
    from digipoort_sim.exchange.foreign_office import ForeignRefused
    from digipoort_sim.web.problems import problem

    with _counter(state, config) as desk:
        try:
            user, password = desk.add(oin, non_nl_form=non_nl_form, **given)
        except ForeignRefused as refused:
            document = json.loads(problem(refused).content)
            raise RegisterRefusal(refused.detail, refused.rule, document) from None
    return {"user": user, "password": password, "oin": oin}


def _list(state: State = NO_STATE, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """List the accounts, oldest first."""
    from digipoort_sim.cli.printing import print_rows
    from digipoort_sim.web.fields import account_fields

    control = _running(state)
    if control is not None:
        rows = control.get("ftp/accounts")
    else:
        with _counter(state, config) as desk:
            rows = [account_fields(one, is_locked=desk.is_locked(one)) for one in desk.accounts.list()]
    print_rows(rows, _COLUMNS, as_json=as_json, empty="There are no accounts.")


def _show(user: User, state: State = NO_STATE, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show an account: what it wants, and since and until when it is locked if it is."""
    _act(state, config, user, as_json)


def _set(
    user: User,
    label: Label = None,
    deliver: Deliver = None,
    interface: Interface = None,
    state: State = NO_STATE,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Change an account's label, or what comes to its /out; what is not given stays."""
    given = _given(label=label, deliver=deliver, interface=interface)
    _act(state, config, user, as_json, given, lambda desk: desk.change(user, **given))


def _unlock(user: User, state: State = NO_STATE, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Let an account log in again that too many wrong passwords have locked."""
    _act(state, config, user, as_json, {}, lambda desk: desk.accounts.unlock(user), "/unlock")


def _act(
    state: Path,
    config: Path | None,
    user: str,
    as_json: bool,
    body: dict[str, str] | None = None,
    act: Callable[[AccountDesk], object] | None = None,
    operation: str = "",
) -> None:
    """Do something with an account, if anything is to be done, and show it.

    Args:
        body: what the control API is sent; None to look only.
        act: the same without a server.
        operation: what the control API calls it.
    """
    from digipoort_sim.cli.printing import print_fields
    from digipoort_sim.client.control import path_part
    from digipoort_sim.web.fields import account_fields

    control = _running(state)
    if control is not None:
        where = f"ftp/accounts/{path_part(user)}{operation}"
        shown: dict[str, Any] = control.get(where) if body is None else control.post(where, body)
    else:
        with _counter(state, config) as desk:
            if act is not None:
                act(desk)
            account = desk.accounts.show(user)
            shown = account_fields(account, is_locked=desk.is_locked(account))
    print_fields(shown, as_json=as_json)


def _password(
    user: User,
    cert: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep it in this folder's account.netrc instead of printing it."),
    ] = None,
    state: State = NO_STATE,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Give an account another password, which is shown only now and unlocks it too."""
    from digipoort_sim.cli.printing import print_fields
    from digipoort_sim.client.control import path_part

    control = _running(state)
    if control is not None:
        made: dict[str, Any] = control.post(f"ftp/accounts/{path_part(user)}/password", {})
    else:
        with _counter(state, config) as desk:
            oin = desk.accounts.show(user).oin
            made = {"user": user, "password": desk.accounts.new_password(user), "oin": oin}
    print_fields(made if cert is None else _kept(made, cert), as_json=as_json)


def _remove(user: User, state: State = NO_STATE, config: ConfigFile = None) -> None:
    """Remove an account; its sessions end, its files stay."""
    from digipoort_sim.client.control import path_part

    control = _running(state)
    if control is not None:
        control.call("DELETE", f"ftp/accounts/{path_part(user)}")
    else:
        with _counter(state, config) as desk:
            desk.accounts.remove(user)
    print(f"removed {user}")


def _given(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


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
def _counter(state: Path, config: Path | None) -> Iterator[AccountDesk]:
    """The accounts in the database that a server of this state directory would use."""
    from digipoort_sim.catalogue import load_catalogue
    from digipoort_sim.clock import Clocks, RealClock, SimulatorClock
    from digipoort_sim.config_loading import load_settings
    from digipoort_sim.exchange import read_clock
    from digipoort_sim.exchange.account_desk import AccountDesk
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
        yield AccountDesk(store, catalogue, SystemIds(), clocks)
    finally:
        store.close()
