"""Passive data channels: only on the ports that the profile has for them."""

from __future__ import annotations

from typing import Any

from pyftpdlib.handlers.ftp.dispatchers import PassiveDTP

from digipoort_sim.errors import TechnicalError


class NoPortError(TechnicalError):
    """All ports of the passive range are taken."""


class PassivePort(PassiveDTP):  # type: ignore[misc]
    """Waits for the client's data connection; pyftpdlib alone would take any port when none is left.

    Raises:
        NoPortError: when it is made and no port of the range is free.
    """

    backlog = 5
    cmd_channel: Any

    def __init__(self, cmd_channel: Any, extmode: bool = False) -> None:
        self.timeout = cmd_channel.desk.profile.data_connect_seconds
        super().__init__(cmd_channel, extmode)

    def listen(self, backlog: int) -> None:
        """Listen, if the socket got one of the ports of the range."""
        ports = self.cmd_channel.passive_ports
        if ports is not None and self.socket.getsockname()[1] not in ports:
            self.close()
            raise NoPortError(
                f"none of the passive ports {ports[0]} to {ports[-1]} is free; try again later, or widen "
                "the range: passive_first_port, passive_ports",
                rule="FTP-PASSIVE-PORTS",
            )
        super().listen(backlog)

    def handle_accepted(self, sock: Any, addr: Any) -> None:
        """The data connection is there; one from another address than the session's is sent away."""
        if addr[0] == self.cmd_channel.remote_ip:
            super().handle_accepted(sock, addr)
        else:
            sock.close()
            self.cmd_channel.note_stranger(f"{addr[0]}:{addr[1]}")

    def handle_timeout(self) -> None:
        """Nobody connected."""
        self.close()
        self.cmd_channel.data_connection_missed()
