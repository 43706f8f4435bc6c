"""A real file door with a real post office behind it, on free ports and in a state directory of its own."""

from __future__ import annotations

import ftplib
import functools
import io
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.agencies import Agencies
from digipoort_sim.catalogue import Catalogue, load_catalogue
from digipoort_sim.catalogue.file_profiles import profiles_in_force
from digipoort_sim.clock import Clocks, FixedClock, RealClock
from digipoort_sim.config import Settings
from digipoort_sim.exchange import PostOffice, Scheduler
from digipoort_sim.exchange.accounts import Accounts
from digipoort_sim.exchange.events import EventRecord
from digipoort_sim.exchange.file_faults import FileFaults
from digipoort_sim.ftp import FtpDoor, Profile, load_profile
from digipoort_sim.ids import IdSource, SystemIds
from digipoort_sim.pki.authority import Authority
from digipoort_sim.pki.bad import make_bad
from digipoort_sim.pki.bad_server import make_bad_server
from digipoort_sim.pki.oin import Oin
from digipoort_sim.pki.tls import client_context
from digipoort_sim.pki.trust import Trust
from digipoort_sim.register import Register
from digipoort_sim.store import Store
from tests.exchange.agencies import Line
from tests.postgres import database_url, new_name, postgres_server, postgres_url

__all__ = ["database_url", "new_name", "postgres_server", "postgres_url"]
OIN = "00000003302162470000"
OTHER_OIN = "00000003111111110000"
BELASTINGDIENST = "00000002003214394002"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LOON = b"""<?xml version="1.0" encoding="UTF-8"?>
<Loonaangifte xmlns="http://xml.belastingdienst.nl/schemas/Loonaangifte/2026/01" version="2.0">
<Bericht><IdBer>1</IdBer><DatTdAanm>2026-11-02T09:00:00</DatTdAanm></Bericht>
<AdministratieveEenheid><LhNr>000000000L01</LhNr>
</AdministratieveEenheid></Loonaangifte>
"""


def loon_name(aanleverkenmerk: str = "ref-1", oin: str = BELASTINGDIENST, ext: str = "xml") -> str:
    """A good file name for a loonaangifte."""
    return f"Aangifte_LH_{aanleverkenmerk}_{oin}.{ext}"


@dataclass(frozen=True)
class Rooms:
    """What the door is given, as the server would make it."""

    settings: Settings
    clocks: Clocks
    ids: IdSource
    catalogue: Catalogue
    store: Store
    authority: Authority
    trust: Trust
    office: PostOffice
    file_faults: FileFaults

    @property
    def file_profiles(self) -> dict[str, Profile]:
        """The rules that the settings name."""
        return profiles_in_force(self.settings)


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One authority for all tests: making its keys takes long."""
    clock = RealClock()
    return Authority.open(tmp_path_factory.mktemp("pki-state"), Clocks(clock, clock), SystemIds())


@pytest.fixture(scope="session")
def client_files(pki: Authority, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the folder with the files of a client of an OIN; one certificate for each."""
    made: dict[str, Path] = {}

    def files(oin: str = OIN) -> Path:
        if oin not in made:
            made[oin] = tmp_path_factory.mktemp("client")
            pki.write_client_files(pki.issue_client(Oin.parse(oin), "TRIAL client"), made[oin])
        return made[oin]

    return files


