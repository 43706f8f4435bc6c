"""The control channel: TLS first, then the login, and a reason and an event for every refusal."""

from __future__ import annotations

import sys
from typing import Any, ClassVar

from OpenSSL import SSL
from pyftpdlib.handlers import TLS_FTPHandler

from digipoort_sim.ftp.data import DataChannel
from digipoort_sim.ftp.folders import Folders
from digipoort_sim.ftp.logging_in import LoggingIn
from digipoort_sim.ftp.passive import NoPortError, PassivePort

_WITHOUT_TLS = frozenset({"AUTH", "FEAT", "HELP", "NOOP", "OPTS", "QUIT", "SYST"})
# fmt: off
_COMMANDS = (
    "ABOR", "ALLO", "APPE", "AUTH", "CDUP", "CWD", "DELE", "EPSV", "FEAT", "HELP",
    "LIST", "MDTM", "MLSD", "MLST", "MODE", "NLST", "NOOP", "OPTS", "PASS", "PASV",
    "PBSZ", "PROT", "PWD", "QUIT", "REST", "RETR", "RNFR", "RNTO", "SIZE", "STAT",
    "STOR", "STRU", "SYST", "TYPE", "USER", "XCUP", "XCWD", "XPWD",
)
# fmt: on
"""No folders are made, nothing becomes executable, and the server never connects to a client."""


class ControlChannel(LoggingIn):
    """One session; the door makes a subclass that has a desk.

    Attributes:
        upload_limit: how many bytes the present upload may have.
    """

    dtp_handler = DataChannel
    passive_dtp = PassivePort
    abstracted_fs = Folders
    banner = "Digipoort-simulator, FTP. Send AUTH TLS."
    proto_cmds: ClassVar[dict[str, Any]] = {key: TLS_FTPHandler.proto_cmds[key] for key in _COMMANDS}
    unicode_errors = "strict"
    use_sendfile = False

    def __init__(self, conn: Any, server: Any, ioloop: Any = None) -> None:
        self.upload_limit = 0
        super().__init__(conn, server, ioloop)
        if not self.connected:
            return
        self._extra_feats = ["AUTH TLS", "PBSZ", "PROT"]
        self.desk.sessions[self] = None
        self.call_later(self.desk.profile.login_timeout_seconds, self.end_without_login)

    def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
        """Check what every command must have before it is looked at."""
        if any(ord(character) < 32 or ord(character) == 127 for character in line):
            self.refuse(501, "control characters are not allowed", "FTP-COMMAND-CHARACTERS")
        elif not self._ssl_established and cmd not in _WITHOUT_TLS:
            self.refuse(530, "TLS is required: send AUTH TLS first", "FTP-TLS-REQUIRED")
        elif cmd in ("PASV", "EPSV") and not self._prot and self.desk.profile.require_protected_data:
            self.refuse(521, "send PBSZ 0 and PROT P first: data channels need TLS", "FTP-PROT-REQUIRED")
        elif self.still_good():
            super().pre_process_command(line, cmd, arg)

    def _make_epasv(self, extmode: bool = False) -> None:
        """Open a port for a data channel, if one is free."""
        try:
            super()._make_epasv(extmode)
        except NoPortError as error:
            self.refuse(425, error.detail, error.rule)

    def handle_timeout(self) -> None:
        """Nothing was heard for too long."""
        if self._ssl_accepting:
            self.close()
        else:
            self.end(421, "nothing was heard for too long", "FTP-IDLE")

    def handle_error(self) -> None:
        """A fault of our own in a command: the client is told, an event has it, and the session ends.

        Where TLS itself is broken nothing more can be said.
        """
        error = sys.exc_info()[1]
        if isinstance(error, SSL.Error):
            self.desk.record(self.event_of("ftp-refused", "", "FTP-TLS", f"TLS was broken off: {error}"))
            self.close()
            return
        self.log_exception(self)
        try:
            self.refuse_error(error or RuntimeError())
            self.close_when_done()
        except Exception:
            self.close()

    def close(self) -> None:
        """Close the session, for whatever reason."""
        self.desk.sessions.pop(self, None)
        super().close()
