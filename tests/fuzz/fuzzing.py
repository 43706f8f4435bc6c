"""The fuzzing itself: mutate, run, and see that a value or one of our errors comes out, soon."""

from __future__ import annotations

import random
import re
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from digipoort_sim.errors import DigipoortSimError, TechnicalError
from tests.fuzz.targets import Target
from tests.security import mutations

SLOW = 5.0
"""Seconds of CPU time that no input of this size may take."""

_LONGEST_DETAIL = 5_000
_WORDS = (
    *(
        b"0",
        b"-1",
        b"99999999999999999999",
        b"1e999",
        b"NaN",
        b"\x00",
        b"\xff\xfe",
        b"%s%n",
        b"../../x",
        b"\xef\xbf\xbf",
    ),
    *(
        b"9999-12-31T23:59:59-14:00",
        b"0001-01-01T00:00:00+14:00",
        b"2026-02-30",
        b"\xc2\xa0",
        b"\xf0\x9f\x98\x80",
    ),
    *(
        b"A" * 300,
        b"<" * 50,
        b"&#x10FFFF;",
        b"&#xFFFE;",
        b"]]>",
        b"xmlns:x",
        b'="',
        b"{",
        b"}",
        b"\r\n\r\n",
        b"\r\n0\r\n",
    ),
    *(
        b"--b--",
        b"cid:",
        b"Content-Length: 99",
        b"\xd9\xa1",
        b"\xe2\x80\xae",
        b"\x30\x82\xff\xff",
        b"\x02\x01\x00",
    ),
)
_VALUES = re.compile(rb"(?<=>)[^<>]+(?=</)|(?<==\")[^\"<>]*(?=\")")


@dataclass
class Result:
    """What a run found.

    Attributes:
        count: inputs that were run.
        outcomes: rules of our errors, and values, with how often each came.
        slowest: seconds of CPU time of the slowest one.
        findings: inputs that broke the invariant, each with what happened.
    """

    count: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    findings: list[tuple[bytes, str]] = field(default_factory=list)


def inputs(target: Target, chance: random.Random) -> Iterator[bytes]:
    """Inputs without end: the seeds first, then mutations of them."""
    seeds = target.seeds()
    yield from seeds
    while True:
        raw = chance.choice(seeds)
        for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
            raw = chance.choice(_MUTATIONS)(raw, chance) or b"x"
        yield raw[:200_000]


def _word(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw) + 1)
    return raw[:at] + chance.choice(_WORDS) + raw[at + chance.choice((0, 0, 1, 4, 20)) :]


def _value(raw: bytes, chance: random.Random) -> bytes:
    """Another value in an element or attribute, so that the document often stays well-formed."""
    spots = [*_VALUES.finditer(raw)]
    if not spots:
        return raw
    spot = chance.choice(spots)
    word = chance.choice((*_WORDS, b"", b" ", spot[0] * 2, spot[0][:-1], spot[0].swapcase()))
    return raw[: spot.start()] + word.replace(b"<", b"&lt;") + raw[spot.end() :]


_MUTATIONS = (*[_word] * 5, *[_value] * 12, *mutations.BLIND)


def fuzz(target: Target, seed: int, *, count: int | None = None, seconds: float = 0.0) -> Result:
    """Run a target on so many inputs, or for so long."""
    chance = random.Random(f"{target.name} {seed}")
    result = Result()
    end = time.monotonic() + seconds
    for raw in inputs(target, chance):
        if count is not None and result.count >= count:
            break
        if count is None and time.monotonic() > end:
            break
        one(target, raw, result)
    return result


def one(target: Target, raw: bytes, result: Result) -> None:
    """Run a target on one input, and note how it ended."""
    result.count += 1
    start = time.process_time()
    try:
        target.run(raw)
        outcome = "value"
    except TechnicalError as error:
        outcome = ""
        result.findings.append((raw, f"technical error: {error}"))
    except DigipoortSimError as error:
        outcome = error.rule
        if not error.rule or not error.detail or len(error.detail) > _LONGEST_DETAIL:
            result.findings.append((raw, f"rule {error.rule!r}, detail of {len(error.detail)} characters"))
    except Exception:
        outcome = ""
        result.findings.append((raw, traceback.format_exc(limit=-6)))
    took = time.process_time() - start
    result.outcomes[outcome] += 1
    result.slowest = max(result.slowest, took)
    if took > SLOW:
        result.findings.append((raw, f"it took {took:.1f} s"))
