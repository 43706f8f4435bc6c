"""Delivering a message by WUS: the reference client's side of aanleveren and statusinformatie."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.client.soap import WusClient
from digipoort_sim.clock import wire_time
from digipoort_sim.errors import ConfigError
from digipoort_sim.validation.signatures import MIME_TYPES
from digipoort_sim.wus.names import AANLEVEREN, STATUSINFORMATIE

GEEN_AUSP = "http://geenausp.nl"
_POLL_SECONDS = 0.1
_SLOWEST_POLL_SECONDS = 1.0
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Attachment:
    """A file with its name and MIME type, as berichtInhoud or bijlage."""

    bestandsnaam: str
    mime_type: str
    inhoud: bytes

    @classmethod
    def read(cls, path: Path, mime_type: str | None = None) -> Attachment:
        """Read a file; its MIME type follows from its ending unless given.

        Raises:
            ConfigError: the file cannot be read.
        """
        try:
            inhoud = path.read_bytes()
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror}", rule="FILE") from error
        guess = MIME_TYPES.get(path.suffix.lower(), "application/octet-stream")
        return cls(path.name, mime_type or guess, inhoud)

    def element(self) -> dict[str, Any]:
        """As zeep wants it for berichtInhoudType."""
        return {"mimeType": self.mime_type, "bestandsnaam": self.bestandsnaam, "inhoud": self.inhoud}


@dataclass(frozen=True)
class Parcel:
    """What is delivered, for whom and as what.

    Attributes:
        nummer: number of the belanghebbende.
        type: type of that number.
    """

    berichtsoort: str
    nummer: str
    type: str
    rol: str
    content: Attachment
    bijlagen: tuple[Attachment, ...] = ()
    aanleverkenmerk: str | None = None


def deliver(client: WusClient, parcel: Parcel) -> str:
    """Deliver by WUS; gives the kenmerk.

    Raises:
        FaultError: Digipoort refused it.
    """
    fields: dict[str, Any] = {
        "berichtsoort": parcel.berichtsoort,
        "identiteitBelanghebbende": {"nummer": parcel.nummer, "type": parcel.type},
        "rolBelanghebbende": parcel.rol,
        "berichtInhoud": parcel.content.element(),
        "autorisatieAdres": GEEN_AUSP,
    }
    if parcel.aanleverkenmerk is not None:
        fields["aanleverkenmerk"] = parcel.aanleverkenmerk
    if parcel.bijlagen:
        fields["berichtBijlagen"] = {"bijlage": [bijlage.element() for bijlage in parcel.bijlagen]}
    return str(client.call(AANLEVEREN, "aanleveren", **fields).kenmerk)


def statuses(client: WusClient, kenmerk: str, *, new: bool = False) -> list[dict[str, Any]]:
    """The statuses of a process, oldest first, with the field names of the wire.

    Raises:
        FaultError: Digipoort refused the question.
    """
    operation = "getNieuweStatussenProces" if new else "getStatussenProces"
    answer = client.call(STATUSINFORMATIE, operation, kenmerk=kenmerk, autorisatieAdres=GEEN_AUSP)
    return [_status(row) for row in answer or ()]


def _status(row: Any) -> dict[str, Any]:
    moment: datetime = row.tijdstempelStatus
    fout = row.statusFoutcode
    return {
        "statuscode": row.statuscode,
        "statusomschrijving": row.statusomschrijving,
        "tijdstempelStatus": wire_time(moment),
        "statusFoutcode": None
        if fout is None
        else {"foutcode": fout.foutcode, "foutbeschrijving": fout.foutbeschrijving},
        "statusdetails": row.statusdetails,
    }


def is_final(catalogue: Catalogue, berichtsoort: str, status: dict[str, Any]) -> bool:
    """Whether a process ends with this status: a final code, a foutcode, or 400 without an answer."""
    if status["statusFoutcode"] is not None:
        return True
    code = catalogue.statuses.get(status["statuscode"])
    kind = catalogue.berichtsoorten.get(berichtsoort)
    if status["statuscode"] == "400" and kind is not None and not kind.answers:
        return True
    return code is not None and code.final


def is_refusal(status: dict[str, Any]) -> bool:
    """Whether a final status means that the message was refused."""
    return status["statuscode"] not in ("400", "500")


def wait_for_end(
    client: WusClient, catalogue: Catalogue, berichtsoort: str, kenmerk: str
) -> list[dict[str, Any]]:
    """Follow a process to its final status; gives all its statuses.

    Raises:
        ConfigError: no status came for a minute and the last one is not final.
    """
    pause, seen, until = _POLL_SECONDS, 0, time.monotonic() + _PATIENCE_SECONDS
    while True:
        rows = statuses(client, kenmerk)
        if rows and is_final(catalogue, berichtsoort, rows[-1]):
            return rows
        if len(rows) > seen:
            pause, seen, until = _POLL_SECONDS, len(rows), time.monotonic() + _PATIENCE_SECONDS
        if time.monotonic() > until:
            last = rows[-1]["statuscode"] if rows else "none"
            raise ConfigError(
                f"{kenmerk} has no final status yet, the last one is {last}; ask again with poll "
                "(a retry may wait for the clock: see clock advance)",
                rule="NOT-FINAL",
            )
        time.sleep(pause)
        pause = min(pause * 1.5, _SLOWEST_POLL_SECONDS)
