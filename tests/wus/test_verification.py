"""Signatures: what is accepted, what is refused and with which words."""

from __future__ import annotations

import re
import time

import pytest
from lxml import etree

from digipoort_sim.errors import AuthenticationRefusal, Refusal
from digipoort_sim.ids import SeededIds
from digipoort_sim.wus import envelope, names
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.signing import sign_request
from digipoort_sim.wus.verification import VerificationOptions, Verified, verify
from tests.wus import messages

RAW = messages.signed()
STRICT = VerificationOptions(accept_unqualified_id=False)


def _verdict(raw: bytes, options: VerificationOptions | None = None) -> Verified:
    return verify(envelope.read(parse(raw)), options or VerificationOptions())


def _refusal(raw: bytes, options: VerificationOptions | None = None) -> Refusal:
    with pytest.raises(Refusal) as caught:
        _verdict(raw, options)
    assert caught.value.number in ("100", "110")
    return caught.value


@pytest.mark.parametrize("sha", [1, 256])
def test_our_own_client_signs_what_must_be_signed(sha: int) -> None:
    """A request that our client signed is verified, by xmlsec too, and all parts are covered."""
    raw = messages.signed(sha=sha)  # type: ignore[arg-type]
    result = _verdict(raw)
    assert result.certificate_der == messages.signer().certificate_der
    assert result.signature_algorithm == (names.RSA_SHA1 if sha == 1 else names.RSA_SHA256)
    assert result.digest_algorithm == (names.SHA1 if sha == 1 else names.SHA256)
    tags = sorted(names.local_name(element.tag) for element in result.covered)
    assert tags == ["Action", "Body", "MessageID", "ReplyTo", "Timestamp", "To"]
    assert messages.xmlsec_verifies(raw, result.certificate_der)


@pytest.mark.parametrize("signature", [names.RSA_SHA1, names.RSA_SHA256])
@pytest.mark.parametrize("digest", [names.SHA1, names.SHA256])
def test_signatures_of_xmlsec(signature: str, digest: str) -> None:
    """Signatures made by libxmlsec1 are verified, in all four mixtures of algorithms."""
    raw = messages.signed_by_xmlsec(messages.unsigned(), None, signature, digest)
    result = _verdict(raw)
    assert (result.signature_algorithm, result.digest_algorithm) == (signature, digest)


def test_signing_an_envelope_of_another_library() -> None:
    """Our client code signs an envelope with other prefixes, Ids of its own and an added header."""
    text = (
        etree.tostring(messages.unsigned())
        .decode()
        .replace("soap:", "soap-env:")
        .replace(":soap=", ":soap-env=")
    )
    root = etree.fromstring(
        text.replace("<soap-env:Body>", f'<soap-env:Body xmlns:u="{names.WSU}" u:Id="mine">')
    )
    etree.SubElement(root[0], f"{{{names.WSA}}}RelatesTo").text = "urn:x"
    sign_request(root, messages.signer(), created=messages.NOW, ids=SeededIds(1), sha=256)
    raw = etree.tostring(root, pretty_print=False)
    assert len(_verdict(raw).covered) == 7
    assert b'URI="#mine"' in raw
    assert messages.xmlsec_verifies(raw, messages.signer().certificate_der)


def test_covered_elements_are_the_elements_themselves() -> None:
    """What the verdict lists are the very elements of the envelope."""
    read = envelope.read(parse(RAW))
    covered = verify(read).covered
    for element in (read.body, read.timestamp, *read.addressing.values()):
        assert any(element is other for other in covered)


def test_an_uncovered_header_is_named() -> None:
    """A header that was put in after signing is named, alone."""
    raw = RAW.replace(b"</wsa:To>", b"</wsa:To><wsa:FaultTo><wsa:Address>x</wsa:Address></wsa:FaultTo>")
    error = _refusal(raw)
    assert error.rule == "WSS-COVERAGE"
    assert "does not cover wsa:FaultTo." in error.detail


def test_a_signed_header_without_id_is_uncovered() -> None:
    """Taking the Id from a signed element leaves it uncovered."""
    root = parse(RAW)
    del envelope.read(root).addressing["To"].attrib[envelope.WSU_ID]
    assert _refusal(etree.tostring(root)).rule == "WSS-COVERAGE"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"001000044B37", b"001000044B38", "Body"),
        (b":00.250Z</wsu:Created>", b":00.251Z</wsu:Created>", "Timestamp"),
        (messages.MESSAGE_ID.encode(), messages.MESSAGE_ID.encode() + b"0", "MessageID"),
    ],
)
def test_a_changed_part_is_named(old: bytes, new: bytes, words: str) -> None:
    """Which part was changed after signing is said."""
    error = _refusal(RAW.replace(old, new))
    assert error.rule == "WSS-DIGEST"
    assert f"content of {words} (#" in error.detail


