"""What the file door answers to a delivery: its receipt or its error file, found in ``/out``."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass

from lxml import etree

from digipoort_sim.client.faults import FaultError
from digipoort_sim.client.files import FileSession, ReplyError
from digipoort_sim.client.uploading import Depot, Sent, Source, Upload
from digipoort_sim.errors import ConfigError

_PATIENCE_SECONDS = 60.0
_PATIENCE_FOR_USED_SECONDS = 10.0
_USED = "was delivered before"
"""What the door's reply 553 says of a name that was used, and of no other name."""
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

    An upload that goes on from an earlier one may find that the file arrived then: nothing is sent where a
    receipt for this content lies there, or comes.

    Raises:
        UnreachableError: the door cannot be reached, also not after some attempts.
        FaultError: the door refuses, an error file came instead of a receipt, or the checksums differ.
        ConfigError: no answer came in time.
    """
    if not upload.resume:
        return _delivered(upload)
    with upload.depot.session() as ftp:
        there = _names(ftp, upload.depot)
        found = _same(_receipt_in(ftp, upload.depot, upload.name, there), upload.source)
    if found is not None:
        return found
    try:
        return _delivered(upload)
    except ReplyError as refused:
        receipt = _receipt_of_used(upload) if _USED in refused.reply else None
        found = _same(receipt, upload.source)
        if found is None:
            raise
        return found


def _delivered(upload: Upload) -> tuple[Receipt, Sent]:
    sent = upload.run()
    receipt = _answer(upload.depot, upload.name, _PATIENCE_SECONDS + sent.size / _OCTETS_A_SECOND)
    if receipt is None:
        raise ConfigError(
            f"{upload.name} is there, but no receipt for it came in time; do not send it under another name; "
            "look later with: digipoort-sim ftp ls (on its --interface), digipoort-sim messages list, or the "
            f"same again with --name {upload.name} --resume",
            rule="NO-RECEIPT",
        )
    if receipt.sha256 != sent.sha256:
        raise DifferentContentError(receipt, sent)
    return receipt, sent


def _receipt_of_used(upload: Upload) -> Receipt | None:
    """The receipt of what came under a name before, which may still be on its way."""
    profile = upload.depot.profile
    with upload.depot.session() as ftp:
        names = _names(ftp, upload.depot)
    if (
        f"{upload.name}{profile.status_suffix}" in names
        and f"{upload.name}{profile.receipt_suffix}" not in names
    ):
        return None  # its end is there already: the receipt was removed
    return _answer(upload.depot, upload.name, _PATIENCE_FOR_USED_SECONDS)


def _same(receipt: Receipt | None, source: Source) -> tuple[Receipt, Sent] | None:
    """A receipt, if it is one for this content."""
    if receipt is None or receipt.size != source.size:
        return None
    sha256 = source.sha256()
    if receipt.sha256 != sha256:
        return None
    return receipt, Sent(source.size, sha256, source.size, was_there=True)


def _answer(depot: Depot, name: str, seconds: float) -> Receipt | None:
    """The receipt for a file; None if it does not come in time."""
    pause, until = _POLL_SECONDS, time.monotonic() + seconds
    error_file = f"{name}{depot.profile.error_suffix}"
    with depot.session() as ftp:
        while True:
            names = _names(ftp, depot)
            receipt = _receipt_in(ftp, depot, name, names)
            if receipt is not None:
                return receipt
            if error_file in names:
                fout = _fetched(ftp, f"/{depot.profile.out_folder}/{error_file}")
                raise FaultError(_text(fout, "foutcode"), _text(fout, "foutbeschrijving"))
            if time.monotonic() > until:
                return None
            time.sleep(pause)
            pause = min(pause * 1.5, _SLOWEST_POLL_SECONDS)


def _receipt_in(ftp: FileSession, depot: Depot, name: str, names: set[str]) -> Receipt | None:
    """The receipt for a file, if it is among the names in the folder of the answers."""
    file = f"{name}{depot.profile.receipt_suffix}"
    if file not in names:
        return None
    return _receipt(_fetched(ftp, f"/{depot.profile.out_folder}/{file}"), name)


def _names(ftp: FileSession, depot: Depot) -> set[str]:
    """What lies in the folder of the answers."""
    return {path.rsplit("/", 1)[-1] for path in ftp.nlst(f"/{depot.profile.out_folder}")}


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
