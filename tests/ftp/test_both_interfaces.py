"""Two interfaces beside each other: their ports, homes and names are apart; the office is one."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest

from digipoort_sim.client.deliveries import statuses, wait_for_end
from digipoort_sim.errors import ConfigError
from digipoort_sim.exchange.accounts import Accounts
from digipoort_sim.ftp import FtpDoor, load_profile
from digipoort_sim.pki.oin import Oin
from digipoort_sim.pki.tls import client_context
from digipoort_sim.testing.simulator import Simulator
from tests.ftp.conftest import LOON, OIN, Door, ReusingFtp, eventually
from tests.ftp.test_tls import refused

NAME = "000000000L01_2026_01_1.xml"


def test_one_account_has_two_homes_and_names_of_their_own(door: Door) -> None:
    """A name that was used on one interface is free on the other; each has its own receipt."""
    gb = load_profile(door.rooms.settings.ftp_gb)
    door.open(replace(gb, failed_login_delay_seconds=0.0))
    home = door.rooms.settings.state
    kenmerken = []
    for key in ("ftp", "ftp_gb"):
        door.port = door.ports[key]
        client = door.login()
        assert client.storbinary(f"STOR /in/{NAME}", io.BytesIO(LOON)).startswith("226")
        kenmerken.append(eventually((home / key / door.user / "out" / f"{NAME}.ontvangst.xml").read_text))
        again = refused(lambda client=client: client.storbinary(f"STOR /in/{NAME}", io.BytesIO(LOON)))
        assert again.startswith("553")
        client.quit()
    assert kenmerken[0] != kenmerken[1]
    assert len(door.rooms.office.messages()) == 2


def test_interfaces_have_ports_of_their_own(door: Door) -> None:
    """A port that is asked for twice is refused before any door opens, with the options to change."""
    update = {"ftp_port": 2990, "ftp_gb_port": 2991, "ftp_implicit_port": 2991}
    object.__setattr__(door.rooms, "settings", door.rooms.settings.model_copy(update=update))
    with pytest.raises(ConfigError, match="2991 is asked for twice; give another --ftp-gb-port or --ftp-imp"):
        FtpDoor(door.rooms).start()


@pytest.mark.heavy
def test_what_came_by_ftp_gb_is_followed_by_wus(digipoort_simulator: Simulator) -> None:
    """Its kenmerk is in the receipt; the statusinformatieservice tells the statuses that the file tells."""
    simulator, oin = digipoort_simulator, Oin.parse(OIN)
    inner, folder = simulator.inner, simulator.certificate(oin)
    user, password = Accounts(inner.store, inner.ids, inner.clocks).add(OIN)
    ftp = ReusingFtp(context=client_context(folder.ca.parent), timeout=10)
    ftp.connect("localhost", simulator.endpoints.ftp_gb_port)
    ftp.auth()
    ftp.login(user, password, secure=False)
    ftp.prot_p()
    ftp.storbinary(f"STOR /in/{NAME}", io.BytesIO(LOON))
    ftp.quit()
    out = simulator.state / "ftp_gb" / user / "out"
    status = eventually((out / f"{NAME}.status.xml").read_text)
    (kenmerk,) = re.findall("<ftp:kenmerk>(.*)</ftp:kenmerk>", status)
    client = simulator.client(folder)
    rows = wait_for_end(client, inner.catalogue, "Aangifte_LH", kenmerk)
    assert f"statuscode>{rows[-1]['statuscode']}<" in status
    assert kenmerk in (out / f"{NAME}.ontvangst.xml").read_text()
    assert statuses(client, kenmerk) == rows
