"""The files of one message in ``/out``: its content, and a document that tells about it (s).

Both are written under hidden names, which no listing shows and no command opens. Only when the message is
marked as given they get their names, the content first; so nobody sees a message that is not marked, and what
a client has deleted never comes back. The number of the message in the hidden names tells after a crash
whose parts they are.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from digipoort_sim.clock import wire_time
from digipoort_sim.exchange.outgoing import Outgoing
from digipoort_sim.exchange.values import Content
from digipoort_sim.ftp.profile import Profile
from digipoort_sim.ftp.road.receipts import NAMESPACE, add_element

_SLICE = 1024 * 1024
_HIDDEN = re.compile(r"\.message-(\d{1,18})-(?:content|about)-(.+)", re.DOTALL)
_EXTENSION = re.compile(r"[a-z0-9]{1,10}")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True)
class MessageFiles:
    """Where the files of a message lie, hidden and seen.

    Attributes:
        folder: ``/out`` of the account.
        name: of the content; that of the document has a suffix behind it.
    """

    folder: Path
    id: int
    name: str
    suffix: str

    def prepare(self, message: Outgoing, content: Content, kind: str, moment: float) -> int:
        """Write both files under their hidden names; gives their size in octets. May be repeated.

        Args:
            kind: ``mededeling`` or ``kennisgeving``.
            moment: the files' time in seconds since 1970, by the simulator's clock; retention counts from it.

        Raises:
            OSError: the disk is full or fails.
            TechnicalError: the content cannot be read.
        """
        with content.open() as source:
            size, sha256 = _write(self._hidden("content"), source, moment)
        document = self._document(message, kind, size, sha256)
        with self._hidden("about").open("wb") as file:
            file.write(document)
            _finish(file, moment)
        return size + len(document)

    def publish(self) -> None:
        """Give the files their names, the content first; one that has its name already is passed over."""
        for role, name in (("content", self.name), ("about", self.name + self.suffix)):
            with contextlib.suppress(FileNotFoundError):
                self._hidden(role).replace(self.folder / name)

    def drop(self) -> None:
        """Remove what was prepared and is not to be seen."""
        for role in ("content", "about"):
            self._hidden(role).unlink(missing_ok=True)

    def _hidden(self, role: str) -> Path:
        return self.folder / f".message-{self.id}-{role}-{self.name}"

    def _document(self, message: Outgoing, kind: str, size: int, sha256: str) -> bytes:
        root = etree.Element(f"{{{NAMESPACE}}}bericht", nsmap={"ftp": NAMESPACE})
        add_element(root, "naam", self.name)
        add_element(root, "soort", kind)
        add_element(root, "kenmerk", message.kenmerk)
        add_element(root, "berichtsoort", message.berichtsoort)
        if message.aanleverkenmerk is not None:
            add_element(root, "aanleverkenmerk", message.aanleverkenmerk)
        identity = add_element(root, "identiteitBelanghebbende")
        add_element(identity, "nummer", message.identiteit_belanghebbende.nummer)
        add_element(identity, "type", message.identiteit_belanghebbende.type)
        add_element(root, "tijdstempelAangeleverd", wire_time(message.at))
        add_element(root, "mimeType", message.mime_type)
        add_element(root, "bestandsnaam", message.bestandsnaam)
        add_element(root, "grootte", str(size))
        add_element(root, "sha256", sha256)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def files_of(message: Outgoing, folder: Path, profile: Profile) -> MessageFiles:
    """The files of a message in a folder, by the names that the profile gives them."""
    extension = message.bestandsnaam.rpartition(".")[2].lower()
    name = profile.message_name.format(
        berichtsoort=message.berichtsoort,
        kenmerk=message.kenmerk,
        ext=extension if _EXTENSION.fullmatch(extension) else "bin",
    )
    return MessageFiles(folder, message.id, _NOT_PLAIN.sub("_", name), profile.message_suffix)


def left_hidden(folder: Path, profile: Profile) -> Iterator[MessageFiles]:
    """The messages that a crash left prepared in a folder."""
    names = os.listdir(folder) if folder.is_dir() else ()
    found = {(int(one[1]), one[2]) for one in map(_HIDDEN.fullmatch, names) if one is not None}
    for id_, name in sorted(found):
        yield MessageFiles(folder, id_, name, profile.message_suffix)


def _write(path: Path, source: BinaryIO, moment: float) -> tuple[int, str]:
    """Copy octets into a file in pieces, and force it onto the disk; size and SHA-256 of them."""
    size, digest = 0, hashlib.sha256()
    with path.open("wb") as file:
        while piece := source.read(_SLICE):
            file.write(piece)
            digest.update(piece)
            size += len(piece)
        _finish(file, moment)
    return size, digest.hexdigest()


def _finish(file: BinaryIO, moment: float) -> None:
    file.flush()
    os.fsync(file.fileno())
    os.utime(file.fileno(), (moment, moment))
