"""``ftp put|ls|get|rm``: an account's files at the file door, with the reference client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, State
from digipoort_sim.cli.refusals import Lang, Language
from digipoort_sim.cli.routes import Cert, Interface, Password, User, Wait, file_route, put

if TYPE_CHECKING:
    from digipoort_sim.client.file_box import FileBox, FileEntry
    from digipoort_sim.client.options import Route

_Names = Annotated[
    list[str],
    typer.Argument(metavar="NAME...", help="Names in /out, or paths; * and ? stand for other characters."),
]
_Resume = Annotated[bool, typer.Option("--resume", help="Go on where an earlier transfer broke off.")]


def register(group: typer.Typer) -> None:
    """Add ``ftp put|ls|get|rm``."""
    group.command("put")(_put)
    group.command("ls")(_ls)
    group.command("get")(_get)
    group.command("rm")(_rm)


def _put(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="What to deliver, each by itself.")],
    cert: Cert,
    state: State = NO_STATE,
    berichtsoort: Annotated[
        str | None,
        typer.Option(metavar="B", help="What kind of message; not needed if the file's own name tells."),
    ] = None,
    interface: Interface = "ftp",
    belanghebbende: Annotated[
        str | None,
        typer.Option(metavar="N", help="Loonheffingennummer in names of ftp_gb [default: the content's]."),
    ] = None,
    period: Annotated[
        str | None, typer.Option(metavar="YEAR-N", help="Period in names of ftp_gb [default: the content's].")
    ] = None,
    number: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Volgnummer in names of ftp_gb [default: any].")
    ] = None,
    aanleverkenmerk: Annotated[str | None, typer.Option(metavar="K", help="Your own reference.")] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name at the door; made of the options otherwise.")
    ] = None,
    user: User = None,
    password: Password = None,
    resume: _Resume = False,
    wait: Wait = False,
    as_json: AsJson = False,
    lang: Lang = "en",
) -> int:
    """Deliver files and print each kenmerk.

    With --wait the final status too. Exit 3: refused by a status, 4: refused at the door.
    """
    from digipoort_sim.client.options import PutOptions

    return put(
        PutOptions(
            route=file_route(state, cert, interface, user, password, wait=wait),
            files=tuple(files),
            berichtsoort=berichtsoort,
            belanghebbende=belanghebbende,
            aanleverkenmerk=aanleverkenmerk,
            period=period,
            number=number,
            name=name,
            resume=resume,
            as_json=as_json,
            lang=lang,
        )
    )


def _ls(
    cert: Cert,
    path: Annotated[
        str | None, typer.Argument(metavar="[PATH]", help="Folder [default: that of the answers, /out].")
    ] = None,
    state: State = NO_STATE,
    interface: Interface = "ftp",
    user: User = None,
    password: Password = None,
    as_json: AsJson = False,
    lang: Lang = "en",
) -> int:
    """List the answers in /out, or what is not complete in /in.

    Each interface has folders of its own: --interface.
    """
    from digipoort_sim.cli.printing import print_rows

    with _box(file_route(state, cert, interface, user, password), lang) as box:
        folder = path or f"/{box.depot.profile.out_folder}"
        rows = [_row(entry) for entry in box.entries(folder)]
        print_rows(rows, ("size", "modified", "name"), as_json=as_json, empty=f"{folder} is empty.")
    return 0


def _get(
    names: _Names,
    cert: Cert,
    state: State = NO_STATE,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to write them.")] = Path("."),
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete each at the door once it is here.")
    ] = False,
    resume: _Resume = False,
    interface: Interface = "ftp",
    user: User = None,
    password: Password = None,
    as_json: AsJson = False,
    lang: Lang = "en",
) -> int:
    """Fetch files of the account, from /out."""
    from digipoort_sim.cli.printing import print_json
    from digipoort_sim.cli.progress import progress_bar

    rows = []
    with _box(file_route(state, cert, interface, user, password), lang) as box:
        for entry in box.found(names):
            with progress_bar(entry.name, entry.size or 0) as progress:
                target = box.fetch(entry, out, progress, resume=resume)
            if delete:
                box.remove(entry.path)
            rows.append({**_row(entry), "file": str(target)})
            if not as_json:
                _say(str(target))
    if as_json:
        print_json(rows)
    return 0


def _rm(
    names: _Names,
    cert: Cert,
    state: State = NO_STATE,
    interface: Interface = "ftp",
    user: User = None,
    password: Password = None,
    as_json: AsJson = False,
    lang: Lang = "en",
) -> int:
    """Delete files of the account, in /out or /in."""
    from digipoort_sim.cli.printing import print_json

    rows = []
    with _box(file_route(state, cert, interface, user, password), lang) as box:
        for entry in box.found(names):
            box.remove(entry.path)
            rows.append(_row(entry))
            if not as_json:
                _say(f"removed {entry.path}")
    if as_json:
        print_json(rows)
    return 0


@contextmanager
def _box(route: Route, lang: Language) -> Iterator[FileBox]:
    """The account's files; a refusal ends the command with what to do."""
    from digipoort_sim.client.depots import open_depot
    from digipoort_sim.client.faults import FaultError
    from digipoort_sim.client.file_box import FileBox
    from digipoort_sim.client.file_words import told
    from digipoort_sim.client.folder import CertificateFolder
    from digipoort_sim.client.running import Running
    from digipoort_sim.errors import TechnicalError

    try:
        yield FileBox(open_depot(route, Running.find(route.state), CertificateFolder.open(route.cert)))
    except FaultError as fault:
        raise TechnicalError(told(fault, lang), rule="FTP-REPLY") from None


def _row(entry: FileEntry) -> dict[str, object]:
    from digipoort_sim.clock import wire_time

    modified = None if entry.modified is None else wire_time(entry.modified)
    return {"name": entry.name, "path": entry.path, "size": entry.size, "modified": modified}


def _say(text: str) -> None:
    from digipoort_sim.terminal import visible

    print(visible(text), flush=True)
