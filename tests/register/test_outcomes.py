"""The catalogue of outcomes: each is reached, each has its words in two languages, none is missing."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import digipoort_sim
from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.register import Outcome, State
from tests.register.desk import BSN, LHNR, OFFICE, OTHER, RSIN, Desk

OUTCOMES = load_catalogue().outcomes
ROOMS = Path(digipoort_sim.__file__).parent
TESTS = Path(__file__).parents[1]
ELSEWHERE = re.compile(r"bericht-onleesbaar|buitenland-.*|.*vergunning.*|zekerheid-.*")
"""Outcomes of other rooms, with tests of their own."""


def _asked_twice(desk: Desk) -> Outcome:
    desk.request("VIA_2025")
    return desk.send("opvoeren", "VIA_2025")


def _with_another(desk: Desk) -> Outcome:
    desk.request("SBA_IB_2026", sender=OTHER)
    return desk.send("opvoeren", "SBA_IB_2026")


def _claimed(desk: Desk, code: str | None, days: int = 14) -> Outcome:
    """A claim for VIA_2025, days later an activation with this code, or with the one in the letter."""
    mandate = desk.request("VIA_2025")
    desk.advance(days=days)
    return desk.send("activeren", "VIA_2025", code=code or desk.code(mandate))


def _code_used(desk: Desk) -> Outcome:
    mandate = desk.activated_by_code("VIA_2025")
    return desk.send("activeren", "VIA_2025", code=desk.code(mandate))


def _active_already(desk: Desk) -> Outcome:
    desk.activated_by_code("VIA_2025")
    return desk.send("activeren", "VIA_2025", code="000-AAA-000")


def _locked(desk: Desk) -> Outcome:
    desk.request("VIA_2025")
    desk.advance(days=14)
    return [desk.send("activeren", "VIA_2025", code="000-AAA-000") for _ in range(5)][-1]


def _revoked(desk: Desk, times: int) -> Outcome:
    desk.request("VIA_2025")
    return [desk.send("intrekken", "VIA_2025") for _ in range(times)][-1]


def _refused_by_client(desk: Desk, times: int) -> Outcome:
    desk.request("SBA_IB_2026")
    return [desk.send_form("SBA_IB_2026") for _ in range(times)][-1]


def _request_was_refused(desk: Desk) -> Outcome:
    desk.send("opvoeren", "VIA_2013")
    return desk.send("intrekken", "VIA_2013")


def _form_fits_two(desk: Desk) -> Outcome:
    for sender in (OFFICE, f"{OFFICE[:-1]}1"):
        desk.request("VIA_2025", sender=sender)
    return desk.send_form("VIA_2025", party="30216247")


WAYS: dict[str, Callable[[Desk], Outcome]] = {
    "claim-opgevoerd": lambda desk: desk.send("opvoeren", "VIA_2025"),
    "abonnement-toegevoegd": lambda desk: desk.send("opvoeren", "SBA_IB_2026"),
    "geactiveerd": lambda desk: _claimed(desk, None),
    "ingetrokken": lambda desk: _revoked(desk, 1),
    "afgewezen": lambda desk: _refused_by_client(desk, 1),
    "overzicht-gemaakt": lambda desk: desk.send("opvragen", ""),
    "dienst-onbekend": lambda desk: desk.send("opvoeren", "XYZ_2026"),
    "jaar-ontbreekt": lambda desk: desk.send("opvoeren", "VIA"),
    "jaar-niet-toegestaan": lambda desk: desk.send("opvoeren", "VIA_2013"),
    "nummer-ongeldig": lambda desk: desk.send("opvoeren", "VIA_2025", "123456789"),
    "nummersoort-onjuist": lambda desk: desk.send("opvoeren", "VIA_2025", LHNR),
    "niet-uw-nummer": lambda desk: desk.send("opvoeren", "VIA_2025", own=OTHER),
    "bestaat-al": _asked_twice,
    "bij-een-ander": _with_another,
    "niet-gevonden": lambda desk: desk.send("intrekken", "VIA_2025"),
    "geen-code-nodig": lambda desk: desk.send("activeren", "SBA_IB_2026", code="000-AAA-000"),
    "code-onjuist": lambda desk: _claimed(desk, "000-AAA-000"),
    "code-verlopen": lambda desk: _claimed(desk, None, days=100),
    "nog-geen-brief": lambda desk: _claimed(desk, "000-AAA-000", days=1),
    "al-actief": _active_already,
    "code-gebruikt": _code_used,
    "geblokkeerd": _locked,
    "al-beeindigd": lambda desk: _revoked(desk, 2),
    "al-afgewezen": lambda desk: _refused_by_client(desk, 2),
    "was-afgekeurd": _request_was_refused,
    "niet-eenduidig": _form_fits_two,
}


@pytest.mark.parametrize("key", WAYS)
def test_an_outcome_is_reached(desk: Desk, key: str) -> None:
    """Each outcome of a mandate is the answer to something, with a detail; a refusal leads to nothing."""
    outcome = WAYS[key](desk)
    assert outcome.key == key
    assert re.fullmatch(r".+\.", outcome.detail)
    if OUTCOMES[key].statuscode == "510":
        assert (outcome.dues, outcome.activated, outcome.overview) == ((), (), None)


def test_no_outcome_is_left_out() -> None:
    """Every line of the catalogue is reached here, or named by a test of the room that answers so."""
    others = {key for key in OUTCOMES if ELSEWHERE.fullmatch(key)}
    assert set(OUTCOMES) - others == set(WAYS)
    texts = "".join(path.read_text() for path in TESTS.rglob("test_*.py") if path != Path(__file__))
    for key in others:
        names = (key, key.upper(), OUTCOMES[key].code)
        assert any(f'"{name}"' in texts for name in names), key


def _keys_in_code() -> Iterator[str]:
    """The strings that stand in the first argument of what makes an outcome or a refusal."""
    for path in ROOMS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Outcome", "Refused"):
                literals = (part for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant))
                yield from (str(part.value) for part in literals if isinstance(part.value, str))


def test_every_key_in_the_code_has_its_line() -> None:
    """No refusal in the code lacks its texts and code."""
    keys = set(_keys_in_code())
    assert len(keys) > 20
    assert keys <= set(OUTCOMES)


@pytest.mark.parametrize("row", OUTCOMES.values(), ids=OUTCOMES)
def test_an_outcome_has_its_words(row: digipoort_sim.catalogue.MandateOutcome) -> None:
    """Each has a Dutch and an English sentence, and a refusal a code of its own."""
    assert row.text != row.text_en
    assert re.fullmatch(r"[A-Z].+\.", row.text_en)
    assert re.fullmatch(r"[A-Za-z].+\.", row.text)
    if row.statuscode == "500":
        assert row.code == ""
        assert len(row.text) <= 80
    else:
        assert row.statuscode == "510"
        assert re.fullmatch(r"MR[0-9]{3}", row.code)
        assert [other.key for other in OUTCOMES.values() if other.code == row.code] == [row.key]


def test_published_words() -> None:
    """The one text that is Digipoort's own is labelled so; the text for opt-out is inferred."""
    assert OUTCOMES["claim-opgevoerd"].text == "Opvoeren machtigingsclaim gelukt."
    labels = {row.key: row.provenance for row in OUTCOMES.values() if row.provenance != "simulator"}
    assert labels["claim-opgevoerd"] == "published"
    assert labels["abonnement-toegevoegd"] == "inferred"


