"""The control channel: TLS first, then the login, and a reason and an event for every refusal."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from OpenSSL import SSL
from pyftpdlib.handlers import TLS_FTPHandler
from pyftpdlib.log import logger

from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.exchange.accounts import Account
from digipoort_sim.exchange.values import Event
from digipoort_sim.ftp.data import DataChannel
from digipoort_sim.ftp.desk import Desk
from digipoort_sim.ftp.folders import Folders
from digipoort_sim.ftp.handshake import HANDSHAKE_SECONDS, WatchedHandshake, linger
from digipoort_sim.ftp.login import Login, log_in
from digipoort_sim.ftp.peer import Peer, chain_of, offering, peer_of
from digipoort_sim.ftp.replies import one_line, reply_to
from digipoort_sim.pki import offered
from digipoort_sim.pki.tls_words import MEND, FailedHandshake, explain

T = TypeVar("T")
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

_MOST_WAITING = 32
_MOST_LOGINS = 3


class ControlChannel(WatchedHandshake, TLS_FTPHandler):  # type: ignore[misc]
    """One session; the door makes a subclass that has a desk.

    Attributes:
        peer: the client certificate, once TLS is there.
        account: the account, once it is logged in.
        upload_limit: how many bytes the present upload may have.
    """

    desk: ClassVar[Desk]
    dtp_handler = DataChannel
    abstracted_fs = Folders
    banner = "Digipoort-simulator, FTP. Send AUTH TLS."
    proto_cmds: ClassVar[dict[str, Any]] = {key: TLS_FTPHandler.proto_cmds[key] for key in _COMMANDS}
    unicode_errors = "strict"
    use_sendfile = False
    ac_in_buffer: bytes
    _in_buffer: list[bytes]
    _in_buffer_len: int

    def __init__(self, conn: Any, server: Any, ioloop: Any = None) -> None:
        self.peer: Peer | None = None
        self.account: Account | None = None
        self.upload_limit = 0
        self._rule = self._detail = ""
        self._busy = self._too_long = False
        self._waiting: deque[bytes] = deque()
        self._refusals = 0
        super().__init__(conn, server, ioloop)
        if not self.connected:
            return
        self._extra_feats = ["AUTH TLS", "PBSZ", "PROT"]
        self.desk.sessions[self] = None
        self.call_later(self.desk.profile.login_timeout_seconds, self._end_without_login)

    @classmethod
    def get_ssl_context(cls) -> SSL.Context:
        """The context in force at this moment."""
        return cls.desk.contexts.current()

    # --- lines

    def collect_incoming_data(self, data: bytes) -> None:
        """Keep a part of a line, as long as the line is not too long."""
        self._in_buffer_len += len(data)
        if self._in_buffer_len > self.desk.profile.max_command_bytes:
            self._too_long, self._in_buffer = True, []
        else:
            self._in_buffer.append(data)

    def found_terminator(self) -> None:
        """A whole line is there: process it, or let it wait for the one before."""
        if self._closing or self._closed:  # lines may be left of what came before a reset
            self._in_buffer, self._in_buffer_len = [], 0
        elif self._too_long:
            self._too_long, self._in_buffer, self._in_buffer_len = False, [], 0
            self.refuse(500, "the command is too long", "FTP-COMMAND-LENGTH")
        elif self._busy:
            self._waiting.append(b"".join(self._in_buffer))
            self._in_buffer, self._in_buffer_len = [], 0
            if len(self._waiting) > _MOST_WAITING:
                self.end(421, "too many commands at once", "FTP-COMMAND-FLOOD")
        else:
            super().found_terminator()

    def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
        """Check what every command must have before it is looked at."""
        if any(ord(character) < 32 or ord(character) == 127 for character in line):
            self.refuse(501, "control characters are not allowed", "FTP-COMMAND-CHARACTERS")
        elif not self._ssl_established and cmd not in _WITHOUT_TLS:
            self.refuse(530, "TLS is required: send AUTH TLS first", "FTP-TLS-REQUIRED")
        elif cmd in ("PASV", "EPSV") and not self._prot:
            self.refuse(521, "send PBSZ 0 and PROT P first: data channels need TLS", "FTP-PROT-REQUIRED")
        elif self.still_good():
            super().pre_process_command(line, cmd, arg)

    def later(self, work: Callable[[], T], then: Callable[[Future[T]], None]) -> None:
        """Do work in another thread and answer afterwards; lines that come meanwhile wait."""
        self._busy = True
        self.desk.loop.run(work, lambda done: self._go_on(lambda: then(done)))

    def _go_on(self, then: Callable[[], None]) -> None:
        if self._closed:
            return
        self._busy = False
        try:
            then()
        except Exception:
            self.handle_error()
        while self._waiting and not (self._busy or self._closed or self._closing):
            self._in_buffer = [self._waiting.popleft()]
            super().found_terminator()

    # --- replies

    def prepare_refusal(self, rule: str, detail: str = "") -> None:
        """Say by which rule the reply that comes next refuses."""
        self._rule, self._detail = rule, detail

    def refuse(self, code: int, text: str, rule: str, detail: str = "") -> None:
        """Answer no: the client sees the text, the event has the detail too."""
        self.prepare_refusal(rule, detail)
        self.respond(f"{code} {one_line(text)}.")

    def refuse_error(self, error: BaseException) -> None:
        """Answer no for an error."""
        code, text, rule = reply_to(error)
        self.refuse(code, text, rule, repr(error) if code == 451 else "")

    def end(self, code: int, text: str, rule: str) -> None:
        """Answer no and close the session."""
        if not self._closing:
            self.refuse(code, text, rule)
            self.close_when_done()

    def respond(self, resp: str, logfun: Any = logger.debug) -> None:
        """Send a reply; a refusal becomes an event as well."""
        if self._closed:
            return
        super().respond(resp, logfun)
        if resp[:1] in ("4", "5"):
            self._note_refusal(resp[:3], resp[4:])

    def _note_refusal(self, code: str, text: str) -> None:
        rule, detail = self._rule or f"FTP-{code}", self._detail or text
        self._rule = self._detail = ""
        event = self._event("ftp-refused", code, rule, detail)
        if rule.startswith(("CERT-", "OIN-")) and self.peer is not None:
            chain = chain_of(self.socket, self.peer)
            event = offering(
                replace(event, detail=f"{event.detail}\n{MEND}\n{offered.describe(chain)}"), chain
            )
        self.desk.record(event)
        self._refusals += 1
        if self._refusals == self.desk.profile.max_refusals:
            self.end(421, "too many refused commands in one session", "FTP-REFUSALS")

    def _event(self, kind: str, code: str, rule: str, detail: str) -> Event:
        return Event(
            kind=kind,
            detail=f"{self.username}: {detail}" if self.username else detail,
            door="ftp",
            peer=f"{self.remote_ip}:{self.remote_port}",
            oin=self.peer.claimed_oin if self.peer else "",
            certificate=self.peer.sha256 if self.peer else "",
            rule=rule,
            code=code,
        )

    # --- TLS

    def ftp_AUTH(self, line: str) -> None:  # noqa: N802
        """Begin TLS, if the client waits for the reply as it should."""
        if self.ac_in_buffer:
            # Plain text behind AUTH would be taken for text that came under TLS.
            self.ac_in_buffer = b""
            self.end(421, "nothing may follow AUTH before its reply", "FTP-AUTH-PIPELINED")
            return
        if self._ssl_requested:
            self.refuse(503, "TLS is there already", "FTP-SEQUENCE")
        elif line.upper() not in ("TLS", "TLS-C", "SSL", "TLS-P"):
            self.refuse(504, "only AUTH TLS is known", "FTP-AUTH")
        else:
            self.respond(f"234 AUTH {line.upper()} successful.")
            self.begin_tls()

    def begin_tls(self) -> None:
        """Begin the handshake by the rules in force now; it must not take long."""
        self.ssl_context = self.get_ssl_context()
        self.call_later(HANDSHAKE_SECONDS, self._end_slow_handshake)
        self.secure_connection(self.ssl_context)

    def ftp_PROT(self, line: str) -> None:  # noqa: N802
        """Protection of data channels: P only."""
        if line.upper() == "P":
            super().ftp_PROT(line)
        else:
            self.refuse(534, "only PROT P is accepted", "FTP-PROT-REQUIRED")

    def handle_ssl_established(self) -> None:
        """The handshake is done: keep the client certificate."""
        self.peer = peer_of(self.socket)
        self.socket.set_app_data(None)  # what was watched in the handshake is not needed any more

    def handle_failed_ssl_handshake(self) -> None:
        """The handshake failed: an event, and time for the client to read the alert."""
        failed = self.failure_of(sys.exc_info()[1])
        self._record_handshake(failed)
        linger(self.socket, self.ioloop)
        self.close()

    def _record_handshake(self, failed: FailedHandshake) -> None:
        detail = explain(failed, self.desk.contexts.trusted, self._security_time())
        event = self._event("tls-refused", failed.alert, "FTP-TLS", detail)
        self.desk.record(offering(event, failed.chain))

    def still_good(self) -> bool:
        """Whether the client certificate is still good; if not, the session is over.

        One that was never good, for lack of an OIN, is told so at its login.
        """
        if self.peer is None or not self.authenticated:
            return True
        try:
            self.desk.judge(self.peer)
        except AuthenticationRefusal as refusal:
            self.prepare_refusal(refusal.rule, refusal.detail)
            self.respond("421 The client certificate is not good any more.")
            self.close_at_once()
            return False
        return True

    def make_way(self) -> None:
        """End a session that has not logged in, in favour of a newer one; without waiting for its client."""
        if not (self._ssl_established or self._ssl_accepting):
            self.push("421 Others want to come in; log in at once.\r\n")
        self.close()

    def close_at_once(self) -> None:
        """End the session and its transfer now; a reply that was just made still goes out."""
        if self.data_channel is not None:
            self.data_channel.close()
        self.close_when_done()

    def _security_time(self) -> datetime:
        return self.desk.clocks.security.now()

    def _end_slow_handshake(self) -> None:
        if self._ssl_accepting:
            self._record_handshake(FailedHandshake("the handshake took too long"))
            self.close()

    # --- login

    def ftp_USER(self, line: str) -> None:  # noqa: N802
        """The account's name; always welcome, so that nobody learns which ones there are."""
        if self.authenticated:
            self.refuse(503, "you are logged in already", "FTP-SEQUENCE")
        else:
            super().ftp_USER(line)

    def ftp_PASS(self, line: str) -> None:  # noqa: N802
        """The password: account, password and certificate are judged together."""
        if self.authenticated or not self.username:
            self.refuse(503, "send USER first, once", "FTP-SEQUENCE")
            return
        user, peer = self.username, self.peer
        self.later(lambda: log_in(self.desk, user, line, peer), self._logged_in)

    def _logged_in(self, done: Future[Login]) -> None:
        try:
            login = done.result()
        except AuthenticationRefusal as refusal:
            self._refuse_login(refusal)
        except Exception as error:
            self.refuse_error(error)
        else:
            self.account = login.account
            self.handle_auth_success(login.home, "", "Logged in; deliver in /in, fetch in /out.")

    def _refuse_login(self, refusal: AuthenticationRefusal) -> None:
        """Let whoever guesses wait."""
        self._busy = True
        delay = self.desk.profile.failed_login_delay_seconds
        self.call_later(delay, self._go_on, lambda: self._login_refused(refusal))

    def _login_refused(self, refusal: AuthenticationRefusal) -> None:
        self.attempted_logins += 1
        text = "authentication failed: account, password and client certificate must belong together"
        self.refuse(530, text, refusal.rule, refusal.detail)
        self.username = ""
        if self.attempted_logins >= _MOST_LOGINS:
            self.close_when_done()

    def _end_without_login(self) -> None:
        if not self.authenticated:
            self.end(421, "no login in time", "FTP-LOGIN-TIME")

    # --- the end

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
            self.desk.record(self._event("ftp-refused", "", "FTP-TLS", f"TLS was broken off: {error}"))
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
