"""Messages for attacks: one in which every part is signed, and tools to sign what no honest client would."""

from __future__ import annotations

import base64
import functools
import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from lxml import etree

from digipoort_sim.wus import addressing, envelope, names, requests, structure
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.envelope import WSU_ID, Envelope
from digipoort_sim.wus.signing import sign_request
from digipoort_sim.wus.verification import verify
from tests.wus import messages
from tests.wus.door_kit import delivery

DS = f"{{{names.DS}}}"
WSSE = f"{{{names.WSSE}}}"
WSU = f"{{{names.WSU}}}"
WSA = f"{{{names.WSA}}}"
SOAP = f"{{{names.SOAP}}}"

PARTS = {
    "Body": SOAP + "Body",
    "Timestamp": WSU + "Timestamp",
    "BinarySecurityToken": WSSE + "BinarySecurityToken",
    **{name: WSA + name for name in names.ADDRESSING_HEADERS},
}
"""Every part that can be signed, by its name, with its tag."""

BODY = f'<aanleverRequest xmlns="{names.KOPPELVLAK}">{delivery()}</aanleverRequest>'

_HASHES = {names.RSA_SHA1: hashes.SHA1(), names.RSA_SHA256: hashes.SHA256()}


@dataclass(frozen=True)
class Values:
    """Everything that the simulator would take from a message: none of it may differ from what was signed."""

    addresses: tuple[tuple[str, str], ...]
    created: datetime
    expires: datetime | None
    body: tuple[tuple[str, str, str], ...]
    certificate: bytes


def header() -> str:
    """All seven WS-Addressing headers."""
    anonymous = f"<wsa:Address>{names.ANONYMOUS}</wsa:Address>"
    return (
        f"{messages.headers()}<wsa:From>{anonymous}</wsa:From><wsa:FaultTo>{anonymous}</wsa:FaultTo>"
        "<wsa:RelatesTo>urn:uuid:earlier</wsa:RelatesTo>"
    )


@functools.cache
def _complete() -> bytes:
    root = messages.unsigned(header(), BODY)
    sign_request(root, messages.signer(), created=messages.NOW, ids=messages.SeededIds(11))
    token = part(root, "BinarySecurityToken")
    (signed_info,) = root.iter(DS + "SignedInfo")
    signed_info.append(reference(token, "#" + (token.get(WSU_ID) or "")))
    seal(root)
    return etree.tostring(root)


def complete() -> etree._Element:
    """A request with every part in it and every part signed, the token too."""
    return etree.fromstring(_complete())


def part(root: etree._Element, name: str) -> etree._Element:
    """The signed part of that name, before anything is done to it."""
    found = next(root.iter(PARTS[name]))
    assert found is not None
    return found


def canonical(element: etree._Element) -> bytes:
    """The exclusive canonical form."""
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False, with_tail=False)


def digest(element: etree._Element) -> str:
    """The SHA-1 digest of an element."""
    return base64.b64encode(hashlib.sha1(canonical(element)).digest()).decode()


def reference(target: etree._Element, uri: str) -> etree._Element:
    """A Reference with the digest of an element, under any URI."""
    text = (
        f'<ds:Reference xmlns:ds="{names.DS}"><ds:Transforms><ds:Transform Algorithm="'
        f'{names.EXCLUSIVE_C14N}"/></ds:Transforms><ds:DigestMethod Algorithm="{names.SHA1}"/>'
        f"<ds:DigestValue>{digest(target)}</ds:DigestValue></ds:Reference>"
    )
    found = etree.fromstring(text)
    found.set("URI", uri)
    return found


def redigest(root: etree._Element) -> None:
    """Make the digest of each Reference to an Id anew, after the parts were changed."""
    by_id = {element.get(WSU_ID) or element.get("Id"): element for element in root.iter("*")}
    for found in root.iter(DS + "Reference"):
        target = by_id.get((found.get("URI") or "")[1:])
        value = found.find(DS + "DigestValue")
        if target is not None and value is not None:
            value.text = digest(target)


def seal(root: etree._Element, by: str = "TRIAL client") -> None:
    """Make the SignatureValue over the SignedInfo as it now is."""
    (signed_info,) = root.iter(DS + "SignedInfo")
    (value,) = root.iter(DS + "SignatureValue")
    method = signed_info.find(DS + "SignatureMethod")
    algorithm = _HASHES.get("" if method is None else method.get("Algorithm", ""), hashes.SHA1())
    # As it would be on the wire: lxml may still hold namespace declarations of an earlier place.
    signed = next(etree.fromstring(etree.tostring(root)).iter(DS + "SignedInfo"))
    value.text = _signature(canonical(signed), by, algorithm.name)


@functools.lru_cache(maxsize=4096)  # thousands of attacks share a few hundred SignedInfos
def _signature(signed: bytes, by: str, algorithm: str) -> str:
    function = hashes.SHA256() if algorithm == "sha256" else hashes.SHA1()
    return base64.b64encode(messages.key(by).sign(signed, PKCS1v15(), function)).decode()


def values_of(read: Envelope, certificate: bytes) -> Values:
    """The values of an envelope that was found good."""
    return Values(
        addresses=tuple(sorted(read.addresses.items())),
        created=read.created,
        expires=read.expires,
        body=tuple((one.tag, one.text or "", one.tail or "") for one in read.body_element.iter()),
        certificate=certificate,
    )


def processed(raw: bytes) -> Values:
    """What the simulator would go by if it got this message.

    Raises:
        Refusal: the message is refused.
    """
    read = envelope.read(parse(raw))
    return values_of(read, verify(read).certificate_der)


def accepted(raw: bytes) -> Values:
    """As `processed`, with the addresses and the XSD judged too.

    Raises:
        Refusal: the message is refused.
    """
    read = envelope.read(parse(raw))
    verified = verify(read)
    addressing.check(read, names.AANLEVEREN)
    structure.check(read.body_element)
    assert requests.delivery(read.body_element)
    return values_of(read, verified.certificate_der)