def test_a_refused_request_carries_its_reason(desk: Desk) -> None:
    """Whatever a request is refused for stands on its record, as text and as key, and revokes nothing."""
    mine = desk.request("VIA_2025")
    outcome = desk.send("opvoeren", "VIA_2025")
    refused = desk.mandate(outcome.mandate_id or "")
    assert (refused.toestand, refused.reden_code) == (State.AFGEKEURD, "bestaat-al")
    assert refused.reden == OUTCOMES["bestaat-al"].text
    assert desk.mandate(mine.id) == mine


def test_a_private_person_has_sba_for_the_income_tax_only(desk: Desk) -> None:
    """Vpb and btw are for entrepreneurs, and the refusal says so."""
    for dienst in ("SBA_VPB_2026", "SBA_OB_2026", "DM_VPB", "DM_OB"):
        outcome = desk.send("opvoeren", dienst, BSN, type_="BSN")
        assert outcome.key == "nummersoort-onjuist"
        assert "entrepreneurs" in outcome.detail
    assert "entrepreneurs" not in desk.send("opvoeren", "UWV-ZZ-ZW", BSN, type_="BSN").detail


def test_a_type_that_was_guessed_is_told(desk: Desk) -> None:
    """Eight digits are taken for a KvK number; the refusal says that, and how to give the type."""
    guessed = desk.send("opvoeren", "VIA_2025", "12345678")
    assert guessed.key == "nummersoort-onjuist"
    assert "12345678 is a KvK number was guessed from its form" in guessed.detail
    assert "soortNummer" in guessed.detail
    assert "guessed" not in desk.send("opvoeren", "VIA_2025", "12345678", type_="KvK").detail
    desk.request("SBA_IB_2026", BSN, type_="BSN")
    desk.request("SBA_VPB_2026", RSIN, type_="RSIN")
