"""No sight of another party's data: for every question another party's process looks like an unknown one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from digipoort_sim.pki import Oin
from digipoort_sim.wus import names
from tests.wus.door_kit import QUESTIONS, Answer, RunningDoor, delivery, running_door

AANLEVEREN = names.OPERATIONS["aanleveren"]
OTHER = Oin.parse("00000003111111110000")
UNKNOWN_KENMERK = "7f1d9c5e-0000-4000-8000-00000000dead"
KNOWN = "001000044B37"
UNKNOWN = "999999999B99"


@pytest.fixture(scope="module", params=[False, True], ids=["empty", "fault"])
def door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A door, once where an unknown kenmerk is an empty answer and once where it is a fault."""
    state = tmp_path_factory.mktemp("state")
    with running_door(state, unknown_kenmerk_is_fault=request.param) as running:
        yield running


@pytest.fixture(scope="module")
def other(door: RunningDoor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of another party."""
    folder = tmp_path_factory.mktemp("other") / "client"
    door.inner.authority.write_client_files(door.inner.authority.issue_client(OTHER, "TRIAL ander"), folder)
    return folder


@pytest.fixture(scope="module", params=[False, True], ids=["preproduction", "stub"])
def stub(request: pytest.FixtureRequest) -> bool:
    """On which paths."""
    return bool(request.param)


@pytest.fixture(scope="module")
def kenmerk(door: RunningDoor, stub: bool) -> str:
    """A process of the first party, with something to fetch and statuses to see."""
    answer = door.call(AANLEVEREN, delivery(), stub=stub)
    found = answer.text("kenmerk")
    assert found
    door.inner.scheduler.drain()
    return found


def ask(door: RunningDoor, folder: Path, operation: str, kenmerk: str, nummer: str, stub: bool) -> Answer:
    """Ask a question on a connection of this party."""
    inside = QUESTIONS[operation].format(kenmerk=kenmerk).replace(KNOWN, nummer)
    connection, kept = door.connect(folder), door.connection
    door.connection = connection
    try:
        return door.call(names.OPERATIONS[operation], inside, stub=stub, folder=folder)
    finally:
        door.connection = kept
        connection.close()


def essence(answer: Answer, kenmerk: str, nummer: str) -> str:
    """What an answer says, without what differs from one answer to the next anyway."""
    body = etree.tostring(answer.root.find(f"{{{names.SOAP}}}Body")).decode()
    return re.sub(f"{kenmerk}|{nummer}", "?", body) + f" {answer.status} {sorted(answer.headers)}"


@pytest.mark.parametrize("operation", QUESTIONS)
def test_of_another_party_is_as_unknown(
    door: RunningDoor, other: Path, kenmerk: str, operation: str, stub: bool
) -> None:
    """All eleven questions by kenmerk, berichtsoort and belanghebbende: another's is as what never was."""
    about_known = ask(door, other, operation, kenmerk, KNOWN, stub)
    about_unknown = ask(door, other, operation, UNKNOWN_KENMERK, UNKNOWN, stub)
    if stub and not about_known.fault[0] and "Berichten" in operation:
        # The stub's TEST messages are for everybody, about whoever is asked for.
        assert KNOWN not in essence(about_known, kenmerk, KNOWN)
    else:
        assert essence(about_known, kenmerk, KNOWN) == essence(about_unknown, UNKNOWN_KENMERK, UNKNOWN)
    body = about_known.body.decode()
    assert "statuscode" not in body
    assert door.folder.name not in body


def test_its_owner_sees_it(door: RunningDoor, kenmerk: str, stub: bool) -> None:
    """The party that delivered gets its statuses, so that the test above could fail."""
    answer = ask(door, door.folder, "getStatussenProces", kenmerk, KNOWN, stub)
    assert answer.text("statuscode") == "105"


def test_nothing_can_be_added_to_anothers_process(
    door: RunningDoor, other: Path, kenmerk: str, stub: bool
) -> None:
    """A delivery with another's kenmerk is refused in the same words as one with an unknown kenmerk."""
    faults = []
    for given in (kenmerk, UNKNOWN_KENMERK):
        connection, kept = door.connect(other), door.connection
        door.connection = connection
        try:
            inside = f"<kenmerk>{given}</kenmerk>{delivery()}"
            answer = door.call(AANLEVEREN, inside, stub=stub, folder=other)
        finally:
            door.connection = kept
            connection.close()
        faults.append(essence(answer, given, KNOWN))
        assert answer.fault[0] == "ALS100"
    assert re.sub("uuid:[-0-9a-f]+", "", faults[0]) == re.sub("uuid:[-0-9a-f]+", "", faults[1])


@pytest.mark.parametrize(
    "path", ["/api/v1/events", "/api/v1/messages", "/", "/events", "/console", "/openapi.json"]
)
def test_the_soap_door_shows_neither_console_nor_api(door: RunningDoor, path: str) -> None:
    """Events, console and control API are on the web door only."""
    assert door.get(path).status == 404
