"""Every rule of the signature by itself: one that is broken does not hide the others."""

from __future__ import annotations

import functools
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree

from digipoort_sim.wus import canonical
from digipoort_sim.wus.envelope import PLAIN_ID, WSU_ID
from digipoort_sim.wus.explaining import pieces
from digipoort_sim.wus.explaining.digests import ALGORITHMS, ReferenceVerdict, compare, element_name
from digipoort_sim.wus.explaining.parts import Parts
from digipoort_sim.wus.explaining.tally import Tally
from digipoort_sim.wus.names import (
    DS,
    EXCLUSIVE_C14N,
    RSA_SHA1,
    RSA_SHA256,
)
from digipoort_sim.wus.token import check_key_info, key_of, octets_of, text_of_token

SIGNATURE_RULES = (
    "WSS-COVERAGE",
    "WSS-SIGNATURE",
    "WSS-ALGORITHM",
    "WSS-REFERENCE",
    "WSS-KEYINFO",
    "WSS-TOKEN",
    "WSS-VALUE",
    "WSS-CANONICAL",
    "WSS-DIGEST",
)
_HASHES: dict[str, hashes.HashAlgorithm] = {RSA_SHA1: hashes.SHA1(), RSA_SHA256: hashes.SHA256()}  # noqa: S303
_SIGNATURE_PARTS = ["SignedInfo", "SignatureValue", "KeyInfo"]
_REFERENCE_PARTS = ["Transforms", "DigestMethod", "DigestValue"]


@dataclass(frozen=True)
class _Target:
    name: str
    element: etree._Element


