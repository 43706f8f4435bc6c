"""Our answers and faults beside those that were recorded from Digipoort: the same octets.

What is replaced before they are compared stands in `tests.wus.replaced.REPLACED`: ids, times, digests,
signatures and the token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.clock import parse_time
from digipoort_sim.ids import SeededIds
from digipoort_sim.wus import answer, envelope, fault, names
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.verification import verify
from tests.wus import messages
from tests.wus.door_kit import RunningDoor, delivery, running_door
from tests.wus.replaced import REPLACED, without_what_differs

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "reference" / "recorded"
pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings are not beside this checkout")


def _without_key_material(raw: bytes) -> bytes:
    """Leave out what depends on the key or on chance: the token, its Id and the signature value."""
    raw = re.sub(rb"SecurityToken-[0-9a-f-]{36}", b"SecurityToken-", raw)
    raw = re.sub(rb"(<wsse:BinarySecurityToken[^>]*>)[^<]*", rb"\1", raw)
    return re.sub(rb"(<SignatureValue>)[^<]*", rb"\1", raw)


def test_the_recorded_answer_verifies() -> None:
    """What the real Digipoort signed is good by our verification, and covers all it must."""
    verified = verify(envelope.read(parse((RECORDED / "aanleveren-response.xml").read_bytes())))
    assert (verified.signature_algorithm, verified.digest_algorithm) == (names.RSA_SHA1, names.SHA1)
    assert len(verified.covered) == 6


def test_our_answer_has_the_recorded_octets() -> None:
    """With the same values our answer is the recorded one, its digests too; only the key differs."""
    recorded = (RECORDED / "aanleveren-response.xml").read_bytes()
    read = envelope.read(parse(recorded))
    child = re.search(rb"<aanleverResponse.*</aanleverResponse>", recorded)
    assert child
    assert read.message_id
    ours = answer.build(
        messages.signer(),
        names.AANLEVEREN.operations["aanleveren"],
        read.addresses["RelatesTo"],
        read.message_id,
        child[0],
        parse_time("2021-03-07T11:37:39.708Z"),
        names.RSA_SHA1,
        names.SHA1,
        SeededIds(1),
    )
    assert _without_key_material(ours) == _without_key_material(recorded)


def test_our_fault_has_the_recorded_octets() -> None:
    """With the same values our fault is the recorded one to the last octet."""
    message_id = "urn:uuid:fbb2d0e7-d861-408b-98b8-2708f8f3210f"
    ours = fault.build(
        names.AANLEVEREN,
        names.AANLEVEREN.operations["aanleveren"],
        "100",
        load_catalogue().fault_text("ALS100"),
        message_id,
        message_id,
    )
    assert ours == (RECORDED / "aanleveren-fault.xml").read_bytes()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A running door."""
    with running_door(tmp_path_factory.mktemp("state")) as running:
        yield running


def test_the_doors_answer_is_the_recorded_one(door: RunningDoor) -> None:
    """A delivery with the recorded values gets the recorded answer, but for what is replaced."""
    recorded = (RECORDED / "aanleveren-response.xml").read_bytes()
    content = delivery("Omzetbelasting")
    answer = door.call(names.OPERATIONS["aanleveren"], content, stub=True)
    assert without_what_differs(answer.body) == without_what_differs(recorded)
    assert all(f"[{name}]".encode() in without_what_differs(recorded) for name, _ in REPLACED)


def test_the_doors_fault_is_the_recorded_one(door: RunningDoor) -> None:
    """The scenario AanleverFault gives the recorded fault over the wire, but for the id of the message."""
    recorded = (RECORDED / "aanleveren-fault.xml").read_bytes()
    content = delivery("Omzetbelasting", aanleverkenmerk="AanleverFault")
    answer = door.call(names.OPERATIONS["aanleveren"], content, stub=True)
    assert without_what_differs(answer.body) == without_what_differs(recorded)
    assert without_what_differs(recorded).count(b"[") == 2
