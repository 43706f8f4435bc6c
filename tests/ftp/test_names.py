"""Names that were used, files that were processed, and answers that come: three rows of a profile."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest

from digipoort_sim.ftp.road import taking
from tests.ftp.conftest import LOON, Door, eventually, loon_name
from tests.ftp.test_completing import completes, put
from tests.ftp.test_delivering import fields
from tests.ftp.test_tls import refused

RECEIPT, STATUS = f"{loon_name()}.ontvangst.xml", f"{loon_name()}.status.xml"


def test_a_refused_delivery_uses_up_its_name_as_well(door: Door) -> None:
    """Its error is in /out under that name; what is mended needs a new one."""
    client = door.open().login()
    door.upload(client, loon_name(), b"<Loonaangifte/>")
    door.wait_for(f"{loon_name()}.fout.xml")
    assert refused(lambda: door.upload(client, loon_name())).startswith("553")
    assert door.events("FTP-NAME-USED")
    assert client.delete(f"/in/{loon_name()}.tmp").startswith("250")
    client.quit()


def test_names_that_differ_in_case_are_two(door: Door) -> None:
    """A name is what it is, octet by octet."""
    client = door.open().login()
    for name in (loon_name("ref-a"), loon_name("REF-A")):
        door.upload(client, name)
        door.wait_for(f"{name}.status.xml")
    assert len(door.rooms.office.messages()) == 2
    client.quit()


@pytest.mark.parametrize("rule", ["rename", "marker", "close"])
def test_a_name_may_be_free_again_when_all_is_done(door: Door, rule: str) -> None:
    """With used_names = free-when-done the next file of a name is a new delivery with answers of its own."""
    client = door.open_as("ftp", used_names="free-when-done", complete_when=rule).login()
    kenmerken = []
    for _ in range(2):
        assert completes(door, client, loon_name(), rule)[:3] in ("226", "250")
        kenmerk = fields(door.wait_for(RECEIPT))["kenmerk"]
        eventually(lambda: expect_pair(door, kenmerken))
        kenmerken.append(kenmerk)
    assert len({*kenmerken, *(one.kenmerk for one in door.rooms.office.messages())}) == 2
    client.quit()


def expect_pair(door: Door, before: list[str]) -> None:
    """Fail as long as receipt and status are not of one new delivery that is done."""
    receipt, status = ((door.folder("out") / name).read_bytes() for name in (RECEIPT, STATUS))
    assert fields(receipt)["kenmerk"] == fields(status)["kenmerk"] not in before
    assert door.rooms.office.notices("ftp", 1) == []


def test_answers_that_come_at_once_are_not_taken_for_earlier_ones(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With free-when-done a receipt stays also if the courier is faster than the session."""
    client = door.open(replace(door.profile, used_names="free-when-done")).login()
    door.upload(client, loon_name())
    before = fields(door.wait_for(RECEIPT))["kenmerk"]
    door.wait_for(STATUS)

    def slow_leave_in(*args: Any) -> None:
        running = door.door._running  # type: ignore[union-attr]
        assert running is not None
        running.courier.wake()
        eventually(lambda: expect_pair(door, [before]))
        leave_in(*args)

    leave_in = taking.leave_in
    monkeypatch.setattr(taking, "leave_in", slow_leave_in)
    door.upload(client, loon_name())
    expect_pair(door, [before])
    client.quit()


def test_a_name_is_not_free_before_all_is_done(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """With free-when-done a file under way still keeps its name."""
    monkeypatch.setattr(type(door.rooms.office), "notices", lambda *_: [])
    client = door.open(replace(door.profile, used_names="free-when-done")).login()
    door.upload(client, loon_name())
    door.wait_for(RECEIPT)
    assert refused(lambda: door.upload(client, loon_name())).startswith("553")
    client.quit()


@pytest.mark.parametrize("rule", ["rename", "marker", "close"])
def test_a_processed_file_may_stay(door: Door, rule: str) -> None:
    """With processed_files = kept it stays in /in under its final name, and is never delivered again."""
    client = door.open_as("ftp", processed_files="kept", complete_when=rule).login()
    name = loon_name()
    completes(door, client, name, rule)
    door.wait_for(STATUS)
    assert client.nlst("/in") == [name]
    for again in (
        lambda: put(client, name),
        lambda: client.storbinary(f"APPE /in/{name}", io.BytesIO(b"more")),
        lambda: client.rename(f"/in/{name}", f"/in/{loon_name('other')}"),
        lambda: client.rename(f"/in/{name}", "/in/x.tmp"),
        lambda: put(client, f"{name}.go", b""),
    ):
        assert refused(again).startswith("553")
    assert (door.folder("in") / name).read_bytes() == LOON
    client.close()
    door.shut()
    client = door.open_as("ftp", processed_files="kept", complete_when=rule).login()
    assert client.delete(f"/in/{name}").startswith("250")
    assert refused(lambda: completes(door, client, name, rule)).startswith("553")
    assert len(door.rooms.office.messages()) == 1
    assert list((door.rooms.settings.state / "ftp-work").iterdir()) == []
    client.quit()


def test_a_profile_may_have_receipts_only(door: Door) -> None:
    """With status_files = none the final status is asked for by WUS alone."""
    client = door.open(replace(door.profile, status_files="none")).login()
    door.upload(client, loon_name())
    kenmerk = fields(door.wait_for(RECEIPT))["kenmerk"]
    eventually(lambda: expect_end(door, kenmerk))
    assert client.nlst("/out") == [RECEIPT]
    client.quit()


def expect_end(door: Door, kenmerk: str) -> None:
    """Fail as long as the message is on its way, or its door has not heard of its end."""
    assert door.rooms.office.message(kenmerk).summary.statuscode == "500"
    assert door.rooms.office.notices("ftp", 1) == []
