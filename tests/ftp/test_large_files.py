"""Files that are too large for memory: payloads, streaming checks, and what comes of both."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from digipoort_sim.config import Settings, ValidationSettings
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange.values import Content
from digipoort_sim.store.exchange_tables import contents, payloads
from tests.ftp.conftest import LOON, Door, eventually, loon_name
from tests.ftp.test_delivering import fields
from tests.validation.business.returns import good

HALF = LOON.partition(b"</AdministratieveEenheid>")
RECORD = b"<Inkomstenverhouding><NumIV>12</NumIV><LnLbPh>1234.00</LnLbPh></Inkomstenverhouding>\n"


def loon(octets: int, record: bytes = RECORD) -> bytes:
    """A loonaangifte of at least so many octets."""
    return b"".join([HALF[0], record * (octets // len(record) + 1), *HALF[1:]])


LARGE = loon(3 * 1024**2)
LINES = LARGE.count(b"\n")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """What is larger than 1 MiB is large."""
    whole = ValidationSettings(max_whole_bytes=1024**2)
    return Settings(state=tmp_path / "state", ftp_port=0, validation=whole)


def deliver(door: Door, name: str, content: bytes) -> dict[str, str]:
    """Upload a file; gives its final status."""
    client = door.open().login()
    door.upload(client, name, content)
    client.quit()
    return fields(door.wait_for(f"{name}.status.xml"))


def files(door: Door) -> list[Path]:
    """What lies in the folder of payloads."""
    folder = door.rooms.settings.payloads_folder()
    return sorted(folder.iterdir()) if folder.exists() else []


def test_a_large_file_is_a_message_like_any_other(door: Door) -> None:
    """It gets all statuses, 301 twice; what was not checked stands in the last one. Its octets lie in a file
    and not in the database, where no other user of the machine can read them; they can be had again.
    """
    status = deliver(door, loon_name(), LARGE)
    receipt = fields(door.wait_for(f"{loon_name()}.ontvangst.xml"))
    assert (receipt["grootte"], receipt["sha256"]) == (str(len(LARGE)), hashlib.sha256(LARGE).hexdigest())
    assert (status["statuscode"], status["nummer"]) == ("500", "000000000L01")
    office = door.rooms.office
    message = office.message(status["kenmerk"])
    codes = [one.statuscode for one in message.statuses]
    assert codes == ["105", "100", "110", "200", "301", "301", "405", "400", "500"]
    details = message.statuses[5].statusdetails or ""
    told = [key for key in ("GROOT", "GROOT-XSD", "GROOT-REGELS", "IDENTITEIT") if f'id="{key}"' in details]
    assert told == ["GROOT", "GROOT-XSD", "GROOT-REGELS", "IDENTITEIT"]
    assert message.contents[0].octets == len(LARGE)
    with office.store.read() as tx:
        assert tx.execute(select(contents.c.inhoud)).scalar() == b""
    (file,) = files(door)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    with office.content(status["kenmerk"]).open() as opened:
        assert opened.read(len(LARGE) + 1) == LARGE


def test_a_file_of_more_than_64_mib_needs_no_setting(door: Door, tmp_path: Path) -> None:
    """By default 64 MiB are checked whole; one octet more is large."""
    door.rooms.office.payloads.larger_than = Settings(state=tmp_path).validation.max_whole_bytes
    content = loon(64 * 1024**2)
    assert len(content) > 64 * 1024**2
    assert deliver(door, loon_name(), content)["statuscode"] == "500"
    assert [file.stat().st_size for file in files(door)] == [len(content)]


@pytest.mark.parametrize(
    ("content", "rule", "place"),
    [
        (LARGE + b"<x/>", "XML-WELL-FORMED", f'line="{LINES + 1}" '),
        (LARGE.replace(b"</NumIV>", b"</NumI>", 1), "XML-WELL-FORMED", 'line="5" '),
        (LARGE[: len(LARGE) // 2], "XML-WELL-FORMED", ""),
        (LARGE.replace(b"<NumIV>", b"<a>" * 200_000, 1), "XML-SIZE", ""),
        (LARGE.replace(b"<Loonaangifte", b"<Loonaangift", 1), "XML-ROOT", 'line="2" col="1"'),
    ],
    ids=["two roots", "another end", "cut", "deep", "other root"],
)
def test_a_large_file_that_is_no_good_is_refused_by_validation(
    door: Door, content: bytes, rule: str, place: str
) -> None:
    """What is not well-formed, or of another root, is 311 with VAS500, and the place where it is so."""
    status = deliver(door, loon_name(), content)
    assert (status["statuscode"], status["foutcode"]) == ("311", "VAS500")
    assert f'id="{rule}"' in status["statusdetails"]
    assert place in status["statusdetails"]


def test_the_identity_may_stand_behind_megabytes(door: Door) -> None:
    """The number is found where it is, also behind more than is made a tree of; XBRL likewise."""
    late = loon(100).replace(b"<AdministratieveEenheid>", RECORD * 40_000 + b"<AdministratieveEenheid>")
    assert deliver(door, loon_name("late"), late)["nummer"] == "000000000L01"
    name = loon_name("ob-1").replace("Aangifte_LH", "Omzetbelasting")
    ob = good("Omzetbelasting").encode()
    head, end, tail = ob.partition(b"<xbrli:context")
    content = head + b"<!-- " + b"x" * 2_000_000 + b" -->" + end + tail
    client = door.login()
    door.upload(client, name, content)
    status = fields(door.wait_for(f"{name}.status.xml"))
    assert (status["statuscode"], status["nummer"]) == ("500", "001000044B37")
    client.quit()


def test_who_names_nobody_is_refused_and_leaves_no_payload(door: Door) -> None:
    """A large file without a number gets its error file, and nothing of it stays on the disk."""
    client = door.open().login()
    door.upload(client, loon_name(), LARGE.replace(b"LhNr", b"Nr"))
    assert fields(door.wait_for(f"{loon_name()}.fout.xml"))["foutcode"] == "ALS140"
    eventually(lambda: _none(door))
    client.quit()


def test_a_large_mandate_message_is_too_large(door: Door) -> None:
    """No mandate message has more than 1 MiB: the error file says so."""
    client = door.open().login()
    name = f"MachtigingOpvoeren_K1_{door.rooms.catalogue.agencies['register'].oin}.xml"
    door.upload(client, name, LARGE)
    assert fields(door.wait_for(f"{name}.fout.xml"))["foutcode"] == "ALS160"
    client.quit()


def _none(door: Door) -> None:
    assert not files(door)


@pytest.mark.parametrize("times", [1, 2])
def test_a_crash_before_the_row_is_written_doubles_nothing(
    door: Door, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """Killed after the file became a payload and before its row: there is one file and one message after."""
    office = door.rooms.office
    accept, left = office.accept_all, [times]

    def crashing(deliveries: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise TechnicalError("killed", rule="DATABASE")
        return accept(deliveries)

    monkeypatch.setattr(office, "accept_all", crashing)
    assert deliver(door, loon_name(), LARGE)["statuscode"] == "500"
    assert len(files(door)) == 1
    assert len(office.messages()) == 1


def test_a_crash_after_the_row_is_written_doubles_nothing(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the commit and the note of it: the file is delivered again, and is a replay."""
    office = door.rooms.office
    accept, left = office.accept_all, [1]

    def crashing(deliveries: Any) -> Any:
        receipts = accept(deliveries)
        if left[0]:
            left[0] -= 1
            raise TechnicalError("killed", rule="DATABASE")
        return receipts

    monkeypatch.setattr(office, "accept_all", crashing)
    status = deliver(door, loon_name(), LARGE)
    assert (status["statuscode"], len(files(door)), len(office.messages())) == ("500", 1, 1)
    with office.content(status["kenmerk"]).open() as opened:
        assert hashlib.file_digest(opened, "sha256").hexdigest() == hashlib.sha256(LARGE).hexdigest()


