"""Judging an answer as a careful client does: signed by Digipoort, complete, and not expired."""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.pki.trust import Trust, VerifiedCertificate
from digipoort_sim.wus.envelope import read
from digipoort_sim.wus.verification import verify

_REQUIRED = {"To", "MessageID", "Action", "RelatesTo"}


def check_answer(root: etree._Element, trust: Trust, now: datetime) -> VerifiedCertificate:
    """Check the signature, its coverage, the signer and the Timestamp of an answer; gives the signer.

    Args:
        root: the answer's soap:Envelope.
        trust: the CAs that the signer must come from.
        now: real time, UTC.

    Raises:
        AuthenticationRefusal: something is not as CXF and other strict clients demand.
        SpecificationRefusal: the envelope has not the form of an answer.
    """
    envelope = read(root)
    missing = _REQUIRED - set(envelope.addressing)
    if missing:
        raise AuthenticationRefusal(f"the answer lacks wsa:{', wsa:'.join(sorted(missing))}", rule="ANSWER")
    signer = trust.verify(verify(envelope).certificate_der, at=now)
    if envelope.expires is None or not envelope.created <= now <= envelope.expires:
        raise AuthenticationRefusal("the answer's Timestamp is not valid now", rule="ANSWER")
    return signer
