"""OIN and identification numbers, the TRIAL certificate authority, and the verdict on a certificate.

The names are found in their modules when they are first asked for: numbers are needed without certificates.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digipoort_sim.pki.authority import Authority
    from digipoort_sim.pki.certificate import IssuedCertificate, fingerprint
    from digipoort_sim.pki.ledger import CertificateRow, Revocations
    from digipoort_sim.pki.numbers import canonical_type, check_identity, check_number, derive_type, is_number
    from digipoort_sim.pki.oin import Oin
    from digipoort_sim.pki.profile import Seat
    from digipoort_sim.pki.tls import client_context, reload_crls, server_context
    from digipoort_sim.pki.trust import Trust, VerifiedCertificate

__all__ = [
    "Authority",
    "CertificateRow",
    "IssuedCertificate",
    "Oin",
    "Revocations",
    "Seat",
    "Trust",
    "VerifiedCertificate",
    "canonical_type",
    "check_identity",
    "check_number",
    "client_context",
    "derive_type",
    "fingerprint",
    "is_number",
    "reload_crls",
    "server_context",
]

_MODULES = {
    "authority": ("Authority",),
    "certificate": ("IssuedCertificate", "fingerprint"),
    "ledger": ("CertificateRow", "Revocations"),
    "numbers": ("canonical_type", "check_identity", "check_number", "derive_type", "is_number"),
    "oin": ("Oin",),
    "profile": ("Seat",),
    "tls": ("client_context", "reload_crls", "server_context"),
    "trust": ("Trust", "VerifiedCertificate"),
}


def __getattr__(name: str) -> object:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
