"""When a file is complete: by its rename, by a marker, or by the end of its transfer."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from tests.ftp.conftest import LOON, Door, ReusingFtp, eventually, loon_name
from tests.ftp.test_delivering import fields
from tests.ftp.test_tls import refused
from tests.ftp.test_uploads import BIG, cut_off


def put(client: ReusingFtp, name: str, content: bytes = LOON) -> str:
    """Upload under a name; gives the last reply."""
    return client.storbinary(f"STOR /in/{name}", io.BytesIO(content))


def completes(door: Door, client: ReusingFtp, name: str, rule: str, content: bytes = LOON) -> str:
    """Do what makes a delivery by a rule; gives the reply to the last step."""
    if rule == "rename":
        put(client, f"{name}.tmp", content)
        return client.rename(f"/in/{name}.tmp", f"/in/{name}")
    reply = put(client, name, content)
    return put(client, f"{name}.go", b"") if rule == "marker" else reply


@pytest.mark.parametrize("interface", ["ftp", "ftp_gb"])
@pytest.mark.parametrize("rule", ["rename", "marker", "close"])
def test_each_rule_on_each_interface(door: Door, rule: str, interface: str) -> None:
    """The last step of the rule makes a delivery, and nothing is left in /in."""
    door.open_as(interface, complete_when=rule)
    client = door.login()
    name = loon_name() if interface == "ftp" else "000000000L01_2026_01_1.xml"
    assert completes(door, client, name, rule)[:3] in ("226", "250")
    assert client.nlst("/in") == []
    out = door.rooms.settings.state / interface / door.user / "out"
    assert fields(eventually((out / f"{name}.status.xml").read_bytes))["statuscode"] == "500"
    client.quit()


def test_a_rename_that_makes_no_delivery(door: Door) -> None:
    """Onto a name that is there, of a part, from one temporary name to another, twice."""
    client = door.open().login()
    put(client, "a.tmp")
    put(client, "b.tmp", b"other")
    assert refused(lambda: client.rename("/in/a.tmp", "/in/b.tmp")).startswith("553")
    assert door.events("FTP-NAME-EXISTS")
    assert client.rename("/in/a.tmp", "/in/c.tmp").startswith("250")
    assert refused(lambda: client.rename("/in/a.tmp", "/in/d.tmp")).startswith("550")
    assert refused(lambda: client.sendcmd("RNTO /in/d.tmp")).startswith("503")
    assert cut_off(door, client, "/in/part.tmp", BIG[:100_000]).startswith("426")
    assert refused(lambda: client.rename("/in/part.tmp", f"/in/{loon_name()}")).startswith("553")
    assert client.rename("/in/part.tmp", "/in/moved.tmp").startswith("250")
    assert refused(lambda: client.rename("/in/moved.tmp", f"/in/{loon_name()}")).startswith("553")
    assert sorted(client.nlst("/in")) == ["b.tmp", "c.tmp", "moved.tmp"]
    assert client.rename("/in/c.tmp", f"/in/{loon_name()}").startswith("250")
    assert refused(lambda: client.rename("/in/c.tmp", f"/in/{loon_name('x')}")).startswith("550")
    door.wait_for(f"{loon_name()}.status.xml")
    assert len(door.rooms.office.messages()) == 1
    client.quit()


def test_markers_in_odd_orders(door: Door) -> None:
    """Before the file 550; for a part 553; renamed to 553; for a used name 553; none of them stays in /in."""
    client = door.open(replace(door.profile, complete_when="marker")).login()
    name = loon_name()
    assert refused(lambda: put(client, f"{name}.go", b"")).startswith("550")
    assert cut_off(door, client, f"/in/{name}", BIG[:100_000]).startswith("426")
    assert refused(lambda: put(client, f"{name}.go", b"")).startswith("553")
    assert door.events("FTP-INCOMPLETE")
    put(client, name)
    put(client, "x.tmp")
    assert refused(lambda: client.rename("/in/x.tmp", f"/in/{name}.go")).startswith("553")
    assert refused(lambda: client.rename("/in/x.tmp", f"/in/{name}")).startswith("553")
    assert client.nlst("/in") == [name, "x.tmp"]
    assert put(client, f"{name}.go", b"").startswith("226")
    door.wait_for(f"{name}.status.xml")
    assert refused(lambda: put(client, f"{name}.go", b"")).startswith("55")
    assert refused(lambda: put(client, name)).startswith("553")
    assert refused(lambda: client.rename("/in/x.tmp", f"/in/{name}")).startswith("553")
    assert client.rename("/in/x.tmp", f"/in/{loon_name('two')}").startswith("250")
    assert len(door.rooms.office.messages()) == 1
    assert put(client, f"{loon_name('two')}.go", b"").startswith("226")
    door.wait_for(f"{loon_name('two')}.status.xml")
    assert client.nlst("/in") == []
    client.quit()


def test_a_transfer_that_was_cut_off_completes_when_it_is_resumed(door: Door) -> None:
    """With `close` a cut-off transfer gets 426 and its part stays; the resumed one is the delivery."""
    client = door.open(replace(door.profile, complete_when="close")).login()
    name = loon_name()
    assert cut_off(door, client, f"/in/{name}", BIG[:200_000]).startswith("426")
    size = client.size(f"/in/{name}")
    assert size
    assert door.rooms.office.messages() == []
    reply = client.storbinary(f"STOR /in/{name}", io.BytesIO(BIG[size:]), rest=size)
    assert reply.startswith("226")
    assert str(len(BIG)) in door.wait_for(f"{name}.ontvangst.xml").decode()
    assert client.nlst("/in") == []
    client.quit()
