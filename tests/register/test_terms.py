"""Terms: settings, summer time, leap years, and the queue, whose time does not count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digipoort_sim.clock import AMSTERDAM
from digipoort_sim.config import RegisterSettings
from digipoort_sim.register import Mandate, State
from tests.register.desk import START, Desk

SPRING = datetime(2027, 3, 20, 9, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 10, 8, tzinfo=UTC)


def _until(desk: Desk, moment: datetime) -> None:
    desk.advance(seconds=(moment - desk.now).total_seconds())


def test_every_term_is_a_setting(tmp_path: Path) -> None:
    """Letter, opt-out, code and end of the year-bound follow the settings, as one source's 12 weeks."""
    settings = RegisterSettings(
        letter_after_days=7, opt_out_days=10, code_valid_weeks=12, year_bound_ends_after_years=1
    )
    desk = Desk(tmp_path, settings)
    claim, silent = desk.request("VIA_2025"), desk.request("SBA_IB_2026")
    desk.advance(days=7)
    assert desk.letter(claim).datum == START + timedelta(days=7)
    assert desk.letter(claim).geldig_tot == START + timedelta(days=7, weeks=12)
    desk.advance(days=10)
    assert desk.mandate(silent.id).actief_sinds == START + timedelta(days=17)
    _until(desk, datetime(2027, 12, 31, 23, tzinfo=UTC))
    assert desk.mandate(silent.id).geeindigd == datetime(2027, 12, 31, 23, tzinfo=UTC)


def test_terms_of_no_length(tmp_path: Path) -> None:
    """With terms of nought days everything follows at once, in order."""
    desk = Desk(tmp_path, RegisterSettings(letter_after_days=0, opt_out_days=0))
    mandate = desk.request("SBA_IB_2026")
    desk.advance(seconds=0)
    active = desk.mandate(mandate.id)
    assert active.brief == active.actief_sinds == START
    assert [h.naar for h in desk.history(active)][-1] is State.ACTIEF


@pytest.mark.parametrize("start", [SPRING, AUTUMN])
def test_days_are_of_24_hours_in_every_season(desk: Desk, start: datetime) -> None:
    """Over the turns of summer time 14 days, 26 days and 8 weeks are what ``clock advance`` calls so."""
    _until(desk, start)
    claim, silent = desk.request("VIA_2025"), desk.request("SBA_IB_2026")
    desk.advance(days=14)
    assert desk.letter(claim).datum == start + timedelta(days=14)
    desk.advance(days=26)
    assert desk.mandate(silent.id).actief_sinds == start + timedelta(days=40)
    desk.advance(days=30)
    assert desk.mandate(claim.id).geeindigd == start + timedelta(days=70)


def test_a_leap_day_is_a_day(desk: Desk) -> None:
    """A letter goes out on 29 February, and a mandate of a leap year ends at the turn of a year."""
    _until(desk, datetime(2028, 2, 15, 9, tzinfo=UTC))
    mandate = desk.request("SBA_IB_2028")
    desk.advance(days=14)
    assert desk.letter(mandate).datum == datetime(2028, 2, 29, 9, tzinfo=UTC)
    _until(desk, datetime(2033, 12, 31, 22, 59, 59, tzinfo=UTC))
    assert desk.mandate(mandate.id).toestand is State.ACTIEF
    desk.advance(seconds=1)
    assert desk.mandate(mandate.id).toestand is State.VERLOPEN


@pytest.mark.parametrize(("counted", "weeks_from"), [("letter", 14), ("request", 0)])
def test_time_in_the_queue_does_not_count(tmp_path: Path, counted: str, weeks_from: int) -> None:
    """The 8 weeks begin with the letter or with IN_BEHANDELING, both after the queue."""
    settings = RegisterSettings.model_validate({"letters_per_day": 1, "code_valid_from": counted})
    desk = Desk(tmp_path, settings)
    waiting = [desk.request(f"VIA_{year}") for year in range(2014, 2025)][-1]
    desk.advance(days=30)
    taken_up = desk.mandate(waiting.id).in_behandeling
    assert taken_up == datetime(2026, 3, 11, 23, tzinfo=UTC)
    assert desk.letter(waiting).geldig_tot == taken_up + timedelta(days=weeks_from, weeks=8)


def _letter_days(desk: Desk, mandates: list[Mandate]) -> list[int]:
    return [desk.letter(mandate).datum.astimezone(AMSTERDAM).day for mandate in mandates]


@pytest.mark.parametrize(("start", "days"), [(AUTUMN, [24, 25, 26, 27]), (SPRING, [3, 4, 5, 6])])
def test_letters_per_day_over_summer_time(tmp_path: Path, start: datetime, days: list[int]) -> None:
    """One letter per Dutch day is one, also on the days of 25 and 23 hours between request and letter."""
    desk = Desk(tmp_path, RegisterSettings(letters_per_day=1))
    _until(desk, start)
    made = [desk.request(f"VIA_{year}") for year in range(2021, 2025)]
    desk.advance(days=20)
    assert _letter_days(desk, made) == days


def test_the_queue_knows_the_letters_term(tmp_path: Path) -> None:
    """With letters a week after the taking up, the one that waits a day comes a day later."""
    desk = Desk(tmp_path, RegisterSettings(letters_per_day=1, letter_after_days=7))
    made = [desk.request(f"VIA_{year}") for year in (2023, 2024)]
    desk.advance(days=8)
    assert _letter_days(desk, made) == [9, 10]


def test_a_queue_over_many_days(tmp_path: Path) -> None:
    """Never more letters a day than the limit, first come first served, and no day is left out."""
    desk = Desk(tmp_path, RegisterSettings(letters_per_day=3))
    made = []
    for number in range(20):
        desk.advance(hours=6 if number % 4 == 0 else 0)
        made.append(desk.request("UWV-ZZ-ZW", f"123456782L{number + 1:02d}"))
    desk.advance(days=30)
    assert _letter_days(desk, made) == sorted([16, 17, 18, 19, 20, 21] * 3 + [22] * 2)


def test_a_continuous_mandate_takes_no_letters_place(tmp_path: Path) -> None:
    """What comes without a letter does not wait behind letters."""
    desk = Desk(tmp_path, RegisterSettings(letters_per_day=1))
    desk.activated_by_code("DM_IB")
    _until(desk, datetime(2026, 6, 30, 21, tzinfo=UTC))
    for year in (2022, 2023, 2024):
        desk.request(f"VIA_{year}")
    desk.advance(hours=1)
    assert desk.access() == ["DM_IB", "SBA_IB_2027"]
