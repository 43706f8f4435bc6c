"""A web door on a free port, with real rooms behind it and a message, a mandate and a letter in them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from digipoort_sim.config import Settings
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.exchange.values import Call, Caller, Content, Delivery, Event, Identity
from digipoort_sim.register.messages import MandateMessage, MessageKind, render_mandate_message
from digipoort_sim.server import open_inner
from digipoort_sim.web import WebDoor

ANN = Caller("00000003302162470000", "a" * 64)
CLIENT = Identity("999993653", "BSN")
RAW = b"<script>alert('x')</script>\x00\xff"


@dataclass(frozen=True)
class House:
    """An open web door.

    Attributes:
        kenmerk: of a delivered message of berichtsoort TEST.
        letter: id of a letter about a mandate.
        event: id of an event with `RAW`.
    """

    inner: Rooms
    base: str
    kenmerk: str
    letter: str
    event: int

    def client(self, **options: Any) -> httpx.Client:
        """A client of this door."""
        return httpx.Client(base_url=self.base, timeout=20, trust_env=False, **options)


@contextmanager
def open_door(inner: Rooms) -> Iterator[str]:
    """Run a web door in a loop of its own; gives its URL."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def opened() -> tuple[WebDoor, int]:
        door = WebDoor(inner)
        return door, await door.start()

    try:
        door, port = asyncio.run_coroutine_threadsafe(opened(), loop).result(10)
        yield f"http://127.0.0.1:{port}"
        asyncio.run_coroutine_threadsafe(door.stop(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def deliver(inner: Rooms, delivery: Delivery, message_id: str) -> str:
    """Deliver a message and let it go to its end; gives its kenmerk."""
    receipt = inner.office.accept(Call(ANN, message_id), delivery)
    inner.scheduler.drain()
    return receipt.kenmerk


def request_mandate(inner: Rooms, dienst: str, client: Identity, message_id: str) -> None:
    """Ask for a mandate by a message."""
    message = MandateMessage(MessageKind.OPVOEREN, dienst, client.nummer, client.type, ANN.oin, form="xml")
    content = Content("text/xml", "m.xml", render_mandate_message(message, "xml"))
    deliver(inner, Delivery("MachtigingOpvoeren", client, "Intermediair", content), message_id)


@pytest.fixture(scope="module")
def inner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    """Real rooms on a state directory of their own."""
    rooms = open_inner(Settings(state=tmp_path_factory.mktemp("state"), web_port=0))
    yield rooms
    rooms.close()


@pytest.fixture(scope="module")
def house(inner: Rooms) -> Iterator[House]:
    """A web door with something behind it to look at."""
    delivery = Delivery(
        "TEST", CLIENT, "Bedrijf", Content("text/xml", "a.xml", b"<a/>"), aanleverkenmerk="K<1>"
    )
    kenmerk = deliver(inner, delivery, "urn:uuid:1")
    request_mandate(inner, "VIA_2025", CLIENT, "urn:uuid:2")
    inner.scheduler.advance(inner.clocks.simulator.now() + timedelta(days=15))
    with inner.store.read() as tx:
        letter = inner.register.letters(tx)[0].id
    event = inner.office.record(Event("wus-refused", "a <bad> one", door="wus", code="ALS100", raw=RAW))
    with open_door(inner) as base:
        yield House(inner, base, kenmerk, letter, event)


def endpoints_file(inner: Rooms) -> Path:
    """Where the server says that all doors are open."""
    return inner.settings.state / "endpoints.json"
