"""The clients that people use: curl and lftp deliver a file and fetch its receipt."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.ftp.conftest import LOON, OIN, Door, loon_name

pytestmark = pytest.mark.heavy


def run(*command: str) -> str:
    """Run a client; it must end well."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def curl(door: Door, path: str, *options: str, files: Path | None = None) -> list[str]:
    """The command line for curl with a client certificate."""
    folder = files or door.client_files(OIN)
    return [
        "curl", "-sS", "-v", "--ssl-reqd", "--user", f"{door.user}:{door.password}",
        "--cacert", f"{folder}/ca.pem", "--cert", f"{folder}/client.pem", "--key", f"{folder}/client.key",
        *options, f"ftp://localhost:{door.port}{path}",
    ]  # fmt: skip


def lftp_settings(door: Door) -> str:
    """What lftp has to be told before its commands."""
    folder = door.client_files(OIN)
    return (
        "set ftp:ssl-force true; set ftp:ssl-protect-data true; set net:max-retries 1; "
        f"set ssl:ca-file {folder}/ca.pem; set ssl:cert-file {folder}/client.pem; "
        f"set ssl:key-file {folder}/client.key; open -u {door.user},{door.password} "
        f"ftp://localhost:{door.port}; "
    )


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_curl_delivers_and_fetches(door: Door, tmp_path: Path, version: str) -> None:
    """curl uploads, renames, lists and fetches, with TLS 1.2 and 1.3."""
    door.open()
    (tmp_path / "loon.xml").write_bytes(LOON)
    name = loon_name("curl-1")
    tls = (f"--tlsv{version}", "--tls-max", version)
    renames = ("-Q", f"-RNFR /in/{name}.tmp", "-Q", f"-RNTO /in/{name}")
    run(*curl(door, f"/in/{name}.tmp", "-T", str(tmp_path / "loon.xml"), *renames, *tls))
    door.wait_for(f"{name}.status.xml")
    assert f"{name}.ontvangst.xml" in run(*curl(door, "/out/", "--list-only", *tls))
    assert "<ftp:kenmerk>" in run(*curl(door, f"/out/{name}.ontvangst.xml", *tls))


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_is_told_why(door: Door, tmp_path: Path) -> None:
    """curl shows the reason of a refusal, and fails."""
    door.open()
    (tmp_path / "loon.xml").write_bytes(LOON)
    command = curl(door, f"/in/{loon_name()}", "-T", str(tmp_path / "loon.xml"))
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "553 upload under a name that ends in .tmp" in done.stderr


@pytest.mark.skipif(shutil.which("lftp") is None, reason="lftp is not installed")
def test_lftp_delivers_and_fetches(door: Door, tmp_path: Path) -> None:
    """lftp uploads, renames, lists and fetches, and reuses its TLS session on the data channel."""
    door.open()
    (tmp_path / "loon.xml").write_bytes(LOON)
    name, settings = loon_name("lftp-1"), lftp_settings(door)
    upload = f"cd /in; put {tmp_path}/loon.xml -o {name}.tmp; mv {name}.tmp {name}; bye"
    run("lftp", "-c", settings + upload)
    door.wait_for(f"{name}.status.xml")
    assert f"{name}.status.xml" in run("lftp", "-c", settings + "cls -1 /out; bye")
    run("lftp", "-c", settings + f"get /out/{name}.status.xml -o {tmp_path}/status.xml; bye")
    assert b"statuscode>500<" in (tmp_path / "status.xml").read_bytes()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("reuse", ["off", "required"])
def test_curl_and_session_reuse(door: Door, tmp_path: Path, reuse: str) -> None:
    """curl reuses its TLS session with 1.2 and 1.3 where that is required, and does without where it is off.

    Told not to, it is refused with 522, and says why.
    """
    door.open_as("ftp_gb", session_reuse=reuse)
    (tmp_path / "loon.xml").write_bytes(LOON)
    for version in ("1.2", "1.3"):
        tls = (f"--tlsv{version}", "--tls-max", version)
        path = f"/in/000000000L01_2026_01_{version[-1]}.xml"
        run(*curl(door, path, "-T", str(tmp_path / "loon.xml"), *tls))
        assert run(*curl(door, "/", "--list-only", *tls)).split() == ["in", "out"]
    if reuse == "required":
        command = curl(
            door, "/in/000000000L01_2026_01_9.xml", "-T", str(tmp_path / "loon.xml"), "--no-sessionid"
        )
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode != 0
        assert "522 the data channel must resume the TLS session of the control channel" in done.stderr


@pytest.mark.skipif(shutil.which("lftp") is None, reason="lftp is not installed")
@pytest.mark.parametrize("reuse", ["off", "required"])
def test_lftp_and_session_reuse(door: Door, tmp_path: Path, reuse: str) -> None:
    """lftp reuses its TLS session where that is required, and does without where it is off."""
    door.open_as("ftp_gb", session_reuse=reuse)
    (tmp_path / "loon.xml").write_bytes(LOON)
    settings = lftp_settings(door)
    run("lftp", "-c", f"{settings}put {tmp_path}/loon.xml -o /in/000000000L01_2026_01_1.xml; bye")
    assert run("lftp", "-c", settings + "cls -1 /; bye").split() == ["/in/", "/out/"]
