"""What stands in inhoud: base64 as the XSD has it, and faults that name what is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from digipoort_sim.wus import names
from tests.wus.door_kit import RunningDoor, delivery, running_door

AANLEVEREN = names.OPERATIONS["aanleveren"]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A running door with ordinary settings."""
    with running_door(tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.mark.parametrize("inhoud", ["PGEvPg==", " PGEv\n Pg = = ", "PGEv\tPg=="])
def test_white_space_is_allowed(door: RunningDoor, inhoud: str) -> None:
    """xs:base64Binary may have white space anywhere; the octets are those without."""
    answer = door.call(AANLEVEREN, delivery(inhoud=inhoud), stub=True)
    assert answer.status == 200, answer.body
    assert door.inner.office.content(answer.text("kenmerk") or "").inhoud == b"<a/>"


@pytest.mark.parametrize(
    "inhoud",
    [
        "PGE_Pg==",
        "PGE-Pg==",
        "PGEvPg",
        "PGEvPg=",
        "PGEvPg===",
        "PG=EvPg=",
        "PGEv!Pg==",
        "caf\u00e9",
        "=PGE",
        "PGEvP===",
    ],
)
def test_what_is_not_base64_is_a_fault(door: RunningDoor, inhoud: str) -> None:
    """Characters outside the alphabet (base64url too), wrong or missing padding: ALS100 with the reason."""
    answer = door.call(AANLEVEREN, delivery(inhoud=inhoud), stub=True)
    assert answer.status == 500
    assert b"ALS100" in answer.body
    assert b"inhoud" in answer.body
