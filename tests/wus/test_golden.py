"""Answers and faults of the running door beside the golden ones in ``golden/``: the same octets.

What is replaced before they are compared stands in `tests.wus.replaced.REPLACED`: ids, times, digests,
signatures and the token. The golden forms were written by the simulator and read over: the frame is the
recorded one, the bodies follow the XSD.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digipoort_sim.wus import names
from tests.wus.door_kit import QUESTIONS, Answer, RunningDoor, delivery, path_of, running_door
from tests.wus.replaced import without_what_differs

GOLDEN = Path(__file__).parent / "golden"
AANLEVEREN = names.OPERATIONS["aanleveren"]
BERICHTEN = names.OPERATIONS["getBerichten"]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A running door."""
    with running_door(tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.fixture(scope="module")
def kenmerk(door: RunningDoor) -> str:
    """The kenmerk of the one message that the client delivered."""
    return door.call(AANLEVEREN, delivery(), stub=True).text("kenmerk") or ""


def asked(name: str) -> Callable[[RunningDoor, str], Answer]:
    """Ask the stub."""

    def ask(door: RunningDoor, kenmerk: str) -> Answer:
        return door.call(names.OPERATIONS[name], QUESTIONS[name].format(kenmerk=kenmerk), stub=True)

    return ask


def rejected(door: RunningDoor, kenmerk: str) -> Answer:
    """The statuses of a process that the agency rejects."""
    content = delivery(aanleverkenmerk="Foutuitvragendepartij")
    given = door.call(AANLEVEREN, content, stub=True).text("kenmerk") or ""
    return asked("getStatussenProces")(door, given)


def fetched(door: RunningDoor, kenmerk: str) -> Answer:
    """A message of the stub's ophaalservice."""
    first = asked("getBerichtenLijst")(door, kenmerk).text("kenmerk") or ""
    return asked("getBerichtenKenmerk")(door, first)


def out_of_order(door: RunningDoor, kenmerk: str) -> Answer:
    """The statuses of a process whose scenario is that they cannot be had."""
    content = delivery(aanleverkenmerk="StatusInformatieFault")
    given = door.call(AANLEVEREN, content, stub=True).text("kenmerk") or ""
    return asked("getNieuweStatussenProces")(door, given)


CASES: dict[str, Callable[[RunningDoor, str], Answer]] = {
    "aanleveren": lambda door, _: door.call(AANLEVEREN, delivery(), stub=True),
    "getStatussenProces": asked("getStatussenProces"),
    "getStatussenProces-510": rejected,
    "getBerichtsoorten": asked("getBerichtsoorten"),
    "getBerichtenLijst": asked("getBerichtenLijst"),
    "getBerichtenKenmerk": fetched,
    "aanleverFault": lambda door, _: door.call(AANLEVEREN, delivery().replace("a.xml", "a/b.xml")),
    "statusinformatieFault": out_of_order,
    "ophaalFault-unreadable": lambda door, _: door.post(path_of(BERICHTEN), b"<!DOCTYPE a><a/>"),
}


@pytest.mark.parametrize("name", CASES)
def test_golden(door: RunningDoor, kenmerk: str, name: str) -> None:
    """Each answer has the octets of its golden form, white space, prefixes and order included."""
    answer = CASES[name](door, kenmerk)
    assert without_what_differs(answer.body) == (GOLDEN / f"{name}.xml").read_bytes()
    is_fault = "Fault" in name
    assert answer.status == (500 if is_fault else 200)
    assert answer.body.startswith(b"<?xml" if is_fault else b"<soapenv:Envelope")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert (b"<s:Security" in answer.body) is not is_fault