class SignatureAnalysis:
    """One look at one signature.

    Args:
        accept_plain: an ``Id`` without the wsu namespace counts.
    """

    def __init__(self, parts: Parts, tally: Tally, *, accept_plain: bool) -> None:
        self._parts = parts
        self._tally = tally
        self._accept_plain = accept_plain
        self._targets = dict(self._find_targets())

    def judge(self) -> bytes | None:
        """Judge all there is to judge; gives the certificate in the token, if it can be read."""
        tally = self._tally
        tally.apply(*SIGNATURE_RULES)
        certificate, key = self._token()
        signature = self._parts.signature
        if signature is None:
            tally.blocked(SIGNATURE_RULES, "there is no ds:Signature")
            return certificate
        inside = self._children(signature, _SIGNATURE_PARTS)
        signed_info = inside.get("SignedInfo")
        if signed_info is None:
            tally.blocked(SIGNATURE_RULES, "there is no ds:SignedInfo")
            return certificate
        references = self._references(signed_info)
        self._coverage(references)
        self._digests(references)
        self._key_info(inside.get("KeyInfo"))
        self._value(signed_info, inside.get("SignatureValue"), key)
        for rule in ("WSS-ALGORITHM", "WSS-REFERENCE", "WSS-VALUE", "WSS-CANONICAL"):
            tally.good(rule)
        return certificate

    def _find_targets(self) -> Iterator[tuple[str, _Target]]:
        named = {**self._parts.named(), "wsse:BinarySecurityToken": self._parts.token}
        for name, element in named.items():
            if element is None:
                continue
            plain = element.get(PLAIN_ID) if self._accept_plain else None
            for one in (element.get(WSU_ID), plain):
                if one:
                    yield one, _Target(name, element)

    def _children(self, parent: etree._Element, names: list[str]) -> dict[str, etree._Element]:
        """The children by name; each but these, in this order, breaks WSS-SIGNATURE."""
        children = list(parent)
        if [child.tag for child in children] != [f"{{{DS}}}{name}" for name in names]:
            found = ", ".join(element_name(child) for child in children[:10]) or "nothing"
            self._tally.bad(
                "WSS-SIGNATURE", f"{element_name(parent)} holds {found}; it must hold {', '.join(names)}."
            )
        wanted = {f"{{{DS}}}{name}": name for name in names}
        found_ones: dict[str, etree._Element] = {}
        for child in children:
            if child.tag in wanted:
                found_ones.setdefault(wanted[child.tag], child)
        return found_ones

    def _references(self, signed_info: etree._Element) -> list[etree._Element]:
        children = list(signed_info)
        references = [child for child in children if child.tag == f"{{{DS}}}Reference"]
        methods = [f"{{{DS}}}CanonicalizationMethod", f"{{{DS}}}SignatureMethod"]
        if [child.tag for child in children] != [*methods, *[f"{{{DS}}}Reference"] * len(references)]:
            self._tally.bad(
                "WSS-SIGNATURE",
                "SignedInfo must hold CanonicalizationMethod, SignatureMethod and then References.",
            )
        if len(references) > pieces.MAX_REFERENCES:
            self._tally.bad("WSS-REFERENCE", f"There are more than {pieces.MAX_REFERENCES} References.")
        return references

    def _target(self, reference: etree._Element) -> _Target | None:
        uri = reference.get("URI", "")
        return self._targets.get(uri[1:]) if uri[:1] == "#" else None

    def _coverage(self, references: list[etree._Element]) -> None:
        covered = {target.name for target in map(self._target, references) if target is not None}
        missing = [name for name in self._parts.named() if name not in covered]
        if not missing:
            self._tally.good("WSS-COVERAGE", f"signed are {', '.join(sorted(covered))}")
            return
        found = f"The signature does not cover {', '.join(missing)}; it covers {_listed(covered)}."
        plain = [name for name in missing if self._parts.named()[name].get(PLAIN_ID)]
        if plain and not self._accept_plain:
            found += f" Unqualified Ids are switched off; use wsu:Id on {', '.join(plain)}."
        self._tally.bad("WSS-COVERAGE", found)

    def _digests(self, references: list[etree._Element]) -> None:
        judged = [self._reference(one) for one in references[: pieces.MAX_REFERENCES]]
        verdicts = tuple(one for one in judged if one is not None)
        count = Counter(target.name for target in map(self._target, references) if target is not None)
        if any(times > pieces.MAX_PER_ELEMENT for times in count.values()):
            self._tally.bad(
                "WSS-REFERENCE", f"An element is referenced more than {pieces.MAX_PER_ELEMENT} times."
            )
        self._tally.refer("WSS-DIGEST", verdicts)
        for verdict in verdicts:
            if not verdict.agrees:
                self._tally.bad("WSS-DIGEST", _wrong(verdict), "the digest that stands in each Reference")
        if len(verdicts) == len(judged):
            self._tally.good("WSS-DIGEST", f"all {len(verdicts)} digests agree")
        self._tally.blocked(["WSS-DIGEST"], "not every Reference could be followed")

    def _reference(self, reference: etree._Element) -> ReferenceVerdict | None:
        tally, uri, target = self._tally, reference.get("URI", "")[:100], self._target(reference)
        if target is None:
            tally.bad(
                "WSS-REFERENCE",
                f"The Reference {uri!r} points to none of Body, Timestamp, WS-Addressing header or token.",
            )
        inside = self._children(reference, _REFERENCE_PARTS)
        transforms, method = inside.get("Transforms"), inside.get("DigestMethod")
        prefixes = None if transforms is None else self._transform(transforms)
        algorithm = "" if method is None else method.get("Algorithm", "")
        if method is not None and (algorithm not in ALGORITHMS or len(method)):
            tally.bad("WSS-ALGORITHM", f"The digest algorithm of Reference {uri!r} is {algorithm[:100]!r}.")
        stated = self._octets("DigestValue", inside.get("DigestValue"))
        if target is None or prefixes is None or algorithm not in ALGORITHMS or stated is None:
            return None
        try:
            return compare(uri, target.name, target.element, prefixes, algorithm, stated)
        except etree.C14NError as error:
            self._no_canonical_form(target.name, error)
            return None

    def _transform(self, transforms: etree._Element) -> tuple[str, ...] | None:
        """The PrefixList of the one Transform; None if there is another one or something else."""
        found = [self._tally.attempt(functools.partial(pieces.prefixes_of, one)) for one in transforms]
        if len(found) == 1:
            self._children(transforms, ["Transform"])
            return found[0]
        names = ", ".join(one.get("Algorithm", "")[:100] for one in list(transforms)[:5])
        self._tally.bad(
            "WSS-SIGNATURE",
            f"A Reference has {len(transforms)} Transforms ({names}); wanted is one, {EXCLUSIVE_C14N}.",
        )
        return None

    def _octets(self, name: str, element: etree._Element | None) -> bytes | None:
        return None if element is None else self._tally.attempt(lambda: octets_of(name, element))

    def _no_canonical_form(self, name: str, error: etree.C14NError) -> None:
        self._tally.bad("WSS-CANONICAL", f"{name} has no canonical form ({error}).")

    def _key_info(self, key_info: etree._Element | None) -> None:
        if key_info is None:
            self._tally.blocked(["WSS-KEYINFO"], "there is no ds:KeyInfo")
            return
        token = self._parts.token
        if token is None:
            self._tally.blocked(["WSS-KEYINFO"], "there is no wsse:BinarySecurityToken")
            return
        targets = {uri: target.element for uri, target in self._targets.items()}
        self._tally.attempt_rule("WSS-KEYINFO", lambda: check_key_info(key_info, token, targets))

    def _token(self) -> tuple[bytes | None, RSAPublicKey | None]:
        token, tally = self._parts.token, self._tally
        if token is None:
            tally.blocked(["WSS-TOKEN"], "there is no wsse:BinarySecurityToken")
            return None, None
        read = tally.attempt(lambda: key_of(text_of_token(token)))
        if read is None:
            return None, None
        tally.good("WSS-TOKEN", f"an X.509 certificate with an RSA key of {read[1].key_size} bits")
        return read

    def _value(
        self, signed_info: etree._Element, element: etree._Element | None, key: RSAPublicKey | None
    ) -> None:
        tally = self._tally
        algorithm = self._signature_algorithm(signed_info)
        method = signed_info.find(f"{{{DS}}}CanonicalizationMethod")
        prefixes = None if method is None else tally.attempt(lambda: pieces.prefixes_of(method))
        value = self._octets("SignatureValue", element)
        if key is None or algorithm is None or prefixes is None or value is None:
            tally.blocked(["WSS-SIGNATURE"], "the key, the algorithms or the value could not be read")
            return
        try:
            signed = canonical.exclusive(signed_info, prefixes)
        except etree.C14NError as error:
            self._no_canonical_form("SignedInfo", error)
            return
        if _verifies(key, value, signed, _HASHES[algorithm]):
            tally.good("WSS-SIGNATURE", "the SignatureValue was made with the key of the certificate")
            return
        digest = hashlib.new("sha1" if algorithm == RSA_SHA1 else "sha256", signed, usedforsecurity=False)
        tally.bad(
            "WSS-SIGNATURE",
            "The SignatureValue was not made over this SignedInfo with the key of the certificate in the "
            f"BinarySecurityToken ({digest.name} of the canonical SignedInfo: {digest.hexdigest()})."
            + _value_hint(signed_info, key, value, signed),
        )

    def _signature_algorithm(self, signed_info: etree._Element) -> str | None:
        method = signed_info.find(f"{{{DS}}}SignatureMethod")
        if method is None:
            return None
        algorithm = method.get("Algorithm", "")
        if algorithm not in _HASHES or len(method):
            self._tally.bad("WSS-ALGORITHM", f"The signature algorithm is {algorithm[:100]!r}.")
            return None
        return algorithm


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _wrong(verdict: ReferenceVerdict) -> str:
    hint = f" ({verdict.hint})" if verdict.hint else ""
    return (
        f"{verdict.element} ({verdict.uri}): DigestValue is {verdict.expected}, "
        f"but the {verdict.algorithm} of its canonical form is {verdict.found}{hint}."
    )


def _verifies(key: RSAPublicKey, value: bytes, signed: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    try:
        key.verify(value, signed, PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True


def _value_hint(signed_info: etree._Element, key: RSAPublicKey, value: bytes, signed: bytes) -> str:
    """What a wrong SignatureValue was made over, if it is one of the usual mistakes."""
    inclusive = etree.tostring(signed_info, method="c14n", exclusive=False, with_tail=False)
    plain = canonical.exclusive(signed_info)
    forms = {
        "with the other hash algorithm than SignatureMethod says": signed,
        "over the inclusive canonical form": inclusive,
        "without the PrefixList of CanonicalizationMethod": plain,
    }
    for words, octets in forms.items():
        if any(_verifies(key, value, octets, one) for one in _HASHES.values()):
            return f" It was made {words}."
    return " Its key may be another's than the certificate's, or SignedInfo was changed after signing."