def test_orphans_are_swept_at_the_start_and_nothing_else(door: Door) -> None:
    """A file without a row goes when the door opens; that of a message stays."""
    status = deliver(door, loon_name(), LARGE)
    door.shut()
    folder = door.rooms.settings.payloads_folder()
    for orphan in ("orphan", ".part-orphan"):
        (folder / orphan).write_bytes(b"x")
    door.open()
    (file,) = files(door)
    with door.rooms.office.store.read() as tx:
        assert tx.execute(select(payloads.c.file)).scalars().all() == [file.name]
    assert door.rooms.office.content(status["kenmerk"]).size == len(LARGE)


def test_a_file_that_somebody_else_may_change_is_copied(door: Door, tmp_path: Path) -> None:
    """A file that has another name, such as one that stays in /in, is not the payload itself."""
    source, other = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"delivered")
    os.link(source, other)
    payload = door.rooms.office.payloads.adopt(source, "one", 9, hashlib.sha256(b"delivered").hexdigest())
    other.write_bytes(b"changed..")
    with Content("text/xml", "a.xml", b"", payload).open() as opened:
        assert opened.read(100) == b"delivered"
    assert isinstance(Content("text/xml", "a.xml", b"x").open(), io.BytesIO)


def test_a_file_that_nobody_else_has_is_not_copied(door: Door, tmp_path: Path) -> None:
    """Its payload is the same file under a second name, readable by the server's user only."""
    source = tmp_path / "a"
    source.write_bytes(b"delivered")
    payload = door.rooms.office.payloads.adopt(source, "one", 9, hashlib.sha256(b"delivered").hexdigest())
    assert payload.path.samefile(source)
    assert payload.path.stat().st_mode & 0o777 == 0o600
