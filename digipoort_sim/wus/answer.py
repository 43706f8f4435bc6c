"""The signed answer, in the very form that was recorded from Digipoort.

The whole is written from strings that are in canonical form already: each signed part is one string
for the wire and one for the digest (they differ in namespaces and in ``>``), so that nothing needs to
be parsed and the RSA signature is nearly all that an answer costs. Recorded are the order, the
prefixes, the white space in SignedInfo and the Ids ``w_20`` to ``w_25``; that status and ophaal answers
look alike is inferred.
"""

from __future__ import annotations

import functools
from datetime import datetime, timedelta

from lxml import etree

from digipoort_sim.clock import wire_time
from digipoort_sim.ids import IdSource
from digipoort_sim.wus import canonical
from digipoort_sim.wus.names import (
    ANONYMOUS,
    BASE64_BINARY,
    DS,
    EXCLUSIVE_C14N,
    SOAP,
    WSA,
    WSSE,
    WSU,
    X509V3,
    Operation,
)
from digipoort_sim.wus.signing import Signer, digest

CONTENT_TYPE = "text/xml; charset=utf-8"
_VALIDITY = timedelta(minutes=10)
_XMLNS_WSA = f' xmlns:wsa="{WSA}"'
_XMLNS_WSU = f' xmlns:wsu="{WSU}"'
_SIGNED_IDS = ("w_25", "w_21", "w_22", "w_23", "w_24", "w_20")
_HEADER_IDS = {"To": "w_21", "MessageID": "w_22", "Action": "w_23", "RelatesTo": "w_24"}


def build(
    signer: Signer,
    operation: Operation,
    relates_to: str,
    message_id: str,
    body_xml: bytes | etree._Element,
    created: datetime,
    signature_algorithm: str,
    digest_algorithm: str,
    ids: IdSource,
) -> bytes:
    """Write a signed answer.

    Args:
        signer: Digipoort's own key and certificate.
        operation: the operation that is answered.
        relates_to: the MessageID of the request.
        message_id: the MessageID of the answer.
        body_xml: the Body's child; as octets it must be in exclusive canonical form already and use
            none of the prefixes soapenv, wsa and wsu.
        created: real time now; Expires is ten minutes later.
        signature_algorithm: URI; that of the request.
        digest_algorithm: URI; that of the request.
        ids: where the Id of the token comes from.

    Returns:
        The envelope in UTF-8, without an XML declaration.
    """
    child = body_xml if isinstance(body_xml, bytes) else canonical.exclusive(body_xml)
    timestamp = _timestamp(created)
    headers = [
        _fixed_header("To", ANONYMOUS, digest_algorithm),
        _header("MessageID", canonical.escape(message_id), digest_algorithm),
        _fixed_header("Action", operation.response_action, digest_algorithm),
        _header("RelatesTo", canonical.escape(relates_to), digest_algorithm),
    ]
    digests = (
        digest((_TIMESTAMP_START_CANONICAL + timestamp).encode("ascii"), digest_algorithm),
        *[value for _, value in headers],
        digest(_BODY_START_CANONICAL + child + _BODY_END, digest_algorithm),
    )
    signature = _signature(signer, digests, signature_algorithm, digest_algorithm, ids.uuid())
    head = "".join([_START, timestamp, signature, *[wire for wire, _ in headers], _BODY_START])
    return canonical.on_the_wire(head.encode("utf-8")) + canonical.on_the_wire(child) + _END


_TIMESTAMP_START_CANONICAL = f'<u:Timestamp xmlns:u="{WSU}" u:Id="w_25">'
_START = (
    f'<soapenv:Envelope xmlns:soapenv="{SOAP}"{_XMLNS_WSA}><soapenv:Header>'
    f'<s:Security soapenv:mustUnderstand="1" xmlns:d="{DS}" xmlns:s="{WSSE}" xmlns:u="{WSU}" '
    f'xmlns:x="{EXCLUSIVE_C14N}"><u:Timestamp u:Id="w_25">'
)
_BODY_START = f'</soapenv:Header><soapenv:Body wsu:Id="w_20"{_XMLNS_WSU}>'
_BODY_START_CANONICAL = f'<soapenv:Body xmlns:soapenv="{SOAP}"{_XMLNS_WSU} wsu:Id="w_20">'.encode()
_BODY_END = b"</soapenv:Body>"
_END = _BODY_END + b"</soapenv:Envelope>"


