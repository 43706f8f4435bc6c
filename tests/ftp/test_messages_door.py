"""Messages in ``/out`` as a client of the real file door sees them."""

from __future__ import annotations

import ftplib
import hashlib
import io
from pathlib import Path

from digipoort_sim.exchange.accounts import Accounts
from digipoort_sim.exchange.wants import Wants
from digipoort_sim.register.messages import MandateMessage, MessageKind, render_mandate_message
from tests.ftp.conftest import OIN, Door, eventually
from tests.ftp.messages import SUFFIX, fields_of


def test_an_overview_is_asked_for_and_fetched_by_file(door: Door, tmp_path: Path) -> None:
    """A mandate query goes in by file; its overview comes out as a kennisgeving to the account that wants it,
    and another account of the same party sees nothing of it.
    """
    door.open()
    accounts = Accounts(door.rooms.store, door.rooms.ids, door.rooms.clocks)
    accounts.change(door.user, wants=Wants(("kennisgevingen",)))
    client = door.login()
    row = door.rooms.catalogue.berichtsoort("MachtigingOpvragen")
    message = MandateMessage(MessageKind.OPVRAGEN, "", "999993653", "BSN", OIN)
    name = f"MachtigingOpvragen_vraag-1_{door.rooms.catalogue.agency_of(row).oin}.xml"
    door.upload(client, name, render_mandate_message(message, "xml"))
    (about,) = eventually(lambda: found(client))
    assert not any(one.startswith(".") for one in client.nlst("/out"))
    (tmp_path / "about.xml").write_bytes(fetched(client, about))
    fields = fields_of(tmp_path / "about.xml")
    content = fetched(client, fields["naam"])
    assert (fields["soort"], fields["berichtsoort"]) == ("kennisgeving", "MachtigingOverzicht")
    assert (fields["aanleverkenmerk"], fields["nummer"]) == ("vraag-1", "999993653")
    assert (fields["sha256"], int(fields["grootte"])) == (hashlib.sha256(content).hexdigest(), len(content))
    client.delete(f"/out/{about}")
    client.delete(f"/out/{fields['naam']}")
    client.quit()
    door.user, door.password = accounts.add(OIN, wants=Wants(("SBA_IB",)))
    other = door.login()
    assert other.nlst("/out") == []
    other.quit()


def found(client: ftplib.FTP) -> list[str]:
    """The documents about messages in ``/out``, once there is one."""
    names = [name for name in client.nlst("/out") if name.endswith(SUFFIX)]
    assert names
    return [name.rpartition("/")[2] for name in names]


def fetched(client: ftplib.FTP, name: str) -> bytes:
    """A file in ``/out``."""
    into = io.BytesIO()
    client.retrbinary(f"RETR /out/{name}", into.write)
    return into.getvalue()
