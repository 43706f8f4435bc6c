"""Letters as HTML and text."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from lxml import html

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.letters import Letters
from digipoort_sim.letters.rendering import qr_svg
from digipoort_sim.letters.wording import qr_content
from digipoort_sim.register import Letter
from digipoort_sim.register.trade_names import TradeRegister, name_of

LETTERS = Letters(load_catalogue(), TradeRegister())
SENT = datetime(2026, 3, 16, 10, tzinfo=UTC)
WITH_CODE = Letter(
    id="brief-1",
    mandate_id="m-1",
    dienst="VIA_2020",
    code="VIA",
    jaar=2020,
    id_vertegenwoordigde="111222333",
    type_vertegenwoordigde="BSN",
    id_gemachtigde="00000003123456780000",
    gemachtigde_oin="00000003123456780000",
    datum=SENT,
    activatie_token="385-ABE-355",
    geldig_tot=SENT + timedelta(weeks=8),
)
OPT_OUT = replace(
    WITH_CODE,
    dienst="SBA_IB_2026",
    code="SBA_IB",
    jaar=2026,
    activatie_token=None,
    geldig_tot=None,
    ingangsdatum=SENT + timedelta(days=26),
)
UWV = replace(
    WITH_CODE,
    dienst="UWV-ZZ-ZW",
    code="UWV-ZZ-ZW",
    jaar=None,
    id_vertegenwoordigde="123456782L01",
    type_vertegenwoordigde="LHnr",
)


def _texts(letter: Letter) -> tuple[str, str]:
    page = html.fromstring(LETTERS.html(letter))
    return " ".join("".join(str(part) for part in page.itertext()).split()), " ".join(
        LETTERS.text(letter).split()
    )


@pytest.mark.parametrize(
    ("letter", "agency"),
    [(WITH_CODE, "Belastingdienst"), (UWV, "UWV"), (replace(UWV, code="SBT"), "Dienst Toeslagen")],
)
def test_who_writes_and_that_it_is_a_simulation(letter: Letter, agency: str) -> None:
    """The letter names its agency and says in its title, first line and heading that it is a simulation."""
    page = LETTERS.html(letter)
    assert "<title>SIMULATIE" in page
    for text in _texts(letter):
        assert "SIMULATIE: gemaakt door digipoort-sim" in text
        assert f"{agency} (simulatie)" in text


def test_letter_with_code() -> None:
    """A letter with a code names the intermediary, service, year, client, code and its last day."""
    office = name_of("00000003123456780000")
    for text in _texts(WITH_CODE):
        for part in (office, "VIA_2020", "vooraf ingevulde", "jaar 2020", "111222333", "385-ABE-355"):
            assert part in text
        assert "16 maart 2026" in text
        assert "geldig tot en met 10 mei 2026" in text


def test_opt_out_letter() -> None:
    """An opt-out letter says when the registration starts and how to refuse, and has no code or QR."""
    for text in _texts(OPT_OUT):
        assert "gaat in op 11 april 2026" in text
        assert "terug" in text
        assert "activatiecode" not in text
    assert "<svg" not in LETTERS.html(OPT_OUT)
    assert "Afwijzen/intrekken machtigingsregistratie" in LETTERS.html(OPT_OUT)


def test_qr_holds_the_four_fields() -> None:
    """The QR code's content is the four public fields as JSON, and it stands in the page as SVG."""
    content = qr_content(WITH_CODE)
    assert content is not None
    assert json.loads(content) == {
        "Dienst": "VIA_2020",
        "idVertegenwoordigde": "111222333",
        "idGemachtigde": "00000003123456780000",
        "activatieToken": "385-ABE-355",
    }
    assert qr_svg(content) in LETTERS.html(WITH_CODE)
    assert re.search(r"<svg [^>]*width=", qr_svg(content))


def test_what_others_wrote_is_escaped() -> None:
    """Markup in a value is text in the page."""
    page = LETTERS.html(replace(WITH_CODE, id_gemachtigde="<script>x</script>"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_needs_nothing_from_elsewhere() -> None:
    """The page loads nothing: no script, no link, no image by address."""
    page = LETTERS.html(WITH_CODE)
    assert not re.search(r"<(script|link|img|iframe)|url\(|@import", page)


def test_names_are_fixed_and_fictitious() -> None:
    """A number always has the same name: an office's by OIN or core, a person's for a BSN."""
    assert name_of("00000003123456780000") == name_of("12345678")
    assert name_of("12345678") != name_of("87654321")
    assert name_of("123456782L01", "LHnr") == name_of("123456782", "RSIN")
    assert re.fullmatch(r"([A-Z]\.)+ .+", name_of("111222333", "BSN"))
