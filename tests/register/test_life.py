"""The life of a mandate after its request: letter, code, silence, refusal, revocation, end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digipoort_sim.config import RegisterSettings
from digipoort_sim.errors import NotFoundError
from digipoort_sim.register import Due, Event, Outcome, State
from tests.register.desk import LHNR, OFFICE, OTHER, START, Desk


def test_letter_after_fourteen_days(desk: Desk) -> None:
    """The letter goes out 14 days after the request, not a moment before, with a code for 8 weeks."""
    mandate = desk.request("VIA_2025")
    desk.advance(days=13, hours=23)
    with desk.store.read() as tx:
        assert desk.register.letters(tx) == []
    assert desk.send("activeren", "VIA_2025", code="111-AAA-111").key == "nog-geen-brief"
    desk.advance(hours=1)
    letter = desk.letter(mandate)
    assert letter.datum == desk.mandate(mandate.id).brief == START + timedelta(days=14)
    assert letter.geldig_tot == letter.datum + timedelta(weeks=8)
    assert letter.ingangsdatum is None
    assert (letter.dienst, letter.id_gemachtigde) == ("VIA_2025", OFFICE)


def test_activation_by_code(desk: Desk) -> None:
    """The code of the letter activates the claim, however it is written, and access begins."""
    mandate = desk.request("UWV-ZZ-ZW", LHNR)
    desk.advance(days=20)
    assert desk.access() == []
    written = desk.code(mandate).replace("-", " ").lower()
    outcome = desk.send("activeren", "UWV-ZZ-ZW", LHNR, code=written)
    assert (outcome.key, outcome.activated) == ("geactiveerd", (mandate.id,))
    active = desk.mandate(mandate.id)
    assert (active.toestand, active.actief_sinds) == (State.ACTIEF, desk.now)
    assert desk.access() == ["UWV-ZZ-ZW"]
    assert desk.send("activeren", "UWV-ZZ-ZW", LHNR, code=written).key == "code-gebruikt"
    assert desk.send("activeren", "UWV-ZZ-ZW", LHNR, code="000-AAA-000").key == "al-actief"


def test_wrong_codes_lock_the_claim(desk: Desk) -> None:
    """A wrong code never activates; after five the right one does not help any more."""
    mandate = desk.request("VIA_2025")
    desk.advance(days=14)
    keys = [desk.send("activeren", "VIA_2025", code=wrong).key for wrong in ("1", "000-XXX-000", "2", "3")]
    assert keys == ["code-onjuist"] * 4
    assert desk.send("activeren", "VIA_2025", code="000-XXX-000").key == "geblokkeerd"
    assert desk.send("activeren", "VIA_2025", code=desk.code(mandate)).key == "geblokkeerd"
    locked = desk.mandate(mandate.id)
    assert (locked.toestand, locked.onjuiste_codes) == (State.IN_BEHANDELING, 5)
    assert [h.event for h in desk.history(locked)].count(Event.WRONG_CODE) == 5
    again = desk.send("opvoeren", "VIA_2025")
    assert (again.key, "revoke it and ask anew" in again.detail) == ("bestaat-al", True)
    assert desk.send("intrekken", "VIA_2025").key == "ingetrokken"


def test_each_claim_has_its_own_count(desk: Desk) -> None:
    """Wrong codes lock the claim that they were sent for, not the party's other one, nor another party's."""
    desk.request("VIA_2025")
    mine, theirs = desk.request("VIA_2024"), desk.request("VIA_2025", sender=OTHER)
    desk.advance(days=14)
    for _ in range(5):
        desk.send("activeren", "VIA_2025", code=desk.code(mine))
    assert desk.send("activeren", "VIA_2025", code="000-XXX-000").key == "geblokkeerd"
    assert desk.send("activeren", "VIA_2024", code=desk.code(mine)).key == "geactiveerd"
    assert desk.send("activeren", "VIA_2025", sender=OTHER, code=desk.code(theirs)).key == "geactiveerd"


def test_a_locked_claim_can_be_asked_for_anew(desk: Desk) -> None:
    """A locked claim expires as any other; the next one starts with a new code and no errors."""
    first = desk.request("VIA_2025")
    desk.advance(days=14)
    for _ in range(5):
        desk.send("activeren", "VIA_2025", code="000-XXX-000")
    desk.advance(days=56)
    assert desk.mandate(first.id).reden_code == "code-verlopen"
    second = desk.activated_by_code("VIA_2025")
    assert second.onjuiste_codes == 0
    assert desk.code(second) != desk.code(first)


@pytest.mark.parametrize("number", ["00000001302162470000", "00000003302162470001", "00000003876543210000"])
def test_a_certificate_on_another_number_is_another_party(desk: Desk, number: str) -> None:
    """With a new certificate on another number nothing of the old one can be used, seen or revoked."""
    desk.activated_by_code("VIA_2025")
    desk.request("SBA_IB_2026")
    assert desk.access(number) == []
    assert desk.send("intrekken", "VIA_2025", sender=number).key == "niet-gevonden"
    assert desk.send("opvoeren", "SBA_IB_2026", sender=number).key == "bij-een-ander"
    assert desk.send("intrekken", "SBA_IB_2026").key == "ingetrokken"
    desk.request("SBA_IB_2026", sender=number)
    desk.request("VIA_2025", sender=number)


def test_four_wrong_codes_do_not_lock(desk: Desk) -> None:
    """One try before the lock the right code still activates."""
    mandate = desk.request("VIA_2025")
    desk.advance(days=14)
    for _ in range(4):
        desk.send("activeren", "VIA_2025", code="000-XXX-000")
    assert desk.send("activeren", "VIA_2025", code=desk.code(mandate)).key == "geactiveerd"


def test_code_of_another_mandate_does_not_activate(desk: Desk) -> None:
    """A code is good for its own claim only."""
    desk.request("VIA_2025")
    other = desk.request("VIA_2024")
    desk.advance(days=14)
    assert desk.send("activeren", "VIA_2025", code=desk.code(other)).key == "code-onjuist"


def test_another_office_cannot_activate(desk: Desk) -> None:
    """The code does not help a party that did not ask for the mandate."""
    mandate = desk.request("VIA_2025")
    desk.advance(days=14)
    assert desk.send("activeren", "VIA_2025", sender=OTHER, code=desk.code(mandate)).key == "niet-gevonden"


def test_code_expires_after_eight_weeks(desk: Desk) -> None:
    """A claim not activated in 8 weeks is VERLOPEN, its code is refused, and it can be asked for anew."""
    mandate = desk.request("VIA_2025")
    desk.advance(days=14 + 56)
    expired = desk.mandate(mandate.id)
    assert (expired.toestand, expired.reden_code) == (State.VERLOPEN, "code-verlopen")
    assert expired.geeindigd == START + timedelta(days=70)
    assert desk.send("activeren", "VIA_2025", code=desk.code(mandate)).key == "code-verlopen"
    assert desk.send("intrekken", "VIA_2025").key == "al-beeindigd"
    desk.request("VIA_2025")


def test_code_is_good_until_the_last_moment(desk: Desk) -> None:
    """One minute before the 8 weeks are over the code still works."""
    mandate = desk.request("VIA_2025")
    desk.advance(days=69, hours=23, minutes=59)
    assert desk.send("activeren", "VIA_2025", code=desk.code(mandate)).key == "geactiveerd"


def test_a_late_scheduler_does_not_lengthen_the_code(desk: Desk) -> None:
    """At its last moment the code is refused, even if the register was not called back yet."""
    mandate = desk.request("VIA_2025")
    desk.advance(days=14)
    desk.clock.advance(timedelta(days=56))
    assert desk.send("activeren", "VIA_2025", code=desk.code(mandate)).key == "code-verlopen"


def test_code_valid_from_request(tmp_path: Path) -> None:
    """By setting the 8 weeks count from the taking up of the request."""
    desk = Desk(tmp_path, RegisterSettings(code_valid_from="request"))
    mandate = desk.request("VIA_2025")
    desk.advance(days=14)
    assert desk.letter(mandate).geldig_tot == START + timedelta(weeks=8)


def test_opt_out_becomes_active_by_silence(desk: Desk) -> None:
    """An opt-out nobody refuses is active 26 days after its letter, which named that date and no code."""
    mandate = desk.request("SBA_IB_2026")
    desk.advance(days=39, hours=23)
    letter = desk.letter(mandate)
    assert (letter.activatie_token, letter.geldig_tot) == (None, None)
    assert letter.ingangsdatum == START + timedelta(days=40)
    assert desk.mandate(mandate.id).toestand is State.IN_BEHANDELING
    desk.advance(hours=1)
    active = desk.mandate(mandate.id)
    assert (active.toestand, active.actief_sinds) == (State.ACTIEF, START + timedelta(days=40))
    assert desk.activated == [mandate.id]


def test_opt_out_needs_no_code(desk: Desk) -> None:
    """An activation message for an opt-out service is refused."""
    desk.request("SBA_IB_2026")
    desk.advance(days=14)
    assert desk.send("activeren", "SBA_IB_2026", code="111-AAA-111").key == "geen-code-nodig"


@pytest.mark.parametrize("dienst", ["SBA_IB_2026", "VIA_2025"])
def test_client_refuses_by_letter(desk: Desk, dienst: str) -> None:
    """A letter returned in the reaction term makes it AFGEWEZEN, for good."""
    mandate = desk.request(dienst)
    desk.advance(days=14)
    letter = desk.letter(mandate)
    assert desk.return_letter(letter).key == "afgewezen"
    assert desk.mandate(mandate.id).toestand is State.AFGEWEZEN
    assert desk.return_letter(letter).key == "al-afgewezen"
    desk.advance(days=60)
    assert desk.mandate(mandate.id).toestand is State.AFGEWEZEN
    assert desk.activated == []


def test_letter_returned_after_activation_revokes(desk: Desk) -> None:
    """A letter returned once the mandate is active is a revocation by the client."""
    mandate = desk.activated_by_code("VIA_2025")
    assert desk.return_letter(desk.letter(mandate)).key == "ingetrokken"
    ended = desk.mandate(mandate.id)
    assert (ended.toestand, ended.reden_code) == (State.INGETROKKEN, "ingetrokken-door-vertegenwoordigde")
    assert desk.access() == []


def test_unknown_letter(desk: Desk) -> None:
    """A letter that does not exist cannot be returned."""
    with desk.store.begin() as tx, pytest.raises(NotFoundError):
        desk.register.refuse_by_letter(tx, "nope", START)


@pytest.mark.parametrize("door", ["message", "gemachtigde", "vertegenwoordigde"])
@pytest.mark.parametrize("state", [State.WACHTRIJ, State.IN_BEHANDELING, State.ACTIEF])
def test_revocation_from_every_open_state(tmp_path: Path, door: str, state: State) -> None:
    """Every state that has not ended can be revoked by either side, at once and once only."""
    desk = Desk(tmp_path, RegisterSettings(letters_per_day=1 if state is State.WACHTRIJ else None))
    desk.request("VIA_2020")
    mandate = desk.request("VIA_2025")
    if state is State.ACTIEF:
        desk.advance(days=14)
        desk.send("activeren", "VIA_2025", code=desk.code(mandate))
    assert desk.mandate(mandate.id).toestand is state

    def revoke() -> Outcome:
        if door == "message":
            return desk.send("intrekken", "VIA_2025", reden="Klaar.")
        return desk.revoke(mandate, door)

    assert revoke().key == "ingetrokken"
    ended = desk.mandate(mandate.id)
    assert (ended.toestand, ended.geeindigd) == (State.INGETROKKEN, desk.now)
    side = "gemachtigde" if door == "message" else door
    assert (desk.history(ended)[-1].door, desk.history(ended)[-1].event) == (side, f"revoked-by-{side}")
    assert ended.reden == ("Klaar." if door == "message" else f"Ingetrokken door de {door}.")
    assert "VIA_2025" not in desk.access()
    assert revoke().key == "al-beeindigd"
    desk.advance(days=2000)
    assert desk.mandate(mandate.id) == ended


def test_revoking_what_is_not_there(desk: Desk) -> None:
    """What was never registered, was refused, or is another's cannot be revoked."""
    assert desk.send("intrekken", "VIA_2025").key == "niet-gevonden"
    desk.send("opvoeren", "VIA_2013")
    assert desk.send("intrekken", "VIA_2013").key == "was-afgekeurd"
    desk.request("VIA_2025")
    assert desk.send("intrekken", "VIA_2025", sender=OTHER).key == "niet-gevonden"


