"""The attacks over the real door: mutual TLS, HTTP, all rooms behind it; and replays, across all of them."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from lxml import etree

from digipoort_sim.errors import Refusal
from digipoort_sim.wus import names
from digipoort_sim.wus.envelope import WSU_ID
from tests.security import forge, hostile
from tests.security.test_hostile_octets import read
from tests.wus.door_kit import Answer, RunningDoor, delivery, path_of, running_door, signed
from tests.wus.tls_kit import client_folder

AANLEVEREN = names.OPERATIONS["aanleveren"]
LIJST = names.OPERATIONS["getBerichtenLijst"]
PATH = path_of(AANLEVEREN)
_SMALL = 200_000


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A running door with ordinary settings."""
    with running_door(tmp_path_factory.mktemp("state")) as running:
        yield running


def good(door: RunningDoor, message_id: str | None = None, folder: Path | None = None) -> bytes:
    """A delivery that would be accepted."""
    return signed(AANLEVEREN, delivery(), folder or door.folder, message_id=message_id)


def refused(door: RunningDoor, raw: bytes, content_type: str = hostile.TEXT) -> str:
    """Post what must be refused, with a fault of ours that tells nothing of our inside; give the rule."""
    answer = door.post(PATH, raw, {"Content-Type": content_type})
    assert answer.status == 500
    assert (answer.fault[0] or "") in ("ALS100", "ALS110", "ALS160", "ALS170")
    assert b"Traceback" not in answer.body
    assert b"digipoort_sim" not in answer.body
    assert len(answer.body) < 5_000
    event = door.last_event()
    assert event.kind == "wus-refused"
    return str(event.rule)


def accepted(answer: Answer) -> bool:
    """Whether a delivery got its kenmerk."""
    return answer.status == 200 and bool(answer.text("kenmerk"))


_PLACES = ("Header", "Security", "Envelope", "aanleverRequest", "Signature", "KeyInfo", "SignedInfo", "To")


def test_wrapping(door: RunningDoor) -> None:
    """A genuine message whose parts were moved or doubled is refused, and nothing of it is stored."""
    before = len(door.inner.office.messages())
    count, raw = 0, good(door)
    for name, place, twin in product(
        ("Body", "Timestamp", "To", "Action", "MessageID"), _PLACES, ("forged", "same Id", "none")
    ):
        root = etree.fromstring(raw)
        part = forge.part(root, name)
        (holder,) = part.xpath("..")
        forged = copy.deepcopy(part)
        if twin == "forged":
            del forged.attrib[WSU_ID]
        holder.replace(part, forged)
        target = next(root.iter(f"{{*}}{place}"))
        if twin == "none" and target in forged.iter("*"):
            continue
        target.append(part)
        if twin == "none":
            holder.remove(forged)
            if holder is target:
                continue
        assert refused(door, etree.tostring(root))
        count += 1
    print(f"wrapping over the door: {count} refused")
    assert count > 80
    assert len(door.inner.office.messages()) == before
    assert accepted(door.post(PATH, good(door)))


def test_tricks(door: RunningDoor) -> None:
    """Algorithms, references and keys that are off the list are refused at the door as everywhere."""
    text = good(door).decode()
    (token,) = re.findall(r'BinarySecurityToken[^>]* wsu:Id="([^"]+)"', text)
    for old, new in (
        (names.RSA_SHA1, names.DS + "hmac-sha1"),
        (names.RSA_SHA1, names.DS + "dsa-sha1"),
        (names.EXCLUSIVE_C14N, names.EXCLUSIVE_C14N + "WithComments"),
        (names.EXCLUSIVE_C14N, names.DS + "enveloped-signature"),
        (names.SHA1, "http://www.w3.org/2001/04/xmlenc#sha512"),
        (' URI="#', ' URI="http://127.0.0.1:9/#'),
        (' URI="#', ' URI="'),
        (f'"#{token}"', '"#other"'),
        ("<ds:KeyInfo>", '<ds:KeyInfo><ds:RetrievalMethod URI="http://127.0.0.1:9/"/>'),
        ("</ds:KeyInfo>", "</ds:KeyInfo><ds:Object/>"),
        ("wsse:SecurityTokenReference", "ds:KeyValue"),
        ("<wsu:Created>2", "<wsu:Created>3"),
        ("</wsu:Timestamp>", "</wsu:Timestamp><wsu:Timestamp/>"),
        ("<soap:Header>", "<soap:Header><wsa:To>x</wsa:To>"),
        ("</soap:Body>", "</soap:Body><soap:Body/>"),
        ("<berichtsoort>TEST", "<berichtsoort>T<?x?>EST"),
        ("<berichtsoort>TEST", "<berichtsoort>Omzetbelasting"),
    ):
        assert old in text, old
        assert refused(door, text.replace(old, new).encode())
    assert accepted(
        door.post(PATH, text.replace("<berichtsoort>TEST", "<berichtsoort>T<!-- -->EST").encode())
    )


