"""Starting, finding and stopping a server."""

from __future__ import annotations

import hashlib
import os
import signal
import ssl
import time
from pathlib import Path

import pytest

from tests.processes import FREE_PORTS, endpoints, run, serving

pytestmark = pytest.mark.heavy
_DOORS = ("wus", "ftp", "ftp_gb", "web")


def test_endpoints_file_names_every_door(tmp_path: Path) -> None:
    """`endpoints.json` has exactly the fields that other tools rely on, and its files exist."""
    with serving(tmp_path) as process:
        found = endpoints(tmp_path)
        assert set(found) == {
            "wus",
            "ftp",
            "ftp_gb",
            "ftp_implicit",
            "web",
            "wus_port",
            "ftp_port",
            "ftp_gb_port",
            "ftp_implicit_port",
            "web_port",
            "ca",
            "service_certificate",
            "tls_sha1",
            "service_sha1",
            "pid",
        }
        assert found["wus"] == f"https://localhost:{found['wus_port']}"
        assert found["ftp_gb"] == f"ftp://localhost:{found['ftp_gb_port']}"
        assert found["ftp_implicit_port"] is found["ftp_implicit"] is None
        assert found["pid"] == process.pid
        assert Path(found["ca"]).is_file()
        assert Path(found["service_certificate"]).is_file()
        served = ssl.get_server_certificate(("localhost", found["wus_port"]), ca_certs=None)
        assert found["tls_sha1"] == hashlib.sha1(ssl.PEM_cert_to_DER_cert(served)).hexdigest()
        assert run("readyz", state=tmp_path).returncode == 0


def test_clean_stop_removes_the_endpoints_file(tmp_path: Path) -> None:
    """After SIGTERM the process ends with 0 and nobody finds a server that is gone."""
    with serving(tmp_path) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert not (tmp_path / "endpoints.json").exists()
    assert run("readyz", state=tmp_path, check=False).returncode == 2


def test_second_server_on_the_same_state_is_refused(tmp_path: Path) -> None:
    """Two servers never share a state directory; the second says so in one line and exits with 2."""
    with serving(tmp_path):
        second = run("serve", *FREE_PORTS, state=tmp_path, check=False)
        assert second.returncode == 2
        assert len(second.stderr.strip().splitlines()) == 1
        assert "another digipoort-sim" in second.stderr
        assert endpoints(tmp_path)


def test_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    """A port that is in use ends the start with exit code 2 and no traceback."""
    with serving(tmp_path / "first"):
        taken = {door: str(endpoints(tmp_path / "first")[f"{door}_port"]) for door in _DOORS}
        for door, port in taken.items():
            option = f"--{door.replace('_', '-')}-port"
            second = run("serve", *FREE_PORTS, option, port, state=tmp_path / door, check=False)
            assert second.returncode == 2, door
            assert len(second.stderr.strip().splitlines()) == 1, second.stderr
            assert option in second.stderr
            assert not (tmp_path / door / "endpoints.json").exists()


def test_stale_endpoints_file_of_a_killed_server_is_replaced(tmp_path: Path) -> None:
    """After kill -9 the next start works, and names its own process."""
    with serving(tmp_path) as first:
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    assert (tmp_path / "endpoints.json").exists()
    with serving(tmp_path) as second:
        assert endpoints(tmp_path)["pid"] == second.pid


def test_dead_worker_is_replaced(tmp_path: Path) -> None:
    """With two workers, one that is killed is started anew, and the simulator goes on serving."""
    with serving(tmp_path, "--workers", "2") as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        before = set(children.read_text().split())
        assert len(before) == 3
        victim = max(before, key=int)
        os.kill(int(victim), signal.SIGKILL)
        until = time.monotonic() + 10
        while len(now := set(children.read_text().split())) < 3 or victim in now:
            assert time.monotonic() < until, "the worker was not replaced"
            time.sleep(0.05)
        assert run("readyz", state=tmp_path).returncode == 0


def test_workers_end_with_their_killed_parent(tmp_path: Path) -> None:
    """When the parent is killed with -9 no worker stays behind holding the ports."""
    with serving(tmp_path, "--workers", "2") as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        until = time.monotonic() + 10
        while any(_lives(child) for child in children):
            assert time.monotonic() < until, "a worker is left"
            time.sleep(0.05)


def _lives(pid: str) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
