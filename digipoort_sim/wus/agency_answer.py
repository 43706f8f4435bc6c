"""What an agency answers to an afleverRequest: judged as strictly as a request, then turned into a reply.

An afleverResponse must be signed by the agency, complete, fresh, an answer to this very call and valid by the
XSD. A SOAP fault is not signed on this interface; that it comes from the agency is known from its TLS
certificate.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from lxml import etree

from digipoort_sim.config import WusSettings
from digipoort_sim.errors import AuthenticationRefusal, Refusal, SpecificationRefusal
from digipoort_sim.exchange.external import AgencyReply, Parcel
from digipoort_sim.exchange.lifecycle import ANSWERS
from digipoort_sim.exchange.values import Fout
from digipoort_sim.wus import addressing, document, envelope, requests, structure, verification
from digipoort_sim.wus.agency_http import MAX_ANSWER, HttpAnswer
from digipoort_sim.wus.document import Limits
from digipoort_sim.wus.envelope import Envelope
from digipoort_sim.wus.judging import check_media_type
from digipoort_sim.wus.names import AFLEVEREN, KOPPELVLAK, SOAP, WSA, local_name

CheckSigner = Callable[[bytes, datetime], None]
"""Refuses a certificate (DER) that may not sign the agency's answers at a moment."""

_OPERATION = AFLEVEREN.operations["afleveren"]
_ACTIONS = (_OPERATION.response_action, _OPERATION.wcf_action.removesuffix("Request") + "Response")
_LIMITS = Limits(max_bytes=MAX_ANSWER)
_OK = 200
_FAULT = f"{{{SOAP}}}Fault"
_AFLEVER_FAULT = f"{{{KOPPELVLAK}}}{AFLEVEREN.fault_element}"
_REFUSALS = ("AFO", "AFS100")
_DELIVERED, _NOT_DELIVERED = "400", "410"
_SHOWN = 300


def read(
    answer: HttpAnswer, parcel: Parcel, check_signer: CheckSigner, now: datetime, settings: WusSettings
) -> AgencyReply:
    """What an answer means; one that is no good is trouble, with the reason."""
    try:
        root = _parse(answer)
        body = _body(root)
        if body.tag == _FAULT:
            return _fault(root, body, parcel)
        if answer.status != _OK:
            raise SpecificationRefusal(f"HTTP status {answer.status}", rule="AGENCY-HTTP")
        return _response(envelope.read(root), parcel, check_signer, now, settings)
    except Refusal as refusal:
        detail = f"its answer is not good: {refusal.detail}"
        return AgencyReply("trouble", detail, refusal.rule, raw=answer.body)


def _parse(answer: HttpAnswer) -> etree._Element:
    try:
        check_media_type(answer.content_type)
    except SpecificationRefusal as refusal:
        if answer.status != _OK:
            raise SpecificationRefusal(f"HTTP status {answer.status}", rule="AGENCY-HTTP") from None
        raise refusal from None
    return document.parse(answer.body, _LIMITS)


def _body(root: etree._Element) -> etree._Element:
    """The one element in the Body; a fault's envelope may have no Header."""
    found = [child for child in root if child.tag == f"{{{SOAP}}}Body"]
    if root.tag != f"{{{SOAP}}}Envelope" or len(found) != 1 or len(found[0]) != 1:
        raise SpecificationRefusal(
            "it is no SOAP 1.1 Envelope with one Body with one element", rule="SOAP-ENVELOPE"
        )
    return found[0][0]


def _response(
    found: Envelope, parcel: Parcel, check_signer: CheckSigner, now: datetime, settings: WusSettings
) -> AgencyReply:
    verified = verification.verify(found)
    check_signer(verified.certificate_der, now)
    addressing.check_freshness(found, now, settings)
    _check_addresses(found, parcel)
    body = found.body_element
    if body.tag != _OPERATION.response_tag:
        raise SpecificationRefusal(f"its Body holds {local_name(body.tag)[:80]}", rule="SOAP-BODY")
    structure.check(body)
    _check_kenmerken(body, parcel)
    status = requests.agency_status(body)
    if status.statuscode == _NOT_DELIVERED:
        fout = status.fout or Fout("AFO100", "")
        return AgencyReply("refused", f"{fout.foutcode}: {fout.foutbeschrijving}", "AGENCY-REFUSAL", fout)
    if status.statuscode in ("", _DELIVERED):
        return AgencyReply("taken")
    ignored = "" if status.statuscode in ANSWERS else f"status {status.statuscode} means nothing here"
    return AgencyReply("taken", ignored, "AGENCY-STATUS" if ignored else "", status=status)


def _check_addresses(found: Envelope, parcel: Parcel) -> None:
    if found.action not in _ACTIONS:
        raise SpecificationRefusal(
            f"wsa:Action is {(found.action or 'missing')[:_SHOWN]!r}; it must be {_ACTIONS[0]!r}",
            rule="WSA-ACTION",
        )
    relates_to = found.addresses.get("RelatesTo")
    if relates_to != parcel.message_id:
        raise AuthenticationRefusal(
            f"wsa:RelatesTo is {(relates_to or 'missing')[:_SHOWN]!r}; it must be {parcel.message_id!r}",
            rule="WSA-RELATESTO",
        )


def _check_kenmerken(body: etree._Element, parcel: Parcel) -> None:
    for name, wanted in (("kenmerk", parcel.kenmerk), ("berichtkenmerk", parcel.berichtkenmerk)):
        text = " ".join((body.findtext(f"{{{KOPPELVLAK}}}{name}") or "").split())
        if text != " ".join(wanted.split()):
            raise SpecificationRefusal(
                f"its {name} is {text[:_SHOWN]!r}, not {wanted!r}", rule="AGENCY-KENMERK"
            )


def _fault(root: etree._Element, fault: etree._Element, parcel: Parcel) -> AgencyReply:
    relates_to = root.find(f"{{{SOAP}}}Header/{{{WSA}}}RelatesTo")
    if relates_to is not None and (relates_to.text or "").strip() != parcel.message_id:
        raise SpecificationRefusal("it is a fault that relates to another message", rule="WSA-RELATESTO")
    found = fault.find(f"detail/{_AFLEVER_FAULT}")
    if found is None:
        code, text = fault.findtext("faultcode") or "", fault.findtext("faultstring") or ""
        said = " ".join(f"{code} {text}".split())[:_SHOWN]
        return AgencyReply("trouble", f"a SOAP fault without an afleverFault: {said}", "AGENCY-FAULT")
    structure.check(found)
    fout = requests.fout(found)
    detail = f"{fout.foutcode}: {' '.join(fout.foutbeschrijving.split())[:_SHOWN]}"
    if fout.foutcode.startswith(_REFUSALS):
        return AgencyReply("refused", detail, "AGENCY-REFUSAL", fout)
    return AgencyReply("trouble", detail, "AGENCY-FAULT", fout)
