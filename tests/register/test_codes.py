"""Activation codes."""

from __future__ import annotations

import re

import pytest

from digipoort_sim.ids import SeededIds
from digipoort_sim.register.codes import new_code, tidy_code


def test_new_codes_have_the_published_form() -> None:
    """A code is 3 digits, 3 capitals, 3 digits, and comes from the id source."""
    ids = SeededIds(7)
    codes = [new_code(ids) for _ in range(200)]
    assert all(re.fullmatch(r"[0-9]{3}-[A-Z]{3}-[0-9]{3}", code) for code in codes)
    assert codes == [new_code(again) for again in [SeededIds(7)] for _ in range(200)]


@pytest.mark.parametrize("text", ["385-ABE-355", "385abe355", " 385 Abe 355 ", "385–abe–355", "3 85AB-E355"])
def test_input_is_tolerant(text: str) -> None:
    """Case, hyphens and blanks do not matter."""
    assert tidy_code(text) == "385-ABE-355"


def test_last_group_may_have_four() -> None:
    """A last group of four digits is a code too."""
    assert tidy_code("385ABE3551") == "385-ABE-3551"


@pytest.mark.parametrize(
    "text", ["", "385-ABE-35", "385-AB1-355", "38-ABE-3555", "385-ABE-35511", "٣85-ABE-355"]
)
def test_other_text_is_no_code(text: str) -> None:
    """Text of another form is no code at all."""
    assert tidy_code(text) is None
