"""Text from outside cannot command a terminal."""

from __future__ import annotations

import json

import pytest

from digipoort_sim.cli.printing import print_fields, print_json, print_rows
from digipoort_sim.terminal import visible, visible_json

HOSTILE = "a\x1b]0;x\x07\x9b31m\x7f\r\u202eb\ud800\x00"


def test_control_characters_are_written_out() -> None:
    """Escapes, C1 controls, directions and lone surrogates are shown; tabs, lines and accents stay."""
    assert visible(HOSTILE) == r"a\x1b]0;x\x07\x9b31m\x7f\r\u202eb\ud800\x00"
    assert visible("a\tb\né €") == "a\tb\né €"


def test_json_means_the_same() -> None:
    """A JSON document keeps its values, without any such character in it."""
    text = visible_json([{HOSTILE: HOSTILE}])
    assert json.loads(text) == [{HOSTILE: HOSTILE}]
    assert text == visible(text)


def test_nothing_that_is_printed_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """Listings, fields and JSON of the command line show hostile values, and stay in their lines."""
    row = {"kenmerk": HOSTILE, "rows": [{"detail": HOSTILE}]}
    print_rows([row], ["kenmerk"], as_json=False, empty="")
    print_fields(row, as_json=False)
    print_json(row)
    printed = capsys.readouterr().out
    assert printed == visible(printed)
    assert r"a\x1b]0;x" in printed
