"""Is the message signed, by whom, and which elements does the signature cover?

The rules, all by the identity of elements and never by a name that is searched for:

* exactly one Signature, in the form SignedInfo, SignatureValue, KeyInfo;
* only algorithms on the list, only fragment URIs, exactly one exclusive c14n transform a reference;
* a reference may point to the Body, the Timestamp, a WS-Addressing header or the token, found through
  the Ids of just these elements (which `envelope.read` found to be unique in the document);
* the Body, the Timestamp and every WS-Addressing header that is present must be covered;
* the key is that of the BinarySecurityToken in the same Security header.

Whether the certificate is trusted is the caller's question, for `digipoort_sim.pki`.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from lxml import etree

from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.wus import canonical, lifted, plain_signature
from digipoort_sim.wus.envelope import PLAIN_ID, WSU_ID, Envelope
from digipoort_sim.wus.names import (
    DS,
    EXCLUSIVE_C14N,
    RSA_SHA1,
    RSA_SHA256,
    SHA1,
    SHA256,
    local_name,
)
from digipoort_sim.wus.plain_signature import PlainReference
from digipoort_sim.wus.token import check_key_info, key_of, octets_of, text_of_token

_SIGNED_INFO = f"{{{DS}}}SignedInfo"
_SIGNATURE_VALUE = f"{{{DS}}}SignatureValue"
_KEY_INFO = f"{{{DS}}}KeyInfo"
_CANONICALIZATION = f"{{{DS}}}CanonicalizationMethod"
_SIGNATURE_METHOD = f"{{{DS}}}SignatureMethod"
_REFERENCE = f"{{{DS}}}Reference"
_TRANSFORMS = f"{{{DS}}}Transforms"
_TRANSFORM = f"{{{DS}}}Transform"
_DIGEST_METHOD = f"{{{DS}}}DigestMethod"
_DIGEST_VALUE = f"{{{DS}}}DigestValue"
_INCLUSIVE = f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces"

_SIGNATURE_PARTS = [_SIGNED_INFO, _SIGNATURE_VALUE, _KEY_INFO]
_REFERENCE_PARTS = [_TRANSFORMS, _DIGEST_METHOD, _DIGEST_VALUE]

_HASHES: dict[str, hashes.HashAlgorithm] = {RSA_SHA1: hashes.SHA1(), RSA_SHA256: hashes.SHA256()}  # noqa: S303
_DIGESTS: dict[str, Callable[..., Any]] = {SHA1: hashlib.sha1, SHA256: hashlib.sha256}
_PADDING = PKCS1v15()
_MAX_REFERENCES = 32
_MAX_PER_ELEMENT = 2
_MAX_PREFIXES = 32
_MAX_PREFIX_LIST = 4096
_PREFIX = re.compile(r"[^ \t\r\n]+")


@dataclass(frozen=True)
class VerificationOptions:
    """What may differ between one client and the next.

    Attributes:
        accept_unqualified_id: an ``Id`` without the wsu namespace counts on Body and headers.
    """

    accept_unqualified_id: bool = True


@dataclass(frozen=True)
class Verified:
    """A signature that is good.

    Attributes:
        certificate_der: the certificate of the token, whose key made the signature; not yet trusted.
        signature_algorithm: URI of the signature algorithm.
        digest_algorithm: URI of the digest algorithm of the Body.
        covered: the elements that the signature covers.
    """

    certificate_der: bytes
    signature_algorithm: str
    digest_algorithm: str
    covered: tuple[etree._Element, ...]


class _Reference(NamedTuple):  # no dataclass: made six times a request, and three times as fast
    uri: str
    target: etree._Element
    prefixes: tuple[str, ...]
    digest_algorithm: str
    digest: bytes


DEFAULT_OPTIONS = VerificationOptions()


def verify(envelope: Envelope, options: VerificationOptions = DEFAULT_OPTIONS) -> Verified:
    """Check the signature of a request and that it covers all it must.

    Raises:
        AuthenticationRefusal: WSS-COVERAGE, WSS-ALGORITHM, WSS-REFERENCE, WSS-KEYINFO, WSS-TOKEN,
            WSS-DIGEST, WSS-VALUE or WSS-SIGNATURE.
    """
    signed_info, value, key_info = _children(envelope.signature, _SIGNATURE_PARTS)
    targets = _targets(envelope, options)
    plain = _verify_plain(envelope, targets, signed_info, value, key_info)
    if plain is not None:
        return plain
    parts = list(signed_info)
    tags = [part.tag for part in parts]
    uris = [part.get("URI", "") for part in parts]
    _check_coverage(envelope, tags, uris, targets, options)
    prefixes, algorithm = _methods(parts, tags)
    references = [_reference(part, uri, targets) for part, uri in zip(parts[2:], uris[2:], strict=True)]
    _check_repetition(references)
    check_key_info(key_info, envelope.token, targets)
    certificate_der, key = key_of(text_of_token(envelope.token))
    signed = _canonical(signed_info, prefixes)
    try:
        key.verify(octets_of("SignatureValue", value), signed, _PADDING, _HASHES[algorithm])
    except InvalidSignature:
        raise _broken_signature(envelope, references) from None
    for reference in references:
        if not _digest_agrees(envelope, reference):
            raise _wrong_digests(envelope, references)
    return Verified(
        certificate_der=certificate_der,
        signature_algorithm=algorithm,
        digest_algorithm=next(r.digest_algorithm for r in references if r.target is envelope.body),
        covered=tuple(reference.target for reference in references),
    )


def _verify_plain(
    envelope: Envelope,
    targets: dict[str, etree._Element],
    signed_info: etree._Element,
    value: etree._Element,
    key_info: etree._Element,
) -> Verified | None:
    """The verdict on a good signature in the plainest form; None where something is wrong or unusual.

    Only the way over the elements refuses, so that each fault is named by the same rule in the same order.
    """
    try:
        signed = _canonical(signed_info, ())
        plain = plain_signature.read(signed, signed_info.prefix)
        if plain is None or plain.signature_algorithm not in _HASHES:
            return None
        references = plain.references
        covered = tuple([targets[reference.uri] for reference in references])
        required = (envelope.body, envelope.timestamp, *envelope.addressing.values())
        if len(references) > _MAX_REFERENCES or len(set(covered)) != len(covered):
            return None
        check_key_info(key_info, envelope.token, targets)
        certificate_der, key = key_of(text_of_token(envelope.token))
        key.verify(octets_of("SignatureValue", value), signed, _PADDING, _HASHES[plain.signature_algorithm])
    except (KeyError, AuthenticationRefusal, InvalidSignature):
        return None
    if not set(covered).issuperset(required):
        return None
    for reference, target in zip(references, covered, strict=True):
        if not _plain_digest_agrees(envelope, reference, target):
            return None
    return Verified(
        certificate_der,
        plain.signature_algorithm,
        references[covered.index(envelope.body)].digest_algorithm,
        covered,
    )


def _plain_digest_agrees(envelope: Envelope, reference: PlainReference, target: etree._Element) -> bool:
    if reference.digest_algorithm not in _DIGESTS:
        return False
    digest = _digest(envelope, target, (), reference.digest_algorithm)
    return binascii.b2a_base64(digest, newline=False).decode("ascii") == reference.digest


def _refuse(detail: str, rule: str) -> AuthenticationRefusal:
    return AuthenticationRefusal(detail, rule=rule)


def _children(parent: etree._Element, tags: list[str]) -> list[etree._Element]:
    children = list(parent)
    if [child.tag for child in children] != tags:
        found = ", ".join(local_name(child.tag) for child in children[:10]) or "nothing"
        wanted = ", ".join(local_name(tag) for tag in tags) or "nothing"
        raise _refuse(f"{local_name(parent.tag)} must hold {wanted}; it holds {found}.", "WSS-SIGNATURE")
    return children


def _targets(envelope: Envelope, options: VerificationOptions) -> dict[str, etree._Element]:
    targets: dict[str, etree._Element] = {}
    accept_plain = options.accept_unqualified_id
    for element in (envelope.body, envelope.timestamp, envelope.token, *envelope.addressing.values()):
        qualified = element.get(WSU_ID)
        if qualified:
            targets[qualified] = element
        plain = element.get(PLAIN_ID) if accept_plain else None
        if plain:
            targets[plain] = element
    return targets


def _check_coverage(
    envelope: Envelope,
    tags: list[str],
    uris: list[str],
    targets: dict[str, etree._Element],
    options: VerificationOptions,
) -> None:
    covered = {
        targets.get(uri[1:])
        for tag, uri in zip(tags, uris, strict=True)
        if tag == _REFERENCE and uri[:1] == "#"
    }
    if covered.issuperset((envelope.body, envelope.timestamp, *envelope.addressing.values())):
        return
    required = {"soap:Body": envelope.body, "wsu:Timestamp": envelope.timestamp}
    for name, element in envelope.addressing.items():
        required["wsa:" + name] = element
    missing = [name for name, element in required.items() if element not in covered]
    raise _refuse(_coverage_detail(missing, required, options), "WSS-COVERAGE")


def _coverage_detail(
    missing: list[str], required: dict[str, etree._Element], options: VerificationOptions
) -> str:
    detail = (
        f"The signature does not cover {', '.join(missing)}. "
        "Sign the Body, the Timestamp and every WS-Addressing header that is present."
    )
    unqualified = [name for name in missing if required[name].get(PLAIN_ID)]
    if unqualified and not options.accept_unqualified_id:
        detail += f" Unqualified Ids are switched off; use wsu:Id on {', '.join(unqualified)}."
    return detail


def _methods(parts: list[etree._Element], tags: list[str]) -> tuple[tuple[str, ...], str]:
    count = len(parts) - 2
    if tags[:2] != [_CANONICALIZATION, _SIGNATURE_METHOD] or tags[2:] != [_REFERENCE] * count:
        raise _refuse(
            "SignedInfo must hold CanonicalizationMethod, SignatureMethod and then References.",
            "WSS-SIGNATURE",
        )
    if count > _MAX_REFERENCES:
        raise _refuse(f"There are more than {_MAX_REFERENCES} References.", "WSS-REFERENCE")
    prefixes = _exclusive_prefixes(parts[0])
    algorithm = parts[1].get("Algorithm", "")
    if algorithm not in _HASHES or len(parts[1]):
        raise _refuse(
            f"The signature algorithm {algorithm[:100]!r} is not allowed; use rsa-sha1 or rsa-sha256.",
            "WSS-ALGORITHM",
        )
    return prefixes, algorithm


def _exclusive_prefixes(method: etree._Element) -> tuple[str, ...]:
    algorithm = method.get("Algorithm", "")
    if algorithm != EXCLUSIVE_C14N:
        raise _refuse(
            f"{local_name(method.tag)} names {algorithm[:100]!r}; only {EXCLUSIVE_C14N} is allowed.",
            "WSS-ALGORITHM",
        )
    if not len(method):
        return ()
    (inclusive,) = _children(method, [_INCLUSIVE])
    _children(inclusive, [])
    text = inclusive.get("PrefixList", "")
    prefixes = tuple(dict.fromkeys(_PREFIX.findall(text[:_MAX_PREFIX_LIST])))
    if len(prefixes) > _MAX_PREFIXES or len(text) > _MAX_PREFIX_LIST:
        raise _refuse(
            f"A PrefixList has more than {_MAX_PREFIXES} prefixes or {_MAX_PREFIX_LIST} characters.",
            "WSS-ALGORITHM",
        )
    return prefixes


def _reference(part: etree._Element, uri: str, targets: dict[str, etree._Element]) -> _Reference:
    target = targets.get(uri[1:]) if uri[:1] == "#" else None
    if target is None:
        raise _refuse(
            f"The Reference {uri[:100]!r} points to none of Body, Timestamp, WS-Addressing header or token.",
            "WSS-REFERENCE",
        )
    transforms, method, value = _children(part, _REFERENCE_PARTS)
    prefixes = [_exclusive_prefixes(transform) for transform in list(transforms)[:2]]  # names a wrong one
    _children(transforms, [_TRANSFORM])
    algorithm = method.get("Algorithm", "")
    if algorithm not in _DIGESTS or len(method):
        raise _refuse(
            f"The digest algorithm {algorithm[:100]!r} of Reference {uri[:100]!r} is not allowed; "
            "use sha1 or sha256.",
            "WSS-ALGORITHM",
        )
    return _Reference(uri, target, prefixes[0], algorithm, octets_of("DigestValue", value))


def _check_repetition(references: list[_Reference]) -> None:
    targets = [reference.target for reference in references]
    if len(set(targets)) == len(targets):
        return
    if any(targets.count(target) > _MAX_PER_ELEMENT for target in targets):
        raise _refuse(f"An element is referenced more than {_MAX_PER_ELEMENT} times.", "WSS-REFERENCE")


def _canonical(element: etree._Element, prefixes: tuple[str, ...]) -> bytes:
    try:
        return canonical.exclusive(element, prefixes)
    except etree.C14NError as error:
        raise _refuse(
            f"{local_name(element.tag)} has no canonical form ({error}); are all namespace names absolute?",
            "WSS-CANONICAL",
        ) from None


def _digest(envelope: Envelope, target: etree._Element, prefixes: tuple[str, ...], algorithm: str) -> bytes:
    data, function = _canonical(target, prefixes), _DIGESTS[algorithm]
    if envelope.lifted and target is envelope.body:
        return lifted.digest(function, data, envelope.lifted)
    value: bytes = function(data).digest()
    return value


def _digest_agrees(envelope: Envelope, reference: _Reference) -> bool:
    found = _digest(envelope, reference.target, reference.prefixes, reference.digest_algorithm)
    return found == reference.digest


def _differing(envelope: Envelope, references: list[_Reference]) -> str:
    names = [
        f"{local_name(reference.target.tag)} ({reference.uri[:100]})"
        for reference in references
        if not _digest_agrees(envelope, reference)
    ]
    return ", ".join(names)


def _wrong_digests(envelope: Envelope, references: list[_Reference]) -> AuthenticationRefusal:
    return _refuse(
        f"The digest does not agree with the content of {_differing(envelope, references)}: "
        "it was changed after signing, or made canonical in another way.",
        "WSS-DIGEST",
    )


def _broken_signature(envelope: Envelope, references: list[_Reference]) -> AuthenticationRefusal:
    different = _differing(envelope, references)
    also = f" The digests of {different} differ too." if different else " All digests agree."
    return _refuse(
        "The SignatureValue was not made over this SignedInfo with the key of the certificate in the "
        f"BinarySecurityToken.{also}",
        "WSS-SIGNATURE",
    )
