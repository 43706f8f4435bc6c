"""Every row of a profile has an effect: one behaviour for each, at a real door."""

from __future__ import annotations

import ast
import ftplib
import io
import re
import ssl
import zipfile
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

import digipoort_sim
from digipoort_sim.catalogue.file_profiles.profile import ROW_KEYS
from digipoort_sim.pki.tls import client_context
from digipoort_sim.store import Store
from tests.ftp.conftest import LOON, OIN, OTHER_OIN, Door, eventually, loon_name
from tests.ftp.messages import Scene
from tests.ftp.test_messages import active
from tests.ftp.test_tls import refused

Row = Callable[[Door], None]
ROWS: dict[str, Row] = {}
_ATTACKS = "security_connections"
ELSEWHERE = {
    "title": "cli/test_file_profiles.py::test_the_profiles_in_force_are_listed",
    "passive_first_port": "ftp/test_data_sessions.py::test_only_ports_of_the_passive_range_are_used",
    "passive_ports": "ftp/test_data_sessions.py::test_only_ports_of_the_passive_range_are_used",
    "session_reuse": "ftp/test_data_sessions.py::test_a_data_channel_resumes_its_own_control_channel",
    "complete_when": "ftp/test_completing.py::test_each_rule_on_each_interface",
    "used_names": "ftp/test_names.py::test_a_name_may_be_free_again_when_all_is_done",
    "processed_files": "ftp/test_names.py::test_a_processed_file_may_stay",
    "status_files": "ftp/test_names.py::test_a_profile_may_have_receipts_only",
    "message_name": "ftp/test_profile_rows.py::test_rows_about_messages",
    "message_suffix": "ftp/test_profile_rows.py::test_rows_about_messages",
    "require_close_notify": "ftp/test_uploads.py::test_close_notify_can_be_done_without",
    "max_file_bytes": "ftp/test_transfers.py::test_the_limit_of_size_is_exact",
    "max_unpacked_bytes": "ftp/test_containers.py::test_more_than_the_profile_allows_is_not_unpacked",
    "max_folder_bytes": "ftp/test_uploads.py::test_the_folder_has_a_limit_too",
    "max_folder_files": "ftp/test_uploads.py::test_the_folder_has_a_limit_too",
    "min_free_bytes": "ftp/test_transfers.py::test_no_upload_begins_when_the_disk_is_nearly_full",
    "max_out_bytes": "ftp/test_profile_rows.py::test_rows_about_messages",
    "max_out_files": "ftp/test_messages.py::test_a_full_folder_stops_messages_until_there_is_room",
    "max_refusals": "ftp/test_uploads.py::test_many_refusals_end_the_session",
    "max_connections": f"{_ATTACKS}/test_file_floods.py::"
    "test_silent_connections_at_one_interface_leave_room_at_both",
    "max_connections_per_address": "ftp/test_uploads.py::test_one_address_has_so_many_sessions",
    "max_failed_logins": "ftp/test_lockout.py::test_the_profile_says_after_how_many_and_for_how_long",
    "locked_minutes": "ftp/test_lockout.py::test_the_profile_says_after_how_many_and_for_how_long",
    "failed_login_delay_seconds": "ftp/test_lockout.py::"
    "test_a_refusal_takes_as_long_however_long_it_took_to_find",
    "idle_timeout_seconds": "ftp/test_transfers.py::"
    "test_an_upload_that_stands_still_ends_and_the_session_goes_on",
    "login_timeout_seconds": f"{_ATTACKS}/test_file_door.py::test_slow_logins_end",
    "handshake_seconds": f"{_ATTACKS}/test_file_door.py::test_slow_logins_end",
    "data_connect_seconds": f"{_ATTACKS}/test_file_data_channels.py::test_a_data_connection_that_never_comes",
    "retention_days": "ftp/test_retention.py::test_after_months_in_one_jump_they_are_gone",
}
"""Rows whose effect is shown in another place."""


def shows(key: str) -> Callable[[Row], Row]:
    """Say which row a behaviour shows."""

    def note(row: Row) -> Row:
        ROWS[key] = row
        return row

    return note


