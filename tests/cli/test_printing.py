"""How listings and single things are printed."""

from __future__ import annotations

import pytest

from digipoort_sim.cli.printing import print_fields


def test_a_thing_inside_a_thing_is_set_in(capsys: pytest.CaptureFixture[str]) -> None:
    """Its fields have their names, below its own, and forge none."""
    print_fields({"oin": "1", "registration": {"finr": "2", "name": "A\noin  3"}}, as_json=False)
    assert capsys.readouterr().out == (
        "oin           1\nregistration\n  finr  2\n  name  A\n        oin  3\n"
    )


def test_no_text_can_look_like_another_field(capsys: pytest.CaptureFixture[str]) -> None:
    """The second line of a value is set in, so that only names of fields begin a line."""
    print_fields({"detail": "first\nrule    FORGED", "rule": "TLS"}, as_json=False)
    assert capsys.readouterr().out == "detail  first\n        rule    FORGED\nrule    TLS\n"
