"""What an account of the file door wants in its ``/out`` besides receipts: mededelingen and kennisgevingen.

That messages of both kinds go from agencies to users is published; which message is which is not. Here a
kennisgeving is what the catalogue says is one (the mandate register's overviews), and a mededeling is every
other message for a party, such as a service message of an agency (s).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, get_args

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.errors import ConfigError

Interface = Literal["ftp", "ftp_gb"]
INTERFACES: tuple[str, ...] = get_args(Interface)
"""Keys of the file interfaces whose ``/out`` may be chosen; the first unless the account says otherwise."""

ALL = "all"
NONE = "none"
KINDS = {"mededeling": "mededelingen", "kennisgeving": "kennisgevingen"}
"""The kinds of message, with the word that stands for all of one kind."""


@dataclass(frozen=True)
class Wants:
    """What is delivered to ``/out``, and whose.

    Attributes:
        what: ``all``, words for kinds of message, and names of berichtsoorten; empty for nothing.
        interface: key of the interface in whose ``/out`` it is put.
    """

    what: tuple[str, ...] = ()
    interface: str = INTERFACES[0]

    def takes(self, berichtsoort: str, kind: str) -> bool:
        """Whether a message is wanted.

        Args:
            kind: ``mededeling`` or ``kennisgeving``, see `kind_of`.
        """
        return ALL in self.what or KINDS[kind] in self.what or berichtsoort in self.what

    @property
    def text(self) -> str:
        """The words that `parse` takes for it."""
        return ",".join(self.what) or NONE


NOTHING = Wants()


def kind_of(catalogue: Catalogue, berichtsoort: str) -> str:
    """``mededeling`` or ``kennisgeving``."""
    row = catalogue.berichtsoorten.get(berichtsoort)
    return (row.kind if row is not None else "") or "mededeling"


def parse(text: str, interface: str, catalogue: Catalogue) -> Wants:
    """What a person writes: ``none``, ``all``, or kinds and berichtsoorten with commas between them.

    Raises:
        ConfigError: a word is none of these, or there is no such interface (rule ``FTP-WANTS``).
    """
    if interface not in INTERFACES:
        raise ConfigError(
            f"there is no file interface {interface[:40]!r}; there are: {', '.join(INTERFACES)}",
            rule="FTP-WANTS",
        )
    words = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    rows = catalogue.berichtsoorten.values()
    known = (*KINDS.values(), *(row.name for row in rows if row.direction == "out"))
    if words in ((), (NONE,), (ALL,)):
        return Wants(words if words == (ALL,) else (), interface)
    for word in words:
        if word not in known:
            raise ConfigError(
                f"{word[:40]!r} cannot be delivered to /out; write {ALL}, {NONE}, or some of: "
                f"{', '.join(known)}",
                rule="FTP-WANTS",
            )
    return Wants(words, interface)


def to_json(wants: Wants) -> str | None:
    """How it is kept; None for nothing at the first interface, as accounts of older releases have it."""
    if wants == NOTHING:
        return None
    return json.dumps({"what": wants.what, "interface": wants.interface})


def from_json(kept: str | None) -> Wants:
    """What was kept."""
    if kept is None:
        return NOTHING
    fields = json.loads(kept)
    return Wants(tuple(fields["what"]), fields["interface"])