def test_another_key_is_refused() -> None:
    """A token of another certificate does not go with the signature, though all digests agree."""
    raw = RAW.replace(messages.signer().token.encode(), messages.signer("TRIAL other").token.encode())
    error = _refusal(raw)
    assert error.rule == "WSS-SIGNATURE"
    assert "All digests agree" in error.detail


def test_changed_signed_info_and_content() -> None:
    """When the signature is broken, digests that differ are named too."""
    raw = RAW.replace(b"#rsa-sha1", b"#rsa-sha256").replace(b"001000044B37", b"001000044B38")
    raw = raw.replace(b"2000/09/xmldsig#rsa-sha256", b"2001/04/xmldsig-more#rsa-sha256")
    error = _refusal(raw)
    assert error.rule == "WSS-SIGNATURE"
    assert "The digests of Body" in error.detail


def _changed(old: str, new: str, count: int = -1) -> bytes:
    raw = RAW.decode().replace(old, new, count).encode()
    assert raw != RAW
    return raw


INCLUSIVE_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = names.DS + "enveloped-signature"
C14N = f'<ds:Transform Algorithm="{names.EXCLUSIVE_C14N}"/>'


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (_changed(names.RSA_SHA1, names.DS + "hmac-sha1"), "WSS-ALGORITHM"),
        (_changed(names.RSA_SHA1, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"), "WSS-ALGORITHM"),
        (_changed(f'"{names.SHA1}"', '"http://www.w3.org/2001/04/xmldsig-more#md5"'), "WSS-ALGORITHM"),
        (_changed(names.EXCLUSIVE_C14N, INCLUSIVE_C14N), "WSS-ALGORITHM"),
        (_changed(names.EXCLUSIVE_C14N, names.EXCLUSIVE_C14N + "WithComments"), "WSS-ALGORITHM"),
        (_changed(C14N, C14N.replace(names.EXCLUSIVE_C14N, ENVELOPED) + C14N), "WSS-ALGORITHM"),
        (_changed(C14N, ""), "WSS-SIGNATURE"),
        (_changed(f"<ds:Transforms>{C14N}</ds:Transforms>", ""), "WSS-SIGNATURE"),
        (_changed(C14N, C14N * 2), "WSS-SIGNATURE"),
        (_changed(C14N, C14N.replace("/>", "><x/></ds:Transform>")), "WSS-SIGNATURE"),
        (_changed("</ds:SignedInfo>", "</ds:SignedInfo><ds:SignedInfo/>"), "WSS-SIGNATURE"),
        (_changed("</ds:KeyInfo>", "</ds:KeyInfo><ds:Object/>"), "WSS-SIGNATURE"),
        (_changed("</ds:SignedInfo>", "<ds:Object/></ds:SignedInfo>"), "WSS-SIGNATURE"),
        (re.sub(b"(</?ds:)Reference", rb"\1Manifest", RAW), "WSS-COVERAGE"),
        (_changed('<ds:Reference URI="#', '<ds:Reference URI="http://127.0.0.1:9/#'), "WSS-COVERAGE"),
        (_changed('<ds:Reference URI="#', '<ds:Reference URI="#xpointer(/)', 1), "WSS-COVERAGE"),
        (_changed('<ds:Reference URI="#', '<ds:Reference URI="'), "WSS-COVERAGE"),
        (_changed("<ds:Reference ", '<ds:Reference URI=""/><ds:Reference ', 1), "WSS-REFERENCE"),
        (_changed("<ds:Reference ", "<ds:Reference/><ds:Reference ", 1), "WSS-REFERENCE"),
        (_changed("<ds:DigestValue>", "<ds:DigestValue>*"), "WSS-VALUE"),
        (_changed("<ds:SignatureValue>", "<ds:SignatureValue><x/>"), "WSS-VALUE"),
        (_changed("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"), "WSS-SIGNATURE"),
        (_changed("#X509v3", "#X509PKIPathv1"), "WSS-KEYINFO"),
        (_changed('<wsse:Reference URI="#', '<wsse:Reference URI="#x'), "WSS-KEYINFO"),
        (_changed("<wsse:Reference ", "<wsse:KeyIdentifier "), "WSS-KEYINFO"),
        (_changed("wsse:SecurityTokenReference>", "ds:X509Data>"), "WSS-KEYINFO"),
        (_changed("<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyName>x</ds:KeyName>"), "WSS-KEYINFO"),
        (_changed("#Base64Binary", "#HexBinary"), "WSS-TOKEN"),
        (_changed(messages.signer().token, "AAAA"), "WSS-TOKEN"),
        (_changed(messages.signer().token, "*"), "WSS-TOKEN"),
        (_changed(messages.signer().token, ""), "WSS-TOKEN"),
        (_changed(messages.signer().token, "A" * 40_000), "WSS-TOKEN"),
    ],
)  # fmt: skip
def test_forms_off_the_list(raw: bytes, rule: str) -> None:
    """Algorithms, transforms, references and keys in another form are refused, each by its rule."""
    error = _refusal(raw)
    assert isinstance(error, AuthenticationRefusal)
    assert error.rule == rule


