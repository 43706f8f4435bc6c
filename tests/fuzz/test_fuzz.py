"""A short run of the fuzzer with a fixed seed; longer ones with ``python -m tests.fuzz 600 --seed 1``."""

from __future__ import annotations

import pytest

from digipoort_sim.errors import SpecificationRefusal, TechnicalError
from tests.fuzz.fuzzing import Result, fuzz, one
from tests.fuzz.targets import TARGETS, Target

_NEVER_REFUSE = ("content", "report", "agency")  # what is wrong is in the value that they give
_SLOW = ("explain", "certificate", "content")


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_value_or_one_of_our_errors(target: Target) -> None:
    """Whatever octets come from outside, a value or one of our errors comes out."""
    result = fuzz(target, seed=2026, count=100 if target.name in _SLOW else 300)
    assert not result.findings, result.findings[0]
    assert result.outcomes["value"]
    assert len(result.outcomes) > 1 or target.name in _NEVER_REFUSE


def test_the_fuzzer_finds() -> None:
    """An error that is not ours, trouble of our own, and a refusal without a reason are found."""

    def reader(raw: bytes) -> None:
        if raw == b"good":
            return
        if raw == b"refused":
            raise SpecificationRefusal("No.", rule="X")
        raise {b"1": ValueError("x"), b"2": TechnicalError("x", rule="X"), b"3": SpecificationRefusal("x")}[
            raw
        ]

    result = Result()
    for raw in (b"good", b"refused", b"1", b"2", b"3"):
        one(Target("x", tuple, reader), raw, result)
    assert [raw for raw, _ in result.findings] == [b"1", b"2", b"3"]
