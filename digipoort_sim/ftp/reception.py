"""The listening side: who only holds a connection must not keep others out."""

from __future__ import annotations

import time
from typing import Any

from pyftpdlib.servers import FTPServer

from digipoort_sim.exchange.values import Event
from digipoort_sim.ftp.desk import Desk, Session

_TELL_SECONDS = 1.0


class Reception(FTPServer):  # type: ignore[misc]
    """pyftpdlib's server; when all places are taken, the oldest session that has not logged in has to go.

    Args:
        handler: the class of sessions; it has a desk.
        per_address: how many sessions one address may have.
        at_all: how many connections there may be, data channels included.
    """

    ip_map: list[str]

    def __init__(
        self, address: tuple[str, int], handler: Any, ioloop: Any, *, per_address: int, at_all: int
    ) -> None:
        super().__init__(address, handler, ioloop=ioloop)
        self.max_cons = at_all
        self.max_cons_per_ip = per_address
        self._desk: Desk = handler.desk
        self._told = float("-inf")

    def handle_accepted(self, sock: Any, addr: Any) -> Any:
        """Take a new connection in, if need be in the place of another."""
        if self.ip_map.count(addr[0]) >= self.max_cons_per_ip:
            self._drop_oldest([one for one in self._desk.sessions if one.remote_ip == addr[0]], addr[0])
        elif self._map_len() >= self.max_cons:
            self._drop_oldest(list(self._desk.sessions), "all addresses")
        return super().handle_accepted(sock, addr)

    def _drop_oldest(self, sessions: list[Session], whose: str) -> None:
        oldest = next((one for one in sessions if not one.authenticated), None)
        if oldest is None:
            return
        self._tell(whose)
        oldest.make_way()

    def _tell(self, whose: str) -> None:
        # At most once a second, else a flood would drive every other event out of the ring.
        if time.monotonic() - self._told >= _TELL_SECONDS:
            self._told = time.monotonic()
            detail = f"too many sessions of {whose}; the oldest that have not logged in are ended"
            self._desk.record(
                Event(kind="ftp-refused", detail=detail, door="ftp", rule="FTP-CROWD", code="421")
            )