def test_the_transform_too_many_is_named() -> None:
    """The transform that node-soap adds by itself is named in the refusal, so that it can be switched off."""
    error = _refusal(_changed(C14N, C14N.replace(names.EXCLUSIVE_C14N, ENVELOPED) + C14N))
    assert f"Transform names '{ENVELOPED}'; only {names.EXCLUSIVE_C14N} is allowed" in error.detail


def test_no_references() -> None:
    """A signature over nothing covers nothing."""
    raw = re.sub(rb"<ds:Reference .*</ds:Reference>", b"", RAW)
    assert _refusal(raw).rule == "WSS-COVERAGE"


def test_many_references_cost_nothing() -> None:
    """References without end, or all to the same big element, are refused before any digest."""
    reference = re.search(rb"<ds:Reference .*?</ds:Reference>", RAW)
    assert reference
    for times, words in ((40, "more than 32"), (3, "more than 2 times")):
        raw = RAW.replace(b"</ds:SignedInfo>", reference[0] * times + b"</ds:SignedInfo>")
        error = _refusal(raw)
        assert error.rule == "WSS-REFERENCE"
        assert words in error.detail


def test_long_prefix_lists_are_refused() -> None:
    """A PrefixList of a hundred prefixes is more than any client sends."""
    prefixes = " ".join(f"p{n}" for n in range(100))
    assert _refusal(messages.signed_by_xmlsec(messages.unsigned(), prefixes)).rule == "WSS-ALGORITHM"


def test_the_costliest_message_costs_little() -> None:
    """As many elements, namespaces and prefixes as are allowed, take no second."""
    declarations = " ".join(f'xmlns:p{number}="urn:{number}"' for number in range(235))
    body = f"<a {declarations}>{'<p1:b/>' * 1_900}</a>"
    raw = messages.signed_by_xmlsec(messages.unsigned(body=body), " ".join(f"p{n}" for n in range(203, 235)))
    start = time.monotonic()
    assert verify(envelope.read(parse(raw)))
    assert time.monotonic() - start < 1.0


def test_unqualified_ids_are_a_switch() -> None:
    """An Id without namespace is accepted unless switched off; then the refusal says what to do."""
    root = parse(RAW)
    body = root[1]
    body.set("Id", body.attrib.pop(envelope.WSU_ID))
    raw = etree.tostring(root)
    assert _refusal(raw).rule == "WSS-DIGEST"
    error = _refusal(raw, STRICT)
    assert error.rule == "WSS-COVERAGE"
    assert "use wsu:Id on soap:Body" in error.detail


def test_white_space_in_values() -> None:
    """Wrapped base64 in the token and the signature value is read."""
    token = messages.signer().token
    wrapped = "\n".join(token[at : at + 76] for at in range(0, len(token), 76))
    raw = (
        RAW.decode()
        .replace(token, f"\n  {wrapped}\r\n ")
        .replace("<ds:SignatureValue>", "<ds:SignatureValue>\n\t")
    )
    assert _verdict(raw.encode()).certificate_der == messages.signer().certificate_der


def test_comments_change_nothing() -> None:
    """Comments anywhere leave the verdict and the values as they were."""
    raw = RAW.replace(b"001000044B37", b"001000<!-- x -->044B37").replace(
        b"<ds:SignedInfo>", b"<ds:SignedInfo><!---->"
    )
    raw = raw.replace(
        messages.MESSAGE_ID.encode(),
        messages.MESSAGE_ID[:9].encode() + b"<!-- -->" + messages.MESSAGE_ID[9:].encode(),
    )
    read = envelope.read(parse(raw))
    assert verify(read)
    assert read.message_id == messages.MESSAGE_ID
    assert read.body_element[1][0].text == "001000044B37"


def test_relative_namespace_names_have_no_canonical_form() -> None:
    """A relative namespace name is refused, not stumbled over."""
    raw = RAW.replace(b"<berichtsoort>", b"<x xmlns='relative'/><berichtsoort>")
    assert _refusal(raw).rule == "WSS-CANONICAL"
