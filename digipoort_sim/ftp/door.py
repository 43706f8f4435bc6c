"""The file door: pyftpdlib under TLS in a thread of its own, and the courier behind it."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from digipoort_sim.errors import ConfigError
from digipoort_sim.exchange.accounts import Accounts
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.ftp.desk import Desk
from digipoort_sim.ftp.desk import Session as OpenSession
from digipoort_sim.ftp.fault_targets import FaultTargets
from digipoort_sim.ftp.interface import GB, open_interfaces
from digipoort_sim.ftp.ledger import FIRST, Ledger
from digipoort_sim.ftp.loop import LoopThread
from digipoort_sim.ftp.outbox.messages import Messages
from digipoort_sim.ftp.place import place_of
from digipoort_sim.ftp.profile import Profile
from digipoort_sim.ftp.recorder import Recorder
from digipoort_sim.ftp.road.courier import Courier
from digipoort_sim.ftp.sessions.commands import commands_of
from digipoort_sim.ftp.sessions.faults import HidingFolders, Troubled
from digipoort_sim.ftp.sessions.permissions import FolderAuthorizer
from digipoort_sim.ftp.sessions.reception import Reception
from digipoort_sim.ftp.sessions.session import ImplicitSession, Session
from digipoort_sim.ftp.tls.contexts import TlsContexts
from digipoort_sim.ftp.tls.handshake import watch
from digipoort_sim.ftp.tls.peer import Peer
from digipoort_sim.ftp.transfers.spoiling import Spoilable

_OPTIONS = {FIRST: "--ftp-port", GB: "--ftp-gb-port", "ftp_implicit": "--ftp-implicit-port"}
_SWEEP_SECONDS = 0.2
_ACCOUNTS_SECONDS = 0.5
_UPKEEP_SECONDS = 600.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Running:
    """What `start` made and `stop` ends."""

    loop: LoopThread
    desks: tuple[Desk, ...]
    courier: Courier
    messages: Messages
    recorder: Recorder

    def stop(self) -> None:
        """End all threads, the one that takes new work first."""
        self.loop.stop()
        self.messages.stop()
        self.courier.stop()
        self.recorder.stop()


class FtpDoor:
    """FTPS for deliveries by file: all file interfaces, one loop, one courier.

    Args:
        profiles: rules in place of those in force, by the interface's key.
    """

    def __init__(self, inner: Rooms, profiles: Mapping[str, Profile] | None = None) -> None:
        self._inner = inner
        rules = {**inner.file_profiles, **(profiles or {})}
        self._interfaces = open_interfaces(inner.settings.state, inner.catalogue, rules)
        self._targets = {
            key: FaultTargets(inner.file_faults, interface) for key, interface in self._interfaces.items()
        }
        self._accounts = Accounts(inner.store, inner.ids, inner.clocks)
        self._removed: frozenset[str] = frozenset()
        self._accounts_at = self._upkeep_at = 0.0
        self._running: _Running | None = None

    def start(self) -> dict[str, int]:
        """Open the doors and give their ports; what a crash left half done is taken up.

        Keys are ``ftp``, ``ftp_gb`` and, where there is one, ``ftp_implicit``.

        Raises:
            ConfigError: a port cannot be opened.
        """
        settings = self._inner.settings
        self._inner.authority.maintain(settings.server_names)
        running = self._make()
        try:
            running.courier.start()
            ports = self._listen_all(running.desks)
        except BaseException:
            running.stop()
            raise
        for desk in running.desks:
            running.loop.ioloop.call_every(_SWEEP_SECONDS, self._sweep, desk)
        running.loop.start()
        self._running = running
        return ports

    def stop(self) -> None:
        """Close the door and all sessions; files that wait are taken up at the next start."""
        if self._running is None:
            return
        running, self._running = self._running, None
        running.stop()

    def _make(self) -> _Running:
        inner, loop = self._inner, LoopThread()
        place = place_of(inner.settings.state, inner.ids)
        ledger = Ledger(inner.store, place)
        recorder = Recorder(inner.office.record)
        messages = Messages(
            inner.office, inner.catalogue, inner.clocks, self._accounts, self._interfaces, place
        )

        def look_around() -> None:
            self._look_around()
            messages.tick()

        courier = Courier(
            inner.office,
            inner.catalogue,
            inner.clocks,
            self._interfaces,
            ledger,
            self._targets,
            look_around,
        )
        desks = []
        for interface in self._interfaces.values():
            interface.homes.prepare()
            profile = interface.profile
            contexts = TlsContexts(inner.authority.paths, watch, profile)
            desks.append(
                Desk(
                    interface=interface,
                    ledger=ledger,
                    accounts=self._accounts,
                    contexts=contexts,
                    clocks=inner.clocks,
                    ids=inner.ids,
                    loop=loop,
                    place=place,
                    judge=self._judge,
                    record=recorder.add,
                    wake=courier.wake,
                    find_out=courier.find_out,
                )
            )
        return _Running(loop, tuple(desks), courier, messages, recorder)

    def _listen_all(self, desks: Sequence[Desk]) -> dict[str, int]:
        settings = self._inner.settings
        wanted = {FIRST: settings.ftp_port, GB: settings.gb_port()}
        _check_different({**wanted, "ftp_implicit": settings.ftp_implicit_port})
        ports = {
            desk.interface.key: self._listen(desk, wanted[desk.interface.key], Session) for desk in desks
        }
        if settings.ftp_implicit_port is not None:
            first = next(desk for desk in desks if desk.interface.key == FIRST)
            ports["ftp_implicit"] = self._listen(first, settings.ftp_implicit_port, ImplicitSession)
        return ports

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
            "passive_ports": ports if port else None,
            "abstracted_fs": HidingFolders,
            "targets": self._targets[desk.interface.key],
            "proto_cmds": commands_of(profile),
            "dtp_handler": type("Data", (Spoilable,), {"timeout": profile.idle_timeout_seconds}),
        }
        try:
            server = Reception(
                (host, port),
                type(kind.__name__, (Troubled, kind), values),
                desk.loop.ioloop,
                per_address=profile.max_connections_per_address,
                at_all=profile.max_connections,
            )
        except OSError as error:
            # pyftpdlib puts the system's error into another one, which then has no text of its own.
            inner = error.args[0] if error.args and isinstance(error.args[0], OSError) else error
            option = _option(desk, kind)
            raise ConfigError(
                f"the FTP port {port} cannot be opened on {host}: {inner.strerror}; give another {option}",
                rule="PORT",
            ) from None
        return int(server.address[1])

    def _sweep(self, desk: Desk) -> None:
        """End sessions whose certificate or account is not good any more; in the loop's thread.

        Never raises: pyftpdlib's loop calls nothing again that did so once.
        """
        for session in list(desk.sessions):
            try:
                self._check(session)
            except Exception:
                _log.exception("a session could not be checked")

    def _check(self, session: OpenSession) -> None:
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


def _check_different(ports: Mapping[str, int | None]) -> None:
    """No two interfaces can have one port."""
    for key, port in ports.items():
        twins = [_OPTIONS[other] for other, taken in ports.items() if port and taken == port and other != key]
        if twins:
            raise ConfigError(
                f"port {port} is asked for twice; give another {_OPTIONS[key]} or {twins[0]}", rule="PORT"
            )


def _option(desk: Desk, kind: type[Session]) -> str:
    return _OPTIONS["ftp_implicit" if kind is ImplicitSession else desk.interface.key]
