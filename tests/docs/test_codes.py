"""The page that tells how to get every code."""

from __future__ import annotations

import re
from pathlib import Path

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.config import Settings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "codes.md").read_text()


def test_every_code_is_told() -> None:
    """No statuscode and no foutcode of the catalogue is missing on the page."""
    catalogue = load_catalogue()
    words = set(re.findall(r"\w+", PAGE))
    assert {*catalogue.statuses, *catalogue.faults} <= words


def test_every_refusal_of_the_register_is_told() -> None:
    """Each code that a mandate message can get stands with the catalogue's text and with how to get it."""
    told = dict(re.findall(r"^\| (MR\d+) \| (.+?) \| .+ \|$", PAGE, re.MULTILINE))
    refusals = {row.code: row.text for row in load_catalogue().outcomes.values() if row.code}
    registrations = {code for code in refusals if code >= "MR600"} - {"MR655"}
    assert told == {code: text for code, text in refusals.items() if code not in registrations}


def test_every_setting_and_column_exists() -> None:
    """The settings and columns that the page names are there, with the defaults that it tells."""
    sections = Settings().model_dump(by_alias=True)
    named = set(re.findall(r"`(wus|exchange|agencies|register|portal)\.([a-z_0-9]+)", PAGE))
    assert {("portal", "shows"), ("register", "names"), ("exchange", "foreign_sender")} < named
    assert len(named) > 15
    for section, name in named:
        assert name in sections[section], (section, name)
    row = load_catalogue().berichtsoorten["TEST"]
    for column in re.findall(r"column `([a-z_]+) =", PAGE):
        assert hasattr(row, column), column
