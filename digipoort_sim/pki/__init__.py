"""OIN and identification numbers, the TRIAL certificate authority, and the verdict on a certificate."""

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
