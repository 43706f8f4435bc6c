"""What the SOAP door is given by the server: the rooms behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.clock import Clocks
from digipoort_sim.config import Settings
from digipoort_sim.ids import IdSource
from digipoort_sim.pki import Authority, Trust
from digipoort_sim.store import Store

if TYPE_CHECKING:
    from digipoort_sim.exchange import PostOffice


class Rooms(Protocol):
    """The part of `digipoort_sim.server.Inner` that this door uses."""

    @property
    def settings(self) -> Settings:
        """All settings."""
        ...

    @property
    def clocks(self) -> Clocks:
        """Both times; this door judges by the security clock."""
        ...

    @property
    def ids(self) -> IdSource:
        """The source of MessageIDs."""
        ...

    @property
    def catalogue(self) -> Catalogue:
        """For the texts of faults."""
        ...

    @property
    def store(self) -> Store:
        """Asked only whether it is SQLite, which is quick enough for the event loop."""
        ...

    @property
    def authority(self) -> Authority:
        """Holds the certificate that signs answers, and the CRLs."""
        ...

    @property
    def trust(self) -> Trust:
        """Judges client and signing certificates."""
        ...

    @property
    def office(self) -> PostOffice:
        """Everything that operations do."""
        ...