def data_of(client: ftplib.FTP_TLS, name: str = "x.tmp", folder: str = "in") -> str:
    """The reply to an upload."""
    return client.storbinary(f"STOR /{folder}/{name}", io.BytesIO(LOON))


@shows("minimum_tls")
def tls_13_only(door: Door) -> None:
    """A client with TLS 1.2 at most is not let in."""
    client = door.open_as("ftp_gb", minimum_tls="1.3").plain()
    client.context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        client.auth()
    client.close()


@shows("maximum_tls")
def tls_12_only(door: Door) -> None:
    """A client that speaks both speaks TLS 1.2."""
    client = door.open_as("ftp_gb", maximum_tls="1.2").connect()
    assert isinstance(client.sock, ssl.SSLSocket)
    assert client.sock.version() == "TLSv1.2"
    client.close()


@shows("require_protected_data")
def clear_data_channels(door: Door) -> None:
    """PROT C is accepted, and files go over a data channel in the clear, whole, both ways."""
    client = door.open_as("ftp_gb", require_protected_data=False).connect()
    client.login(door.user, door.password, secure=False)
    client.voidcmd("PBSZ 0")
    client.voidcmd("PROT C")
    plain = ftplib.FTP.ntransfercmd
    client.ntransfercmd = lambda cmd, rest=None: plain(client, cmd, rest)  # type: ignore[method-assign]
    assert data_of(client, "000000000L01_2026_01_1.xml").startswith("226")
    got: list[str] = []
    client.retrlines("LIST /in", got.append)
    client.prot_p()
    client.quit()


@shows("require_account_oin")
def any_good_certificate(door: Door) -> None:
    """With a good certificate of another party the account logs in, and delivers for its own party."""
    door.open_as("ftp_gb", require_account_oin=False)
    client = door.login(door.client_files(OTHER_OIN))
    data_of(client, "000000000L01_2026_01_1.xml")
    client.quit()
    receipt = out_file(door, "000000000L01_2026_01_1.xml.ontvangst.xml")
    (kenmerk,) = re.findall(b"<ftp:kenmerk>(.*)</ftp:kenmerk>", receipt)
    assert door.rooms.office.message(kenmerk.decode()).summary.sender_oin == OIN


@shows("require_same_certificate_on_data")
def another_certificate_of_the_party(door: Door) -> None:
    """A data channel may show another certificate, if it is the party's."""
    client = door.open_as("ftp_gb", require_same_certificate_on_data=False).login()
    folder = door.rooms.settings.state / "another"
    folder.mkdir()
    authority = door.rooms.authority
    from digipoort_sim.pki.oin import Oin

    authority.write_client_files(authority.issue_client(Oin.parse(OIN), "TRIAL client"), folder)
    client.data_context = client_context(folder)
    assert data_of(client).startswith("226")
    client.data_context = client_context(door.client_files(OTHER_OIN))
    assert refused(lambda: data_of(client)).startswith("522")
    client.close()


@shows("in_folder")
def folder_to_deliver_in(door: Door) -> None:
    """Files are delivered in the folder of that name, and there is none of the usual name."""
    client = door.open_as("ftp_gb", in_folder="to_dp").login()
    assert set(client.nlst("/")) == {"to_dp", "out"}
    assert data_of(client, "000000000L01_2026_01_1.xml", "to_dp").startswith("226")
    assert "only in /to_dp files may be written" in refused(lambda: data_of(client, "x", "out"))
    client.quit()


@shows("out_folder")
def folder_to_fetch_from(door: Door) -> None:
    """Receipts come in the folder of that name, which nobody writes in."""
    client = door.open_as("ftp_gb", out_folder="from_dp").login()
    data_of(client, "000000000L01_2026_01_1.xml")
    assert out_file(door, "000000000L01_2026_01_1.xml.ontvangst.xml", "from_dp")
    assert refused(lambda: data_of(client, "x", "from_dp")).startswith("550")
    client.quit()


