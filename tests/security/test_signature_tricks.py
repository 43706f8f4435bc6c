"""Tricks with a signature that wrap nothing: Ids, doubles, algorithms, keys, values and their white space.

Where it says "sealed", the SignedInfo was signed anew with the sender's own key, as if the sender had
signed this very thing: then no broken signature hides that a rule is missing.
"""

from __future__ import annotations

import base64
import copy
import math
from collections.abc import Callable, Iterator
from itertools import product

import pytest
from cryptography.hazmat.primitives import serialization
from lxml import etree

from digipoort_sim.errors import AuthenticationRefusal, Refusal
from digipoort_sim.wus import names
from digipoort_sim.wus.envelope import WSU_ID
from tests.security import forge
from tests.security.forge import DS, PARTS, WSSE
from tests.security.test_wrapping_everywhere import COPIES, SIGNED, Tally
from tests.wus import messages

RAW = etree.tostring(forge.complete())
TOKEN = messages.signer().token
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
ENC = "http://www.w3.org/2001/04/xmlenc#"
ALGORITHMS = (
    *(names.EXCLUSIVE_C14N, names.EXCLUSIVE_C14N + "WithComments", names.RSA_SHA1, names.RSA_SHA256),
    *(names.SHA1, names.SHA256, names.DS + "dsa-sha1", names.DS + "hmac-sha1", names.DS + "base64"),
    *(names.DS + "enveloped-signature", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    *("http://www.w3.org/2006/12/xml-c14n11", "http://www.w3.org/2006/12/xml-c14n11#WithComments"),
    *("http://www.w3.org/2010/xml-c14n2", "http://www.w3.org/TR/1999/REC-xslt-19991116"),
    *("http://www.w3.org/TR/1999/REC-xpath-19991116", "http://www.w3.org/2002/06/xmldsig-filter2"),
    *(f"{MORE}{name}" for name in ("md5", "sha224", "sha384", "sha512", "xptr", "rsa-md5", "rsa-ripemd160")),
    *(f"{MORE}rsa-sha{size}" for size in (224, 384, 512)),
    *(f"{MORE}ecdsa-sha{size}" for size in (1, 224, 256, 384, 512)),
    *(f"{MORE}hmac-{name}" for name in ("md5", "sha224", "sha256", "sha384", "sha512", "ripemd160")),
    *(f"{ENC}sha512", f"{ENC}ripemd160", f"{ENC}rsa-1_5", f"{ENC}tripledes-cbc"),
    *("http://www.w3.org/2009/xmldsig11#dsa-sha256", "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519"),
    *(f"http://www.w3.org/2007/05/xmldsig-more#{name}" for name in ("sha3-256", "rsa-pss", "sha1-rsa-MGF1")),
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform",
    *("", "#", "none", "http://www.w3.org/2000/09/xmldsig#null", "rsa-sha1", names.RSA_SHA1.upper()),
    *(names.RSA_SHA1 + " ", " " + names.SHA1, names.EXCLUSIVE_C14N.rstrip("#"), names.SHA1 + "&amp;"),
    *(names.RSA_SHA256.replace("http:", "https:"), names.SHA1.replace("2000", "2001")),
)
ALLOWED = {
    "CanonicalizationMethod": {names.EXCLUSIVE_C14N},
    "SignatureMethod": {names.RSA_SHA1, names.RSA_SHA256},
    "Transform": {names.EXCLUSIVE_C14N},
    "DigestMethod": {names.SHA1, names.SHA256},
}


def refusal(raw: bytes) -> Refusal:
    """The refusal of a message; it is an error if there is none."""
    with pytest.raises(Refusal) as caught:
        forge.accepted(raw)
    return caught.value


def changed(old: str, new: str, times: int = -1) -> bytes:
    """The message with some octets replaced, not signed anew."""
    text = RAW.decode()
    assert old in text
    return text.replace(old, new, times).encode()


def sealed(spoil: Callable[[etree._Element], object]) -> bytes:
    """The message with something changed in its SignedInfo or KeyInfo, signed anew by its sender."""
    root = forge.complete()
    spoil(root)
    root = etree.fromstring(etree.tostring(root))
    forge.seal(root)
    return etree.tostring(root)


def the(root: etree._Element, name: str) -> etree._Element:
    """The first element of the signature with that name."""
    return next(root.iter(DS + name))


@pytest.mark.parametrize("where", ALLOWED)
def test_every_algorithm_in_every_place(where: str) -> None:
    """What is not on the list of its place is refused by the list, though the sender signed it."""
    for algorithm in ALGORITHMS:
        if algorithm not in ALLOWED[where]:
            raw = sealed(lambda root, named=algorithm: the(root, where).set("Algorithm", named))
            assert refusal(raw).rule == "WSS-ALGORITHM", algorithm
    assert refusal(sealed(lambda root: the(root, where).attrib.clear())).rule == "WSS-ALGORITHM"
    assert forge.accepted(sealed(lambda root: None)) == SIGNED


def _children_of_methods() -> Iterator[str]:
    yield "<ds:HMACOutputLength>0</ds:HMACOutputLength>"
    yield "<ds:XPath>true()</ds:XPath>"
    yield '<x:InclusiveNamespaces xmlns:x="urn:own" PrefixList="soap"/>'
    yield f'<ec:InclusiveNamespaces xmlns:ec="{names.EXCLUSIVE_C14N}"><ds:x/></ec:InclusiveNamespaces>'
    yield f'<ec:InclusiveNamespaces xmlns:ec="{names.EXCLUSIVE_C14N}"/>' * 2
    yield '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/>'


@pytest.mark.parametrize("where", ALLOWED)
def test_parameters_of_algorithms(where: str) -> None:
    """An algorithm has no parameters but the PrefixList of exclusive canonicalisation."""
    for text in _children_of_methods():
        more = etree.fromstring(f'<m xmlns:ds="{names.DS}">{text}</m>')
        raw = sealed(lambda root, more=more: the(root, where).extend(copy.deepcopy(more)))
        assert refusal(raw).rule in ("WSS-ALGORITHM", "WSS-SIGNATURE"), text


def test_two_transforms() -> None:
    """No chain of transforms is accepted, in any order, with any of the known ones."""
    for algorithm, first in product(ALGORITHMS, (0, 1)):

        def spoil(root: etree._Element, named: str = algorithm, at: int = first) -> None:
            transforms = the(root, "Transforms")
            second = copy.deepcopy(transforms[0])
            second.set("Algorithm", named)
            transforms.insert(at, second)

        assert refusal(sealed(spoil)).rule in ("WSS-ALGORITHM", "WSS-SIGNATURE")


def test_an_id_on_every_element() -> None:
    """The Id of each signed part, put on each element under each name, is refused or changes nothing."""
    tally = Tally()
    root = forge.complete()
    identifiers = [forge.part(root, name).get(WSU_ID) or "" for name in PARTS]
    count = sum(1 for _ in root.iter("*"))
    for number, identifier, kind in product(range(count), identifiers, COPIES):
        if kind == "no Id":
            continue
        root = forge.complete()
        element = list(root.iter("*"))[number]
        if element.get(WSU_ID) is None or "wsu:Id" not in kind:
            COPIES[kind](element, identifier)
            tally.judge(root)
    tally.report("Ids put on other elements")
    assert "WSS-ID" in tally.rules


def test_a_twin_of_every_element() -> None:
    """Each element of the message twice, sealed or not, is refused; a double Reference changes nothing."""
    count = sum(1 for _ in forge.complete().iter("*"))
    refused = 0
    for number, with_ids, sealing, before in product(range(1, count), (0, 1), (0, 1), (0, 1)):
        root = forge.complete()
        element = list(root.iter("*"))[number]
        twin = copy.deepcopy(element)
        for one in () if with_ids else twin.iter("*"):
            one.attrib.pop(WSU_ID, None)
        (element.addprevious if before else element.addnext)(twin)
        root = etree.fromstring(etree.tostring(root))
        if sealing and len(list(root.iter(DS + "SignedInfo", DS + "SignatureValue"))) == 2:
            forge.redigest(root)
            forge.seal(root)
        try:
            values = forge.accepted(etree.tostring(root))
        except Refusal:
            refused += 1
        else:
            assert sealing
            assert element.tag == DS + "Reference"
            assert values == SIGNED
    print(f"twins: {refused} refused")
    assert refused > 300


def _key_infos() -> Iterator[str]:
    direct = f'<wsse:Reference URI="#{{token}}" ValueType="{names.X509V3}"/>'
    good = f"<wsse:SecurityTokenReference>{direct}</wsse:SecurityTokenReference>"
    attacker = messages.signer("TRIAL attacker").token
    yield ""
    yield "text"
    yield good * 2
    yield good + f"<ds:X509Data><ds:X509Certificate>{attacker}</ds:X509Certificate></ds:X509Data>"
    yield f"<ds:X509Data><ds:X509Certificate>{TOKEN}</ds:X509Certificate></ds:X509Data>"
    yield "<ds:KeyName>TRIAL client</ds:KeyName>"
    yield "<ds:KeyName>TRIAL client</ds:KeyName>" + good
    yield good + "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQ==</ds:Modulus></ds:RSAKeyValue></ds:KeyValue>"
    yield "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQ==</ds:Modulus></ds:RSAKeyValue></ds:KeyValue>"
    yield '<ds:RetrievalMethod URI="#{token}"/>'
    yield '<ds:RetrievalMethod URI="http://127.0.0.1:9/key"/>' + good
    yield f"<wsse:SecurityTokenReference>{direct}{direct}</wsse:SecurityTokenReference>"
    yield "<wsse:SecurityTokenReference/>"
    for uri in ("", "{token}", "#", "#xpointer(/)", "http://127.0.0.1:9/#{token}", "#{body}", "# {token}"):
        yield f'<wsse:SecurityTokenReference><wsse:Reference URI="{uri}"/></wsse:SecurityTokenReference>'
    yield "<wsse:SecurityTokenReference><wsse:Reference/></wsse:SecurityTokenReference>"
    yield (
        "<wsse:SecurityTokenReference><wsse:Embedded><wsse:BinarySecurityToken>"
        f"{attacker}</wsse:BinarySecurityToken></wsse:Embedded></wsse:SecurityTokenReference>"
    )
    yield (
        "<wsse:SecurityTokenReference><wsse:KeyIdentifier ValueType="
        f'"{names.X509V3}">{TOKEN}</wsse:KeyIdentifier></wsse:SecurityTokenReference>'
    )
    yield (
        "<wsse:SecurityTokenReference><ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>CN=TRIAL client"
        "</ds:X509IssuerName><ds:X509SerialNumber>1</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>"
        "</wsse:SecurityTokenReference>"
    )
    yield f"<wsse:SecurityTokenReference>{good}</wsse:SecurityTokenReference>"
    yield good.replace("#X509v3", "#X509PKIPathv1")


def test_every_other_key_info() -> None:
    """The key is that of the token in the Security header, named in the one form; all else is refused."""
    root = forge.complete()
    token, body = (forge.part(root, name).get(WSU_ID) or "" for name in ("BinarySecurityToken", "Body"))
    start = RAW.index(b"<ds:KeyInfo>") + len(b"<ds:KeyInfo>")
    end = RAW.index(b"</ds:KeyInfo>")
    for text in _key_infos():
        inside = text.replace("{token}", token).replace("{body}", body).encode()
        found = refusal(RAW[:start] + inside + RAW[end:])
        assert found.rule in ("WSS-KEYINFO", "XML-WELLFORMED"), text
        assert found.rule == "WSS-KEYINFO", text


def test_every_value_in_pieces() -> None:
    """Comments, CDATA sections and character references at any place of any value leave it what it was."""
    count = 0
    pieces = (b"<!---->", b"<!-- \xc3\xa9 -->", b"<![CDATA[]]>")
    for start, end in _texts(RAW):
        for at, piece in product(range(start, end + 1, max(1, (end - start) // 6)), pieces):
            assert forge.accepted(RAW[:at] + piece + RAW[at:]) == SIGNED
            count += 1
        for rewritten in (
            b"<![CDATA[" + RAW[start:end] + b"]]>",
            b"&#x%x;" % RAW[start] + RAW[start + 1 : end],
        ):
            assert forge.accepted(RAW[:start] + rewritten + RAW[end:]) == SIGNED
            count += 1
    print(f"values in pieces: {count} accepted as signed")
    assert count > 400


def _texts(raw: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while (at := raw.find(b">", at) + 1) and (end := raw.find(b"<", at)) > 0:
        if end > at:
            yield at, end


def test_instructions_and_entities_in_every_value() -> None:
    """A processing instruction or an entity anywhere in a value is refused, not skipped."""
    for (start, end), piece in product(
        _texts(RAW), (b"<?x?>", b"<?xml-stylesheet href='x'?>", b"&x;", b"&#0;")
    ):
        for at in (start, (start + end) // 2, end):
            assert refusal(RAW[:at] + piece + RAW[at:]).rule in ("XML-PI", "XML-WELLFORMED")


def test_white_space_in_every_value() -> None:
    """White space in base64 changes nothing; in a signed value it is a change, and is found."""
    for start, end in _texts(RAW):
        for at in (start, (start + end) // 2, end):
            raw = RAW[:at] + b"\n" + RAW[at:]
            if RAW[:start].endswith(b"SignatureValue>"):
                assert forge.accepted(raw) == SIGNED
            else:  # also in a DigestValue, which is itself signed
                assert refusal(raw).rule in ("WSS-DIGEST", "WSS-SIGNATURE", "WSS-TIMESTAMP")


@pytest.mark.parametrize("name", ["DigestValue", "SignatureValue"])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("=", ""),
        lambda text: text + "=",
        lambda text: text + "AAAA",
        lambda text: text[:-4],
        lambda text: "=" + text,
        lambda text: text.replace("=", "=A="),
        lambda text: "\u00a0" + text,
        lambda text: "-_" + text[2:],
        lambda text: "",
        lambda text: "A",
        lambda text: "\u0661" + text[1:],
        lambda text: text.encode().hex(),
        lambda text: text + "<x xmlns=''/>",
    ],
)
def test_values_that_are_no_good_base64(name: str, spoil: Callable[[str], str]) -> None:
    """A value that is not exactly the base64 of its octets is refused, also when it is sealed."""
    (value,) = [one for one in [the(forge.complete(), name).text] if one]
    raw = changed(value, spoil(value))
    assert refusal(raw).rule in ("WSS-VALUE", "WSS-DIGEST", "WSS-SIGNATURE")
    if name == "DigestValue":
        root = etree.fromstring(raw)
        forge.seal(root)
        assert refusal(etree.tostring(root)).rule in ("WSS-VALUE", "WSS-DIGEST")


def test_another_signer_signs_for_himself() -> None:
    """Whoever takes the signature away and signs himself is known by his own certificate, never another's."""
    root = etree.fromstring(changed(TOKEN, messages.signer("TRIAL attacker").token))
    forge.redigest(root)
    forge.seal(root, "TRIAL attacker")
    values = forge.accepted(etree.tostring(root))
    assert values.certificate == messages.signer("TRIAL attacker").certificate_der
    forge.seal(root)
    assert isinstance(refusal(etree.tostring(root)), AuthenticationRefusal)


def test_more_octets_than_the_key_has() -> None:
    """A SignatureValue with leading zeros, too short, or not below the modulus is refused."""
    value = the(forge.complete(), "SignatureValue").text or ""
    octets = base64.b64decode(value)
    modulus = messages.key().public_key().public_numbers().n
    larger = int.from_bytes(octets, "big") + modulus
    for other in (
        b"\0" + octets,
        octets[1:],
        larger.to_bytes(math.ceil(larger.bit_length() / 8), "big"),
        b"\0" * 256,
    ):
        assert refusal(changed(value, base64.b64encode(other).decode())).rule == "WSS-SIGNATURE"


def test_the_token_in_other_clothes() -> None:
    """A token that is PEM, has octets behind it, or holds two certificates is refused."""
    der = messages.signer().certificate_der
    pem = messages.signer().certificate.public_bytes(serialization.Encoding.PEM)
    for octets in (pem, der + b"\0", der + der, der[:-1], b"\0" + der):
        raw = changed(TOKEN, base64.b64encode(octets).decode())
        root = etree.fromstring(raw)
        forge.redigest(root)
        forge.seal(root)
        assert refusal(etree.tostring(root)).rule == "WSS-TOKEN"
    for attribute in ("ValueType", "EncodingType"):
        root = forge.complete()
        next(root.iter(WSSE + "BinarySecurityToken")).set(attribute, "urn:other")
        forge.redigest(root)
        forge.seal(root)
        assert refusal(etree.tostring(root)).rule == "WSS-TOKEN"
