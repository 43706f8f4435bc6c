"""What the doors are given: the rooms behind them, opened once per process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # so that who only names this type does not load what is in it
    from digipoort_sim.agencies import Agencies
    from digipoort_sim.catalogue import Catalogue
    from digipoort_sim.catalogue.file_profiles import Profile
    from digipoort_sim.clock import Clocks
    from digipoort_sim.config import Settings
    from digipoort_sim.exchange.file_faults import FileFaults
    from digipoort_sim.exchange.mandate_office import MandateOffice
    from digipoort_sim.exchange.office import PostOffice
    from digipoort_sim.exchange.scheduler import Scheduler
    from digipoort_sim.ids import IdSource
    from digipoort_sim.letters import Letters
    from digipoort_sim.pki import Authority, Trust
    from digipoort_sim.register import Register
    from digipoort_sim.register.trade_names import TradeRegister
    from digipoort_sim.store import Store
    from digipoort_sim.validation.opening import OpenValidator


@dataclass(frozen=True)
class Rooms:
    """The post office, the register and the ground floor.

    Attributes:
        clocks: both times; doors judge by the security clock.
        store: doors ask it only whether it is SQLite, which is quick enough for an event loop.
        authority: holds the certificate that signs answers, and the CRLs.
        trust: judges client and signing certificates, revocation included.
        names: the trade register's stand-in; every name that is shown comes from it.
        letters: renders the register's letters.
        office: everything that operations do.
        validator: checks contents; the process that runs the jobs warms and closes what it holds.
        file_profiles: the rules of the file interfaces by their key.
        file_faults: what was asked for in this process, which is to be that of the file door.
    """

    settings: Settings
    clocks: Clocks
    ids: IdSource
    catalogue: Catalogue
    store: Store
    authority: Authority
    trust: Trust
    register: Register
    agencies: Agencies
    names: TradeRegister
    letters: Letters
    office: PostOffice
    scheduler: Scheduler
    validator: OpenValidator
    file_profiles: Mapping[str, Profile]
    file_faults: FileFaults

    @property
    def mandates(self) -> MandateOffice:
        """The register, asked by other ways than a message."""
        return self.office.mandates

    def close(self) -> None:
        """Give back what the store holds."""
        self.store.close()
