"""The path from a certificate up to a trusted root, every signature on it checked."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from cryptography import x509

from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.pki.facts import LONGEST_KEY, SHORTEST_KEY, Facts, shown_name

_LONGEST_PATH = 6
_MOST_STEPS = 24


def find_path(
    leaf: Facts, anchors: Iterable[Facts], others: Iterable[Facts], given: Iterable[Facts] = ()
) -> tuple[Facts, ...]:
    """The certificates from a leaf up to an anchor, both included.

    Args:
        anchors: the roots that are trusted.
        others: known CA certificates that may stand between.
        given: CA certificates that came with the leaf; like the known ones, each must prove itself.

    Raises:
        AuthenticationRefusal: there is no such path; the detail tells what the best try lacked.
    """
    return _Search(tuple(anchors), tuple(others), tuple(given)).path(leaf)


def key_objection(facts: Facts) -> str:
    """What is wrong with a public key; empty when nothing is."""
    if facts.public_key is None:
        return "has no RSA key"
    bits = facts.public_key.key_size
    if SHORTEST_KEY <= bits <= LONGEST_KEY:
        return ""
    return f"has an RSA key of {bits} bits; {SHORTEST_KEY} to {LONGEST_KEY} are accepted"


def folded(name: x509.Name) -> str:
    """A name as a careless eye reads it: without case, blanks, signs and variant letters."""
    texts = (str(attribute.value) for attribute in name)
    plain = unicodedata.normalize("NFKC", "".join(texts)).casefold()
    return "".join(character for character in plain if character.isalnum())


class _Search:
    """One search, limited in depth and in signatures checked."""

    def __init__(
        self, anchors: tuple[Facts, ...], others: tuple[Facts, ...], given: tuple[Facts, ...]
    ) -> None:
        self._anchors = anchors
        self._known = (*anchors, *others)
        self._pool = (*self._known, *given)
        self._steps = 0
        self._objections: list[tuple[str, str]] = []

    def path(self, leaf: Facts) -> tuple[Facts, ...]:
        found = self._extend((leaf,))
        if found is None:
            rule, detail = self._objections[0] if self._objections else self._unknown(leaf)
            raise AuthenticationRefusal(detail, rule=rule)
        return found

    def _extend(self, path: tuple[Facts, ...]) -> tuple[Facts, ...] | None:
        for issuer in self._issuers(path):
            objection = _objection(path, issuer)
            if objection is not None:
                self._objections.append(objection)
                continue
            longer = (*path, issuer)
            found = longer if issuer in self._anchors else self._extend(longer)
            if found is not None:
                return found
        return None

    def _issuers(self, path: tuple[Facts, ...]) -> Iterator[Facts]:
        """The certificates that bear the issuer's name and are not on the path yet."""
        if len(path) > _LONGEST_PATH:
            return
        wanted = path[-1].issuer
        for candidate in self._pool:
            if candidate.name != wanted or candidate in path:
                continue
            self._steps += 1
            if self._steps > _MOST_STEPS:
                return
            yield candidate

    def _unknown(self, leaf: Facts) -> tuple[str, str]:
        issuer = leaf.issuer
        shown = shown_name(issuer)
        if any(folded(one.name) == folded(issuer) for one in self._known):
            return (
                "CERT-LOOKALIKE",
                f"the issuer {shown!r} has a name like that of a trusted CA, but is not it",
            )
        if leaf.is_self_issued:
            return (
                "CERT-UNKNOWN-ISSUER",
                f"the certificate {shown!r} is self-signed; issue one with this simulator",
            )
        return "CERT-UNKNOWN-ISSUER", f"the issuer {shown!r} is not one of the trusted CAs"


def _objection(path: tuple[Facts, ...], issuer: Facts) -> tuple[str, str] | None:
    """Why this issuer cannot stand above the path: a rule and a sentence."""
    child, shown = path[-1], issuer.subject
    if child.issuer_key_id and issuer.key_id and child.issuer_key_id != issuer.key_id:
        return "CERT-LOOKALIKE", f"the issuer bears the name {shown!r} of a trusted CA, but has another key"
    if not child.good_signature_algorithm():
        return "CERT-ALGORITHM", f"{child.subject!r} is not signed with RSA and SHA-256, -384 or -512"
    if wrong := key_objection(issuer):
        return "CERT-WEAK-KEY", f"the issuer {shown!r} {wrong}"
    if not child.is_signed_by(issuer):
        return "CERT-SIGNATURE", f"the signature of {shown!r} on {child.subject!r} is not good"
    if not (issuer.is_ca and issuer.signs_certificates):
        return "CERT-NOT-A-CA", f"{shown!r} may not issue certificates"
    if issuer.path_length is not None and len(path) - 1 > issuer.path_length:
        return (
            "CERT-PATH-LENGTH",
            f"{shown!r} allows {issuer.path_length} CAs below it, here are {len(path) - 1}",
        )
    if issuer.unknown_critical:
        return (
            "CERT-CRITICAL",
            f"{shown!r} has critical extensions {issuer.unknown_critical} that are not known",
        )
    return None
