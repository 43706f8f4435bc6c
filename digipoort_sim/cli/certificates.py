"""``certs``: the TRIAL authority of a state directory, with or without a running server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, State

if TYPE_CHECKING:
    from digipoort_sim.clock import Clocks
    from digipoort_sim.pki import Authority, Oin

_CLOCK_SECONDS = 5.0
_KINDS = ("kind", "rule", "refused", "wrong")
_COLUMNS = ("serial", "kind", "subject", "oin", "notAfter", "revokedAt")


def register(group: typer.Typer) -> None:
    """Add ``certs issue|issue-bad|list|revoke``."""
    group.command("issue")(_issue)
    group.command("issue-bad")(_issue_bad)
    group.command("list")(_list)
    group.command("revoke")(_revoke)


def _issue(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the five files; they are replaced.")],
    state: State = NO_STATE,
    kvk: Annotated[str | None, typer.Option(metavar="N", help="KvK number.")] = None,
    rsin: Annotated[str | None, typer.Option(metavar="N", help="RSIN.")] = None,
    fi: Annotated[str | None, typer.Option(metavar="N", help="Fiscal number.")] = None,
    oin: Annotated[str | None, typer.Option(metavar="N", help="Whole OIN, 20 digits.")] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Organisation in the subject; else as names show.")
    ] = None,
    password: Annotated[str, typer.Option(metavar="P", help="Password of client.p12.")] = "trial",  # noqa: S107
    host: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="Host name of a party that serves too (an agency); repeatable."),
    ] = None,
) -> int:
    """Issue a client certificate; give one of --kvk, --rsin, --fi and --oin."""
    holder = _holder(kvk=kvk, rsin=rsin, fi=fi, oin=oin)
    authority = _authority(state)
    issued = authority.issue_client(holder, name or _organisation(state, holder), host or ())
    authority.write_client_files(issued, out, password)
    from digipoort_sim.cli.fingerprints import fingerprints

    found = fingerprints(out / "client.pem")
    print(f"OIN      {holder.value}\nfiles    {out}\nSHA-1    {found.sha1}\nSHA-256  {found.sha256}")
    return 0


def _issue_bad(
    kind: Annotated[
        str | None,
        typer.Argument(metavar="KIND", help="What is to be wrong; without it the kinds are listed."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for the five files; they are replaced.")
    ] = None,
    state: State = NO_STATE,
    password: Annotated[str, typer.Option(metavar="P", help="Password of client.p12.")] = "trial",  # noqa: S107
    list_: Annotated[bool, typer.Option("--list", help="List the kinds and how each is refused.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a client certificate that is bad on purpose, to see how your software takes the refusal."""
    if list_ or kind is None:
        _list_kinds(out, as_json=as_json)
        return
    from digipoort_sim.errors import ConfigError
    from digipoort_sim.pki.bad import BAD_KINDS, make_bad

    if out is None:
        raise ConfigError(f"certs issue-bad {kind} needs --out DIR", rule="OPTION")
    if kind not in BAD_KINDS:
        raise ConfigError(
            f"{kind!r} is no kind of bad certificate; they are: {', '.join(BAD_KINDS)}", rule="OPTION"
        )
    authority, bad = _authority(state), BAD_KINDS[kind]
    authority.write_client_files(make_bad(authority, kind), out, password)
    if as_json:
        from digipoort_sim.cli.printing import print_json

        print_json({**_kind_row(kind), "files": str(out)})
        return
    print(f"wrong    {bad.wrong}\nrefused  {bad.refusal}, rule {bad.rule}\nfiles    {out}")


def _list_kinds(out: Path | None, *, as_json: bool) -> None:
    from digipoort_sim.cli.printing import print_rows
    from digipoort_sim.errors import ConfigError
    from digipoort_sim.pki.bad import BAD_KINDS

    if out is not None:
        raise ConfigError("--out needs a KIND: certs issue-bad KIND --out DIR", rule="OPTION")
    print_rows([_kind_row(kind) for kind in BAD_KINDS], _KINDS, as_json=as_json, empty="")


def _kind_row(kind: str) -> dict[str, str]:
    from digipoort_sim.pki.bad import BAD_KINDS

    bad = BAD_KINDS[kind]
    return {"kind": kind, "rule": bad.rule, "refused": bad.refusal, "alert": bad.alert, "wrong": bad.wrong}


def _list(state: State = NO_STATE, as_json: AsJson = False) -> None:
    """List the certificates that were issued, oldest first."""
    from digipoort_sim.cli.printing import print_rows
    from digipoort_sim.web.fields import fields_of

    rows = [fields_of(row) for row in _authority(state).list_certificates()]
    print_rows(rows, _COLUMNS, as_json=as_json, empty="There are no certificates.")


def _revoke(
    what: Annotated[str, typer.Argument(metavar="SERIAL|FILE", help="Serial number in hex, or a PEM file.")],
    state: State = NO_STATE,
) -> None:
    """Revoke a certificate, at once."""
    row = _authority(state).revoke(Path(what) if Path(what).is_file() else what)
    print(f"revoked {row.serial} ({row.subject})")


def _holder(**numbers: str | None) -> Oin:
    from digipoort_sim.errors import ConfigError
    from digipoort_sim.pki import Oin

    given = [(kind, number) for kind, number in numbers.items() if number is not None]
    if len(given) != 1:
        raise ConfigError("give exactly one of --kvk, --rsin, --fi and --oin", rule="OPTION")
    return Oin.from_number(*given[0])


def _organisation(state: Path, holder: Oin) -> str:
    """The name that the trade register has, marked as a trial, as far as it fits a certificate."""
    from digipoort_sim.cli.names import name_in_force
    from digipoort_sim.pki.authority import LONGEST_NAME

    name = str(name_in_force(state, holder.value)["naam"])
    return (name if name.upper().startswith("TRIAL") else f"TRIAL {name}")[:LONGEST_NAME].strip()


def _authority(state: Path) -> Authority:
    from digipoort_sim.ids import SystemIds
    from digipoort_sim.pki import Authority

    return Authority.open(state, _clocks(state), SystemIds())


def _clocks(state: Path) -> Clocks:
    """Real time; beside a running server its simulator's time too, so that certificates are good by both."""
    from digipoort_sim.client.control import Control
    from digipoort_sim.clock import Clocks, FixedClock, RealClock, parse_time
    from digipoort_sim.errors import DigipoortSimError

    real = RealClock()
    try:
        now = parse_time(Control.find(state, timeout=_CLOCK_SECONDS).get("clock")["now"])
    except DigipoortSimError:
        return Clocks(real, real)
    return Clocks(FixedClock(now), real)
