"""A ``kill -9`` of the whole server while it waits for an agency."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.processes import rows, run, serving
from tests.wus.agency_kit import STUB_OIN, Agency, Received, free_port, taken

pytestmark = pytest.mark.heavy


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_server_that_is_killed_in_a_call_calls_again(tmp_path: Path) -> None:
    """The agency gets the message once more, as the same one, from the server that is started next; the stop
    of a server does not wait for an agency that hangs.
    """
    state, port = tmp_path / "state", free_port()
    issue = ("certs", "issue", "--out")
    run(*issue, str(tmp_path / "agency"), "--oin", STUB_OIN, "--host", "localhost", state=state)
    run(*issue, str(tmp_path / "party"), "--kvk", "30216247", state=state)
    (tmp_path / "a.xml").write_text("<a/>")
    env = {"DIGIPOORT_SIM_AGENCIES__ENDPOINTS__STUB__URL": f"https://localhost:{port}/"}
    awake = threading.Event()

    def sleepy(agency: Agency, request: Received) -> bytes:
        awake.wait(60)
        return taken(agency, request)

    agency = Agency(tmp_path / "agency", sleepy, port)

    def code() -> str:
        listed = rows("messages", "list", state=state)
        return str(listed[0]["statuscode"])

    with serving(state, "--workers", "2", env=env) as process:
        send = ("send", str(tmp_path / "a.xml"), "--berichtsoort", "TEST", "--belanghebbende", "001000044B37")
        run(*send, "--cert", str(tmp_path / "party"), state=state)
        wait_for(lambda: len(agency.received) == 1)
        assert code() == "405"
        process.kill()
        process.wait()
    with serving(state, "--workers", "2", env=env) as process:
        wait_for(lambda: len(agency.received) == 2)
        started = time.monotonic()
        process.terminate()
        process.wait(20)
        assert time.monotonic() - started < 10
    awake.set()
    with serving(state, "--workers", "2", env=env):
        wait_for(lambda: code() == "400")
    agency.close()
    assert len(agency.received) == 3
    for name in ("MessageID", "kenmerk", "berichtkenmerk"):
        assert len({request.text(name) for request in agency.received}) == 1
