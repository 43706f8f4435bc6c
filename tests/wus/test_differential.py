"""Our verdict beside that of libxmlsec1, on thousands of mutated messages, in both directions.

What we accept, xmlsec accepts. What xmlsec accepts and we refuse, we refuse for a rule of the interface
that says nothing of digests or keys. A digest or signature that we call wrong, xmlsec does not call good.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from digipoort_sim.errors import Refusal
from digipoort_sim.wus import envelope
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.verification import verify
from tests.security import mutations
from tests.wus import messages

ACCEPTED = "accepted"
CRYPTOGRAPHIC = "wrong digest or signature"
PROFILE = frozenset(
    {
        *("XML-DOCTYPE", "XML-PI", "XML-ENCODING", "XML-LIMIT", "XML-TEXT"),
        *("SOAP-VERSION", "SOAP-ENVELOPE", "SOAP-HEADER", "WSA-HEADER", "WSS-TIMESTAMP"),
        *("WSS-SECURITY", "WSS-ID", "WSS-COVERAGE", "WSS-ALGORITHM", "WSS-REFERENCE", "WSS-KEYINFO"),
        *("WSS-TOKEN", "WSS-VALUE", "WSS-SIGNATURE"),
    }
)
"""Rules by which we may refuse what xmlsec finds good: none of them says that a digest or value is wrong."""


def ours(raw: bytes) -> str:
    """Our verdict: accepted, cryptographic, or the rule."""
    try:
        verify(envelope.read(parse(raw)))
    except Refusal as refusal:
        wrong_value = refusal.rule == "WSS-SIGNATURE" and "was not made over" in refusal.detail
        return CRYPTOGRAPHIC if wrong_value or refusal.rule == "WSS-DIGEST" else refusal.rule
    return ACCEPTED


def compare(raw: bytes, tally: Counter[str]) -> str:
    """Get both verdicts on a message and fail if they do not go together; give ours."""
    verdict = ours(raw)
    good = messages.xmlsec_finds_good(raw)
    tally[
        "both accept" if verdict == ACCEPTED else "both refuse" if not good else f"only we refuse ({verdict})"
    ] += 1
    if verdict == ACCEPTED:
        assert good, raw
    elif good:
        assert verdict in PROFILE, (verdict, raw)
    return verdict


@pytest.mark.parametrize("seed", range(8))
def test_mutated_messages(seed: int) -> None:
    """Of a thousand blindly mutated messages, each gets the same verdict from both."""
    run(seed, 1_000)


def run(seed: int, count: int) -> Counter[str]:
    """Compare verdicts on so many mutated messages, and print how they were."""
    chance = random.Random(seed)
    sources = mutations.sources()
    tally: Counter[str] = Counter()
    for _ in range(count):
        compare(mutations.blindly(sources, chance), tally)
    print(seed, tally.most_common())
    assert tally["both accept"] > count / 50
    assert tally["both refuse"] > count / 4
    return tally


@pytest.mark.parametrize("seed", range(3))
def test_neutral_changes(seed: int) -> None:
    """Order and quotes of attributes, references, CDATA, comments, unused prefixes: both still accept."""
    run_neutral(seed, 1_000)


def run_neutral(seed: int, count: int) -> Counter[str]:
    """Compare verdicts on so many messages that were changed without changing anything."""
    chance = random.Random(1_000_000 + seed)
    sources = mutations.sources()
    tally: Counter[str] = Counter()
    for _ in range(count):
        raw = mutations.neutrally(sources, chance)
        assert compare(raw, tally) == ACCEPTED, raw
    return tally
