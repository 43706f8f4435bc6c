"""The quick way to a good verdict gives no other verdict than the way over the elements."""

from __future__ import annotations

import random

import pytest

from digipoort_sim.errors import Refusal
from digipoort_sim.wus import envelope, names, plain_signature, verification
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.verification import verify
from tests.security import mutations
from tests.wus import messages


def _verdict(raw: bytes) -> object:
    """What is accepted, element by element, or the refusal in full."""
    try:
        found = verify(envelope.read(parse(raw)))
    except Refusal as refusal:
        return refusal.rule, refusal.detail
    covered = [element.tag for element in found.covered]
    return found.certificate_der, found.signature_algorithm, found.digest_algorithm, covered


def _is_quick(raw: bytes, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a message is accepted without the way over the elements."""
    with monkeypatch.context() as patch:
        patch.setattr(verification, "_methods", _never)
        try:
            verify(envelope.read(parse(raw)))
        except AssertionError:
            return False
        return True


def _never(*arguments: object) -> None:
    raise AssertionError


@pytest.mark.parametrize("sha", [1, 256])
def test_plain_messages_go_the_quick_way(sha: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What our own client signs is recognised; with a PrefixList it takes the way over the elements."""
    raw = messages.signed(sha=sha)  # type: ignore[arg-type]
    assert _is_quick(raw, monkeypatch)
    listed = messages.signed_by_xmlsec(messages.unsigned(), "soap wsa", names.RSA_SHA256, names.SHA256)
    assert not _is_quick(listed, monkeypatch)
    assert _verdict(listed)


@pytest.mark.parametrize("seed", range(3))
def test_mutated_messages_get_the_same_verdict(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a thousand mutated messages, each gets the very verdict that it gets without the quick way."""
    chance = random.Random(5_000 + seed)
    sources = mutations.sources()
    raws = [mutations.blindly(sources, chance) for _ in range(700)]
    raws += [mutations.neutrally(sources, chance) for _ in range(300)]
    quick = [_verdict(raw) for raw in raws]
    monkeypatch.setattr(verification, "_verify_plain", lambda *arguments: None)
    assert quick == [_verdict(raw) for raw in raws]


HEAD = (
    f'<SignedInfo xmlns="{names.DS}"><CanonicalizationMethod Algorithm="{names.EXCLUSIVE_C14N}">'
    f'</CanonicalizationMethod><SignatureMethod Algorithm="{names.RSA_SHA1}"></SignatureMethod>'
)
REFERENCE = (
    f'<Reference URI="#a"><Transforms><Transform Algorithm="{names.EXCLUSIVE_C14N}"></Transform></Transforms>'
    f'<DigestMethod Algorithm="{names.SHA1}"></DigestMethod><DigestValue>abcd</DigestValue></Reference>'
)


def test_a_plain_signed_info_is_read() -> None:
    """Algorithms, Ids and digests are read in their order."""
    found = plain_signature.read(f"{HEAD}{REFERENCE}{REFERENCE}</SignedInfo>".encode(), None)
    assert found == (names.RSA_SHA1, [("a", names.SHA1, "abcd")] * 2)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</Reference>", "</Reference> "),
        ("</SignedInfo>", "</SignedInfo><a></a>"),
        ("</SignedInfo>", "<Reference></Reference></SignedInfo>"),
        ("<Reference URI", '<Reference Id="x" URI'),
        ("#a", "#a&amp;b"),
        ("#a", ""),
        (f'Transform Algorithm="{names.EXCLUSIVE_C14N}"', 'Transform Algorithm="urn:other"'),
        ("abcd", ""),
        (names.DS + '">', 'urn:other">'),
        ("<Transforms>", '<Transforms xmlns="urn:other">'),
    ],
)
def test_anything_else_is_left_to_the_other_way(old: str, new: str) -> None:
    """White space, other attributes, other namespaces, references and missing parts are not recognised."""
    good = f"{HEAD}{REFERENCE}</SignedInfo>"
    assert old in good
    assert plain_signature.read(good.encode(), None)
    assert plain_signature.read(good.replace(old, new).encode(), None) is None
    assert plain_signature.read(good.encode(), "ds") is None
