"""The files that the simulator puts in ``/out``: receipt, final status, and error (all (s))."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from lxml import etree

from digipoort_sim.clock import wire_time
from digipoort_sim.exchange.values import Identity, Status
from digipoort_sim.ftp.file_name import FileName
from digipoort_sim.ftp.ledger import Entry
from digipoort_sim.ftp.profile import Profile
from digipoort_sim.store.disk import force
from digipoort_sim.xml_names import NOT_XML

NAMESPACE = "urn:digipoort-sim:ftp:2026"
"""Namespace of the three documents, which are of the simulator's own making."""

_PART_PREFIX, _READY_PREFIX = ".part-", ".ready-"
"""Of documents that are being written, and of those that are whole; no listing shows a hidden file."""


def receipt_document(entry: Entry, name: FileName, status: tuple[str, str]) -> etree._Element:
    """``<name>.ontvangst.xml``: the delivery has a kenmerk.

    Args:
        entry: one that was accepted.
        status: the first statuscode and its omschrijving.
    """
    root = _root("ontvangst")
    add_element(root, "bestandsnaam", entry.name)
    add_element(root, "kenmerk", entry.kenmerk)
    add_element(root, "berichtsoort", name.berichtsoort)
    if name.aanleverkenmerk is not None:
        add_element(root, "aanleverkenmerk", name.aanleverkenmerk)
    if entry.accepted is not None:
        add_element(root, "tijdstempelAangeleverd", wire_time(entry.accepted))
    add_element(root, "grootte", str(entry.size))
    add_element(root, "sha256", entry.sha256)
    add_element(root, "statuscode", status[0])
    add_element(root, "statusomschrijving", status[1])
    return root


def status_document(name: str, status: Status) -> etree._Element:
    """``<name>.status.xml``: the final status, with all its fields."""
    root = _root("status")
    add_element(root, "bestandsnaam", name)
    add_element(root, "kenmerk", status.kenmerk)
    _add_identity(root, "identiteitBelanghebbende", status.identiteit_belanghebbende)
    add_element(root, "statuscode", status.statuscode)
    add_element(root, "tijdstempelStatus", wire_time(status.tijdstempel_status))
    add_element(root, "statusomschrijving", status.statusomschrijving)
    if status.status_foutcode is not None:
        fout = add_element(root, "statusFoutcode")
        add_element(fout, "foutcode", status.status_foutcode.foutcode)
        add_element(fout, "foutbeschrijving", status.status_foutcode.foutbeschrijving)
    if status.statusdetails is not None:
        add_element(root, "statusdetails", status.statusdetails)
    return root


def error_document(name: str, foutcode: str, foutbeschrijving: str) -> etree._Element:
    """``<name>.fout.xml``: the delivery was refused and has no kenmerk."""
    root = _root("fout")
    add_element(root, "bestandsnaam", name)
    add_element(root, "foutcode", foutcode)
    add_element(root, "foutbeschrijving", foutbeschrijving)
    return root


def write_document(folder: Path, name: str, document: etree._Element, moment: float) -> None:
    """Put a document in a folder under its name, at once and whole; one of that name is replaced.

    Args:
        moment: the file's time in seconds since 1970, by the simulator's clock; retention counts from it.
    """
    begin_document(folder, name, document, moment)
    prepare_document(folder, name)
    publish_document(folder, name)
    force(folder)


def begin_document(folder: Path, name: str, document: etree._Element, moment: float) -> None:
    """Write a document under a hidden name; it may not be on the disk yet.

    Args:
        moment: as for `write_document`.

    Raises:
        OSError: the disk is full or fails; nothing is left of it.
    """
    part = folder / f"{_PART_PREFIX}{name}"
    try:
        part.write_bytes(etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True))
        os.utime(part, (moment, moment))
    except OSError:
        part.unlink(missing_ok=True)
        raise


def prepare_document(folder: Path, name: str) -> None:
    """Force a document that was begun onto the disk, so that nothing but its name is missing.

    Raises:
        OSError: the disk fails; nothing is left of it.
    """
    part = folder / f"{_PART_PREFIX}{name}"
    try:
        force(part)
        part.replace(folder / f"{_READY_PREFIX}{name}")
    except OSError:
        part.unlink(missing_ok=True)
        raise


def publish_document(folder: Path, name: str) -> None:
    """Give a document that was prepared its name; nothing happens if it has it already."""
    with contextlib.suppress(FileNotFoundError):
        (folder / f"{_READY_PREFIX}{name}").replace(folder / name)


def left_over(folder: Path) -> list[str]:
    """The names of the documents that a crash left prepared; what was not whole yet is removed."""
    ready = []
    for name in os.listdir(folder) if folder.is_dir() else ():
        if name.startswith(_READY_PREFIX):
            ready.append(name.removeprefix(_READY_PREFIX))
        elif name.startswith(_PART_PREFIX):
            (folder / name).unlink(missing_ok=True)
    return ready


def drop_document(folder: Path, name: str) -> None:
    """Remove a document that was prepared and is not to be seen."""
    (folder / f"{_READY_PREFIX}{name}").unlink(missing_ok=True)


def remove_answers(folder: Path, name: str, profile: Profile) -> None:
    """Remove what was answered to an earlier file of this name."""
    for suffix in (profile.receipt_suffix, profile.status_suffix, profile.error_suffix):
        (folder / f"{name}{suffix}").unlink(missing_ok=True)


def _root(name: str) -> etree._Element:
    return etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={"ftp": NAMESPACE})


def add_element(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    """Add an element of the simulator's namespace; what XML cannot have in a text becomes ``?``."""
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = None if text is None else NOT_XML.sub("?", text)
    return element


def _add_identity(parent: etree._Element, name: str, identity: Identity) -> None:
    element = add_element(parent, name)
    add_element(element, "nummer", identity.nummer)
    add_element(element, "type", identity.type)