@pytest.mark.parametrize("kind", ["documents", "packages"])
def test_hostile_octets(door: RunningDoor, kind: str) -> None:
    """Hostile documents and packages get the same refusal over the wire as in hand; the door stays open."""
    count = 0
    for _, content_type, make in getattr(hostile, kind)():
        if any(ord(letter) < 32 for letter in content_type) or len(content_type) > 4_000:
            continue
        raw = make()
        if len(raw) > _SMALL:
            continue
        with pytest.raises(Refusal) as caught:
            read(content_type, raw)
        assert refused(door, raw, content_type) == caught.value.rule
        count += 1
    print(f"{kind} over the door: {count} refused")
    assert count > 45
    assert accepted(door.post(PATH, good(door)))


def test_large_hostile_octets(door: RunningDoor) -> None:
    """A depth of a million, ten million references and a PrefixList of 40 MB pass without leaving a trace."""
    for wanted in ("very deep, closed", "many references", "long PrefixList", "huge attribute"):
        (make,) = [make for name, _, make in hostile.documents() if name == wanted]
        assert refused(door, make())
    assert accepted(door.post(PATH, good(door)))


def test_a_replay_is_refused(door: RunningDoor, tmp_path: Path) -> None:
    """The same message twice is refused: on this connection, another one, with white space round its id."""
    raw = good(door, "urn:uuid:once")
    assert accepted(door.post(PATH, raw))
    assert refused(door, raw) == "WSA-REPLAY"
    other = door.connect()
    assert door.post(PATH, raw, connection=other).fault[0] == "ALS100"
    # Signed anew by the same sender, the id is still the same one.
    assert refused(door, good(door, " urn:uuid:once\n")) == "WSA-REPLAY"
    question = signed(LIJST, "", door.folder, message_id="urn:uuid:once")
    assert door.post(path_of(LIJST), question).fault[0] == "OPS100"
    # Another id, and the same id of another party, are no replays.
    assert accepted(door.post(PATH, good(door, "URN:UUID:once")))
    folder = client_folder(door.inner.authority, tmp_path / "other", "TRIAL ander")
    connection = door.connect(folder)
    assert accepted(door.post(PATH, good(door, "urn:uuid:once", folder), connection=connection))
    assert door.post(PATH, raw, connection=connection).fault[0] == "ALS110"


def test_a_refused_message_does_not_use_up_its_id(door: RunningDoor) -> None:
    """Somebody who saw a MessageID cannot spoil it by sending rubbish with it first."""
    raw = good(door, "urn:uuid:fresh")
    assert refused(door, raw.replace(b"<berichtsoort>TEST", b"<berichtsoort>TSET")) == "WSS-DIGEST"
    assert accepted(door.post(PATH, raw))


def test_replays_by_other_workers_and_after_a_restart(tmp_path: Path) -> None:
    """What one worker accepted, another refuses, and one after a restart too; unless switched off."""
    state, folder = tmp_path / "state", tmp_path / "client"
    with running_door(state) as first:
        shutil.copytree(first.folder, folder)  # as each door makes a new client
        raw = good(first, "urn:uuid:once", folder)
        assert accepted(first.post(PATH, raw))
        with running_door(state) as second:
            assert second.post(PATH, raw, connection=second.connect(folder)).fault[0] == "ALS100"
            assert second.last_event().rule == "WSA-REPLAY"
    with running_door(state) as after:
        connection = after.connect(folder)
        assert after.post(PATH, raw, connection=connection).fault[0] == "ALS100"
        assert after.last_event().rule == "WSA-REPLAY"
        stub = signed(AANLEVEREN, delivery(), folder, stub=True)
        for _ in range(2):  # clients of the stub resend
            assert accepted(after.post(path_of(AANLEVEREN, True), stub, connection=connection))
    with running_door(state, replay_guard=False) as lenient:
        assert accepted(lenient.post(PATH, raw, connection=lenient.connect(folder)))


def test_the_signature_comes_before_everything_that_it_protects(door: RunningDoor) -> None:
    """A message with a wrong signature is never told whether its Body, Action or MessageID would be good."""
    raw = good(door)
    for old, new in (
        (b"<berichtsoort>TEST</berichtsoort>", b""),
        (b"aanleverenRequest<", b"getProcessenRequest<"),
        (b"PGEvPg==", b"*"),
        (b"001000044B37", b"999999999"),
    ):
        assert old in raw
        assert refused(door, raw.replace(old, new)) == "WSS-DIGEST"
