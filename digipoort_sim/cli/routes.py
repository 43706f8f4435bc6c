"""Options of the reference client's commands that say which way a message goes."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from digipoort_sim.client.options import FileInterface, PutOptions, Route

Cert = Annotated[Path, typer.Option(metavar="DIR", help="Folder that 'certs issue' made.")]
Via = Annotated[Literal["wus", "ftp"], typer.Option(help="By which door.")]
Interface = Annotated[
    Literal["ftp", "ftp_gb", "ftp_implicit"],
    typer.Option(help="Which file interface; ftp_implicit is ftp under TLS from the first octet."),
]
User = Annotated[
    str | None,
    typer.Option(
        metavar="U",
        help="Account of the file door [default: $DIGIPOORT_FTP_USER, or that in the certificate folder].",
    ),
]
Password = Annotated[
    str | None,
    typer.Option(
        metavar="P",
        help="Its password [default: $DIGIPOORT_FTP_PASSWORD, or that in the certificate folder].",
    ),
]
Wait = Annotated[bool, typer.Option("--wait", help="Follow the message to its final status.")]


def account(
    via: Literal["wus", "ftp"], cert: Path, user: str | None, password: str | None
) -> tuple[str | None, str | None]:
    """User and password for a route; where none were given, those that are kept, for the file door only."""
    from digipoort_sim.client.credentials import account_of

    return (user, password) if via == "wus" else account_of(cert, user, password)


def file_route(
    state: Path,
    cert: Path,
    interface: FileInterface,
    user: str | None,
    password: str | None,
    *,
    wait: bool = False,
) -> Route:
    """The way to the file door.

    Raises:
        ConfigError: there is no account.
    """
    from digipoort_sim.client.options import Route

    user, password = account("ftp", cert, user, password)
    return Route(
        state=state, cert=cert, via="ftp", user=user, password=password, interface=interface, wait=wait
    )


def put(options: PutOptions) -> int:
    """Deliver files, showing a progress bar to a person; gives the exit code."""
    from digipoort_sim.cli.progress import progress_bar
    from digipoort_sim.client import putting

    watched = functools.partial(progress_bar, then="waiting for the receipt")
    return putting.put(options, putting.unwatched if options.as_json else watched)
