"""Why a TLS handshake failed, in words that tell what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digipoort_sim.clock import wire_time
from digipoort_sim.pki.offered import Shown, describe, read_shown

MEND = "What to do: issue a certificate that is good: digipoort-sim certs issue --kvk N --out DIR."
"""The line for a client whose certificate passed the handshake and is no good all the same."""

_OURS = "issue one that is trusted here: digipoort-sim certs issue --kvk N --out DIR"
_NEW = "issue a new one: digipoort-sim certs issue --kvk N --out DIR"
_RESTART = "trouble of the server itself: start it anew, then its CRLs are made anew"


@dataclass(frozen=True)
class Reason:
    """Why, and what to do."""

    why: str
    mend: str


@dataclass(frozen=True)
class FailedHandshake:
    """What is known of a handshake with a client that failed.

    Attributes:
        words: OpenSSL's own.
        verify_code: OpenSSL's verification error (X509_V_ERR_*); 0 if certificates were not the reason.
        alert: the name of the alert that went out; empty if none did.
        chain: the certificates that the client offered, as DER.
    """

    words: str
    verify_code: int = 0
    alert: str = ""
    chain: tuple[bytes, ...] = ()


def explain(failed: FailedHandshake, trusted: Sequence[str], at: datetime) -> str:
    """A text for a person, its first line the reason.

    Args:
        trusted: the names of the CAs that are trusted.
        at: the time at which certificates were judged.
    """
    reason = _by_certificate(failed, trusted, at) if failed.verify_code else by_words(failed.words)
    lines = [reason.why, f"What to do: {reason.mend}." if reason.mend else ""]
    sent = f"TLS alert sent: {failed.alert}." if failed.alert else "No TLS alert was sent."
    lines.append(f"{sent} OpenSSL: {failed.words}.")
    if failed.chain or failed.verify_code:
        lines += [describe(failed.chain), "Trusted are:", *(f"- {name}" for name in trusted)]
    return "\n".join(line for line in lines if line)


# By OpenSSL's verification error: the sentence, and what to do.
_VERIFY: dict[int, Reason] = {
    3: Reason("there is no CRL of its issuer", _RESTART),
    7: Reason(
        "the signature of its issuer {issuer} is not good",
        f"a CA of that name, perhaps of another state directory, made it, or it was changed; {_OURS}",
    ),
    9: Reason("{subject} is valid from {start}; it is {now}", f"set the server's clock right, or {_NEW}"),
    10: Reason("{subject} was valid until {end}; it is {now}", _NEW),
    11: Reason("the CRL of its issuer is not valid yet", _RESTART),
    12: Reason("the CRL of its issuer has expired", _RESTART),
    18: Reason("{subject} signed itself", _OURS),
    19: Reason("the root {missing} that came with it is not trusted", _OURS),
    20: Reason("no trusted CA is the issuer {missing} that was looked for", _OURS),
    21: Reason("no trusted CA is the issuer {missing} that was looked for", _OURS),
    22: Reason("its chain is too long", "send only the CAs between the certificate and the root"),
    23: Reason("{subject}, serial number {serial}, is revoked", _NEW),
    24: Reason("one of its issuers is not a CA", _OURS),
    25: Reason("a CA in its chain stands below one that may not have CAs below it", _OURS),
    26: Reason(
        "it is not for TLS clients: extendedKeyUsage must have clientAuth, keyUsage digitalSignature", _OURS
    ),
    32: Reason("the keyUsage of its issuer does not allow signing certificates", _OURS),
    34: Reason("it has a critical extension that is not known", _OURS),
    66: Reason("its key is too weak; RSA of 2048 bits or more is accepted", _NEW),
    67: Reason("the key of its issuer is too weak; RSA of 2048 bits or more is accepted", _OURS),
    68: Reason(
        "it is signed with a digest that is too weak (SHA-1 or MD5); SHA-256 is accepted",
        _NEW,
    ),
}
_NO_ISSUER = (19, 20, 21)
_LOOKALIKE = Reason(
    "no trusted CA is the issuer {missing} that was looked for: there is one of that name, with another key",
    "is the certificate of another simulator, or of a state directory that was made anew? "
    "Then issue a new one: digipoort-sim certs issue --kvk N --out DIR",
)

# By a part of OpenSSL's words, the first that fits.
_WORDS: tuple[tuple[str, Reason], ...] = (
    (
        "did not return a certificate",
        Reason(
            "the client showed no certificate",
            "give it client.pem with client.key, or client.p12",
        ),
    ),
    (
        "http request",
        Reason("the client speaks plain HTTP on a port that speaks TLS", "write https:// in its URL"),
    ),
    (
        "unsupported protocol",
        Reason("the client speaks a TLS version older than 1.2", "switch on TLS 1.2 or 1.3 there"),
    ),
    (
        "version too low",
        Reason("the client speaks a TLS version older than 1.2", "switch on TLS 1.2 or 1.3 there"),
    ),
    (
        "no shared cipher",
        Reason(
            "client and server have no cipher in common",
            "switch on ECDHE with AES-GCM there, as TLS 1.2 with forward secrecy needs",
        ),
    ),
    (
        "alert unknown ca",
        Reason(
            "the client broke off: it does not trust the server's certificate",
            "give it ca.pem of its certificate folder as the CA file (in Java the trust store)",
        ),
    ),
    (
        "alert certificate expired",
        Reason(
            "the client broke off: it holds the server's certificate for expired",
            "set the client's clock right",
        ),
    ),
    (
        "alert bad certificate",
        Reason(
            "the client broke off: it does not accept the server's certificate",
            "give it ca.pem as the CA file, and use a host name that the certificate has, such as localhost; "
            "other names: DIGIPOORT_SIM_SERVER_NAMES",
        ),
    ),
    (
        "alert certificate unknown",
        Reason(
            "the client broke off: it does not accept the server's certificate",
            "give it ca.pem as the CA file (in Java the trust store), and use a host name that is in the "
            "certificate, such as localhost; other names: DIGIPOORT_SIM_SERVER_NAMES",
        ),
    ),
    (
        "those that wait the longest are dropped",
        Reason(
            "there are more connections than max_connections allows; those that wait the longest are dropped",
            "let the client close connections that it does not use",
        ),
    ),
    (
        "the handshake took too long",
        Reason("the handshake took too long", "let the client speak TLS as soon as it is connected"),
    ),
    (
        "closed the connection",
        Reason(
            "the client closed the connection in the middle of the handshake",
            "its own log tells why; often it does not trust the server's certificate: give it ca.pem",
        ),
    ),
)
_NO_TLS = Reason(
    "what the client sent is no TLS that can be understood",
    "let the client speak TLS (https) on this port, and nothing before it",
)
_NOT_TLS = ("wrong version number", "unknown protocol", "bad record type", "record layer failure",
            "unexpected message", "length mismatch", "packet length too long", "bad packet length",
            "record too small", "bad protocol version number", "unexpected record")  # fmt: skip


def by_words(words: str) -> Reason:
    """The reason for a failure that is not about certificates of the client."""
    lower = words.lower()
    for part, reason in _WORDS:
        if part in lower:
            return reason
    if any(part in lower for part in _NOT_TLS):
        return _NO_TLS
    return Reason(f"the TLS handshake failed: {words}", "")


def _by_certificate(failed: FailedHandshake, trusted: Sequence[str], at: datetime) -> Reason:
    chain = [read_shown(der) for der in failed.chain]
    missing = _missing_issuer(chain)
    reason = _VERIFY.get(failed.verify_code)
    if reason is None:
        return Reason(f"the client certificate is refused: {failed.words}", "")
    if failed.verify_code in _NO_ISSUER and missing in trusted:
        reason = _LOOKALIKE
    faulty = _faulty(chain, at)
    certificate = faulty.certificate
    facts = {
        "subject": f"'{faulty.subject}'",
        "issuer": f"'{faulty.issuer}'",
        "serial": faulty.serial,
        "missing": f"'{missing}'",
        "start": wire_time(certificate.not_valid_before_utc) if certificate else "later",
        "end": wire_time(certificate.not_valid_after_utc) if certificate else "a moment in the past",
        "now": wire_time(at),
    }
    return Reason(f"the client certificate is refused: {reason.why.format_map(facts)}", reason.mend)


def _faulty(chain: Sequence[Shown], at: datetime) -> Shown:
    """The first certificate that is out of its time, else the first one."""
    for one in chain:
        if one.certificate and not (
            one.certificate.not_valid_before_utc <= at <= one.certificate.not_valid_after_utc
        ):
            return one
    return chain[0] if chain else Shown(None)


def _missing_issuer(chain: Sequence[Shown]) -> str:
    """The name of the issuer that the chain lacks: that of its last link."""
    if not chain:
        return ""
    link, left = chain[0], list(chain[1:])
    while True:
        above = next((one for one in left if one.subject == link.issuer), None)
        if above is None:
            return link.issuer
        left.remove(above)
        link = above
