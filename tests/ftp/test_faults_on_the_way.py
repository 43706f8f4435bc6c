"""Faults on demand behind the door: files and answers wait, fail to come or come twice; nothing is lost."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.clock import Clocks, FixedClock
from digipoort_sim.config import FileFaultSettings
from digipoort_sim.errors import ConfigError
from digipoort_sim.exchange.file_fault_values import Fault, Target
from digipoort_sim.exchange.file_faults import FileFaults
from digipoort_sim.ftp.ledger import Entry, Ledger
from digipoort_sim.ftp.road import withholding
from digipoort_sim.pki import IssuedCertificate
from tests.ftp.conftest import LOON, NOW, OIN, Door, eventually, loon_name
from tests.ftp.test_delivering import fields
from tests.ftp.test_faults import struck
from tests.ftp.test_tls import refused

RECEIPT, STATUS = f"{loon_name()}.ontvangst.xml", f"{loon_name()}.status.xml"
BAD = loon_name(ext="pdf")


def out(door: Door) -> set[str]:
    """The names in /out."""
    return {path.name for path in door.folder("out").iterdir() if not path.name.startswith(".")}


def state_of(door: Door, name: str = "") -> str:
    """How far a file is by the ledger; empty if it is not known."""
    entry: Entry | None = Ledger(door.rooms.store, "").find("ftp", door.user, name or loon_name())
    return entry.state if entry is not None else ""


def reaches(door: Door, state: str, name: str = "") -> None:
    """Wait until a file is so far."""
    eventually(lambda: expect(state_of(door, name) == state))


def expect(condition: bool) -> None:
    """Fail unless it is so."""
    assert condition


@pytest.mark.parametrize("end", ["clock", "removed"])
def test_the_post_office_takes_no_files_for_a_while(door: Door, simulated: FixedClock, end: str) -> None:
    """Replies are good and files wait; when it is over each is delivered, once."""
    client = door.open().login()
    fault = door.rooms.file_faults.add("backend-down", seconds=600 if end == "clock" else None)
    assert door.upload(client, loon_name()).startswith("250")
    assert door.upload(client, loon_name("ref-2")).startswith("250")
    struck(door, 2)
    assert (state_of(door), out(door), door.rooms.office.messages()) == ("received", set(), [])
    if end == "clock":
        simulated.advance(timedelta(seconds=601))
    else:
        door.rooms.file_faults.remove(fault.id)
    for name in (loon_name(), loon_name("ref-2")):
        door.wait_for(f"{name}.status.xml")
    assert len(door.rooms.office.messages()) == 2
    if end == "clock":  # and the outage is over for all
        door.upload(client, loon_name("ref-3"))
        door.wait_for(f"{loon_name('ref-3')}.ontvangst.xml")
    client.quit()


@pytest.mark.parametrize("end", ["clock", "removed", "restart"])
@pytest.mark.parametrize("name", [loon_name(), BAD])
def test_the_receipt_or_error_comes_late(door: Door, simulated: FixedClock, end: str, name: str) -> None:
    """It waits, and the status with it; the clock, the fault's end or a restart lets it come."""
    client = door.open().login()
    fault = door.rooms.file_faults.add("late-receipt", seconds=60)
    door.upload(client, name)
    struck(door)
    reaches(door, "accepted" if name != BAD else "refused", name)
    simulated.advance(timedelta(seconds=30))
    eventually(lambda: expect(len(door.rooms.office.messages()) == (name != BAD)))
    assert out(door) == set()
    if end == "clock":
        simulated.advance(timedelta(seconds=31))
    elif end == "removed":
        door.rooms.file_faults.remove(fault.id)
    else:
        door.shut()
        door.rooms.file_faults.clear()
        door.open()
    reaches(door, "finished" if name != BAD else "returned", name)
    there = {RECEIPT, STATUS} if name != BAD else {f"{BAD}.fout.xml"}
    eventually(lambda: expect(out(door) == there))
    client.close()


def test_the_receipt_never_comes(door: Door) -> None:
    """The delivery goes on as ever: its status comes."""
    client = door.open().login()
    door.rooms.file_faults.add("no-receipt")
    door.upload(client, loon_name())
    door.wait_for(STATUS)
    assert out(door) == {STATUS}
    assert len(door.rooms.office.messages()) == len(struck(door)) == 1
    client.quit()


def test_the_receipt_comes_again_once_it_was_deleted(door: Door) -> None:
    """The same document under the same name, once more and not a third time."""
    client = door.open().login()
    door.rooms.file_faults.add("duplicate-receipt")
    door.upload(client, loon_name())
    first = door.wait_for(RECEIPT)
    door.wait_for(STATUS)
    client.delete(f"/out/{RECEIPT}")
    assert door.wait_for(RECEIPT) == first
    client.delete(f"/out/{RECEIPT}")
    door.upload(client, loon_name("ref-2"))
    door.wait_for(f"{loon_name('ref-2')}.status.xml")
    assert RECEIPT not in out(door)
    assert len(struck(door)) == 1
    client.quit()


def test_the_receipt_comes_twice_at_once(door: Door) -> None:
    """The second one lies beside the first, with -2 in its name."""
    client = door.open().login()
    door.rooms.file_faults.add("duplicate-receipt", how="second")
    door.upload(client, loon_name())
    twin = door.wait_for(f"{loon_name()}.ontvangst-2.xml")
    assert twin == door.wait_for(RECEIPT)
    assert len(door.rooms.office.messages()) == len(struck(door)) == 1
    client.quit()


