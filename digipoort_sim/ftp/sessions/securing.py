"""TLS on the control channel: AUTH, PBSZ, PROT, and a certificate that must stay good."""

from __future__ import annotations

import sys
from datetime import datetime

from OpenSSL import SSL

from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.exchange.values import Event
from digipoort_sim.ftp.sessions.lines import CommandLines
from digipoort_sim.ftp.tls.handshake import linger
from digipoort_sim.ftp.tls.peer import Peer, offering, peer_of
from digipoort_sim.pki.tls_words import FailedHandshake, explain


class Securing(CommandLines):
    """The part of a session that knows who is at the other end."""

    _tls_owner = b""
    _failed_on_data: FailedHandshake | None = None

    @classmethod
    def get_ssl_context(cls) -> SSL.Context:
        """The context in force at this moment."""
        return cls.desk.contexts.current()

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
        self.call_later(self.desk.profile.handshake_seconds, self._end_slow_handshake)
        self.secure_connection(self.ssl_context)

    def owner_of_tls_session(self) -> bytes:
        """This session alone, where its data channels have to resume its own TLS session."""
        if not self._tls_owner and self.desk.profile.session_reuse == "required":
            self._tls_owner = self.desk.ids.uuid().replace("-", "").encode("ascii")[:32]
        return self._tls_owner

    def ftp_PBSZ(self, line: str) -> None:  # noqa: N802
        """The size of protected blocks: always 0, as TLS has its own."""
        if line.isascii() and line.isdigit():
            super().ftp_PBSZ(line)
        else:
            self.refuse(501, "send PBSZ 0", "FTP-ARGUMENT")

    def ftp_PROT(self, line: str) -> None:  # noqa: N802
        """Protection of data channels: P, and C where the profile lets them go without."""
        level = line.upper()
        if level in ("S", "E"):
            self.refuse(536, f"TLS has no PROT {level}; send PROT P", "FTP-PROT")
        elif level not in ("C", "P"):
            self.refuse(504, "only PROT P and PROT C are known; send PROT P", "FTP-PROT")
        elif level == "C" and self.desk.profile.require_protected_data:
            self.refuse(534, "only PROT P is accepted: data channels need TLS", "FTP-PROT-REQUIRED")
        elif not self._pbsz:
            self.refuse(503, "send PBSZ 0 before PROT", "FTP-SEQUENCE")
        else:
            super().ftp_PROT(line)

    def handle_ssl_established(self) -> None:
        """The handshake is done: keep the client certificate."""
        self.peer = peer_of(self.socket)
        self.socket.set_app_data(None)  # what was watched in the handshake is not needed any more

    def handle_failed_ssl_handshake(self) -> None:
        """The handshake failed: an event, and time for the client to read the alert."""
        self._record_handshake(self.failure_of(sys.exc_info()[1]))
        linger(self.socket, self.ioloop)
        self.close()

    def _record_handshake(self, failed: FailedHandshake) -> None:
        event = self.event_of("tls-refused", failed.alert, "FTP-TLS", self._explain(failed))
        self.desk.record(offering(event, failed.chain))

    def _explain(self, failed: FailedHandshake) -> str:
        return explain(failed, self.desk.contexts.trusted, self._security_time())

    def refused_on_data(self, failed: FailedHandshake) -> str:
        """Why the handshake of a data channel failed, in a line; the event of the refusal has it all."""
        self._failed_on_data = failed
        return self._explain(failed).partition("\n")[0]

    def refusal_event(self, code: str, rule: str, detail: str) -> Event:
        """The event of a reply that refuses; of a refused handshake it is like that of a control channel."""
        failed, self._failed_on_data = self._failed_on_data, None
        if failed is None:
            return super().refusal_event(code, rule, detail)
        return offering(self.event_of("tls-refused", code, rule, self._explain(failed)), failed.chain)

    def may_share(self, other: Peer) -> bool:
        """Whether another certificate is a good one of the same party."""
        try:
            return self.peer is not None and self.desk.judge(other) == self.desk.judge(self.peer)
        except AuthenticationRefusal:
            return False

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
            self.data_channel.cut()
        self.close_when_done()

    def _security_time(self) -> datetime:
        return self.desk.clocks.security.now()

    def _end_slow_handshake(self) -> None:
        if self._ssl_accepting:
            self._record_handshake(FailedHandshake("the handshake took too long"))
            self.close()
