"""Data channels by the profile: on which ports they are, and whose TLS session they resume."""

from __future__ import annotations

import ftplib
import socket
import ssl
from typing import Any

import pytest

from digipoort_sim.pki.tls import client_context
from tests.ftp.conftest import OIN, Door, ReusingFtp, eventually
from tests.ftp.test_profile_rows import data_of
from tests.ftp.test_tls import refused


def free_ports(count: int) -> int:
    """The first of so many ports in a row that are free."""
    for first in range(45000, 60000, 97):
        try:
            with _taken(range(first, first + count)):
                return first
        except OSError:
            continue
    raise AssertionError("no free ports")


def _taken(ports: range) -> Any:
    from contextlib import ExitStack

    stack = ExitStack()
    with stack:
        for port in ports:
            stack.enter_context(socket.create_server(("localhost", port)))
        return stack.pop_all()


def test_only_ports_of_the_passive_range_are_used(door: Door) -> None:
    """Data channels are on the ports of the range; when all are taken the reply is 425 and says so."""
    first = free_ports(4)
    settings = door.rooms.settings.model_copy(update={"ftp_port": first, "ftp_gb_port": 0})
    object.__setattr__(door.rooms, "settings", settings)
    door.open_as("ftp", passive_first_port=first + 1, passive_ports=2)
    client = door.login()
    ports = {client.makepasv()[1] for _ in range(12)}
    assert ports == {first + 1, first + 2}
    client.close()
    with eventually(lambda: _taken(range(first + 1, first + 3))):
        client = door.login()
        reply = refused(client.makepasv)
        assert reply.startswith(f"425 none of the passive ports {first + 1} to {first + 2} is free")
    assert data_of(client).startswith("226")
    assert door.events("FTP-PASSIVE-PORTS")
    client.quit()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("reuse", ["off", "wanted", "required"])
def test_a_data_channel_resumes_its_own_control_channel(
    door: Door, reuse: str, version: ssl.TLSVersion
) -> None:
    """off: no session is resumed; wanted: if the client likes; required: 522 for any other session."""
    door.open_as("ftp", session_reuse=reuse)
    client, other = _login(door, version), _login(door, version)
    resumed = []
    plain = client.ntransfercmd

    def watched(cmd: str, rest: Any = None) -> Any:
        connection, size = plain(cmd, rest)
        resumed.append(connection.session_reused)
        return connection, size

    client.ntransfercmd = watched  # type: ignore[method-assign]
    assert data_of(client).startswith("226")
    assert resumed == [reuse != "off"]
    other.data_context = client_context(door.client_files(OIN))
    if reuse == "required":
        assert refused(lambda: data_of(other)).startswith("522 the data channel must resume")
        _bring_session_of(other, client)
        assert refused(lambda: data_of(other)).startswith("522 the data channel must resume")
        assert door.events("FTP-DATA-SESSION", 2)
    else:
        assert data_of(other, "y.tmp").startswith("226")
    client.close()
    other.close()


def _login(door: Door, version: ssl.TLSVersion) -> ReusingFtp:
    client = door.plain()
    client.context.minimum_version = client.context.maximum_version = version
    client.auth()
    client.login(door.user, door.password, secure=False)
    client.prot_p()
    return client


def _bring_session_of(client: ReusingFtp, owner: ReusingFtp) -> None:
    """Let a client's data channels try the TLS session of another control channel of the same party."""

    def transfer(cmd: str, rest: Any = None) -> Any:
        connection, size = ftplib.FTP.ntransfercmd(client, cmd, rest)
        session = owner.sock.session  # type: ignore[union-attr]
        return owner.context.wrap_socket(connection, server_hostname="localhost", session=session), size

    client.ntransfercmd = transfer  # type: ignore[method-assign]
