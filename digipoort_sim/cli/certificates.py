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
_COLUMNS = ("serial", "kind", "subject", "oin", "notAfter", "revokedAt")


def register(group: typer.Typer) -> None:
    """Add ``certs issue|list|revoke``."""
    group.command("issue")(_issue)
    group.command("list")(_list)
    group.command("revoke")(_revoke)


def _issue(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the five files; they are replaced.")],
    state: State = NO_STATE,
    kvk: Annotated[str | None, typer.Option(metavar="N", help="KvK number.")] = None,
    rsin: Annotated[str | None, typer.Option(metavar="N", help="RSIN.")] = None,
    fi: Annotated[str | None, typer.Option(metavar="N", help="Fiscal number.")] = None,
    oin: Annotated[str | None, typer.Option(metavar="N", help="Whole OIN, 20 digits.")] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Organisation in the subject.")] = None,
    password: Annotated[str, typer.Option(metavar="P", help="Password of client.p12.")] = "trial",  # noqa: S107
) -> int:
    """Issue a client certificate; give one of --kvk, --rsin, --fi and --oin."""
    holder = _holder(kvk=kvk, rsin=rsin, fi=fi, oin=oin)
    authority = _authority(state)
    issued = authority.issue_client(holder, name or f"TRIAL {holder.value}")
    authority.write_client_files(issued, out, password)
    from digipoort_sim.cli.fingerprints import fingerprints

    found = fingerprints(out / "client.pem")
    print(f"OIN      {holder.value}\nfiles    {out}\nSHA-1    {found.sha1}\nSHA-256  {found.sha256}")
    return 0


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
