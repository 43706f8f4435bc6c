"""``doctor``: examines a vendor's own set-up and names what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, State

if TYPE_CHECKING:
    from digipoort_sim.client.doctor import Diagnosis

GOOD, FAILED = 0, 1
_PASSWORD = "DIGIPOORT_SIM_DOCTOR_PASSWORD"  # noqa: S105 (the name of a variable)

_Cert = Annotated[
    Path,
    typer.Option(metavar="FILE|DIR", help="Certificate (PEM, DER, PKCS#12), or folder of 'certs issue'."),
]
_Ca = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="CAs that vouch for the server [default: ca.pem of the folder, or the machine's].",
    ),
]


def register(app: typer.Typer) -> None:
    """Add ``doctor``."""
    app.command("doctor")(_doctor)


def _doctor(
    cert: _Cert,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Server or endpoint [default: the simulator that runs]."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Private key, if it is not in the certificate's file."),
    ] = None,
    ca: _Ca = None,
    password: Annotated[
        str | None,
        typer.Option(metavar="P", envvar=_PASSWORD, help="Password of the key or PKCS#12 file."),
    ] = None,
    belanghebbende: Annotated[
        str | None,
        typer.Option(metavar="N", help="Whom the test call asks about [default: your OIN]."),
    ] = None,
    type_: Annotated[str, typer.Option("--type", metavar="T", help="Type of that number.")] = "OIN",
    sha: Annotated[Literal["1", "256"], typer.Option(help="Algorithm of signature and digests.")] = "256",
    stub: Annotated[bool, typer.Option("--stub", help="Use the paths of the Aansluit Suite.")] = False,
    timeout: Annotated[
        float, typer.Option(metavar="S", min=0.1, max=600.0, help="Seconds for each step of the way.")
    ] = 10.0,
    state: State = NO_STATE,
    as_json: AsJson = False,
) -> int:
    """Check your own set-up: files, certificate, TLS, endpoint, clock and a signed call that only reads.

    Exit codes: 0 nothing failed; 1 something failed; 2 a bad option.
    """
    from digipoort_sim.client.doctor import DoctorOptions, examine
    from digipoort_sim.client.doctor_file_doors import file_doors
    from digipoort_sim.client.doctor_files import Places
    from digipoort_sim.client.doctor_network import Target

    running = {} if url is not None else _running(state)
    target = Target.of(url if url is not None else str(running["wus"]))
    options = DoctorOptions(
        target=target,
        places=Places.of(cert, key, ca, password),
        state=state,
        stub=stub,
        nummer=belanghebbende,
        type=type_,
        sha=1 if sha == "1" else 256,
        timeout=timeout,
        file_doors=file_doors(running),
    )
    diagnosis = examine(options)
    tell = _print_json if as_json else _print
    tell(target.url(target.path), diagnosis)
    return GOOD if diagnosis.is_good else FAILED


def _running(state: Path) -> dict[str, Any]:
    from digipoort_sim.client.endpoints import read_endpoints

    return read_endpoints(state)


def _print_json(url: str, diagnosis: Diagnosis) -> None:
    from dataclasses import asdict

    from digipoort_sim.cli.printing import print_json

    checks = [{**asdict(one), "outcome": str(one.outcome)} for one in diagnosis.findings]
    print_json({"url": url, "ok": diagnosis.is_good, "checks": checks})


def _print(url: str, diagnosis: Diagnosis) -> None:
    from digipoort_sim.client.doctor_findings import TITLES, Outcome
    from digipoort_sim.terminal import visible

    print(f"{visible(url)}\n")
    for one in diagnosis.findings:
        print(f"{one.outcome:<11}  {TITLES[one.check]}")
        print(f"{'':<13}{_on_one_line(one.found)}")
        if one.mend:
            print(f"{'':<13}to do: {_on_one_line(one.mend)}")
    counts = {outcome: sum(one.outcome is outcome for one in diagnosis.findings) for outcome in Outcome}
    print("\n" + ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count))


def _on_one_line(text: str) -> str:
    from digipoort_sim.terminal import visible

    return visible(" ".join(text.split()))