@shows("temporary_suffix")
def temporary_names(door: Door) -> None:
    """A file under a name with that end is not delivered until it is renamed."""
    client = door.open_as("ftp", temporary_suffix=".part").login()
    name = loon_name()
    data_of(client, f"{name}.part")
    assert refused(lambda: data_of(client, name)).startswith("553")
    assert client.rename(f"/in/{name}.part", f"/in/{name}").startswith("250")
    client.quit()


@shows("marker_suffix")
def marker_names(door: Door) -> None:
    """A file of that name says that the other one is complete."""
    client = door.open_as("ftp", complete_when="marker", marker_suffix=".klaar").login()
    data_of(client, loon_name())
    assert "accepted" in data_of(client, f"{loon_name()}.klaar")
    client.quit()


@shows("file_name")
def own_names(door: Door) -> None:
    """Names follow the pattern that there is."""
    client = door.open_as("ftp_gb", file_name=r"loon-(?P<volgnummer>[0-9]{3})\.(?P<ext>xml)").login()
    assert data_of(client, "loon-001.xml").startswith("226")
    assert refused(lambda: data_of(client, "000000000L01_2026_01_1.xml")).startswith("553")
    client.quit()


@shows("file_name_example")
def names_for_example(door: Door) -> None:
    """A refusal gives a name that is good."""
    client = door.open_as("ftp_gb", file_name_example="000000000L01_2027_02_9.xml").login()
    reply = refused(lambda: data_of(client, "x.xml"))
    assert reply.endswith("a good name: 000000000L01_2027_02_9.xml.")
    client.close()


@shows("file_name_parts")
def parts_in_words(door: Door) -> None:
    """A refusal tells which part is wrong, what stands there and what was expected."""
    client = door.open_as("ftp_gb").login()
    reply = refused(lambda: data_of(client, "000000000L01_26_01_1.xml"))
    assert "jaar is not good: found '26', expected the year, of 4 digits" in reply
    client.close()


@shows("berichtsoort")
def one_berichtsoort_for_all(door: Door) -> None:
    """Files whose names do not tell are of the profile's berichtsoort, and go to its receiver."""
    client = door.open_as("ftp_gb", berichtsoort="Eerstedagsmelding").login()
    data_of(client, "000000000L01_2026_01_1.xml")
    client.quit()
    document = out_file(door, "000000000L01_2026_01_1.xml.ontvangst.xml", also="fout")
    assert b"Eerstedagsmelding" in document


@shows("mime_types")
def extensions(door: Door) -> None:
    """Only the extensions of the table are taken."""
    client = door.open_as("ftp", mime_types={"xml": ["text/xml"]}).login()
    data_of(client)
    name = loon_name(ext="xbrl")
    reply = refused(lambda: client.rename("/in/x.tmp", f"/in/{name}"))
    assert "ext is .xbrl, which is none of xml" in reply
    client.close()