@pytest.fixture(scope="session")
def bad_files(pki: Authority, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the folder with the files of a client whose certificate is bad in one way."""

    @functools.cache
    def files(kind: str) -> Path:
        folder = tmp_path_factory.mktemp(kind)
        pki.write_client_files(make_bad(pki, kind), folder)
        return folder

    return files


@pytest.fixture
def simulated() -> FixedClock:
    """The simulator's clock: stands still until a test moves it."""
    return FixedClock(NOW)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of the rooms, with a state directory of their own."""
    return Settings(state=tmp_path / "state", ftp_port=0)


@pytest.fixture
def lines() -> dict[str, Line]:
    """The ways to agencies outside; there are none."""
    return {}


@pytest.fixture
def rooms(
    settings: Settings, pki: Authority, simulated: FixedClock, lines: dict[str, Line]
) -> Iterator[Rooms]:
    """The rooms behind the door, with the scheduler running."""
    clocks, ids, catalogue = Clocks(simulated, RealClock()), SystemIds(), load_catalogue()
    store = Store.open(settings.database())
    register, agencies = Register(catalogue, settings.register_, ids), Agencies(catalogue)
    office = PostOffice(store, catalogue, clocks, ids, settings, register, agencies, lines)
    faults = FileFaults(catalogue, clocks, settings.file_faults, lambda kind: make_bad_server(pki, kind))
    yield Rooms(settings, clocks, ids, catalogue, store, pki, Trust.from_authority(pki), office, faults)
    store.close()


@pytest.fixture
def profile(rooms: Rooms) -> Profile:
    """The profile as it is, but nobody waits after a wrong password."""
    return replace(load_profile(rooms.settings.ftp), failed_login_delay_seconds=0.0)


@dataclass
class Door:
    """A running door, and what a test does with it."""

    rooms: Rooms
    profile: Profile
    client_files: Callable[[str], Path]
    port: int = 0
    ports: dict[str, int] = field(default_factory=dict)
    user: str = ""
    password: str = ""
    door: FtpDoor | None = None

    def open(self, profile: Profile | None = None) -> Door:
        """Open the door, with other rules if given."""
        self.profile = profile or self.profile
        return self._start("ftp", self.profile)

    def open_as(self, interface: str, **rules: Any) -> Door:
        """Open the door with other rules of one interface; logins go there."""
        section = self.rooms.settings.ftp if interface == "ftp" else self.rooms.settings.ftp_gb
        return self._start(interface, replace(load_profile(section), failed_login_delay_seconds=0.0, **rules))

    def _start(self, interface: str, profile: Profile) -> Door:
        self.door = FtpDoor(self.rooms, {interface: profile})
        self.ports = self.door.start()
        self.port = self.ports[interface]
        if not self.user:
            accounts = Accounts(self.rooms.store, self.rooms.ids, self.rooms.clocks)
            self.user, self.password = accounts.add(OIN)
        return self

    def shut(self) -> None:
        """Close the door."""
        if self.door is not None:
            self.door.stop()
            self.door = None

    def plain(self, files: Path | None = None) -> ReusingFtp:
        """An ftplib client that is connected, but not under TLS yet."""
        client = ReusingFtp(context=client_context(files or self.client_files(OIN)), timeout=10)
        client.connect("localhost", self.port)
        return client

    def connect(self, files: Path | None = None) -> ReusingFtp:
        """An ftplib client under TLS that has not logged in yet."""
        client = self.plain(files)
        client.auth()
        return client

    def login(self, files: Path | None = None) -> ReusingFtp:
        """An ftplib client that has logged in and protects its data channels."""
        client = self.connect(files)
        client.login(self.user, self.password, secure=False)
        client.prot_p()
        return client

    def upload(self, client: ReusingFtp, name: str, content: bytes = LOON) -> str:
        """Upload under a temporary name, then rename; gives the last reply."""
        client.storbinary(f"STOR /in/{name}.tmp", io.BytesIO(content))
        return client.rename(f"/in/{name}.tmp", f"/in/{name}")

    def folder(self, name: str) -> Path:
        """``in`` or ``out`` of the account on disk."""
        return self.rooms.settings.state / "ftp" / self.user / name

    def wait_for(self, name: str) -> bytes:
        """A file in ``/out``, once it is there."""
        return eventually((self.folder("out") / name).read_bytes)

    def events(self, rule: str, count: int = 1) -> list[EventRecord]:
        """The events of a rule, once there are so many."""

        def found() -> list[EventRecord]:
            events = self.rooms.office.events()
            matching = [one for one in events if one.event.rule == rule]
            assert len(matching) >= count, [one.event.rule for one in events]
            return matching

        events: list[EventRecord] = eventually(found)
        assert len(events) == count
        return events


@pytest.fixture
def door(rooms: Rooms, profile: Profile, client_files: Callable[[str], Path]) -> Iterator[Door]:
    """A door that is still closed, for a test to open; the scheduler runs."""
    scheduler = Scheduler(rooms.office)
    scheduler.start()
    door = Door(rooms, profile, client_files)
    yield door
    door.shut()
    scheduler.stop()


class ReusingFtp(ftplib.FTP_TLS):
    """ftplib as people patch it: the data channel reuses the TLS session of the control channel.

    Attributes:
        data_context: another context for data channels, without reuse.
    """

    data_context: ssl.SSLContext | None = None

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[Any, int | None]:
        """Open a data channel."""
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        context = self.data_context or self.context
        session = None if self.data_context else self.sock.session  # type: ignore[union-attr]
        return context.wrap_socket(connection, server_hostname=self.host, session=session), size


def eventually(look: Callable[[], Any], seconds: float = 30.0) -> Any:
    """What a look gives, as soon as it gives something without an error."""
    until = time.monotonic() + seconds
    while True:
        try:
            return look()
        except (AssertionError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
