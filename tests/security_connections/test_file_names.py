"""Names and paths that attack: ways out of the folders, links on the disk, names that show as others."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ftp.conftest import LOON, OTHER_OIN, Door, loon_name
from tests.security_connections.file_kit import Raw, delivers, explained, quiet, refused

__all__ = ["explained", "quiet"]
pytestmark = pytest.mark.heavy

# fmt: off
OUTSIDE = (
    "/etc/passwd", "../x.tmp", "/in/../x.tmp", "/in/../../../x.tmp", "//etc/x.tmp", "/../x.tmp", "~/x.tmp",
    "~root", "/in/a/x.tmp", "/x.tmp", "/in/./../x.tmp", "/in/..", "/in/.", "/in", "/out/../x.tmp",
    "/in//../x.tmp", "/IN/x.tmp", "/ftp-work/x.tmp", "/%2e%2e/x.tmp", "/in/../../../../proc/self/environ",
)
ODD = (
    "..tmp", ".x.tmp", ".part-x.tmp", "-rf.tmp", " x.tmp", "x .tmp", "x\u00a0.tmp", "caf\u00e9.tmp",
    "cafe\u0301.tmp", "x\uff0e\uff0e.tmp", "\uff0e\uff0e\u2215x.tmp", "a\\b.tmp", "..\\x.tmp", "C:x.tmp",
    "x:stream.tmp", "x*.tmp", "x?.tmp", "$(id).tmp", "`id`.tmp", "x;id.tmp", "x|id.tmp", "x>y.tmp",
    "<script>.tmp", "x&y.tmp", "x'y.tmp", 'x"y.tmp', "%2e%2e%2fx.tmp", "x%00.tmp", "x" * 300 + ".tmp",
    "\U0001f4a9.tmp", "x\u0131.tmp", "x\u202ef.tmp", "x\u200b.tmp",
)
ANSWERS = (
    "x.xml.ontvangst.xml", "x.status.xml", f"{loon_name()}.ontvangst.xml", f"{loon_name()}.fout.xml",
    "CON", "NUL.xml",
)
# fmt: on


def test_no_path_leads_out(door: Door) -> None:
    """No spelling of a path writes, reads, renames, deletes or tells of anything outside /in and /out."""
    raw = Raw(door.open(replace(door.profile, max_refusals=10_000))).login()
    before = every_file(door)
    for path in OUTSIDE:
        raw.passive()
        for command in ("STOR", "APPE", "RETR", "DELE", "RNFR", "SIZE", "MDTM", "MFMT 20260101000000"):
            reply = raw.say(f"{command} {path}")
            assert reply[:3] in ("550", "553"), (command, path, reply)
            assert "/etc" not in reply.replace(path, "")
            assert str(door.rooms.settings.state) not in reply
        assert raw.say("ABOR").startswith("225")
    assert every_file(door) == before
    raw.close()


def every_file(door: Door) -> set[Path]:
    """All files of the state directory but the database."""
    state = door.rooms.settings.state
    return {path for path in state.rglob("*") if path.is_file() and not path.name.startswith("digipoort")}


def test_odd_names_are_refused(door: Door) -> None:
    """Names with anything but letters, digits, dots, hyphens and underscores are refused, as targets too."""
    raw = Raw(door.open(replace(door.profile, max_refusals=10_000))).login()
    client = door.login()
    client.storbinary("STOR /in/good.tmp", io.BytesIO(LOON))
    for name in ODD:
        raw.passive()
        assert raw.say(f"STOR /in/{name}")[:3] in ("501", "550", "553"), name
        assert raw.say("ABOR").startswith("225")
        assert raw.say("RNFR /in/good.tmp").startswith("350")
        assert raw.say(f"RNTO /in/{name}")[:3] in ("501", "550", "553"), name
    for name in ANSWERS:
        raw.passive()
        assert raw.say(f"STOR /in/{name}").startswith("553"), name
        assert raw.say("ABOR").startswith("225")
        assert raw.say("RNFR /in/good.tmp").startswith("350")
        assert raw.say(f"RNTO /in/{name}").startswith("553"), name
    assert [path.name for path in door.folder("in").iterdir()] == ["good.tmp"]
    client.quit()
    raw.close()


def test_links_on_the_disk_are_not_followed(door: Door, tmp_path: Path) -> None:
    """Symbolic links in /in and /out lead nowhere, are not listed, and nothing tells where they point."""
    secret = tmp_path / "secret.xml"
    secret.write_bytes(b"secret of the machine")
    client = door.open().login()
    elsewhere = door.folder("in").parent.parent / "other" / "out"
    elsewhere.mkdir(parents=True)
    (elsewhere / "theirs.xml").write_bytes(b"secret of another")
    for folder in ("in", "out"):
        (door.folder(folder) / "link.tmp").symlink_to(secret)
        (door.folder(folder) / "theirs.tmp").symlink_to(elsewhere / "theirs.xml")
        (door.folder(folder) / "folder.tmp").symlink_to(tmp_path)
        (door.folder(folder) / "inner.tmp").symlink_to(door.folder("out") / "real.xml")
    (door.folder("out") / "real.xml").write_bytes(b"mine")
    for name in ("link.tmp", "theirs.tmp", "folder.tmp", "folder.tmp/secret.xml", "inner.tmp"):
        for command in (f"RETR /out/{name}", f"STOR /in/{name}", f"APPE /in/{name}"):
            client.makepasv()
            assert refused(client, command)[:3] in ("550", "553"), command
            client.sendcmd("ABOR")
        if name != "inner.tmp":
            for command in (
                f"SIZE /out/{name}",
                f"MDTM /out/{name}",
                f"CWD /out/{name}",
                f"MLST /out/{name}",
            ):
                assert refused(client, command).startswith("550"), command
    listed = "".join(line for call in ("LIST", "MLSD", "NLST") for line in lines(client, f"{call} /out"))
    assert "real.xml" in listed
    assert "link" not in listed
    assert str(tmp_path) not in client.sendcmd("STAT /out/inner.tmp")
    assert secret.read_bytes() == b"secret of the machine"
    client.close()


def lines(client: object, command: str) -> list[str]:
    """A listing."""
    found: list[str] = []
    client.retrlines(command, found.append)  # type: ignore[attr-defined]
    return found


def test_a_hard_link_or_a_pipe_is_no_delivery_of_another(door: Door, tmp_path: Path) -> None:
    """What somebody else put into /in besides files, or as a second name of a file, is not read through."""
    client = door.open().login()
    os.mkfifo(door.folder("in") / "pipe.tmp")
    os.mkfifo(door.folder("out") / "pipe.xml")
    assert refused(client, f"RNFR /in/{'x' * 5}.tmp").startswith("550")
    client.makepasv()
    assert refused(client, "RETR /out/pipe.xml").startswith("550")
    client.sendcmd("ABOR")
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    os.link(victim, door.folder("in") / "hard.tmp")
    client.sendcmd("RNFR /in/hard.tmp")
    assert refused(client, f"RNTO /in/{loon_name('ref-hard')}")[:3] == "553"
    assert victim.read_bytes() == b"precious"
    client.close()


def test_listings_take_no_patterns_and_no_options(door: Door) -> None:
    """Options of ls are left away, patterns are names that are not there, parts are hidden."""
    client = door.open().login()
    (door.folder("out") / "a.xml").write_bytes(b"a")
    (door.folder("out") / ".part-b.xml").write_bytes(b"b")
    for command in ("LIST -la /out", "LIST -R /out", "NLST -a /out", "NLST --help /out", "MLSD /out"):
        listed = "".join(lines(client, command))
        assert "a.xml" in listed, command
        assert "part" not in listed, command
    for path in ("*", "~", "/out/*", "/*/*", "{in,out}", "/out/.part-b.xml", "/../.."):
        if path != "/../..":
            client.makepasv()
            assert refused(client, f"LIST {path}").startswith("550"), path
            client.sendcmd("ABOR")
    assert [line.split()[-1] for line in lines(client, "LIST /../..")] == ["in", "out"]
    client.close()


def test_times_of_ones_own_files(door: Door) -> None:
    """MFMT sets the time of a file in /in; in /out, where the retention goes by it, nobody can."""
    client = door.open().login()
    client.storbinary("STOR /in/x.tmp", io.BytesIO(LOON))
    assert client.sendcmd("MFMT 20200229123456 /in/x.tmp") == "213 Modify=20200229123456; /in/x.tmp"
    assert client.sendcmd("MDTM /in/x.tmp") == "213 20200229123456"
    (door.folder("out") / "a.xml").write_bytes(b"a")
    assert refused(client, "MFMT 20990101000000 /out/a.xml").startswith("550")
    client.quit()


def test_nobody_sees_another(door: Door) -> None:
    """Another account, of another party and of the same, sees nothing of a session, a file or a name."""
    first = door.open().login()
    first.storbinary("STOR /in/mine.tmp", io.BytesIO(LOON))
    theirs = (door.user, door.password)
    from digipoort_sim.exchange.accounts import Accounts
    from tests.ftp.conftest import OIN

    for oin in (OIN, OTHER_OIN):
        door.user, door.password = Accounts(door.rooms.store, door.rooms.ids, door.rooms.clocks).add(oin)
        other = door.login(door.client_files(oin))
        assert lines(other, "NLST /in") == []
        for path in ("/in/mine.tmp", f"/../{theirs[0]}/in/mine.tmp", f"../{theirs[0]}/in/mine.tmp"):
            assert refused(other, f"SIZE {path}").startswith("550")
            assert refused(other, f"RNFR {path}").startswith("550")
        assert theirs[0] not in other.sendcmd("STAT")
        other.quit()
    door.user, door.password = theirs
    delivers(door, "ref-1")
    first.quit()
