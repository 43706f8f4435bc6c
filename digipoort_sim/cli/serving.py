"""``serve`` and ``readyz``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digipoort_sim.cli.choices import NO_STATE, ConfigFile, State, StateIfGiven

if TYPE_CHECKING:
    from digipoort_sim.exchange.rooms import Rooms
    from digipoort_sim.server import Endpoints

_POLL_SECONDS = 0.05
_ONE_TRY_SECONDS = 5.0


def register(app: typer.Typer) -> None:
    """Add ``serve`` and ``readyz``."""
    app.command("serve")(_serve)
    app.command("readyz")(_readyz)


_WusPort = Annotated[
    int | None, typer.Option(min=0, max=65535, metavar="N", help="SOAP door; 0 is any [default: 8443].")
]
_FtpPort = Annotated[
    int | None, typer.Option(min=0, max=65535, metavar="N", help="File door; 0 is any [default: 2121].")
]
_FtpGbPort = Annotated[
    int | None,
    typer.Option(
        min=0, max=65535, metavar="N", help="File door for large messages (GB); 0 is any [default: 2122]."
    ),
]
_FtpImplicitPort = Annotated[
    int | None,
    typer.Option(
        min=0, max=65535, metavar="N", help="Also the file door with TLS at once, such as 2990; 0 is any."
    ),
]
_WebPort = Annotated[
    int | None, typer.Option(min=0, max=65535, metavar="N", help="Web door; 0 is any [default: 8080].")
]
_Host = Annotated[
    str | None, typer.Option(metavar="H", help="Address of the SOAP and file doors [default: 127.0.0.1].")
]
_WebHost = Annotated[
    str | None,
    typer.Option(metavar="H", help="Address of the web door; it then wants the token in DIR/web-token."),
]
_Workers = Annotated[
    int | None, typer.Option(min=1, max=64, metavar="N", help="Processes of the SOAP door [default: 1].")
]


def _serve(
    ctx: typer.Context,
    state: StateIfGiven = None,
    config: ConfigFile = None,
    wus_port: _WusPort = None,
    ftp_port: _FtpPort = None,
    ftp_gb_port: _FtpGbPort = None,
    ftp_implicit_port: _FtpImplicitPort = None,
    web_port: _WebPort = None,
    host: _Host = None,
    web_host: _WebHost = None,
    workers: _Workers = None,
) -> int:
    """Run the simulator until it is interrupted."""
    from digipoort_sim.config_loading import load_settings
    from digipoort_sim.errors import ConfigError, ConflictError

    options: dict[str, object] = {
        "state": state or ctx.obj,
        "wus_port": wus_port,
        "ftp_port": ftp_port,
        "ftp_gb_port": ftp_gb_port,
        "ftp_implicit_port": ftp_implicit_port,
        "web_port": web_port,
        "host": host,
        "web_host": web_host,
        "workers": workers,
    }
    settings = load_settings(options, config_file=config)
    from digipoort_sim.server import run

    try:
        run(settings, _announce)
    except ConflictError as error:
        raise ConfigError(error.detail, rule=error.rule) from error
    return 0


def _announce(inner: Rooms, endpoints: Endpoints) -> None:
    """Tell where the simulator is and how to call it."""
    state = inner.settings.state
    paths = inner.authority.paths
    lines = [
        "digipoort-sim is ready (SIMULATOR, not the real Digipoort)",
        "",
        f"  WUS (SOAP)           {endpoints.wus}",
        f"  FTPS                 {endpoints.ftp}",
        f"  FTPS, large (GB)     {endpoints.ftp_gb}",
        *_implicit(endpoints),
        f"  console, API         {endpoints.web}",
        f"  CA file              {endpoints.ca}",
        f"  service certificate  {endpoints.service_certificate}",
        "",
        *_fingerprints("TLS certificate", paths.server_chain),
        *_fingerprints("service certificate", paths.service_certificate),
        "",
        "Issue a client certificate:",
        f"  digipoort-sim certs issue --kvk 90000003 --out ./client --state {state}",
    ]
    if inner.settings.web_host is not None:
        lines.append(f"The web door wants the token in {state / 'web-token'}")
    print("\n".join(lines), flush=True)


def _implicit(endpoints: Endpoints) -> list[str]:
    url = endpoints.ftp_implicit
    return [] if url is None else [f"  FTPS, TLS at once    {url}"]


def _fingerprints(label: str, file: Path) -> list[str]:
    from digipoort_sim.cli.fingerprints import fingerprints

    found = fingerprints(file)
    return [f"  {label:<20} SHA-1   {found.sha1}", f"  {'':<20} SHA-256 {found.sha256}"]


def _readyz(
    state: State = NO_STATE,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is ready.")] = False,
    timeout: Annotated[float, typer.Option(min=0.0, metavar="S", help="Seconds to wait at most.")] = 30.0,
) -> int:
    """Exit 0 when the simulator is ready, 2 when it is not."""
    from digipoort_sim.client.endpoints import UnreachableError
    from digipoort_sim.errors import TechnicalError

    until = time.monotonic() + (timeout if wait else 0.0)
    while True:
        try:
            return _ready(state)
        except (UnreachableError, TechnicalError) as error:
            if time.monotonic() >= until:
                print(f"digipoort-sim: not ready: {error.detail}", file=sys.stderr)
                return 2
        time.sleep(_POLL_SECONDS)


def _ready(state: Path) -> int:
    from digipoort_sim.client.control import Control

    Control.find(state, timeout=_ONE_TRY_SECONDS).get("readyz")
    print("ready")
    return 0
