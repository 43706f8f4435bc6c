"""The file door: pyftpdlib under TLS in a thread of its own, and the courier behind it."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import Any

from digipoort_sim.errors import ConfigError
from digipoort_sim.exchange.accounts import Accounts
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.ftp.courier import Courier
from digipoort_sim.ftp.desk import Desk
from digipoort_sim.ftp.file_name import NameRule
from digipoort_sim.ftp.folders import Homes
from digipoort_sim.ftp.handshake import watch
from digipoort_sim.ftp.ledger import Ledger
from digipoort_sim.ftp.loop import LoopThread
from digipoort_sim.ftp.peer import Peer
from digipoort_sim.ftp.permissions import FolderAuthorizer
from digipoort_sim.ftp.profile import Profile, load_profile
from digipoort_sim.ftp.reception import Reception
from digipoort_sim.ftp.recorder import Recorder
from digipoort_sim.ftp.session import ImplicitSession, Session
from digipoort_sim.ftp.tls import TlsContexts

_SWEEP_SECONDS = 0.2
_ACCOUNTS_SECONDS = 0.5
_UPKEEP_SECONDS = 600.0


@dataclass(frozen=True)
class _Running:
    """What `start` made and `stop` ends."""

    desk: Desk
    courier: Courier
    recorder: Recorder

    def stop(self) -> None:
        """End all threads, the one that takes new work first."""
        self.desk.loop.stop()
        self.courier.stop()
        self.recorder.stop()


class FtpDoor:
    """FTPS for deliveries by file.

    Args:
        profile: the rules in force; None for those that the settings name.
    """

    def __init__(self, inner: Rooms, profile: Profile | None = None) -> None:
        self._inner = inner
        self._profile = profile or load_profile(inner.settings.ftp)
        self._accounts = Accounts(inner.store, inner.ids, inner.clocks)
        self._removed: frozenset[str] = frozenset()
        self._accounts_at = self._upkeep_at = 0.0
        self._running: _Running | None = None
        self.implicit_port: int | None = None

    def start(self) -> int:
        """Open the door and give its port; what a crash left half done is taken up.

        Raises:
            ConfigError: a port cannot be opened.
        """
        settings = self._inner.settings
        self._inner.authority.maintain(settings.server_names)
        running = self._make()
        running.courier.start()
        try:
            port = self._listen(running.desk, settings.ftp_port, Session)
            if settings.ftp.implicit_tls_port is not None:
                self.implicit_port = self._listen(
                    running.desk, settings.ftp.implicit_tls_port, ImplicitSession
                )
        except ConfigError:
            running.stop()
            raise
        running.desk.loop.ioloop.call_every(_SWEEP_SECONDS, self._sweep, running.desk)
        running.desk.loop.start()
        self._running = running
        return port

    def stop(self) -> None:
        """Close the door and all sessions; files that wait are taken up at the next start."""
        if self._running is None:
            return
        running, self._running = self._running, None
        running.stop()

    def _make(self) -> _Running:
        inner, profile = self._inner, self._profile
        names = NameRule(profile, inner.catalogue)
        homes = Homes(inner.settings.state)
        homes.prepare()
        ledger = Ledger(inner.store)
        recorder = Recorder(inner.office.record)
        courier = Courier(
            inner.office, inner.catalogue, inner.clocks, profile, names, homes, ledger, self._look_around
        )
        desk = Desk(
            profile=profile,
            names=names,
            homes=homes,
            ledger=ledger,
            accounts=self._accounts,
            contexts=TlsContexts(inner.authority.paths, watch),
            clocks=inner.clocks,
            ids=inner.ids,
            loop=LoopThread(),
            judge=self._judge,
            record=recorder.add,
            wake=courier.wake,
        )
        return _Running(desk, courier, recorder)

    def _judge(self, peer: Peer) -> str:
        at = self._inner.clocks.security.now()
        return self._inner.trust.verify(peer.der, at=at).oin.value

    def _listen(self, desk: Desk, port: int, kind: type[Session]) -> int:
        host, profile = self._inner.settings.host, desk.profile
        ports = range(profile.passive_first_port, profile.passive_first_port + profile.passive_ports)
        values: dict[str, Any] = {
            "desk": desk,
            "authorizer": FolderAuthorizer(desk.homes),
            "timeout": profile.idle_timeout_seconds,
            "passive_ports": ports if self._inner.settings.ftp_port else None,
            "dtp_handler": type("Data", (kind.dtp_handler,), {"timeout": profile.idle_timeout_seconds}),
        }
        try:
            server = Reception(
                (host, port),
                type(kind.__name__, (kind,), values),
                desk.loop.ioloop,
                per_address=profile.max_connections_per_address,
                at_all=profile.max_connections,
            )
        except OSError as error:
            # pyftpdlib puts the system's error into another one, which then has no text of its own.
            inner = error.args[0] if error.args and isinstance(error.args[0], OSError) else error
            raise ConfigError(
                f"the FTP port {port} cannot be opened on {host}: {inner.strerror}; give another --ftp-port",
                rule="PORT",
            ) from None
        return int(server.address[1])

    def _sweep(self, desk: Desk) -> None:
        """End sessions whose certificate or account is not good any more; in the loop's thread."""
        for session in list(desk.sessions):
            if session.still_good() and session.account is not None and session.account.user in self._removed:
                session.end(421, "the account was removed", "FTP-ACCOUNT")
                session.close_at_once()

    def _look_around(self) -> None:
        """What the courier's thread does besides: removed accounts, CRLs that are due."""
        now = time.monotonic()
        if now - self._accounts_at >= _ACCOUNTS_SECONDS:
            self._accounts_at = now
            self._removed = self._accounts.removed()
        if now - self._upkeep_at >= _UPKEEP_SECONDS:
            self._upkeep_at = now
            with contextlib.suppress(ConfigError):
                self._inner.authority.maintain(self._inner.settings.server_names)