def test_activating_what_has_ended(desk: Desk) -> None:
    """A revoked claim cannot be activated."""
    mandate = desk.request("VIA_2025")
    desk.advance(days=14)
    desk.send("intrekken", "VIA_2025")
    assert desk.send("activeren", "VIA_2025", code=desk.code(mandate)).key == "al-beeindigd"


def test_year_bound_ends_after_five_years(desk: Desk) -> None:
    """A year-bound mandate ends at the turn of the fifth year after its year, Dutch time."""
    mandate = desk.activated_by_code("VIA_2025")
    end = datetime(2030, 12, 31, 23, tzinfo=UTC)
    desk.advance(seconds=(end - desk.now).total_seconds() - 1)
    assert desk.access() == ["VIA_2025"]
    desk.advance(seconds=1)
    ended = desk.mandate(mandate.id)
    assert (ended.toestand, ended.reden_code, ended.geeindigd) == (State.VERLOPEN, "jaar-voorbij", end)
    assert desk.send("intrekken", "VIA_2025").key == "al-beeindigd"


def test_old_years_live_five_years_from_activation(desk: Desk) -> None:
    """A mandate for a year whose five years are over counts them from its activation."""
    mandate = desk.activated_by_code("VIA_2014")
    desk.advance(days=365 * 5)
    assert desk.mandate(mandate.id).toestand is State.ACTIEF
    desk.advance(days=365)
    assert desk.mandate(mandate.id).toestand is State.VERLOPEN


def test_once_does_not_end_by_itself(desk: Desk) -> None:
    """A mandate that is not bound to a year stays active until it is revoked."""
    mandate = desk.activated_by_code("SBU")
    desk.advance(days=20_000)
    assert desk.mandate(mandate.id).toestand is State.ACTIEF


def test_a_due_that_comes_twice_or_for_nothing(desk: Desk) -> None:
    """Due dates of an unknown mandate, or repeated ones, change nothing."""
    mandate = desk.request("VIA_2025")
    desk.advance(days=14)
    before = desk.history(mandate)
    with desk.store.begin() as tx:
        for kind in ("take-up", "letter", "year-ends"):
            again = desk.register.fall_due(tx, Due(desk.now, kind, mandate.id), desk.now)
            assert (again.dues, again.activated) == ((), ())
        assert desk.register.fall_due(tx, Due(desk.now, "letter", "nope"), desk.now).dues == ()
    assert desk.history(mandate) == before
