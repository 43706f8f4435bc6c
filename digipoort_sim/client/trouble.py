"""Why a connection did not come about, in words that tell what to do."""

from __future__ import annotations

import re
import socket
import ssl

from digipoort_sim.client.endpoints import UnreachableError
from digipoort_sim.client.folder import CertificateFolder

_ALERT = re.compile(r"ALERT_(\w+)")
_WRONG = (
    ((9, 10), "is not valid now: it, or this machine's clock, is wrong"),
    ((62, 64), "is for another host"),
    ((18,), "signed itself"),
)
"""By OpenSSL's X509_V_ERR_*: times, names, DEPTH_ZERO_SELF_SIGNED_CERT; the rest is about who vouches."""


def unreachable_door(error: BaseException, where: str, folder: CertificateFolder) -> UnreachableError:
    """The error that says in one sentence why a door could not be reached.

    Args:
        error: what the library raised, with what it wraps.
        where: the door's address.
        folder: the certificate folder that was used.
    """
    return UnreachableError(_sentence(_root(error), where, folder), rule="UNREACHABLE")


def _sentence(error: BaseException, where: str, folder: CertificateFolder) -> str:
    own = folder.client.parent
    if isinstance(error, ssl.SSLCertVerificationError):
        return _distrust(error, where, folder)
    alert = _ALERT.search(error.reason or "") if isinstance(error, ssl.SSLError) else None
    if alert is not None:
        return (
            f"{where} refuses the connection with the TLS alert "
            f"'{alert.group(1).lower().replace('_', ' ')}'; is the certificate in {own} of this simulator, "
            "and not revoked or expired? See: digipoort-sim events list"
        )
    return f"{where} cannot be reached: {error}"


def _distrust(error: ssl.SSLCertVerificationError, where: str, folder: CertificateFolder) -> str:
    """What is wrong with the certificate that a door shows."""
    words = error.verify_message
    for codes, wrong in _WRONG:
        if error.verify_code in codes:
            return f"{where} shows a certificate that {wrong} ({words}); why: digipoort-sim events list"
    return (
        f"{where} shows a certificate that {folder.ca} does not vouch for ({words}); "
        f"is {folder.client.parent} the folder of another simulator?"
    )


def _root(error: BaseException) -> BaseException:
    """The system's or OpenSSL's own error inside what libraries wrap around it."""
    waiting, seen = [error], set[int]()
    while waiting:
        found = waiting.pop(0)
        if isinstance(found, ssl.SSLError | ConnectionError | TimeoutError | socket.gaierror):
            return found
        if id(found) not in seen:
            seen.add(id(found))
            inner = (*found.args, getattr(found, "reason", None), found.__cause__, found.__context__)
            waiting += [part for part in inner if isinstance(part, BaseException)]
    return error
