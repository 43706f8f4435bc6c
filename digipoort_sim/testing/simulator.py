"""A whole simulator inside a test's own process: real sockets on free ports, a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import threading
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from digipoort_sim.client.depots import depot_at, profile_of
from digipoort_sim.client.file_box import FileBox
from digipoort_sim.client.folder import CertificateFolder
from digipoort_sim.client.options import FileInterface
from digipoort_sim.client.running import Running
from digipoort_sim.client.soap import WusClient
from digipoort_sim.config import Settings
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange.accounts import Accounts
from digipoort_sim.exchange.file_faults import FileFaults
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.pki.oin import Oin
from digipoort_sim.server.endpoints import Endpoints, remove_endpoints
from digipoort_sim.server.inner import open_inner
from digipoort_sim.server.process import Duties, doors_open
from digipoort_sim.server.running import announce_ready, tls_context
from digipoort_sim.wus.listener import bound_socket

_PATIENCE_SECONDS = 30.0


class Simulator:
    """A simulator that runs while its ``with`` block does.

    Args:
        state: state directory; None makes one that is removed at the end.
        settings: any setting by its name, such as ``wus={"strict_action": True}``.
    """

    def __init__(self, state: Path | None = None, **settings: Any) -> None:
        self._stack = contextlib.ExitStack()
        if state is None:
            state = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="digipoort-sim-")))
        ports = {"wus_port": 0, "ftp_port": 0, "web_port": 0}
        self.settings = Settings.model_validate({"state": state, **ports, **settings})
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._inner: Rooms | None = None
        self._endpoints: Endpoints | None = None
        self._thread = threading.Thread(target=self._run, name="digipoort-sim", daemon=True)

    def __enter__(self) -> Simulator:
        """Start it; returns when every door answers.

        Raises:
            TechnicalError: it did not start.
        """
        self._thread.start()
        started = self._ready.wait(_PATIENCE_SECONDS)
        if self._failure is not None or not started:
            self._thread.join(1)
            self._stack.close()
            raise TechnicalError(f"the simulator did not start: {self._failure!r}", rule="START")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it and remove what it made."""
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_PATIENCE_SECONDS)
        self._stack.close()

    @property
    def inner(self) -> Rooms:
        """The rooms behind the doors, for tests that look in."""
        if self._inner is None:
            raise TechnicalError("the simulator is not running", rule="START")
        return self._inner

    @property
    def endpoints(self) -> Endpoints:
        """Where its doors are."""
        if self._endpoints is None:
            raise TechnicalError("the simulator is not running", rule="START")
        return self._endpoints

    @property
    def state(self) -> Path:
        """Its state directory."""
        return self.settings.state

    def certificate(
        self, oin: Oin, name: str = "Test B.V.", folder: Path | None = None, hosts: Iterable[str] = ()
    ) -> CertificateFolder:
        """A new client certificate, in a folder of the state directory unless one is given.

        Args:
            hosts: names of a party that serves too, such as an agency.
        """
        out = folder or self.state / "clients" / oin.value
        authority = self.inner.authority
        authority.write_client_files(authority.issue_client(oin, name, hosts), out)
        return CertificateFolder.open(out)

    def client(self, folder: CertificateFolder, *, stub: bool = False, sha: int = 256) -> WusClient:
        """The reference client on this simulator."""
        return WusClient(self.endpoints.wus, folder, stub=stub, sha=sha)

    def file_account(self, oin: Oin) -> tuple[str, str]:
        """A new account of the file door for a party: its name and its password."""
        return Accounts(self.inner.store, self.inner.ids, self.inner.clocks).add(oin.value)

    def files(
        self, folder: CertificateFolder, account: tuple[str, str], interface: FileInterface = "ftp"
    ) -> FileBox:
        """An account's files at the file door: deliver, list, fetch, wait for an answer.

        Args:
            folder: certificate of the account's party.
            account: what `file_account` gave.
            interface: ``ftp``, ``ftp_gb`` (large messages), or ``ftp_implicit`` where the setting
                ``ftp_implicit_port`` opens it.

        Raises:
            ConfigError: the interface is not open.
        """
        profile = profile_of(self.settings, interface)
        return FileBox(depot_at(Running.find(self.state), interface, account, folder, profile))

    @property
    def faults(self) -> FileFaults:
        """Faults on demand at the file door: ``simulator.faults.add("426", command="STOR")``."""
        return self.inner.file_faults

    def advance(self, by: timedelta) -> None:
        """Move the simulator's clock; returns when all that fell due has been done."""
        self.inner.scheduler.advance(self.inner.clocks.simulator.now() + by)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._failure = error
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        inner = self._inner = open_inner(self.settings)
        try:
            context = tls_context(inner)
            with bound_socket(self.settings.host, self.settings.wus_port) as sock:
                async with doors_open(inner, Duties(), sock, context) as ports:
                    self._endpoints = announce_ready(inner, ports)
                    self._ready.set()
                    await self._stop.wait()
        finally:
            remove_endpoints(self.settings.state)
            inner.close()
