"""What the file door answers to a delivery: its receipt or its error file, found in ``/out``."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass

from lxml import etree

from digipoort_sim.client.faults import FaultError
from digipoort_sim.client.files import FileSession
from digipoort_sim.client.uploading import Depot, Sent, Upload
from digipoort_sim.errors import ConfigError

_PATIENCE_SECONDS = 60.0
_OCTETS_A_SECOND = 8 * 1024 * 1024
_POLL_SECONDS, _SLOWEST_POLL_SECONDS = 0.05, 1.0


@dataclass(frozen=True)
class Receipt:
    """The simulator has the file, and made a message of it.

    Attributes:
        name: the file's name at the door.
        size: octets, as the receipt says.
        sha256: as the receipt says.
    """

    name: str
    kenmerk: str
    size: int
    sha256: str
    statuscode: str


class DifferentContentError(FaultError):
    """What the receipt says that came is not what was sent."""

    def __init__(self, receipt: Receipt, sent: Sent) -> None:
        super().__init__(
            "",
            f"{receipt.name} came as something else than was sent: the receipt tells {receipt.size} bytes "
            f"with SHA-256 {receipt.sha256}, sent were {sent.size} with {sent.sha256}; its kenmerk is "
            f"{receipt.kenmerk}. Deliver the file anew, under another name",
        )


def deliver_file(upload: Upload) -> tuple[Receipt, Sent]:
    """Upload a file and wait for its receipt, whose checksum must be that of the file.

    Raises:
        UnreachableError: the door cannot be reached, also not after some attempts.
        FaultError: the door refuses, an error file came instead of a receipt, or the checksums differ.
        ConfigError: no answer came in time.
    """
    sent = upload.run()
    receipt = _answer(upload.depot, upload.name, sent.size)
    if receipt.sha256 != sent.sha256:
        raise DifferentContentError(receipt, sent)
    return receipt, sent


def _answer(depot: Depot, name: str, size: int) -> Receipt:
    profile, pause = depot.profile, _POLL_SECONDS
    until = time.monotonic() + _PATIENCE_SECONDS + size / _OCTETS_A_SECOND
    with depot.session() as ftp:
        while True:
            names = {path.rsplit("/", 1)[-1] for path in ftp.nlst(f"/{profile.out_folder}")}
            if f"{name}{profile.receipt_suffix}" in names:
                return _receipt(_fetched(ftp, f"/{profile.out_folder}/{name}{profile.receipt_suffix}"), name)
            if f"{name}{profile.error_suffix}" in names:
                fout = _fetched(ftp, f"/{profile.out_folder}/{name}{profile.error_suffix}")
                raise FaultError(_text(fout, "foutcode"), _text(fout, "foutbeschrijving"))
            if time.monotonic() > until:
                raise ConfigError(
                    f"{name} is there, but no receipt for it came in time; do not send it again, look "
                    "later with: digipoort-sim ftp ls (on its --interface), digipoort-sim messages list",
                    rule="NO-RECEIPT",
                )
            time.sleep(pause)
            pause = min(pause * 1.5, _SLOWEST_POLL_SECONDS)


def _receipt(root: etree._Element, name: str) -> Receipt:
    size = _text(root, "grootte")
    return Receipt(
        name,
        _text(root, "kenmerk"),
        int(size) if size.isascii() and size.isdigit() else 0,
        _text(root, "sha256"),
        _text(root, "statuscode"),
    )


def _fetched(ftp: FileSession, path: str) -> etree._Element:
    buffer = io.BytesIO()
    ftp.retrbinary(f"RETR {path}", buffer.write)
    return etree.fromstring(buffer.getvalue(), etree.XMLParser(resolve_entities=False, no_network=True))


def _text(root: etree._Element, name: str) -> str:
    found = root.find(f".//{{*}}{name}")
    return (found.text or "") if found is not None else ""