def test_the_status_comes_late(door: Door, simulated: FixedClock) -> None:
    """The receipt is there at once, the status file a minute later."""
    client = door.open().login()
    door.rooms.file_faults.add("late-status", seconds=60)
    door.upload(client, loon_name())
    door.wait_for(RECEIPT)
    struck(door)
    assert (out(door), state_of(door)) == ({RECEIPT}, "receipted")
    simulated.advance(timedelta(seconds=61))
    assert fields(door.wait_for(STATUS))["statuscode"] == "500"
    client.quit()


def test_statuses_that_are_held_back_hold_up_no_file(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, the next file gets its receipt."""
    monkeypatch.setattr(withholding, "_MOST", 2)
    client = door.open().login()
    door.rooms.file_faults.add("late-status", times=9)
    for reference in ("a", "b", "c", "d"):
        door.upload(client, loon_name(reference))
        door.wait_for(f"{loon_name(reference)}.ontvangst.xml")
        struck(door, 1 + "abcd".index(reference))
    client.quit()


# --- by the name of a file


def test_a_name_asks_for_a_fault_once_per_file(door: Door) -> None:
    """Ftp552 in the name is refused once; then the same file is delivered as any other."""
    client = door.open().login()
    name = loon_name("Ftp552")
    reply = refused(lambda: door.upload(client, name))
    assert reply.startswith("552")
    assert "(asked for: scenario Ftp552)" in reply
    assert door.upload(client, name).startswith("250")
    door.wait_for(f"{name}.status.xml")
    assert len(struck(door)) == 1
    client.quit()


def test_names_ask_for_waiting_and_for_breaks(door: Door, simulated: FixedClock) -> None:
    """FtpBackend waits a minute, Ftp426 breaks and is resumed, FtpGeenOntvangst has no receipt."""
    client = door.open().login()
    waiting, broken, silent = loon_name("FtpBackend"), loon_name("Ftp426"), loon_name("FtpGeenOntvangst")
    door.upload(client, waiting)
    assert refused(lambda: door.upload(client, broken)).startswith("426")
    store = f"STOR /in/{broken}.tmp"
    assert client.storbinary(store, io.BytesIO(LOON[100:]), rest=100).startswith("226")
    client.rename(f"/in/{broken}.tmp", f"/in/{broken}")
    door.upload(client, silent)
    for name in (broken, silent):
        door.wait_for(f"{name}.status.xml")
    assert out(door) == {f"{broken}.ontvangst.xml", *(f"{name}.status.xml" for name in (broken, silent))}
    simulated.advance(timedelta(seconds=61))
    door.wait_for(f"{waiting}.status.xml")
    assert len(struck(door, 3)) == 3
    client.quit()


def test_names_without_aanleverkenmerk_ask_by_their_number(door: Door) -> None:
    """On the interface for large messages, volgnummer 9952 stands for Ftp552."""
    door.open()
    door.port = door.ports["ftp_gb"]
    client = door.login()
    store = "STOR /in/000000000L01_2026_01_{}.xml"
    assert refused(lambda: client.storbinary(store.format(9952), io.BytesIO(LOON))).startswith("552")
    assert client.storbinary(store.format(9952), io.BytesIO(LOON)).startswith("226")
    assert client.storbinary(store.format(1), io.BytesIO(LOON)).startswith("226")
    client.quit()


def test_names_mean_nothing_where_that_is_switched_off(door: Door) -> None:
    """With file_faults.scenarios = false a name is a name."""
    client = door.open().login()
    door.rooms.file_faults.has_scenarios = FileFaultSettings(scenarios=False).scenarios
    assert door.upload(client, loon_name("Ftp552")).startswith("250")
    door.wait_for(f"{loon_name('Ftp552')}.status.xml")
    client.quit()


def test_every_scenario_is_a_fault_and_can_be_ones_own(tmp_path: Path) -> None:
    """Each row is found by its name and its number; a user's rows count, and wrong ones are told."""
    clock = FixedClock(NOW)

    def of(text: str, *, scenarios: bool = True) -> FileFaults:
        (tmp_path / "file_scenarios.toml").write_text(text)
        settings = FileFaultSettings(scenarios=scenarios)
        return FileFaults(load_catalogue(tmp_path), Clocks(clock, clock), settings, no_certificate)

    own = '[Own]\nsummary = "s"\nprovenance = "simulator"\nkind = "throttle"\nbytes_per_second = 5\n'
    faults = of(own)
    for row in load_catalogue(tmp_path).file_scenarios.values():
        found = [find(faults, row.aanleverkenmerk, None), find(faults, None, row.volgnummer)]
        assert [one.kind for one in found if one] == [row.kind] * (2 if row.volgnummer else 1)
    assert find(of(own, scenarios=False), "Own", None) is None
    for line in ('kind = "421"', 'kind = "late-receipt"', 'kind = "stall"\nhow = "again"', 'kind = "what"'):
        with pytest.raises(ConfigError, match=r"file_scenarios.toml \[Own\]"):
            of(f'[Own]\nsummary = "s"\nprovenance = "simulator"\n{line}\n')


def no_certificate(kind: str) -> IssuedCertificate:
    """Nobody asks for one here."""
    raise AssertionError(kind)


def find(faults: FileFaults, aanleverkenmerk: str | None, volgnummer: int | None) -> Fault | None:
    """The fault of a file so named, at whichever moment and command it strikes."""
    target = Target("ftp", "u", OIN, ("n",), "", aanleverkenmerk, volgnummer)
    tries = (
        faults.find(moment, replace(target, command=command))
        for moment in ("command", "transfer", "backend", "receipt", "status")
        for command in ("STOR", "RETR", "RNTO")
    )
    return next((one for one in tries if one is not None), None)
