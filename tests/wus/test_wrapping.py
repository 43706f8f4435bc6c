"""Signature wrapping: a genuine signature, moved so that something else would be processed."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from lxml import etree

from digipoort_sim.errors import Refusal
from digipoort_sim.wus import envelope, names
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.verification import verify
from tests.wus import messages

RAW = messages.signed()
_ID = envelope.WSU_ID


def _evil(root: etree._Element) -> etree._Element:
    """Put a forged Body in the place of the signed one, and give the signed one back."""
    body = root[1]
    forged = copy.deepcopy(body)
    forged.attrib.clear()
    forged[0][0].text = "Omzetbelasting"
    root.replace(body, forged)
    return body


def _under_a_wrapper(root: etree._Element) -> None:
    etree.SubElement(root[0], "wrapper").append(_evil(root))


def _as_a_header(root: etree._Element) -> None:
    root[0].append(_evil(root))


def _two_bodies(root: etree._Element) -> None:
    root.append(_evil(root))


def _two_bodies_signed_first(root: etree._Element) -> None:
    root.insert(1, _evil(root))


def _duplicate_id(root: etree._Element) -> None:
    body = _evil(root)
    root[1].set(_ID, body.get(_ID))
    root[1].append(body)


def _same_id_without_namespace(root: etree._Element) -> None:
    body = _evil(root)
    root[1].set("Id", body.get(_ID))
    root[0][0][0].append(body)


def _in_an_addressing_header(root: etree._Element) -> None:
    header = etree.SubElement(root[0], f"{{{names.WSA}}}RelatesTo")
    header.append(_evil(root))


def _in_reference_parameters(root: etree._Element) -> None:
    endpoint = etree.SubElement(root[0], f"{{{names.WSA}}}FaultTo")
    etree.SubElement(endpoint, f"{{{names.WSA}}}Address").text = names.ANONYMOUS
    etree.SubElement(endpoint, f"{{{names.WSA}}}ReferenceParameters").append(_evil(root))


def _in_security(root: etree._Element) -> None:
    root[0][0].append(_evil(root))


def _in_an_object(root: etree._Element) -> None:
    signature = root.find(f".//{{{names.DS}}}Signature")
    assert signature is not None
    etree.SubElement(signature, f"{{{names.DS}}}Object").append(_evil(root))


def _in_key_info(root: etree._Element) -> None:
    key_info = root.find(f".//{{{names.DS}}}KeyInfo")
    assert key_info is not None
    key_info.append(_evil(root))


def _in_the_token_reference(root: etree._Element) -> None:
    reference = root.find(f".//{{{names.WSSE}}}SecurityTokenReference")
    assert reference is not None
    reference[0].append(_evil(root))


def _in_a_digest_value(root: etree._Element) -> None:
    value = root.find(f".//{{{names.DS}}}SignatureValue")
    assert value is not None
    value.append(_evil(root))


def _in_the_forged_body(root: etree._Element) -> None:
    body = _evil(root)
    root[1][0].append(body)


def _in_the_token(root: etree._Element) -> None:
    token = root.find(f".//{{{names.WSSE}}}BinarySecurityToken")
    assert token is not None
    token.append(_evil(root))


def _timestamp_moved(root: etree._Element) -> None:
    security = root[0][0]
    old = security[0]
    fresh = copy.deepcopy(old)
    fresh.attrib.clear()
    security.replace(old, fresh)
    root[1][0].append(old)


def _header_moved(root: etree._Element) -> None:
    action = root[0].find(f"{{{names.WSA}}}Action")
    assert action is not None
    forged = copy.deepcopy(action)
    forged.attrib.clear()
    root[0].replace(action, forged)
    root[1][0].append(action)


def _body_swapped_with_its_child(root: etree._Element) -> None:
    root[1][0].set(_ID, root[1].attrib.pop(_ID))


@pytest.mark.parametrize(
    ("move", "rule"),
    [
        (_under_a_wrapper, "SOAP-HEADER"),
        (_as_a_header, "SOAP-HEADER"),
        (_two_bodies, "SOAP-ENVELOPE"),
        (_two_bodies_signed_first, "SOAP-ENVELOPE"),
        (_duplicate_id, "SOAP-ENVELOPE"),
        (_same_id_without_namespace, "WSS-ID"),
        (_in_an_addressing_header, "XML-TEXT"),
        (_in_reference_parameters, "WSA-HEADER"),
        (_in_security, "WSS-SECURITY"),
        (_in_an_object, "WSS-SIGNATURE"),
        (_in_key_info, "WSS-COVERAGE"),
        (_in_the_token_reference, "WSS-COVERAGE"),
        (_in_a_digest_value, "WSS-COVERAGE"),
        (_in_the_forged_body, "WSS-COVERAGE"),
        (_in_the_token, "WSS-COVERAGE"),
        (_timestamp_moved, "WSS-COVERAGE"),
        (_header_moved, "WSS-COVERAGE"),
        (_body_swapped_with_its_child, "WSS-COVERAGE"),
    ],
)
def test_wrapping_is_refused(move: Callable[[etree._Element], None], rule: str) -> None:
    """Wherever the signed element is moved to, what would be processed is not covered, or misshapen."""
    root = parse(RAW)
    move(root)
    with pytest.raises(Refusal) as caught:
        verify(envelope.read(parse(etree.tostring(root))))
    assert caught.value.rule == rule


def test_same_id_twice_in_the_body() -> None:
    """Two Ids that are alike are refused by name, wherever they stand."""
    root = parse(RAW)
    root[1][0].set(_ID, root[1].get(_ID))
    with pytest.raises(Refusal) as caught:
        envelope.read(root)
    assert caught.value.rule == "WSS-ID"
    assert (root[1].get(_ID) or "?") in caught.value.detail
