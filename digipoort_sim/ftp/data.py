"""The data channel: the session's own certificate, a limit, and an end that is really one."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

from OpenSSL import SSL
from pyftpdlib.handlers.ftp.data import DTPHandler
from pyftpdlib.handlers.ftps.data import TLS_DTPHandler
from pyftpdlib.log import logger

from digipoort_sim.ftp.folders import mark_whole
from digipoort_sim.ftp.handshake import HANDSHAKE_SECONDS, WatchedHandshake, linger
from digipoort_sim.ftp.peer import peer_of
from digipoort_sim.pki.tls_words import explain


class Receiving(DTPHandler):  # type: ignore[misc]
    """What happens to the octets; stands behind pyftpdlib's TLS layer, which calls it by `super()`."""

    cmd_channel: Any

    def handle_read(self) -> None:
        """Store what came, up to the limit of this upload."""
        super().handle_read()
        if self._closed or self.file_obj is None or not self.receive:
            return
        limit = self.cmd_channel.upload_limit
        if self.file_obj.tell() > limit:
            self.give_up(
                "552", f"the file is larger than {limit} bytes, the most that is allowed", "FTP-SIZE"
            )

    handle_read_event = handle_read

    def handle_close(self) -> None:
        """The other side is done: decide whether the file is complete, before the reply is made."""
        if self._closed:
            return
        if not self.receive or self.file_obj is None:
            super().handle_close()
        elif self._is_cut_off():
            self.give_up(
                "426",
                f"the upload was cut off after {self.get_transmitted_bytes()} bytes (no TLS close_notify); "
                "resume it with REST or APPE",
                "FTP-CLOSE-NOTIFY",
            )
        else:
            self._end_upload()

    def give_up(self, code: str, text: str, rule: str) -> None:
        """End the transfer as a failure, with this reply; the client may go on sending for a moment."""
        linger(self.socket, self.ioloop)
        self.cmd_channel.prepare_refusal(rule)
        self.transfer_finished = False
        self._resp = (f"{code} {text}.", logger.info)
        self.close()

    def _end_upload(self) -> None:
        try:
            self.file_obj.flush()
            mark_whole(self.file_obj.fileno())
        except OSError as error:
            self.give_up("452", f"the file cannot be written: {error.strerror}", "FTP-DISK")
            return
        self.transfer_finished = True
        if not self.cmd_channel.completes_delivery():
            self._resp = ("226 Transfer complete.", logger.debug)
        self.close()

    def _is_cut_off(self) -> bool:
        if not self.cmd_channel.desk.profile.require_close_notify:
            return False
        return not (
            isinstance(self.socket, SSL.Connection) and self.socket.get_shutdown() & SSL.RECEIVED_SHUTDOWN
        )


class DataChannel(WatchedHandshake, TLS_DTPHandler, Receiving):  # type: ignore[misc]
    """A data channel under TLS, which must show the certificate of its control channel."""

    def secure_connection(self, ssl_context: SSL.Context) -> None:
        """Begin the handshake; it must not take long."""
        super().secure_connection(ssl_context)
        self.call_later(HANDSHAKE_SECONDS, self._end_slow_handshake)

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
        if not self.cmd_channel.desk.profile.require_same_certificate_on_data:
            return
        mine, expected = peer_of(self.socket), self.cmd_channel.peer
        if mine is None or expected is None or mine.der != expected.der:
            self.give_up(
                "522",
                "the data channel must show the certificate of the control channel",
                "FTP-DATA-CERTIFICATE",
            )

    def handle_failed_ssl_handshake(self) -> None:
        """Answer on the control channel why there is no data channel."""
        why = explain(self.failure_of(sys.exc_info()[1]), (), self._security_time()).partition("\n")[0]
        self.give_up("522", f"no TLS on the data channel: {why}", "FTP-DATA-TLS")

    def _security_time(self) -> datetime:
        return self.cmd_channel.desk.clocks.security.now()  # type: ignore[no-any-return]

    def _end_slow_handshake(self) -> None:
        if self._ssl_accepting:
            self.give_up("522", "the TLS handshake of the data channel took too long", "FTP-DATA-TLS")
