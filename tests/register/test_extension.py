"""The older scheme (MAU): SBA registrations extended from 1 August."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digipoort_sim.config import RegisterSettings
from digipoort_sim.register import Event, Mandate, State
from tests.register.desk import BSN, OTHER, RSIN, Desk

AUGUST = datetime(2026, 7, 31, 22, tzinfo=UTC)
MAU = RegisterSettings(mau=True)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A register with the older scheme switched on."""
    return Desk(tmp_path, MAU)


def _until(desk: Desk, moment: datetime) -> None:
    desk.advance(seconds=(moment - desk.now).total_seconds())


def _all(desk: Desk, dienst: str) -> list[Mandate]:
    with desk.store.read() as tx:
        return [m for m in desk.register.mandates(tx) if m.dienst == dienst]


@pytest.mark.parametrize(("code", "client"), [("SBA_IB", BSN), ("SBA_VPB", RSIN), ("SBA_OB", RSIN)])
def test_next_year_with_a_new_letter(desk: Desk, code: str, client: str) -> None:
    """On 1 August the next year is registered, gets an opt-out letter and becomes active by silence."""
    mine = desk.request(f"{code}_2026", client)
    _until(desk, AUGUST - timedelta(seconds=1))
    assert _all(desk, f"{code}_2027") == []
    _until(desk, AUGUST)
    (new,) = _all(desk, f"{code}_2027")
    assert (new.toestand, new.herkomst, new.ontvangen) == (State.IN_BEHANDELING, mine.id, AUGUST)
    assert [(h.event, h.door) for h in desk.history(new)] == [
        (Event.RECEIVED, "register"),
        (Event.TAKEN_UP, "register"),
    ]
    desk.advance(days=14)
    assert desk.letter(new).ingangsdatum == AUGUST + timedelta(days=40)
    desk.advance(days=26)
    assert desk.access() == [f"{code}_2026", f"{code}_2027"]


def test_year_after_year(desk: Desk) -> None:
    """An extension that became active is extended itself the year after."""
    desk.request("SBA_IB_2026")
    _until(desk, AUGUST + timedelta(days=2 * 365 + 50))
    assert desk.access() == ["SBA_IB_2026", "SBA_IB_2027", "SBA_IB_2028", "SBA_IB_2029"]


def test_off_by_default(tmp_path: Path) -> None:
    """Without the switch nothing is extended."""
    desk = Desk(tmp_path)
    desk.request("SBA_IB_2026")
    desk.advance(days=800)
    assert desk.access() == ["SBA_IB_2026"]


def test_past_years_are_not_extended(desk: Desk) -> None:
    """Only the registration of the year itself is extended, and that of the next year in its own August."""
    desk.request("SBA_IB_2025")
    desk.request("SBA_IB_2024")
    desk.request("SBA_VPB_2027", RSIN)
    _until(desk, AUGUST + timedelta(days=60))
    assert desk.access() == ["SBA_IB_2025", "SBA_IB_2024", "SBA_VPB_2027"]
    _until(desk, AUGUST + timedelta(days=365))
    assert [m.toestand for m in _all(desk, "SBA_VPB_2028")] == [State.IN_BEHANDELING]


def test_one_that_becomes_active_later_in_its_year(desk: Desk) -> None:
    """ "From 1 August": what becomes active in the autumn is extended then."""
    _until(desk, AUGUST + timedelta(days=10))
    desk.request("SBA_IB_2026")
    desk.advance(days=40)
    (new,) = _all(desk, "SBA_IB_2027")
    assert new.ontvangen == AUGUST + timedelta(days=50)


def test_only_sba(desk: Desk) -> None:
    """VIA and SBT are not extended, they need a code."""
    desk.activated_by_code("VIA_2026")
    desk.activated_by_code("SBT_2026")
    desk.advance(days=500)
    assert desk.access() == ["VIA_2026", "SBT_2026"]


def test_revoked_before_august(desk: Desk) -> None:
    """A registration that has ended is not extended."""
    desk.request("SBA_IB_2026")
    desk.advance(days=60)
    desk.send("intrekken", "SBA_IB_2026")
    _until(desk, AUGUST + timedelta(days=60))
    assert _all(desk, "SBA_IB_2027") == []


def test_refusing_the_extension_keeps_the_year(desk: Desk) -> None:
    """The client returns the new letter: the next year is AFGEWEZEN and ends the chain, this year goes on."""
    desk.request("SBA_IB_2026")
    _until(desk, AUGUST + timedelta(days=14))
    (new,) = _all(desk, "SBA_IB_2027")
    assert desk.return_letter(desk.letter(new)).key == "afgewezen"
    _until(desk, AUGUST + timedelta(days=800))
    assert desk.access() == ["SBA_IB_2026"]


def test_revoking_the_first_leaves_its_extension(desk: Desk) -> None:
    """Each year is a registration of its own, so the extension goes on without the year before."""
    desk.request("SBA_IB_2026")
    _until(desk, AUGUST)
    desk.send("intrekken", "SBA_IB_2026")
    desk.advance(days=40)
    assert desk.access() == ["SBA_IB_2027"]


def test_what_a_continuous_mandate_made_is_left_alone(desk: Desk) -> None:
    """1 July comes before 1 August: the continuous mandate's next year is there and stays the only one."""
    desk.activated_by_code("DM_IB")
    desk.request("SBA_IB_2026")
    _until(desk, AUGUST + timedelta(days=60))
    (next_year,) = _all(desk, "SBA_IB_2027")
    assert next_year.toestand is State.ACTIEF
    assert next_year.brief is None


def test_what_exists_is_left_alone(desk: Desk) -> None:
    """A next year that is asked for, was revoked, or is another party's is not registered again."""
    desk.request("SBA_IB_2026")
    asked = desk.request("SBA_IB_2027")
    desk.request("SBA_VPB_2026", RSIN)
    desk.request("SBA_VPB_2027", RSIN)
    desk.send("intrekken", "SBA_VPB_2027", RSIN)
    desk.request("SBA_OB_2026", RSIN)
    desk.request("SBA_OB_2027", RSIN, sender=OTHER)
    _until(desk, AUGUST + timedelta(days=60))
    assert [m.id for m in _all(desk, "SBA_IB_2027")] == [asked.id]
    assert [m.toestand for m in _all(desk, "SBA_VPB_2027")] == [State.INGETROKKEN]
    assert [m.gemachtigde_oin for m in _all(desk, "SBA_OB_2027")] == [OTHER]


def test_an_extension_keeps_others_out(desk: Desk) -> None:
    """The next year is the party's own from 1 August on, as any open SBA."""
    desk.request("SBA_IB_2026")
    _until(desk, AUGUST)
    assert desk.send("opvoeren", "SBA_IB_2027", sender=OTHER).key == "bij-een-ander"
    assert desk.send("opvoeren", "SBA_IB_2027").key == "bestaat-al"


def test_extensions_wait_in_the_queue(tmp_path: Path) -> None:
    """The letters of the extensions count for the limit of letters per day."""
    desk = Desk(tmp_path, RegisterSettings(mau=True, letters_per_day=1))
    desk.request("SBA_VPB_2026", RSIN)
    desk.request("SBA_OB_2026", RSIN)
    _until(desk, AUGUST)
    states = [_all(desk, f"SBA_{tax}_2027")[0].toestand for tax in ("VPB", "OB")]
    assert states == [State.IN_BEHANDELING, State.WACHTRIJ]
    desk.advance(days=15)
    assert desk.letter(_all(desk, "SBA_OB_2027")[0]).datum == AUGUST + timedelta(days=15)
