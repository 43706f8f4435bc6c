"""Continuous mandates and their reference dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digipoort_sim.errors import ConfigError
from digipoort_sim.register import Event, State
from digipoort_sim.register.reference_dates import references_of
from tests.register.desk import BSN, OFFICE, OTHER, RSIN, Desk

JULY = datetime(2026, 6, 30, 22, tzinfo=UTC)
DECEMBER = datetime(2026, 11, 30, 23, tzinfo=UTC)


def _until(desk: Desk, moment: datetime) -> None:
    desk.advance(seconds=(moment - desk.now).total_seconds())


def test_income_tax_reference_dates(desk: Desk) -> None:
    """DM_IB gives the next year's SBA on 1 July and the year's VIA on 1 December, no letters."""
    parent = desk.activated_by_code("DM_IB")
    _until(desk, JULY - timedelta(seconds=1))
    assert desk.access() == ["DM_IB"]
    _until(desk, JULY)
    assert desk.access() == ["DM_IB", "SBA_IB_2027"]
    _until(desk, DECEMBER)
    assert desk.access() == ["DM_IB", "SBA_IB_2027", "VIA_2026"]
    _until(desk, DECEMBER + timedelta(days=365))
    assert desk.access() == ["DM_IB", "SBA_IB_2027", "VIA_2026", "SBA_IB_2028", "VIA_2027"]
    made = [desk.mandate(mandate_id) for mandate_id in desk.activated[1:]]
    assert {m.herkomst for m in made} == {parent.id}
    assert made[0].actief_sinds == JULY
    assert [h.event for h in desk.history(made[0])] == [Event.RECEIVED, Event.ACTIVE_BY_CONTINUOUS]
    with desk.store.read() as tx:
        assert len(desk.register.letters(tx)) == 1


@pytest.mark.parametrize(
    ("dienst", "client", "made"),
    [("DM_VPB", RSIN, "SBA_VPB_2027"), ("DM_OB", RSIN, "SBA_OB_2027"), ("DM_TSG", BSN, "SBT_2027")],
)
def test_other_continuous_mandates(desk: Desk, dienst: str, client: str, made: str) -> None:
    """The other continuous mandates give their service of the next year on 1 July."""
    desk.activated_by_code(dienst, client)
    _until(desk, JULY)
    assert desk.access() == [dienst, made]


def test_what_is_not_active_on_the_day_waits_for_the_next(desk: Desk) -> None:
    """A claim that is activated after 1 July gives nothing for that day, but what the next dates give."""
    _until(desk, JULY - timedelta(days=15))
    claim = desk.request("DM_IB")
    _until(desk, JULY + timedelta(days=1))
    assert desk.access() == []
    assert desk.send("activeren", "DM_IB", code=desk.code(claim)).key == "geactiveerd"
    _until(desk, DECEMBER)
    assert desk.access() == ["DM_IB", "VIA_2026"]
    _until(desk, JULY + timedelta(days=365))
    assert desk.access() == ["DM_IB", "VIA_2026", "SBA_IB_2028"]


def test_what_exists_is_left_alone(desk: Desk) -> None:
    """A year that is requested, refused by the client or another party's is not registered again."""
    desk.activated_by_code("DM_IB")
    mine = desk.request("SBA_IB_2027")
    _until(desk, JULY + timedelta(days=1))
    assert desk.access() == ["DM_IB", "SBA_IB_2027"]
    assert desk.mandate(mine.id).herkomst is None
    refused = desk.request("VIA_2026")
    desk.revoke(refused, "vertegenwoordigde")
    _until(desk, DECEMBER)
    assert desk.access() == ["DM_IB", "SBA_IB_2027"]


def test_another_partys_sba_keeps_it_out(desk: Desk) -> None:
    """An SBA that another office has is not taken by a continuous mandate."""
    desk.activated_by_code("DM_IB")
    desk.request("SBA_IB_2027", sender=OTHER)
    _until(desk, JULY)
    assert desk.access() == ["DM_IB"]


def test_revoking_the_continuous_one(desk: Desk) -> None:
    """Revoking it leaves the years that it made, and makes no more."""
    desk.activated_by_code("DM_IB")
    _until(desk, JULY)
    assert desk.send("intrekken", "DM_IB").key == "ingetrokken"
    _until(desk, DECEMBER + timedelta(days=400))
    assert desk.access() == ["SBA_IB_2027"]
    assert desk.send("intrekken", "SBA_IB_2027").key == "ingetrokken"
    assert desk.access() == []


def test_year_made_by_continuous_ends_too(desk: Desk) -> None:
    """A year that a continuous mandate made ends five years after its year."""
    desk.activated_by_code("DM_VPB", RSIN)
    _until(desk, JULY)
    made = desk.mandate(desk.activated[-1])
    assert made.gemachtigde_oin == OFFICE
    _until(desk, datetime(2032, 12, 31, 23, tzinfo=UTC))
    assert desk.mandate(made.id).toestand is State.VERLOPEN


def test_a_wrong_reference_date_is_named(desk: Desk) -> None:
    """A line of the catalogue that cannot be read is refused with its place."""
    dienst = replace(desk.catalogue.diensten["DM_IB"], reference_dates=("13-01 VIA 0",))
    with pytest.raises(ConfigError, match=r"\[DM_IB\].reference_dates"):
        references_of(dienst)
