"""``send``, ``mandate``, ``poll`` and ``fetch``: the reference client's commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, State
from digipoort_sim.cli.routes import Cert, Interface, Password, User, Via, Wait, account, put

if TYPE_CHECKING:
    from digipoort_sim.client.options import MandateKind, Route

_Type = Annotated[
    str | None,
    typer.Option("--type", metavar="T", help="Type of the number; derived where that is unambiguous."),
]
_Sha = Annotated[Literal["1", "256"], typer.Option(help="Algorithm of signature and digests.")]
_Stub = Annotated[bool, typer.Option("--stub", help="Use the paths of the Aansluit Suite.")]
_New = Annotated[bool, typer.Option("--new", help="Only what this certificate did not get before.")]
_Client = Annotated[str, typer.Option(metavar="N", help="Number of the client (vertegenwoordigde).")]
_Dienst = Annotated[str, typer.Option(metavar="D", help="Service with its year, such as VIA_2025.")]
_Code = Annotated[str, typer.Option(metavar="C", help="Activation code of the letter.")]
_AnyDienst = Annotated[
    str, typer.Option(metavar="D", help="Only this service, with its year; empty is all of the client.")
]
_TypeInQuery = Annotated[
    str | None,
    typer.Option(
        "--type",
        metavar="T",
        help="Type of the number (BSN, RSIN, Fi ...); needed for nine digits when --dienst is empty.",
    ),
]
_Form = Annotated[Literal["xbrl", "xml"], typer.Option(help="Form of the message.")]


def register(app: typer.Typer) -> None:
    """Add ``send``, ``poll`` and ``fetch``."""
    app.command("send")(_send)
    app.command("poll")(_poll)
    app.command("fetch")(_fetch)


def register_mandate(group: typer.Typer) -> None:
    """Add ``mandate request|activate|revoke|query``."""
    commands: tuple[tuple[str, Callable[..., int], str], ...] = (
        ("request", _mandate("opvoeren"), "Ask for a mandate; the client gets a letter."),
        ("activate", _activate, "Activate a mandate with the --code of the letter."),
        ("revoke", _mandate("intrekken"), "Revoke a mandate."),
        ("query", _query, "Ask which mandates there are; fetch the answer as MachtigingOverzicht."),
    )
    for name, command, help_ in commands:
        group.command(name, help=f"{help_} Exit 3 refused, 4 fault.")(command)


def _send(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The content to deliver.")],
    berichtsoort: Annotated[
        str, typer.Option(metavar="B", help="What kind of message; see: catalogue berichtsoorten.")
    ],
    belanghebbende: Annotated[str, typer.Option(metavar="N", help="Number of the belanghebbende.")],
    cert: Cert,
    state: State = NO_STATE,
    type_: _Type = None,
    aanleverkenmerk: Annotated[
        str | None, typer.Option(metavar="K", help="Your own reference; with --stub the scenario.")
    ] = None,
    rol: Annotated[
        str | None, typer.Option(metavar="R", help="rolBelanghebbende (not part of a file delivery).")
    ] = None,
    mime: Annotated[
        str | None, typer.Option(metavar="M", help="mimeType (not part of a file delivery).")
    ] = None,
    bijlage: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Attachment; may repeat.")
    ] = None,
    sha: _Sha = "256",
    stub: _Stub = False,
    via: Via = "wus",
    interface: Interface = "ftp",
    user: User = None,
    password: Password = None,
    wait: Wait = False,
) -> int:
    """Deliver a file with the reference client and print its kenmerk; exit 3 refused, 4 fault."""
    from digipoort_sim.client import sending
    from digipoort_sim.client.options import Route, SendOptions

    user, password = account(via, cert, user, password)
    route = Route(
        state=state,
        cert=cert,
        via=via,
        user=user,
        password=password,
        interface=interface,
        stub=stub,
        sha=1 if sha == "1" else 256,
        wait=wait,
    )
    options = SendOptions(
        route=route,
        file=file,
        berichtsoort=berichtsoort,
        belanghebbende=belanghebbende,
        type=type_,
        aanleverkenmerk=aanleverkenmerk,
        rol=rol,
        mime=mime,
        bijlagen=tuple(bijlage or ()),
    )
    return put(options.as_file()) if via == "ftp" else sending.send(options)


def _mandate(kind: MandateKind) -> Callable[..., int]:
    def command(
        client: _Client,
        cert: Cert,
        dienst: _Dienst,
        state: State = NO_STATE,
        type_: _Type = None,
        form: _Form = "xbrl",
        via: Via = "wus",
        user: User = None,
        password: Password = None,
        wait: Wait = False,
    ) -> int:
        route = _route(state, cert, via, user, password, wait)
        return _deliver(route, kind=kind, client=client, dienst=dienst, type=type_, form=form)

    return command


def _activate(
    client: _Client,
    cert: Cert,
    dienst: _Dienst,
    code: _Code,
    state: State = NO_STATE,
    type_: _Type = None,
    form: _Form = "xbrl",
    via: Via = "wus",
    user: User = None,
    password: Password = None,
    wait: Wait = False,
) -> int:
    route = _route(state, cert, via, user, password, wait)
    return _deliver(route, kind="activeren", client=client, dienst=dienst, type=type_, code=code, form=form)


def _query(
    client: _Client,
    cert: Cert,
    dienst: _AnyDienst = "",
    state: State = NO_STATE,
    type_: _TypeInQuery = None,
    form: _Form = "xbrl",
    via: Via = "wus",
    user: User = None,
    password: Password = None,
    wait: Wait = False,
) -> int:
    route = _route(state, cert, via, user, password, wait)
    return _deliver(route, kind="opvragen", client=client, dienst=dienst, type=type_, form=form)


def _route(
    state: Path,
    cert: Path,
    via: Literal["wus", "ftp"],
    user: str | None,
    password: str | None,
    wait: bool,
) -> Route:
    from digipoort_sim.client.options import Route

    user, password = account(via, cert, user, password)
    return Route(state=state, cert=cert, via=via, user=user, password=password, wait=wait)


def _deliver(route: Route, **options: Any) -> int:
    """Send a mandate message; `options` are the other fields of `MandateOptions`."""
    from digipoort_sim.client import mandates
    from digipoort_sim.client.options import MandateOptions

    return mandates.mandate(MandateOptions(route=route, **options))


def _poll(
    kenmerk: Annotated[str, typer.Argument(metavar="KENMERK")],
    cert: Cert,
    state: State = NO_STATE,
    new: _New = False,
    stub: _Stub = False,
    as_json: AsJson = False,
) -> int:
    """Ask over WUS for the statuses of a process; exit 4 fault."""
    from digipoort_sim.client import polling
    from digipoort_sim.client.options import PollOptions

    return polling.poll(
        PollOptions(state=state, cert=cert, kenmerk=kenmerk, new=new, stub=stub, as_json=as_json)
    )


def _fetch(
    cert: Cert,
    state: State = NO_STATE,
    berichtsoort: Annotated[
        str | None, typer.Option(metavar="B", help="Only this kind, such as MachtigingOverzicht.")
    ] = None,
    belanghebbende: Annotated[
        str | None, typer.Option(metavar="N", help="Only of this party: one getBerichten call.")
    ] = None,
    type_: _Type = None,
    new: _New = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the contents here.")] = None,
    stub: _Stub = False,
    as_json: AsJson = False,
) -> int:
    """Fetch messages over WUS; exit 4 fault."""
    from digipoort_sim.client import fetching
    from digipoort_sim.client.options import FetchOptions

    return fetching.fetch(
        FetchOptions(
            state=state,
            cert=cert,
            berichtsoort=berichtsoort,
            belanghebbende=belanghebbende,
            type=type_,
            new=new,
            out=out,
            stub=stub,
            as_json=as_json,
        )
    )
