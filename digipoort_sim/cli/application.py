"""The tree of commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digipoort_sim import __version__
from digipoort_sim.cli import (
    accounts,
    certificates,
    demonstration,
    doctoring,
    explaining,
    file_faults,
    file_profiles,
    files,
    fiscal,
    foreign,
    insight,
    letters,
    mandates,
    names,
    permits,
    sending,
    service_messages,
    serving,
    settings,
    taxonomies,
    timing,
    validating,
)

_HELP = """A simulator of Digipoort: WUS, FTPS and the mandate register.

Exit codes: 0 good; 1 explain, validate and doctor found something wrong; 2 bad option, nothing by that
name, or no server; 3 refused; 4 fault."""

_FILE_DOOR = """The file door (FTPS): accounts, files, rules and faults.

Begin with 'certs issue' and 'ftp account add --cert DIR'; then 'ftp put FILE'."""


def application() -> typer.Typer:
    """All commands under one roof."""
    app = typer.Typer(
        name="digipoort-sim",
        help=_HELP,
        callback=_root,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    for room in (serving, demonstration, sending, explaining, validating, doctoring, settings):
        room.register(app)
    groups = {
        "certs": (certificates.register, "Certificates of the TRIAL authority."),
        "mandate": (sending.register_mandate, "Send mandate messages with the reference client."),
        "messages": (insight.register_messages, "Messages that were delivered."),
        "mandates": (
            mandates.register,
            "Registrations of the mandate register, and what can be done with them.",
        ),
        "names": (names.register, "The trade register's stand-in: names and addresses of numbers."),
        "letters": (letters.register, "The clients' letter box."),
        "servicemessages": (service_messages.register, "Messages of agencies for clients."),
        "events": (insight.register_events, "Refusals and what else happened."),
        "foreign": (foreign.register, "Foreign businesses: registration, OIN and certificate."),
        "oin": (foreign.register_oin, "The OIN register's stand-in."),
        "taxonomy": (taxonomies.register, "Taxonomy packages that messages are checked against."),
        "clock": (timing.register, "The simulator's clock."),
    }
    for name, (register, help_) in groups.items():
        group = typer.Typer(help=help_)
        register(group)
        app.add_typer(group, name=name)
    ftp, account = typer.Typer(help=_FILE_DOOR), typer.Typer(help="Accounts of the file door.")
    accounts.register(account)
    files.register(ftp)
    file_profiles.register(ftp)
    ftp.add_typer(account, name="account")
    fault = typer.Typer(help="Faults on demand at the file door.")
    file_faults.register(fault)
    ftp.add_typer(fault, name="fault")
    app.add_typer(ftp, name="ftp")
    representatives = typer.Typer(help="Fiscal representatives: security, liability and permits.")
    permit = typer.Typer(help="Permits, in a running simulator.")
    fiscal.register(representatives)
    permits.register(permit)
    representatives.add_typer(permit, name="permit")
    app.add_typer(representatives, name="fiscal")
    return app


def _show_version(asked: bool) -> None:
    if asked:
        print(f"digipoort-sim {__version__} (SIMULATOR)")
        raise typer.Exit


def _root(
    ctx: typer.Context,
    state: Annotated[
        Path | None, typer.Option("--state", metavar="DIR", help="State directory, for any command.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    ctx.obj = state
