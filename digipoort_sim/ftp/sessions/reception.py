"""The listening side: who only holds a connection must not keep others out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from pyftpdlib.servers import FTPServer

from digipoort_sim.exchange.values import Event
from digipoort_sim.ftp.desk import Desk
from digipoort_sim.ftp.sessions.securing import Securing

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
        self._per_address = per_address
        self._desk: Desk = handler.desk
        self._told = float("-inf")

    def handle_accepted(self, sock: Any, addr: Any) -> Any:
        """Take a new connection in, if need be in the place of another."""
        of_address = [one for one in self._everybody() if one.remote_ip == addr[0]]
        if len(of_address) >= self._per_address and not self._drop_oldest(of_address, addr[0]):
            self._turn_away(sock)
            return None
        self.make_room()
        return super().handle_accepted(sock, addr)

    def make_room(self) -> None:
        """See that there is a place for one more connection, at the cost of one that has not logged in."""
        if self._map_len() >= self.max_cons:
            self._drop_oldest(self._everybody(), "all addresses")

    def _everybody(self) -> list[Securing]:
        """The sessions of all interfaces, which share the loop and its places."""
        return [one for one in self.ioloop.socket_map.values() if isinstance(one, Securing)]

    def _drop_oldest(self, sessions: Sequence[Securing], whose: str) -> bool:
        self._tell(whose)
        oldest = min(
            (one for one in sessions if not one.authenticated), key=lambda one: one.started, default=None
        )
        if oldest is not None:
            oldest.make_way()
        return oldest is not None

    def _turn_away(self, sock: Any) -> None:
        try:
            sock.send(b"421 There are too many sessions of your address; close one of them.\r\n")
        except OSError:
            pass
        finally:
            sock.close()

    def _tell(self, whose: str) -> None:
        # At most once a second, else a flood would drive every other event out of the ring.
        if time.monotonic() - self._told >= _TELL_SECONDS:
            self._told = time.monotonic()
            detail = f"too many sessions of {whose}; the oldest that have not logged in are ended"
            self._desk.record(
                Event(kind="ftp-refused", detail=detail, door="ftp", rule="FTP-CROWD", code="421")
            )
