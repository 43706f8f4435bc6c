"""Contents that lie in files, behind the doors: trouble with the file, fetching, and who never gets them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from digipoort_sim.clock import RealClock
from digipoort_sim.config import ExchangeSettings, Settings
from digipoort_sim.errors import SpecificationRefusal
from digipoort_sim.exchange.service_desk import OwnMessage
from digipoort_sim.exchange.values import Content
from digipoort_sim.register.messages import MessageKind
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import payloads
from digipoort_sim.store.payloads import ORPHAN_AGE, Payload
from tests.exchange.office import ALWAYS, ANN, CLIENT, Office, any_delivery, mandate_delivery, open_office

OCTETS = b"<a>" + b"x" * 5000 + b"</a>"


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """A post office on both kinds of database, with a folder of payloads that servers may share."""
    store = Store.open(database_url)
    settings = Settings(state=tmp_path, exchange=ExchangeSettings(payloads=tmp_path / "shared" / "payloads"))
    office = open_office(store, settings=settings)
    yield office
    office.scheduler.stop()
    store.close()


def payload(office: Office, file: str = "one", octets: bytes = OCTETS) -> Payload:
    """A file in the folder of payloads."""
    with office.post.payloads.writing(file) as writing:
        writing.write(octets)
    return office.post.payloads.at(file, writing.size, writing.sha256)


def large(office: Office, file: str = "one") -> Content:
    """A content that lies in a file."""
    return Content("text/xml", "a.xml", b"", payload(office, file))


def test_a_content_in_a_file_goes_the_whole_way(office: Office) -> None:
    """It is checked beside the scheduler, delivered to a stand-in, and shown with its size; a bijlage that is
    added to its process may lie in a file too.
    """
    kenmerk = office.deliver(any_delivery(inhoud=large(office))).kenmerk
    office.scheduler.drain()
    assert office.codes(kenmerk)[-5:] == ["301", "301", "405", "400", "500"]
    office.deliver(any_delivery(inhoud=large(office, "two"), kenmerk=kenmerk))
    assert [part.octets for part in office.post.message(kenmerk).contents] == [len(OCTETS)] * 2
    for position in (0, 1):
        with office.post.content(kenmerk, position).open() as opened:
            assert opened.read(10_000) == OCTETS


@pytest.mark.parametrize("trouble", ["away", "changed"])
def test_a_file_that_is_away_or_changed_is_trouble_and_not_loss(office: Office, trouble: str) -> None:
    """The status is 321, and validation is tried again; once the file is right the message goes on."""
    content = large(office)
    assert content.payload is not None
    path = content.payload.path
    kenmerk = office.deliver(any_delivery(inhoud=content)).kenmerk
    path.rename(path.with_name("elsewhere"))
    if trouble == "changed":
        path.write_bytes(OCTETS.replace(b"x", b"y"))
    office.scheduler.drain()
    assert office.codes(kenmerk)[-1] == "321"
    path.with_name("elsewhere").replace(path)
    office.advance(seconds=11)
    assert office.codes(kenmerk)[-1] == "500"


def _own(content: Content) -> OwnMessage:
    return OwnMessage(berichtsoort="SBA_IB", nummer=CLIENT.nummer, content=content, jaar=2026)


def test_the_ophaalservice_never_gives_a_large_one_and_says_so(office: Office) -> None:
    """It is listed; who asks for it alone is told so, who asks for more gets the others; it stays new."""
    office.run(mandate_delivery(MessageKind.OPVOEREN, "SBA_IB_2026"), ANN)
    office.advance(days=41)
    desk, post = office.post.service_messages, office.post
    kept = desk.put(_own(large(office)))
    assert kept.octets == len(OCTETS)
    lines = post.berichten_lijst(office.call(ANN), "SBA_IB", ALWAYS, nieuw=True)
    assert kept.kenmerk in [line.kenmerk for line in lines]
    for nieuw in (True, False, True):
        with pytest.raises(SpecificationRefusal) as refusal:
            post.berichten_kenmerk(office.call(ANN), kept.kenmerk, ALWAYS, nieuw=nieuw)
        assert (refusal.value.rule, str(len(OCTETS)) in refusal.value.detail) == ("FETCH-SIZE", True)
    small = desk.put(_own(Content("text/xml", "b.xml", b"<b/>")))
    found = post.berichten(office.call(ANN), "SBA_IB", CLIENT, ALWAYS, nieuw=True)
    assert small.kenmerk in [one.kenmerk for one in found]
    assert kept.kenmerk not in [one.kenmerk for one in found]
    with desk.content(kept.kenmerk).open() as opened:
        assert opened.read(10_000) == OCTETS


def test_only_files_without_a_row_are_swept(office: Office) -> None:
    """Where others share the folder a file must be a day old too; one that a row names is never removed."""
    files = office.post.payloads
    office.deliver(any_delivery(inhoud=large(office)))
    payload(office, "orphan")
    now = RealClock().now()
    with office.post.store.read() as tx:
        swept_now = files.sweep(tx, now)
        assert swept_now + files.sweep(tx, now + ORPHAN_AGE + timedelta(hours=1)) == 1
        assert swept_now == (1 if office.post.store.is_sqlite else 0)
        files.discard(tx, "one")
    assert (files.has("one"), files.has("orphan")) == (True, False)
    with office.post.store.begin() as tx:
        tx.execute(delete(payloads))
    with office.post.store.read() as tx:
        files.discard(tx, "one")
    assert not files.has("one")


def test_a_payload_appears_whole_or_not_at_all(office: Office) -> None:
    """What breaks off while it is written, or while it is adopted, leaves nothing under its name."""
    files = office.post.payloads
    with pytest.raises(TypeError), files.writing("one") as writing:
        writing.write("no octets")  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        files.adopt(Path("/nowhere/at/all"), "two", 1, "0" * 64)
    with pytest.raises(OSError, match="room"), files.writing("three", 2**62):
        pass
    assert not any(map(files.has, ("one", "two", "three")))
    assert hashlib.sha256(OCTETS).hexdigest() == payload(office).sha256
