"""The data channel: TLS with the session's own certificate, and an end that is really one."""

from __future__ import annotations

import sys
from datetime import datetime

from OpenSSL import SSL
from pyftpdlib.handlers.ftps.data import TLS_DTPHandler
from pyftpdlib.log import logger

from digipoort_sim.ftp.replies import one_line
from digipoort_sim.ftp.tls.contexts import is_resumed
from digipoort_sim.ftp.tls.handshake import WatchedHandshake, unwatched
from digipoort_sim.ftp.tls.peer import peer_of
from digipoort_sim.ftp.transfers.receiving import Receiving
from digipoort_sim.ftp.transfers.sending import Sending


class DataChannel(WatchedHandshake, TLS_DTPHandler, Receiving, Sending):  # type: ignore[misc]
    """A data channel under TLS, which must show the certificate of its control channel."""

    def secure_connection(self, ssl_context: SSL.Context) -> None:
        """Begin the handshake; it must not take long."""
        with unwatched(ssl_context):
            super().secure_connection(ssl_context)
        self.call_later(self.cmd_channel.desk.profile.handshake_seconds, self._end_slow_handshake)

    def close(self) -> None:
        """Close the channel. TLS says goodbye, unless a file has not come to its end."""
        if self._source is not None and not self.transfer_finished:
            self._error = True
        super().close()
        if not self._closed and not self.transfer_finished:  # the client takes nothing any more
            self._error = True
            super().close()

    def handle_error(self) -> None:
        """A fault of our own in a transfer: the client is told, and an event has it."""
        error = sys.exc_info()[1]
        self.log_exception(self)
        self._error = True
        self.cmd_channel.prepare_refusal("FTP-TECHNICAL", repr(error))
        self.transfer_finished = False
        self._resp = ("451 a technical fault occurred here; try again later.", logger.info)
        self.close()

    def send(self, data: bytes) -> int:
        """Send octets, gives how many; none as long as the handshake lasts.

        pyftpdlib sends an empty listing as an empty octet string at once; OpenSSL takes that for the end
        of the connection when it comes within the handshake.
        """
        if not data or self._ssl_accepting:
            return 0
        return super().send(data)  # type: ignore[no-any-return]

    def handle_ssl_established(self) -> None:
        """Compare the certificates of both channels, which may have been revoked meanwhile."""
        if not self.cmd_channel.still_good():
            return
        if not self._has_good_certificate():
            self.give_up(
                "522",
                "the data channel must show the certificate of the control channel",
                "FTP-DATA-CERTIFICATE",
            )
        elif self.cmd_channel.desk.profile.session_reuse == "required" and not is_resumed(self.socket):
            self.give_up(
                "522",
                "the data channel must resume the TLS session of the control channel: let the client reuse "
                "its session",
                "FTP-DATA-SESSION",
            )
        self.listen()

    def readable(self) -> bool:
        """Whether to read. What comes before the command waits; pyftpdlib would close the channel."""
        if self._ssl_accepting or self._ssl_closing or self._initialized or self._closed:
            return bool(super().readable())
        self.del_channel()
        return False

    def _has_good_certificate(self) -> bool:
        """The control channel's, or where the profile lets it be another, a good one of the same party."""
        mine, expected = peer_of(self.socket), self.cmd_channel.peer
        if mine is None or expected is None:
            return False
        if self.cmd_channel.desk.profile.require_same_certificate_on_data:
            return bool(mine.der == expected.der)
        return bool(self.cmd_channel.may_share(mine))

    def owner_of_tls_session(self) -> bytes:
        """The control channel, where its TLS session has to be resumed."""
        return self.cmd_channel.owner_of_tls_session()  # type: ignore[no-any-return]

    def handle_failed_ssl_handshake(self) -> None:
        """Answer on the control channel why there is no data channel."""
        why = self.cmd_channel.refused_on_data(self.failure_of(sys.exc_info()[1]))
        self.give_up("522", f"no TLS on the data channel: {one_line(why)}", "FTP-DATA-TLS")

    def _security_time(self) -> datetime:
        return self.cmd_channel.desk.clocks.security.now()  # type: ignore[no-any-return]

    def _end_slow_handshake(self) -> None:
        if self._ssl_accepting:
            self.give_up("522", "the TLS handshake of the data channel took too long", "FTP-DATA-TLS")
