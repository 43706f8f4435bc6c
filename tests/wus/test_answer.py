"""Answers and faults: what leaves through the door."""

from __future__ import annotations

import re

import pytest
from cryptography.hazmat.primitives import serialization
from lxml import etree

from digipoort_sim.errors import ConfigError
from digipoort_sim.ids import SeededIds
from digipoort_sim.wus import answer, envelope, fault, names
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.signing import Signer
from digipoort_sim.wus.verification import verify
from tests.wus import messages

CHILD = (
    f'<aanleverResponse xmlns="{names.KOPPELVLAK}"><kenmerk>é &amp; ü</kenmerk></aanleverResponse>'.encode()
)


def _answer(
    signature: str, digest: str, body: bytes | etree._Element = CHILD, message_id: str = "uuid:1"
) -> bytes:
    return answer.build(
        messages.signer(),
        messages.AANLEVEREN,
        "urn:uuid:vraag<&>\r",
        message_id,
        body,
        messages.NOW,
        signature,
        digest,
        SeededIds(1),
    )


@pytest.mark.parametrize("signature", [names.RSA_SHA1, names.RSA_SHA256])
@pytest.mark.parametrize("digest", [names.SHA1, names.SHA256])
def test_answers_verify(signature: str, digest: str) -> None:
    """An answer in any mixture of algorithms is verified by us and by xmlsec, with all parts covered."""
    raw = _answer(signature, digest)
    verified = verify(envelope.read(parse(raw)))
    assert (verified.signature_algorithm, verified.digest_algorithm) == (signature, digest)
    assert len(verified.covered) == 6
    assert messages.xmlsec_verifies(raw, messages.signer().certificate_der)


def test_greater_than_stays_bare_on_the_wire() -> None:
    """A ``>`` in text is sent bare (recorded), that of ``]]>`` is not; the signature holds all the same."""
    body = f'<a xmlns="{names.KOPPELVLAK}">&lt;b&gt;\n]]&gt;&amp;gt;</a>'.encode()
    raw = _answer(names.RSA_SHA1, names.SHA1, body)
    assert b">&lt;b>\n]]&gt;&amp;gt;</a>" in raw
    assert b"urn:uuid:vraag&lt;&amp;>&#xD;</wsa:RelatesTo>" in raw
    assert parse(raw)[1][0].text == "<b>\n]]>&gt;"
    verify(envelope.read(parse(raw)))
    assert messages.xmlsec_verifies(raw, messages.signer().certificate_der)


def test_values_of_an_answer() -> None:
    """To, MessageID, Action and RelatesTo are right, also with characters that need escaping."""
    read = envelope.read(parse(_answer(names.RSA_SHA1, names.SHA1, message_id="a<b&c")))
    assert read.to == names.ANONYMOUS
    assert read.message_id == "a<b&c"
    assert read.action == messages.AANLEVEREN.response_action
    assert read.addressing["RelatesTo"].text == "urn:uuid:vraag<&>\r"
    assert read.expires is not None
    assert (read.expires - read.created).total_seconds() == 600
    assert read.body_element[0].text == "é & ü"


def test_an_element_as_body() -> None:
    """A Body given as an element gives the same octets as its canonical form."""
    assert _answer(names.RSA_SHA1, names.SHA1, etree.fromstring(CHILD)) == _answer(names.RSA_SHA1, names.SHA1)


def test_signer_needs_a_pair() -> None:
    """A key and a certificate that do not belong together, or are none, are refused."""
    key_pem = messages.key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = {
        name: messages.signer(name).certificate.public_bytes(serialization.Encoding.PEM)
        for name in ("TRIAL client", "TRIAL other")
    }
    assert Signer.from_pem(key_pem, pem["TRIAL client"]).token == messages.signer().token
    for wrong_key, wrong_certificate in (
        (key_pem, pem["TRIAL other"]),
        (b"x", pem["TRIAL client"]),
        (key_pem, b""),
    ):
        with pytest.raises(ConfigError):
            Signer.from_pem(wrong_key, wrong_certificate)


def test_fault_codes_per_service() -> None:
    """Only aanleveren has all the codes 120 to 170; elsewhere they become 100."""
    assert fault.fault_code(names.AANLEVEREN, "160") == "ALS160"
    assert fault.fault_code(names.STATUSINFORMATIE, "160") == "STS100"
    assert fault.fault_code(names.OPHALEN, "110") == "OPS110"
    assert fault.fault_code(names.STATUSINFORMATIE, "400") == "STS400"


def test_faults() -> None:
    """A fault names the operation, escapes its text and replaces what XML does not allow."""
    operation = names.STATUSINFORMATIE.operations["getProcessen"]
    raw = fault.build(
        names.STATUSINFORMATIE, operation, "100", "a <b> & \0\ud800 é", "x<y", "uuid:1", server_side=True
    )
    root = etree.fromstring(raw)
    assert root.findtext(f".//{{{names.WSA}}}Action") == operation.fault_action
    assert root.findtext(f".//{{{names.WSA}}}RelatesTo") == "x<y"
    assert root.findtext(".//faultcode") == "soapenv:Server"
    assert root.findtext(f".//{{{names.KOPPELVLAK}}}foutbeschrijving") == "a <b> & \ufffd\ufffd é"
    assert b"<fault:statusinformatieFault" in raw


def test_a_fault_for_what_could_not_be_read() -> None:
    """Without an operation and a MessageID there is no RelatesTo, and an Action that says just fault."""
    raw = fault.build(names.OPHALEN, None, "100", "", None, "uuid:1")
    assert b"RelatesTo" not in raw
    assert names.SOAP_FAULT_ACTION.encode() in raw
    single = fault.build(names.AANLEVEREN, None, "100", "", None, "uuid:1")
    assert re.search(rb"AanleverService/aanleveren/Fault/</wsa:Action>", single)
