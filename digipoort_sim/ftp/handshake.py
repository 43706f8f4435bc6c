"""TLS handshakes that are watched: why one failed, and an end that lets the client read the alert."""

from __future__ import annotations

import contextlib
import os
import socket
from dataclasses import dataclass
from typing import Any

from cryptography.x509.oid import NameOID
from OpenSSL import SSL, crypto
from pyftpdlib.ioloop import AsyncChat

from digipoort_sim.ftp.tls import judge_at

HANDSHAKE_SECONDS = 10.0
_LINGER_SECONDS = 2.0
_CHUNK = 65536
_MODE = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT
_ALERTS = {
    3: ("unknown_ca", "there is no CRL of its issuer"),
    7: ("decrypt_error", "its signature is wrong"),
    9: ("bad_certificate", "it is not valid yet"),
    10: ("certificate_expired", "it is expired"),
    12: ("certificate_expired", "the CRL of its issuer is expired"),
    18: ("unknown_ca", "it is self-signed"),
    19: ("unknown_ca", "its root is not one that is trusted here"),
    20: ("unknown_ca", "its issuer is not one that is trusted here"),
    21: ("unknown_ca", "its issuer is not one that is trusted here"),
    23: ("certificate_revoked", "it is revoked"),
    24: ("unknown_ca", "one of its issuers is not a CA"),
    26: ("unsupported_certificate", "its purpose is not TLS client authentication"),
    66: ("bad_certificate", "its key is too weak"),
    67: ("bad_certificate", "the key of its issuer is too weak"),
    68: ("bad_certificate", "its signature algorithm is too weak"),
}
"""OpenSSL's verification errors (X509_V_ERR_*), with the alert that OpenSSL sends for them."""


@dataclass(frozen=True)
class Failure:
    """Why a handshake failed.

    Attributes:
        alert: name of the TLS alert, as far as it is known.
        oin: the first serialNumber in the subject of the certificate that was refused.
    """

    alert: str
    detail: str
    oin: str = ""


class WatchedHandshake:
    """Mixin for pyftpdlib's TLS channels: remembers what verification found wrong."""

    failure: Failure | None = None
    socket: Any

    def secure_connection(self, ssl_context: SSL.Context) -> None:
        """Begin the handshake, judged at the security clock's time."""
        judge_at(ssl_context, self._security_time())
        super().secure_connection(ssl_context)  # type: ignore[misc]
        if isinstance(self.socket, SSL.Connection):
            self.socket.set_verify(_MODE, self._verified)

    def _security_time(self) -> Any:
        raise TypeError("a channel says what time it is")

    def _verified(
        self, connection: SSL.Connection, certificate: crypto.X509, number: int, depth: int, ok: int
    ) -> bool:
        if not ok and self.failure is None:
            alert, why = _ALERTS.get(number, ("certificate_unknown", f"OpenSSL's error {number}"))
            self.failure = Failure(alert, f"the client certificate is refused: {why}", _oin_of(certificate))
        return bool(ok)

    def failure_of(self, error: BaseException | None) -> Failure:
        """Why the handshake failed with this error of OpenSSL."""
        if self.failure is not None:
            return self.failure
        reason = _reason(error)
        if "did not return a certificate" in reason:
            return Failure("certificate_required", "the client showed no certificate")
        return Failure("handshake_failure", f"the TLS handshake failed: {reason}")


class Lingering(AsyncChat):  # type: ignore[misc]
    """A connection that is over: says so, and reads on for a moment so that the last words arrive.

    Closing at once, with octets of the client unread, would reset the connection and take the TLS alert
    away from under the client.
    """

    def __init__(self, raw: socket.socket, ioloop: Any) -> None:
        super().__init__(raw, ioloop=ioloop)
        self.call_later(0, self._say_goodbye)
        self.call_later(_LINGER_SECONDS, self.close)

    def _say_goodbye(self) -> None:
        """Only now: the first handle may still have had something to send."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def handle_read(self) -> None:
        """Throw away what comes, until the client has closed too."""
        try:
            if not self.socket.recv(_CHUNK):
                self.close()
        except BlockingIOError:
            return
        except OSError:
            self.close()

    def writable(self) -> bool:
        """Never: everything was said."""
        return False

    def handle_close(self) -> None:
        """The client is gone."""
        self.close()


def linger(connection: Any, ioloop: Any) -> None:
    """Let a second handle of a connection linger; the first one is to be closed right after."""
    with contextlib.suppress(OSError):
        raw = socket.socket(fileno=os.dup(connection.fileno()))
        raw.setblocking(False)
        Lingering(raw, ioloop)


def _reason(error: BaseException | None) -> str:
    try:
        return "; ".join(str(line[-1]) for line in error.args[0]) or "no reason given"  # type: ignore[union-attr]
    except (AttributeError, IndexError, TypeError):
        return str(error) or "no reason given"


def _oin_of(certificate: crypto.X509) -> str:
    try:
        found = certificate.to_cryptography().subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
        return str(found[0].value)[:40] if found else ""
    except ValueError:
        return ""
