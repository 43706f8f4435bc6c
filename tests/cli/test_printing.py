"""How listings and single things are printed."""

from __future__ import annotations

import pytest

from digipoort_sim.cli.printing import print_fields


def test_no_text_can_look_like_another_field(capsys: pytest.CaptureFixture[str]) -> None:
    """The second line of a value is set in, so that only names of fields begin a line."""
    print_fields({"detail": "first\nrule    FORGED", "rule": "TLS"}, as_json=False)
    assert capsys.readouterr().out == "detail  first\n        rule    FORGED\nrule    TLS\n"
