"""XML in one pass: the same verdict as of contents that are read whole, in memory that does not grow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.streaming.markup import MAXIMUM_DEPTH, Markup
from digipoort_sim.validation.streaming.well_formed import pass_through
from digipoort_sim.validation.xml_content import LIMITS, read_xml

SLICE = 262_144
FILLER = b"x" * 65_536
STATM = Path("/proc/self/statm")


def pieces(*parts: tuple[bytes, int], size: int = SLICE) -> Iterator[bytes]:
    """Octets so many times each, in pieces."""
    waiting = b""
    for part, times in parts:
        for _ in range(times):
            waiting += part
            while len(waiting) >= size:
                yield waiting[:size]
                waiting = waiting[size:]
    yield waiting


def findings(*parts: tuple[bytes, int], size: int = SLICE) -> tuple[Finding, ...]:
    """What the pass has against them."""
    return pass_through(pieces(*parts, size=size), "utf-8").findings


def rules(*parts: tuple[bytes, int]) -> list[str]:
    """The rules of that."""
    return [finding.rule for finding in findings(*parts)]


SMALL: tuple[bytes, ...] = (
    b"<a>\n <b></a>",
    b"<a>\n <b>",
    b"<a/><b/>",
    b"",
    b"   ",
    b"no xml",
    b"<a b='1' b='2'/>",
    b"<a>\x01</a>",
    b"<a>\n <x:b/></a>",
    b"<a b=c/>",
    b"<a>&#0;</a>",
    b"<a><!-- -- --></a>",
    b"<a>]]></a>",
    b"<a",
    b"<a b='<'/>",
)


@pytest.mark.parametrize("content", SMALL)
@pytest.mark.parametrize("size", [1, 7, SLICE])
def test_the_verdict_is_that_of_a_content_that_is_read_whole(content: bytes, size: int) -> None:
    """The first thing that is wrong is the same one, at the same line, wherever the pieces are cut."""
    whole = read_xml(content, LIMITS["xml"])
    assert isinstance(whole, tuple)
    found = findings((content, 1), size=size)
    assert [(one.rule, one.line) for one in found[:1]] == [(one.rule, one.line) for one in whole[:1]]


GOOD = (
    b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?><!-- <x> --><a><b c='/>'>/></b>",
    b"<d/><!-- </b></b> --><e f='>' /><![CDATA[</x></x><!-- ]]><?p </x> ?>\n<g h=\"'/>\"></g>\xc3\xa9",
    b"</a>",
)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_good_xml_is_good_however_it_is_cut(size: int) -> None:
    """Comments, CDATA sections, instructions and attributes with markup in them change nothing."""
    parts = ((GOOD[0], 1), (GOOD[1], 50), (GOOD[2], 1))
    assert findings(*parts, size=size) == ()
    markup = Markup()
    assert all(markup.take(piece) is None for piece in pieces(*parts, size=size))
    assert markup.depth == 0


BOMBS: dict[str, tuple[tuple[bytes, int], ...]] = {
    "deep": ((b"<a>" * 1000, 20_000),),
    "deep, with false ends in text": ((b"<a>/>" * 1000, 20_000),),
    "deep, with false ends in attributes": ((b"<a b='/>'>" * 1000, 10_000),),
    "deep, with false ends in comments": ((b"<!--" + b"</a>" * 999 + b"-->" + b"<b>" * 999, 10_000),),
    "comment": ((b"<a><!--", 1), (FILLER, 1000)),
    "comment of beginnings": ((b"<a><!--", 1), (b"<!-x" * 16_384, 1000)),
    "instruction of beginnings": ((b"<a><?x ", 1), (b"<?" * 32_768, 1000)),
    "CDATA": ((b"<a><![CDATA[", 1), (FILLER, 1000)),
    "attribute": ((b"<a b='", 1), (FILLER, 1000)),
    "attribute with an end in it": ((b"<a b='>", 1), (FILLER, 1000)),
    "name": ((b"<", 1), (FILLER, 1000)),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_what_needs_ever_more_memory_is_refused_without_it(kind: str) -> None:
    """Depth and lexemes without end are XML-SIZE before they have cost 40 MB."""
    peak, start = 0, _resident()

    def watched() -> Iterator[bytes]:
        nonlocal peak
        for piece in pieces(*BOMBS[kind]):
            yield piece
            peak = max(peak, _resident() - start)

    found = pass_through(watched(), "utf-8").findings
    assert [one.rule for one in found] == ["XML-SIZE"]
    assert peak < 40 * 1024**2


def test_a_large_content_takes_no_more_memory_than_a_small_one() -> None:
    """50 MB of elements pass in less than 30 MB, and add up to their SHA-256."""
    peak, start, digest = 0, _resident(), hashlib.sha256()

    def watched() -> Iterator[bytes]:
        nonlocal peak
        for piece in pieces((b"<a>", 1), (b"<b c='1'>text</b>\n" * 1000, 2800), (b"</a>", 1)):
            digest.update(piece)
            yield piece
            peak = max(peak, _resident() - start)

    passed = pass_through(watched(), "utf-8")
    assert (passed.findings, passed.sha256) == ((), digest.hexdigest())
    assert passed.size > 50_000_000
    assert peak < 30 * 1024**2


def test_names_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser keeps every name, so there may be no more than some thousands of them; URIs count too."""
    monkeypatch.setattr("digipoort_sim.validation.streaming.markup._SAMPLE", 1)
    names = b"".join(b"<n%d/>" % number for number in range(25_000))
    uris = b"".join(b"<n xmlns='u%d'/>" % number for number in range(25_000))
    assert [rules((b"<a>", 1), (many, 1), (b"</a>", 1)) for many in (names, uris)] == [["XML-SIZE"]] * 2
    few = b"".join(b"<n%d/>" % number for number in range(5_000))
    assert rules((b"<a>", 1), (few, 10), (b"</a>", 1)) == []


def test_a_doctype_is_refused_and_no_entity_is_ever_made() -> None:
    """A billion laughs end at the DOCTYPE."""
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
    bomb = b'<!DOCTYPE a [<!ENTITY l0 "lol">' + laughs + b"]><a>&l11;</a>"
    assert rules((bomb, 1)) == ["FR-NL-1.03"]
    assert rules((b"<!-- <!DOCTYPE a> --><a/>", 1)) == []


def test_the_limit_of_depth_is_exact_where_a_piece_ends() -> None:
    """So many elements within each other are allowed, one more is not."""
    for depth, expected in ((MAXIMUM_DEPTH, None), (MAXIMUM_DEPTH + 1, "elements within each other")):
        told: Any = Markup().take(b"<a>" * depth)
        assert told == expected or expected in told[1]


def _resident() -> int:
    if not STATM.exists():  # not Linux
        return 0
    return int(STATM.read_text().split()[1]) * 4096