def _header(name: str, text: str, digest_algorithm: str) -> tuple[str, str]:
    """A WS-Addressing header as it goes on the wire, and the digest of its canonical form."""
    id_ = _HEADER_IDS[name]
    signed = f'<wsa:{name}{_XMLNS_WSA}{_XMLNS_WSU} wsu:Id="{id_}">{text}</wsa:{name}>'
    wire = f'<wsa:{name} wsu:Id="{id_}"{_XMLNS_WSU}>{text}</wsa:{name}>'
    return wire, digest(signed.encode("utf-8"), digest_algorithm)


# For headers whose text is one of a few, so that they are written and digested once.
_fixed_header = functools.lru_cache(maxsize=64)(_header)


def _timestamp(created: datetime) -> str:
    return (
        f"<u:Created>{wire_time(created)}</u:Created>"
        f"<u:Expires>{wire_time(created + _VALIDITY)}</u:Expires></u:Timestamp>"
    )


def _signature(
    signer: Signer, digests: tuple[str, ...], signature_algorithm: str, digest_algorithm: str, uuid: str
) -> str:
    canonical_info, wire_info = _templates(signature_algorithm, digest_algorithm)
    value = signer.sign((canonical_info % digests).encode("ascii"), signature_algorithm)
    return (
        f'<wsse:BinarySecurityToken wsu:Id="SecurityToken-{uuid}" EncodingType="{BASE64_BINARY}" '
        f'ValueType="{X509V3}"{_XMLNS_WSU} xmlns:wsse="{WSSE}">{signer.token}</wsse:BinarySecurityToken>'
        f'<Signature xmlns="{DS}">\n{wire_info % digests}\n    <SignatureValue>{value}</SignatureValue>'
        f'<KeyInfo><wsse:SecurityTokenReference xmlns:wsse="{WSSE}" xmlns="">'
        f'<wsse:Reference URI="#SecurityToken-{uuid}" ValueType="{X509V3}"/>'
        "</wsse:SecurityTokenReference></KeyInfo></Signature></s:Security>"
    )


def _empty(name: str, algorithm: str, canonically: bool) -> str:
    tag = f'<{name} Algorithm="{algorithm}"'
    return f"{tag}></{name}>" if canonically else f"{tag}/>"


def _signed_info(signature_algorithm: str, digest_algorithm: str, canonically: bool) -> str:
    """SignedInfo with ``%s`` for each digest; the two forms differ in empty elements and in xmlns."""
    lines = [f'<SignedInfo xmlns="{DS}">' if canonically else "<SignedInfo>"]
    lines.append("  " + _empty("CanonicalizationMethod", EXCLUSIVE_C14N, canonically))
    lines.append("  " + _empty("SignatureMethod", signature_algorithm, canonically))
    for id_ in _SIGNED_IDS:
        lines.append(f'  <Reference URI="#{id_}">')
        lines.append("    <Transforms>")
        lines.append("      " + _empty("Transform", EXCLUSIVE_C14N, canonically))
        lines.append("    </Transforms>")
        lines.append("    " + _empty("DigestMethod", digest_algorithm, canonically))
        lines.append("    <DigestValue>%s</DigestValue>")
        lines.append("  </Reference>")
    lines.append("</SignedInfo>")
    return "\n".join(lines)


@functools.lru_cache(maxsize=8)
def _templates(signature_algorithm: str, digest_algorithm: str) -> tuple[str, str]:
    """The two forms of SignedInfo, for the digest and for the wire."""
    return (
        _signed_info(signature_algorithm, digest_algorithm, canonically=True),
        _signed_info(signature_algorithm, digest_algorithm, canonically=False),
    )
