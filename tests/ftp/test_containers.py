"""Zip containers: the one file in them is what is delivered, the zip is what the receipt speaks of."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.config import Settings, ValidationSettings
from digipoort_sim.ftp import load_profile
from tests.ftp.conftest import LOON, Door, eventually, loon_name
from tests.ftp.test_delivering import fields
from tests.ftp.test_large_files import LARGE, files
from tests.ftp.test_tls import refused

NAME = loon_name(ext="zip")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """What is larger than 1 MiB is large."""
    whole = ValidationSettings(max_whole_bytes=1024**2)
    return Settings(state=tmp_path / "state", ftp_port=0, validation=whole)


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with these members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize("content", [LOON, LARGE], ids=["small", "large"])
def test_a_container_stands_for_the_file_in_it(door: Door, content: bytes) -> None:
    """The receipt has size and SHA-256 of the zip; what is validated and delivered is the file, with a name
    and mimeType of its own.
    """
    packed = zipped(("aangifte.xml", content))
    client = door.open().login()
    door.upload(client, NAME, packed)
    receipt = fields(door.wait_for(f"{NAME}.ontvangst.xml"))
    status = fields(door.wait_for(f"{NAME}.status.xml"))
    assert (receipt["grootte"], receipt["sha256"]) == (str(len(packed)), hashlib.sha256(packed).hexdigest())
    assert (status["statuscode"], status["nummer"]) == ("500", "000000000L01")
    (kept,) = door.rooms.office.message(status["kenmerk"]).contents
    stem = NAME.removesuffix(".zip").replace(".", "_")
    assert (kept.mime_type, kept.bestandsnaam, kept.octets) == ("text/xml", f"{stem}.xml", len(content))
    with door.rooms.office.content(status["kenmerk"]).open() as opened:
        assert opened.read(len(content) + 1) == content
    client.quit()


def test_a_berichtsoort_that_takes_zips_gets_the_zip(door: Door) -> None:
    """Where application/zip is the content itself nothing is unpacked; a large one is looked through."""
    name = "TEST_zip-1_00000099000000006000.zip"
    packed = zipped(("a.bin", LARGE), method=zipfile.ZIP_STORED)
    client = door.open().login()
    door.upload(client, name, packed)
    status = fields(door.wait_for(f"{name}.status.xml"))
    assert door.rooms.office.message(status["kenmerk"]).contents[0].octets == len(packed)
    broken = packed.replace(b"<NumIV>12<", b"<NumIV>13<", 1)
    door.upload(client, name.replace("zip-1", "zip-2"), broken)
    status = fields(door.wait_for(f"{name.replace('zip-1', 'zip-2')}.status.xml"))
    assert (status["statuscode"], 'id="ZIP"' in status["statusdetails"]) == ("311", True)
    client.quit()


def _encrypted(packed: bytes) -> bytes:
    """The same, saying that it is encrypted."""
    changed = bytearray(packed)
    changed[6] |= 1
    changed[packed.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)


BOMB = zipped(("a.xml", b" " * 40_000_000))
BAD: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "no zip": (lambda: LOON, "FTP-ZIP-DAMAGED", "ALS100"),
    "truncated": (lambda: zipped(("a.xml", LOON))[:-30], "FTP-ZIP-DAMAGED", "ALS100"),
    "encrypted": (lambda: _encrypted(zipped(("a.xml", LOON))), "FTP-ZIP-DAMAGED", "ALS100"),
    "checksum": (
        lambda: zipped(("a.xml", LOON), method=0).replace(b"<IdBer>1", b"<IdBer>2"),
        "FTP-ZIP-DAMAGED",
        "ALS100",
    ),
    "checksum, large": (
        lambda: zipped(("a.xml", LARGE), method=0).replace(b"<IdBer>1", b"<IdBer>2"),
        "FTP-ZIP-DAMAGED",
        "ALS100",
    ),
    "traversal": (lambda: zipped(("../a.xml", LOON)), "FTP-ZIP-DAMAGED", "ALS100"),
    "folder": (lambda: zipped(("a/a.xml", LOON)), "FTP-ZIP-MEMBERS", "ALS150"),
    "two": (lambda: zipped(("a.xml", LOON), ("b.xml", LOON)), "FTP-ZIP-MEMBERS", "ALS150"),
    "none": (lambda: zipped(), "FTP-ZIP-MEMBERS", "ALS150"),
    "many": (lambda: zipped(*((f"{n}.xml", b"") for n in range(200))), "FTP-ZIP-MEMBERS", "ALS150"),
    "a zip": (lambda: zipped(("a.zip", zipped(("a.xml", LOON)))), "FTP-ZIP-MEMBERS", "ALS150"),
    "another kind": (lambda: zipped(("a.exe", LOON)), "FTP-NAME-EXTENSION", "ALS150"),
    "bomb": (lambda: BOMB, "FTP-ZIP-SIZE", "ALS160"),
}


def test_a_bad_container_is_refused_with_its_reason(door: Door) -> None:
    """Each gets its error file and an event with the rule; nothing of it stays on the disk."""
    client = door.open().login()
    names = {kind: loon_name(f"k-{number}", ext="zip") for number, kind in enumerate(BAD)}
    for kind, (content, _, _) in BAD.items():
        door.upload(client, names[kind], content())
    codes = {kind: fields(door.wait_for(f"{name}.fout.xml"))["foutcode"] for kind, name in names.items()}
    assert codes == {kind: code for kind, (_, _, code) in BAD.items()}
    told = {one.event.detail.partition(":")[0].rpartition("/")[2]: one.event for one in _events(door)}
    assert {kind: told[name].rule for kind, name in names.items()} == {
        kind: rule for kind, (_, rule, _) in BAD.items()
    }
    eventually(lambda: _none(door))
    client.quit()


def test_more_than_the_profile_allows_is_not_unpacked(door: Door) -> None:
    """What is in a container may have max_unpacked_bytes at most."""
    client = door.open(replace(door.profile, max_unpacked_bytes=1000)).login()
    door.upload(client, NAME, zipped(("a.xml", LOON + b" " * 1000)))
    assert fields(door.wait_for(f"{NAME}.fout.xml"))["foutcode"] == "ALS160"
    client.quit()


def test_a_profile_without_containers_says_so(door: Door) -> None:
    """Where the profile takes none the error file tells it; names of gb-3.0 cannot even end in .zip."""
    client = door.open(replace(door.profile, zip_containers=False)).login()
    door.upload(client, NAME, zipped(("a.xml", LOON)))
    error = fields(door.wait_for(f"{NAME}.fout.xml"))
    assert (error["foutcode"], "takes no zip containers" in error["foutbeschrijving"]) == ("ALS150", True)
    client.quit()
    door.shut()
    gb = replace(load_profile(door.rooms.settings.ftp_gb), complete_when="rename")
    client = door.open(gb).login()
    told = refused(lambda: door.upload(client, "000000000L01_2026_01_1.zip", b"x"))
    assert told.startswith("553")
    assert ".xml" in told
    client.quit()


@pytest.mark.parametrize(
    ("interface", "name", "mend"),
    [
        ("ftp_gb", "000000000L01_2026_01_1.xml", "this profile takes no zip, so deliver the file in it"),
        ("ftp", loon_name(), "name it .zip"),
    ],
)
@pytest.mark.parametrize("content", [LOON, LARGE], ids=["small", "large"])
def test_a_zip_that_is_named_xml(door: Door, interface: str, name: str, mend: str, content: bytes) -> None:
    """The error file says that it is a zip, and what to do by the rules of the profile."""
    client = door.open_as(interface, complete_when="rename").login()
    door.upload(client, name, zipped(("a.xml", content), method=zipfile.ZIP_STORED))
    out = door.rooms.settings.state / interface / door.user / "out"
    error = fields(eventually((out / f"{name}.fout.xml").read_bytes))
    assert error["foutcode"] == "ALS150"
    assert f"the content is a zip, its name ends in .xml; {mend}" in error["foutbeschrijving"]
    assert door.events("FTP-ZIP")
    client.quit()


def test_a_disk_that_is_full_while_unpacking_is_waited_for(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file waits and is unpacked again; nothing half stays, and nobody is told of a fault."""
    from digipoort_sim.store.payloads import Writing

    write, tries = Writing.write, [0]

    def full(writing: Any, piece: bytes) -> None:
        tries[0] += 1
        if tries[0] == 1:
            write(writing, piece[:100])
            raise OSError(28, "No space left on device")
        write(writing, piece)

    monkeypatch.setattr(Writing, "write", full)
    client = door.open().login()
    door.upload(client, NAME, zipped(("a.xml", LARGE)))
    assert fields(door.wait_for(f"{NAME}.status.xml"))["statuscode"] == "500"
    assert [file.stat().st_size for file in files(door)] == [len(LARGE)]
    client.quit()


def _events(door: Door) -> list[Any]:
    return list(door.rooms.office.events(kind="ftp-refused"))


def _none(door: Door) -> None:
    assert not files(door)
