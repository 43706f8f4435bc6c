"""Letters as the register sends them: what is printed is what the register does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument

from digipoort_sim.config import RegisterSettings
from digipoort_sim.letters import Letters
from digipoort_sim.letters.wording import dutch_date
from digipoort_sim.register import State
from digipoort_sim.register.trade_names import TradeRegister
from tests.letters.samples import read_qr
from tests.register.desk import BSN, Desk


def test_the_scanned_code_activates(tmp_path: Path) -> None:
    """What a scanner reads from the printed letter is all that the activation message needs."""
    desk = Desk(tmp_path)
    mandate = desk.request("VIA_2025")
    desk.advance(days=14)
    octets = Letters(desk.catalogue, TradeRegister()).pdf(desk.letter(mandate))
    with PdfDocument(octets) as document:
        [fields] = read_qr(document[0].render(scale=3).to_pil())
    outcome = desk.send(
        "activeren",
        fields["Dienst"],
        fields["idVertegenwoordigde"],
        own=fields["idGemachtigde"],
        code=fields["activatieToken"],
    )
    assert outcome.key == "geactiveerd"
    assert desk.mandate(mandate.id).toestand is State.ACTIEF


@pytest.mark.parametrize("days", [26, 40])
def test_the_printed_start_is_when_it_starts(tmp_path: Path, days: int) -> None:
    """The start date and the term of an opt-out letter are those of the register, whatever its setting."""
    desk = Desk(tmp_path, RegisterSettings(opt_out_days=days))
    mandate = desk.request("SBA_IB_2026")
    desk.advance(days=14)
    letter = desk.letter(mandate)
    text = " ".join(Letters(desk.catalogue, TradeRegister()).text(letter).split())
    start = letter.datum + timedelta(days=days)
    assert f"in op {dutch_date(start)}. Dat is {days} dagen na de datum van deze brief." in text
    desk.advance(days=days)
    assert desk.mandate(mandate.id).actief_sinds == start


def test_a_longer_term_is_printed(tmp_path: Path) -> None:
    """With 12 weeks in place of 8 the letter says so, and its last day is the last whole day."""
    desk = Desk(tmp_path, RegisterSettings(code_valid_weeks=12))
    mandate = desk.request("SBU")
    desk.advance(days=14)
    letter = desk.letter(mandate)
    last = dutch_date(letter.datum + timedelta(weeks=12, days=-1))
    text = " ".join(Letters(desk.catalogue, TradeRegister()).text(letter).split())
    assert f"De code is 12 weken geldig: tot en met {last}." in text


def test_the_letter_of_an_extension_says_so(tmp_path: Path) -> None:
    """The letter for a next year that the register made itself (MAU) tells so; others do not."""
    desk = Desk(tmp_path, RegisterSettings(mau=True))
    asked = desk.request("SBA_IB_2026")
    desk.advance(days=200)
    with desk.store.read() as tx:
        [new] = [m for m in desk.register.mandates(tx, vertegenwoordigde=BSN) if m.dienst == "SBA_IB_2027"]
    letters = Letters(desk.catalogue, TradeRegister())
    assert "verlengen met het jaar 2027" in letters.text(desk.letter(new)).replace("\n", " ")
    assert "verleng" not in letters.text(desk.letter(asked))
