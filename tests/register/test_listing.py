"""Listing mandates: filters, both orders, and pages."""

from __future__ import annotations

from typing import Any

import pytest

from digipoort_sim.errors import NotFoundError
from digipoort_sim.register import MandateFilter, State
from tests.register.desk import BSN, OFFICE, OTHER, RSIN, Desk


@pytest.fixture
def full(desk: Desk) -> Desk:
    """A register with five mandates of two parties, one of them revoked."""
    desk.request("VIA_2024")
    desk.request("SBA_VPB_2026", RSIN, type_="RSIN")
    desk.request("VIA_2025")
    desk.revoke(desk.request("SBT_2026"), "vertegenwoordigde")
    desk.request("SBU", BSN, sender=OTHER)
    return desk


def _listed(desk: Desk, **wanted: Any) -> list[str]:
    with desk.store.read() as tx:
        return [mandate.dienst for mandate in desk.register.mandates(tx, **wanted)]


@pytest.mark.parametrize(
    ("wanted", "diensten"),
    [
        ({}, ["VIA_2024", "SBA_VPB_2026", "VIA_2025", "SBT_2026", "SBU"]),
        ({"newest_first": True}, ["SBU", "SBT_2026", "VIA_2025", "SBA_VPB_2026", "VIA_2024"]),
        ({"gemachtigde": OTHER}, ["SBU"]),
        ({"gemachtigde": OFFICE, "ended": True}, ["SBT_2026"]),
        ({"vertegenwoordigde": BSN, "ended": False}, ["VIA_2024", "VIA_2025", "SBU"]),
        ({"toestand": State.INGETROKKEN}, ["SBT_2026"]),
        ({"code": "VIA"}, ["VIA_2024", "VIA_2025"]),
        ({"dienst": "VIA_2025"}, ["VIA_2025"]),
        ({"jaar": 2026, "ended": False}, ["SBA_VPB_2026"]),
        ({"type_vertegenwoordigde": "RSIN"}, ["SBA_VPB_2026"]),
        ({"vertegenwoordigde_prefix": "1112"}, ["VIA_2024", "VIA_2025", "SBT_2026", "SBU"]),
        ({"vertegenwoordigde_prefix": "12345"}, ["SBA_VPB_2026"]),
        (
            {"vertegenwoordigde_prefix": "1", "gemachtigde": OFFICE, "jaar": 2026},
            ["SBT_2026", "SBA_VPB_2026"],
        ),
        ({"vertegenwoordigde_prefix": "Z"}, []),
        ({"vertegenwoordigde_prefix": "11-12"}, []),
    ],
)
def test_filters(full: Desk, wanted: dict[str, Any], diensten: list[str]) -> None:
    """Each filter keeps what it names; together they keep what all of them name."""
    assert _listed(full, **wanted) == diensten


@pytest.mark.parametrize(
    ("wanted", "diensten"),
    [
        (MandateFilter(numbers=(RSIN, "1")), ["SBA_VPB_2026"]),
        (MandateFilter(numbers=(RSIN, BSN), types=("BSN",), ended=False), ["SBU", "VIA_2025", "VIA_2024"]),
        (MandateFilter(codes=("SBU", "SBT")), ["SBU", "SBT_2026"]),
        (MandateFilter(codes=("SBU", "SBT"), unlike=State.INGETROKKEN), ["SBU"]),
        (MandateFilter(numbers=()), []),
    ],
)
def test_several_of_each(full: Desk, wanted: MandateFilter, diensten: list[str]) -> None:
    """A filter may let several numbers, types and services through, and keep one state out."""
    with full.store.read() as tx:
        assert [mandate.dienst for mandate in full.register.find(tx, wanted)] == diensten


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("prefix", [None, "1"])
def test_pages(full: Desk, prefix: str | None, newest_first: bool) -> None:
    """Page after page gives every row once, in the same order as all at once."""
    wanted: dict[str, Any] = {"vertegenwoordigde_prefix": prefix, "newest_first": newest_first}
    found: list[str] = []
    after = None
    with full.store.read() as tx:
        while page := full.register.mandates(tx, limit=2, after=after, **wanted):
            found += [mandate.dienst for mandate in page]
            after = page[-1].id
    assert found == _listed(full, **wanted)
    assert len(found) == 5


def test_no_page_after_nothing(full: Desk) -> None:
    """Going on behind a mandate that is not there is an error, not an empty page."""
    with full.store.read() as tx, pytest.raises(NotFoundError):
        full.register.mandates(tx, after="nobody")
