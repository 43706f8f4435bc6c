"""What letters say, as HTML and as text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import html

from digipoort_sim.register import Letter
from digipoort_sim.register.trade_names import TradeRegister
from tests.letters.samples import (
    CATALOGUE,
    CONTINUOUS,
    EXTENDED,
    LETTERS,
    OFFICE,
    OPT_OUT,
    SENT,
    UWV,
    WITH_CODE,
    letter_for,
)


def _texts(letter: Letter) -> tuple[str, str]:
    """The letter's words in a browser and on a terminal."""
    page = html.fromstring(LETTERS.html(letter))
    for style in page.iter("style"):
        style.text = None
    return " ".join(" ".join(page.itertext()).split()), " ".join(LETTERS.text(letter).split())


@pytest.mark.parametrize(
    ("letter", "agency"),
    [(WITH_CODE, "Belastingdienst"), (UWV, "UWV"), (replace(WITH_CODE, code="SBT"), "Dienst Toeslagen")],
)
def test_who_writes_and_that_it_is_a_simulation(letter: Letter, agency: str) -> None:
    """The letter names its agency and says in its title, first line and sender that it is a simulation."""
    assert "<title>SIMULATIE" in LETTERS.html(letter)
    assert LETTERS.text(letter).startswith("=== SIMULATIE: gemaakt door digipoort-sim")
    for text in _texts(letter):
        assert text.count("SIMULATIE: gemaakt door digipoort-sim") == 2
        assert f"{agency} (simulatie)" in text


def test_letter_with_code() -> None:
    """It names intermediary, number, service, year, client, address, code, its term, and both choices."""
    home = TradeRegister().find("111222333", "BSN")
    parts = (
        f"{OFFICE.name} vraagt een machtiging",
        "00000003123456780000",
        "Gegevens vooraf ingevulde aangifte (VIA_2020)",
        "het belastingjaar 2020",
        "111222333",
        home.name,
        home.address.street,
        "16 maart 2026",
        "brief-1",
        "385-ABE-355",
        "De code is 8 weken geldig: tot en met 10 mei 2026",
        "Geef dan de activatiecode aan uw gemachtigde",
        "Geef de code dan aan niemand",
    )
    for text in _texts(WITH_CODE):
        assert [part for part in parts if part not in text] == []


def test_opt_out_letter() -> None:
    """An opt-out letter says when the registration starts, after how long, how to refuse; it has no code."""
    for text in _texts(OPT_OUT):
        assert "gaat vanzelf in op 11 april 2026. Dat is 26 dagen na de datum van deze brief" in text
        assert "Stuur dan deze brief of het formulier op de laatste bladzijde terug" in text
        assert "uiterlijk op 10 april 2026" in text
        assert "activatiecode" not in text
    assert "<svg" not in LETTERS.html(OPT_OUT)
    assert LETTERS.qr(OPT_OUT) is None


def test_letter_of_an_extension() -> None:
    """The letter of the older scheme (MAU) says which mandate is extended, and by which year."""
    for text in _texts(EXTENDED):
        assert f"Uw machtiging voor {OFFICE.name} wordt verlengd" in text
        assert "is uw gemachtigde voor het belastingjaar 2025" in text
        assert "verlengen met het jaar 2026" in text
        assert "vraagt een machtiging" not in text


def test_letter_of_a_continuous_mandate() -> None:
    """It says what the register will do on 1 July and 1 December, without letters, and what stays."""
    for text in _texts(CONTINUOUS):
        assert "op 1 juli: Serviceberichten Aanslag inkomstenbelasting, voor het jaar daarna" in text
        assert "op 1 december: Gegevens vooraf ingevulde aangifte, voor dat jaar" in text
        assert "u krijgt daar geen brief meer over" in text
        assert "blijven de machtigingen per jaar die er al zijn, bestaan" in text


def test_letter_of_uwv() -> None:
    """A mandate of UWV is given once, for one loonheffingennummer."""
    for text in _texts(UWV):
        assert "U geeft deze machtiging één keer." in text
        assert "alleen voor loonheffingennummer 123456782L01" in text
        assert "belastingjaar" not in text


def test_years_of_benefits_are_called_so() -> None:
    """Dienst Toeslagen writes of a toeslagjaar."""
    for text in _texts(letter_for(CATALOGUE.diensten["SBT"])):
        assert "alleen voor het toeslagjaar 2026" in text


@pytest.mark.parametrize(
    ("length", "words"),
    [(timedelta(weeks=1), "1 week"), (timedelta(days=43, hours=5), "43 dagen"), (timedelta(days=1), "1 dag")],
)
def test_the_term_is_that_of_the_register(length: timedelta, words: str) -> None:
    """The letter counts its term from the moments that the register gave, not from a setting."""
    assert f"De code is {words} geldig" in LETTERS.text(replace(WITH_CODE, geldig_tot=SENT + length))


@pytest.mark.parametrize("code", CATALOGUE.diensten)
def test_every_service_has_its_letter(code: str) -> None:
    """Each service's letter names it, says what the gemachtigde gets, and brings the form to return."""
    dienst = CATALOGUE.diensten[code]
    letter = letter_for(dienst)
    assert dienst.letter_text
    for text in _texts(letter):
        assert f"{dienst.name} ({letter.dienst})" in text
        assert dienst.letter_text in text
        assert (letter.activatie_token or "gaat vanzelf in op") in text
        assert "afwijzen/intrekken machtigingsregistratie" in text.lower()


def test_what_others_wrote_is_escaped() -> None:
    """Markup in a value is text in the page."""
    page = LETTERS.html(replace(WITH_CODE, id_gemachtigde="<script>x</script>"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_needs_nothing_from_elsewhere() -> None:
    """The page loads nothing: no script, no link, no image by address."""
    page = LETTERS.html(WITH_CODE)
    assert not re.search(r"<(script|link|img|iframe)|url\(|@import", page)


def test_lines_fit_a_terminal() -> None:
    """No line of the letter's text is wider than 80 characters but the mark."""
    lines = [line for line in LETTERS.text(CONTINUOUS).splitlines() if "===" not in line]
    assert max(map(len, lines)) <= 80
