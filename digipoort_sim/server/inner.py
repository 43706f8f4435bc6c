"""Everything behind the doors, opened once per process."""

from __future__ import annotations

from collections.abc import Mapping

from digipoort_sim.agencies import Agencies, conditions_of
from digipoort_sim.catalogue import Catalogue, load_catalogue
from digipoort_sim.catalogue.file_profiles import profiles_in_force
from digipoort_sim.clock import ClockReading, Clocks, RealClock, SimulatorClock
from digipoort_sim.config import Settings
from digipoort_sim.exchange import PostOffice, Scheduler, read_clock
from digipoort_sim.exchange.external import AgencyLine
from digipoort_sim.exchange.file_faults import Certify, FileFaults
from digipoort_sim.exchange.foreign_office import registered_names
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.ids import IdSource, SystemIds
from digipoort_sim.letters import Letters
from digipoort_sim.pki.authority import Authority
from digipoort_sim.pki.certificate import IssuedCertificate
from digipoort_sim.pki.trust import Trust
from digipoort_sim.register import Register
from digipoort_sim.register.names_file import open_trade_register
from digipoort_sim.store import Store
from digipoort_sim.validation.opening import open_validator


def open_inner(settings: Settings) -> Rooms:
    """Open the state directory, the database and the authority, and put the rooms together.

    Raises:
        ConfigError: a setting, a catalogue file or the file of names is wrong, or the database cannot be
            reached.
    """
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    catalogue = load_catalogue(settings.catalogue, settings.profiles)
    file_profiles = profiles_in_force(settings)
    names = open_trade_register(settings.register_.names)
    ids = SystemIds()
    validator = open_validator(settings, catalogue)
    store = Store.open(settings.database())
    names = names.with_registered(registered_names(store))
    clocks = _clocks(settings, store)
    authority = Authority.open(settings.state, clocks, ids)
    register = Register(catalogue, settings.register_, ids)
    agencies = Agencies(catalogue, conditions_of(settings.agencies, catalogue))
    trust = Trust.from_authority(authority)
    lines = _agency_lines(settings, catalogue, clocks, ids, authority, trust)
    office = PostOffice(
        store, catalogue, clocks, ids, settings, register, agencies, lines, validator.validator
    )
    return Rooms(
        settings=settings,
        clocks=clocks,
        ids=ids,
        catalogue=catalogue,
        store=store,
        authority=authority,
        trust=trust,
        register=register,
        agencies=agencies,
        names=names,
        letters=Letters(catalogue, names),
        office=office,
        scheduler=Scheduler(office),
        validator=validator,
        file_profiles=file_profiles,
        file_faults=FileFaults(
            catalogue, clocks, settings.file_faults, _bad_certificates(authority, settings)
        ),
    )


def _bad_certificates(authority: Authority, settings: Settings) -> Certify:
    def certify(kind: str) -> IssuedCertificate:
        from digipoort_sim.pki.bad_server import make_bad_server

        return make_bad_server(authority, kind, settings.server_names)

    return certify


def _agency_lines(
    settings: Settings,
    catalogue: Catalogue,
    clocks: Clocks,
    ids: IdSource,
    authority: Authority,
    trust: Trust,
) -> Mapping[str, AgencyLine]:
    if not settings.agencies.endpoints:
        return {}
    from digipoort_sim.wus.agency_calls import CallRooms, open_lines

    return open_lines(CallRooms(settings, clocks, ids, authority, trust), catalogue)


def _clocks(settings: Settings, store: Store) -> Clocks:
    real = RealClock()

    def reading() -> ClockReading:
        return read_clock(store)

    simulator = SimulatorClock(real, reading)
    return Clocks(simulator, simulator if settings.security_clock == "simulated" else real)
