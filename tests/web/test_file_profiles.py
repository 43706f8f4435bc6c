"""The profiles of the file interfaces in the control API and in the console."""

from __future__ import annotations

from digipoort_sim.catalogue.file_profiles.profile import ROW_KEYS
from tests.web.conftest import House


def test_every_row_has_its_label_and_origin(house: House) -> None:
    """Both profiles in force are given with all rows, in order, each with provenance, note and origin."""
    with house.client() as client:
        found = client.get("/api/v1/ftp/profiles").json()
    assert [(one["interface"], one["name"]) for one in found] == [("ftp", "ftp-1.6.1"), ("ftp_gb", "gb-3.0")]
    assert [row["key"] for row in found[0]["rows"]] == list(ROW_KEYS)
    rows = {row["key"]: row for row in found[1]["rows"]}
    assert rows["berichtsoort"] == {
        "key": "berichtsoort",
        "value": "Aangifte_LH",
        "provenance": "simulator",
        "note": "its receiver is the receiver of all files",
        "origin": "profile gb-3.0",
    }
    assert rows["minimum_tls"]["origin"] == "profile ftp-1.6.1"


def test_the_console_shows_every_row_with_its_label(house: House) -> None:
    """The page has a row for each value, with its label, and says which profile is in force where."""
    with house.client() as client:
        page = client.get("/profiles").text
    assert "In force on the interface <code>ftp_gb</code>" in page
    assert page.count('<th scope="row">') == 2 * len(ROW_KEYS)
    row = next(line for line in page.splitlines() if ">session_reuse<" in line)
    assert "<td>simulator</td>" in row
    assert '<li><a href="/profiles" aria-current="true">File profiles</a></li>' in page
