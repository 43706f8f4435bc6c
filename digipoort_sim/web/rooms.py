"""What the web door needs of the rooms behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from digipoort_sim.catalogue import Catalogue
    from digipoort_sim.clock import Clocks
    from digipoort_sim.config import Settings
    from digipoort_sim.exchange import PostOffice, Scheduler
    from digipoort_sim.ids import IdSource
    from digipoort_sim.pki import Authority
    from digipoort_sim.register import Register
    from digipoort_sim.store import Store


class Rooms(Protocol):
    """The part of the server's inner bundle that the web door looks into."""

    @property
    def settings(self) -> Settings: ...  # noqa: D102

    @property
    def clocks(self) -> Clocks: ...  # noqa: D102

    @property
    def ids(self) -> IdSource: ...  # noqa: D102

    @property
    def catalogue(self) -> Catalogue: ...  # noqa: D102

    @property
    def store(self) -> Store: ...  # noqa: D102

    @property
    def authority(self) -> Authority: ...  # noqa: D102

    @property
    def office(self) -> PostOffice: ...  # noqa: D102

    @property
    def register(self) -> Register: ...  # noqa: D102

    @property
    def scheduler(self) -> Scheduler: ...  # noqa: D102
