"""What alerts, faults and failures mean to somebody who has to mend them."""

from __future__ import annotations

import socket

_EVENTS = "a simulator tells more: digipoort-sim events list --kind tls-refused"

_ALERTS = {
    "unknown_ca": (
        "the server does not trust the CA of your certificate",
        "is it from this simulator and its present state directory? digipoort-sim certs issue makes one",
    ),
    "certificate_expired": ("the server holds your certificate for expired", "get a new one"),
    "certificate_revoked": ("your certificate is revoked", "get a new one"),
    "certificate_required": (
        "the server wants a certificate and got none",
        "give --cert and --key; a library may also hold one back whose CA the server does not name",
    ),
    "bad_certificate": (
        "the server does not accept your certificate: not valid yet, too weak (RSA below 2048 bits, SHA-1), "
        "or damaged",
        "the checks of the certificate above tell which",
    ),
    "unsupported_certificate": (
        "your certificate is not for TLS clients",
        "it needs extendedKeyUsage clientAuth and keyUsage digitalSignature",
    ),
    "certificate_unknown": (
        "the server does not accept your certificate for a reason of its own",
        "the checks of the certificate above may tell which",
    ),
    "decrypt_error": (
        "a signature is not good: that on your certificate, or the one that your key made",
        "see whether another CA of the same name made it, such as that of another state directory",
    ),
    "handshake_failure": (
        "the server ends the handshake: no certificate, or no cipher in common",
        "give --cert and --key",
    ),
    "protocol_version": ("the server does not speak TLS 1.2 or 1.3", "look at host and port"),
    "unrecognized_name": (
        "the server does not know this host name",
        "use the name in its certificate",
    ),
    "access_denied": ("the server knows your certificate and does not let you in", "ask who runs it"),
    "internal_error": ("the server has trouble of its own", "ask who runs it"),
}
ABOUT_CERTIFICATES = frozenset(_ALERTS) - {
    "handshake_failure",
    "protocol_version",
    "unrecognized_name",
    "internal_error",
}
"""The alerts that a server sends for a client certificate."""

_FAULTS = {
    "100": (
        "the request breaks the interface specification",
        "the text names the element; digipoort-sim explain tells more of a request that was kept",
    ),
    "110": (
        "certificate or signature is not good",
        "the text and the checks of the certificate tell which; clocks that differ count as well",
    ),
    "120": ("the berichtsoort is not known", "look it up: digipoort-sim catalogue berichtsoorten"),
    "130": ("this certificate may not do that", "ask for the permission"),
    "140": ("the belanghebbende is not valid for its type", "give --belanghebbende N --type T"),
    "400": ("Digipoort has technical trouble", "try again later"),
}


def words_of_alert(alert: str) -> tuple[str, str]:
    """What a TLS alert says, and what to do."""
    found, mend = _ALERTS.get(alert, ("the server ends the handshake", "its own log tells why"))
    return f"{found} (TLS alert {alert})", f"{mend}; {_EVENTS}"


def words_of_fault(code: str, text: str) -> tuple[str, str]:
    """What a SOAP fault says, and what to do."""
    meaning, mend = _FAULTS.get(code[-3:], ("the request is refused", "the text tells why"))
    return f"{code}: {text or meaning}"[:2000], mend


def words_of_no_connection(error: BaseException, where: str) -> tuple[str, str]:
    """Why there is no TCP connection, and what to do."""
    if isinstance(error, socket.gaierror):
        return (
            f"the name of {where} cannot be resolved",
            "look at the host name; for names of the real hosts that lead to a simulator: /etc/hosts",
        )
    if isinstance(error, ConnectionRefusedError):
        return (
            f"nothing listens at {where}",
            "start it (digipoort-sim serve) or look at the port; readyz tells whether a simulator is up",
        )
    if isinstance(error, TimeoutError):
        return f"{where} does not answer", "a firewall may be in the way, or the address is wrong"
    return f"{where} cannot be reached: {error}", "look at the address and at your network"
