"""``send``, and what ``mandate`` shares with it: deliver a parcel, follow it, say how it ended."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digipoort_sim.catalogue import Catalogue, load_catalogue
from digipoort_sim.client.deliveries import (
    Attachment,
    Parcel,
    deliver,
    is_refusal,
    wait_for_end,
)
from digipoort_sim.client.faults import FaultError
from digipoort_sim.client.folder import CertificateFolder
from digipoort_sim.client.options import Route, SendOptions
from digipoort_sim.client.running import Running, rol_of, type_of
from digipoort_sim.client.validation_results import result_lines
from digipoort_sim.config_loading import load_settings
from digipoort_sim.ids import IdSource, SystemIds
from digipoort_sim.terminal import visible

if TYPE_CHECKING:
    from digipoort_sim.client.uploading import Depot

GOOD, REFUSED, FAULT = 0, 3, 4


@dataclass(frozen=True)
class Sender:
    """Delivers parcels by the route that was asked for."""

    route: Route
    running: Running
    folder: CertificateFolder
    catalogue: Catalogue
    ids: IdSource

    @classmethod
    def open(cls, route: Route) -> Sender:
        """Find the simulator and the certificate of a route.

        Raises:
            ConfigError: the certificate folder is not complete, no simulator is running, or a setting or
                the catalogue that it names is wrong.
        """
        return cls(
            route,
            Running.find(route.state),
            CertificateFolder.open(route.cert),
            _catalogue_of(route.state),
            SystemIds(),
        )

    def send(self, parcel: Parcel) -> str:
        """Deliver a parcel; gives its kenmerk.

        Raises:
            FaultError: it was refused at the door.
        """
        if self.route.via == "wus":
            client = self.running.client(self.route.cert, stub=self.route.stub, sha=self.route.sha)
            return deliver(client, parcel)
        return self._send_file(parcel)

    def depot(self) -> Depot:
        """The file door of the route.

        Raises:
            ConfigError: its interface is not open, or a setting is wrong.
        """
        from digipoort_sim.client.depots import open_depot

        return open_depot(self.route, self.running, self.folder)

    def _send_file(self, parcel: Parcel) -> str:
        from digipoort_sim.client.file_box import FileBox
        from digipoort_sim.client.file_names import DeliveryNames, Wanted

        depot = self.depot()
        wanted = Wanted(
            extension=parcel.content.bestandsnaam.rpartition(".")[2] or "xml",
            berichtsoort=parcel.berichtsoort,
            aanleverkenmerk=parcel.aanleverkenmerk or self.ids.uuid(),
        )
        name = DeliveryNames(depot.profile, self.catalogue).made(wanted)
        return FileBox(depot).put(name, parcel.content.inhoud).kenmerk

    def finish(self, berichtsoort: str, kenmerk: str) -> int:
        """Print the kenmerk and, if it was asked for, follow it to its end; gives the exit code."""
        print(kenmerk, flush=True)
        if not self.route.wait:
            return GOOD
        last, code = self.end_of(berichtsoort, kenmerk)
        print(f"{last['statuscode']} {last['statusomschrijving']}")
        if code == REFUSED:
            print(visible(reason_of(last)), file=sys.stderr)
        return code

    def end_of(self, berichtsoort: str, kenmerk: str) -> tuple[dict[str, Any], int]:
        """Follow a message to its final status; gives that and the exit code.

        Raises:
            ConfigError: no status came for a minute and the last one is not final.
        """
        client = self.running.client(self.route.cert, stub=self.route.stub, sha=self.route.sha)
        last = wait_for_end(client, self.catalogue, berichtsoort, kenmerk)[-1]
        return last, REFUSED if is_refusal(last) else GOOD


def _catalogue_of(state: Path) -> Catalogue:
    """The catalogue of the simulator's settings, so that a user's own services and berichtsoorten count."""
    settings = load_settings({"state": state})
    return load_catalogue(settings.catalogue, settings.profiles)


def reason_of(status: dict[str, Any]) -> str:
    """Why a message was refused: the fault of a status on one line, then details that say more.

    The result of a validation is a line per finding.
    """
    fout = status["statusFoutcode"] or {"foutcode": "", "foutbeschrijving": ""}
    lines = [" ".join(f"{fout['foutcode']}: {fout['foutbeschrijving']}".split())] if fout["foutcode"] else []
    found = result_lines(status["statusdetails"])
    if found:
        lines += found
    elif status["statusdetails"] not in (None, "", fout["foutbeschrijving"]):
        lines.append(status["statusdetails"])
    return "\n".join(lines)


def deliver_and_report(route: Route, parcel: Parcel, sender: Sender) -> int:
    """Deliver, print the kenmerk, follow; gives the exit code of the command."""
    try:
        return sender.finish(parcel.berichtsoort, sender.send(parcel))
    except FaultError as fault:
        print(visible(str(fault)), file=sys.stderr)
        return FAULT


def send(options: SendOptions) -> int:
    """Deliver a file by WUS; gives the exit code: 0 good, 3 refused, 4 fault.

    Raises:
        ConfigError: an option is wrong or the simulator cannot be reached.
    """
    content = Attachment.read(options.file, options.mime)
    sender = Sender.open(options.route)
    parcel = Parcel(
        berichtsoort=options.berichtsoort,
        nummer=options.belanghebbende,
        type=type_of(options.belanghebbende, options.type),
        rol=rol_of(sender.folder, options.belanghebbende, options.rol),
        content=content,
        bijlagen=tuple(Attachment.read(path) for path in options.bijlagen),
        aanleverkenmerk=options.aanleverkenmerk,
    )
    return deliver_and_report(options.route, parcel, sender)