@shows("zip_containers")
def zip_files(door: Door) -> None:
    """Where zip files are no containers, one stands for itself, which is no wage return."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("loon.xml", LOON)
    client = door.open_as("ftp", zip_containers=False).login()
    door.upload(client, loon_name(ext="zip"), packed.getvalue())
    client.quit()
    assert b"ALS" in door.wait_for(f"{loon_name(ext='zip')}.fout.xml")


@shows("receipt_suffix")
def receipts(door: Door) -> None:
    """Receipts are named with that end."""
    client = door.open_as("ftp_gb", receipt_suffix=".ack").login()
    data_of(client, "000000000L01_2026_01_1.xml")
    client.quit()
    assert b"ontvangst" in out_file(door, "000000000L01_2026_01_1.xml.ack")


@shows("status_suffix")
def statuses(door: Door) -> None:
    """Files with the final status are named with that end."""
    client = door.open_as("ftp_gb", status_suffix="_eind.xml").login()
    data_of(client, "000000000L01_2026_01_1.xml")
    client.quit()
    assert b"statuscode" in out_file(door, "000000000L01_2026_01_1.xml_eind.xml")


@shows("error_suffix")
def errors(door: Door) -> None:
    """Error files are named with that end; content about another than the name says is ALS140."""
    client = door.open_as("ftp_gb", error_suffix=".nok").login()
    data_of(client, "111111110L01_2026_01_1.xml")
    client.quit()
    document = out_file(door, "111111110L01_2026_01_1.xml.nok")
    assert b"ALS140" in document
    door.events("FTP-NAME-IDENTITY")


@shows("resume")
def no_resuming(door: Door) -> None:
    """Without it, REST and APPE are refused."""
    client = door.open_as("ftp", resume=False).login()
    assert refused(lambda: client.voidcmd("REST 3"))[:1] == "5"
    assert refused(lambda: client.storbinary("APPE /in/x.tmp", io.BytesIO(b"x")))[:1] == "5"
    client.close()


@shows("max_listing")
def short_listings(door: Door) -> None:
    """A listing has at most so many lines."""
    client = door.open_as("ftp", max_listing=2).login()
    for name in ("a.tmp", "b.tmp", "c.tmp"):
        data_of(client, name)
    assert len(client.nlst("/in")) == 2
    client.quit()


@shows("max_name_length")
def short_names(door: Door) -> None:
    """A longer name is refused, with its length."""
    client = door.open_as("ftp", max_name_length=30).login()
    assert "at most 30" in refused(lambda: data_of(client, "x" * 27 + ".tmp"))
    client.close()


@shows("max_command_bytes")
def short_commands(door: Door) -> None:
    """A longer command is refused with 500."""
    client = door.open_as("ftp", max_command_bytes=64).login()
    assert refused(lambda: client.voidcmd("NOOP " + "x" * 70)).startswith("500")
    client.close()


@shows("max_sessions_per_account")
def few_sessions(door: Door) -> None:
    """One session more than that is refused to the account."""
    first = door.open_as("ftp", max_sessions_per_account=1).login()
    assert refused(door.login).startswith("421")
    first.quit()


def out_file(door: Door, name: str, folder: str = "out", also: str = "") -> bytes:
    """A file that the account is given on the interface for large messages, once it is there."""
    home = door.rooms.settings.state / "ftp_gb" / door.user / folder

    def look() -> bytes:
        other = home / name.replace("ontvangst", also or "ontvangst")
        return (home / name if (home / name).exists() else other).read_bytes()

    found: bytes = eventually(look)
    return found


def test_rows_about_messages(tmp_path: Path) -> None:
    """How messages are named in the folder to fetch from, and how much of them may lie there."""
    store = Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    rules = {"message_name": "{kenmerk}-van.{ext}", "message_suffix": ".over.xml", "max_out_bytes": 2000}
    scene = active(Scene.open(store, tmp_path / "state", **rules))
    user = scene.account("SBA_IB")
    scene.put(f"<eigen>{'x' * 2000}</eigen>")
    scene.tick()
    names = scene.names(user)
    assert len(names) == 2  # a message and the file about it; the others have to wait
    (kenmerk, _, tail) = names[0].partition("-van.")
    assert UUID(kenmerk)
    assert names == [f"{kenmerk}-van.{tail}", f"{kenmerk}-van.{tail}.over.xml"]
    store.close()


@pytest.mark.parametrize("key", sorted(ROWS))
def test_the_row_has_its_effect(door: Door, key: str) -> None:
    """A door with another value in this row behaves otherwise."""
    ROWS[key](door)


def test_every_row_is_shown_to_have_an_effect() -> None:
    """No row is without a test; a test that is named is there."""
    assert set(ROWS) | set(ELSEWHERE) == set(ROW_KEYS)
    root = Path(__file__).parents[1]
    for key, place in ELSEWHERE.items():
        file, _, name = place.partition("::")
        assert f"def {name}(" in (root / file).read_text("utf-8"), key


def test_every_row_is_used_in_the_program() -> None:
    """No row stands in a profile in vain: each is read as an attribute somewhere outside their own room."""
    package = Path(digipoort_sim.__file__).parent
    own = package / "catalogue" / "file_profiles"
    used: set[str] = set()
    for path in package.rglob("*.py"):
        if own not in path.parents:
            tree = ast.parse(path.read_text("utf-8"))
            used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert set(ROW_KEYS) - used <= {"retention_days"}  # which is used as `Profile.retention`
    assert "retention" in used
