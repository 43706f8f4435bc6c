"""How long files stay, by the simulator's clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from digipoort_sim.clock import FixedClock
from digipoort_sim.ftp.road.retention import Retention
from tests.ftp.conftest import Door, ReusingFtp, eventually, loon_name
from tests.ftp.test_completing import put
from tests.ftp.test_tls import refused

STATUS = f"{loon_name()}.status.xml"


def delivered(door: Door) -> ReusingFtp:
    """A session of an account whose first delivery is done."""
    client = door.open().login()
    door.upload(client, loon_name())
    door.wait_for(STATUS)
    return client


@pytest.mark.parametrize("days", [30, 31, 200])
def test_after_months_in_one_jump_they_are_gone(door: Door, simulated: FixedClock, days: int) -> None:
    """Thirty days are kept, whole; one more and the files in /out are gone, however the clock got there."""
    client = delivered(door)
    (door.folder("out") / "notes.txt").write_text("of now, by the machine's clock")
    simulated.advance(timedelta(days=days))
    retention = Retention(simulated, door.door._interfaces.values())  # type: ignore[union-attr]
    retention.look()
    left = {path.name for path in door.folder("out").iterdir()} - {"notes.txt"}
    assert left == ({STATUS, f"{loon_name()}.ontvangst.xml"} if days == 30 else set())
    assert refused(lambda: door.upload(client, loon_name())).startswith("553")
    client.close()


def test_a_clock_that_was_set_back_keeps_what_is_there(door: Door, simulated: FixedClock) -> None:
    """Files of a later time stay; what is written afterwards has thirty days of its own."""
    client = delivered(door)
    simulated.advance(timedelta(days=-300))
    door.upload(client, loon_name("two"))
    door.wait_for(f"{loon_name('two')}.status.xml")
    simulated.advance(timedelta(days=31))
    eventually(lambda: expect_names(door, {STATUS, f"{loon_name()}.ontvangst.xml"}))
    client.close()


def expect_names(door: Door, names: set[str]) -> None:
    """Fail as long as other files lie in /out."""
    assert {path.name for path in door.folder("out").iterdir()} == names


def test_what_its_owner_deleted_never_comes_back(door: Door) -> None:
    """Deleted answers stay away, after a restart too; the delivery and its name stay known."""
    client = delivered(door)
    for name in client.nlst("/out"):
        client.delete(f"/out/{name}")
    client.close()
    door.shut()
    client = door.open().login()
    door.upload(client, loon_name("two"))
    door.wait_for(f"{loon_name('two')}.status.xml")
    assert not [name for name in client.nlst("/out") if name.startswith(loon_name())]
    assert refused(lambda: door.upload(client, loon_name())).startswith("553")
    client.close()


def test_uploads_that_were_left_stay(door: Door, simulated: FixedClock) -> None:
    """What lies in /in is its owner's to delete, however old; the profile's room for the folder limits it."""
    client = door.open(replace(door.profile, max_folder_files=1)).login()
    put(client, "left.tmp")
    simulated.advance(timedelta(days=400))
    Retention(simulated, door.door._interfaces.values()).look()  # type: ignore[union-attr]
    assert refused(lambda: put(client, "more.tmp")).startswith("552")
    assert client.delete("/in/left.tmp").startswith("250")
    assert put(client, "more.tmp").startswith("226")
    client.quit()
