"""What `docs/explain.md` tells people to do works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.cli.program import environment
from tests.wus import door_kit, messages
from tests.wus.tls_kit import authority_in, client_folder

PAGE = (Path(__file__).parents[2] / "docs" / "explain.md").read_text()


def test_lines_of_the_page_work(tmp_path: Path) -> None:
    """Each line of shell on the page does what the page says, for a message of the simulator's own client."""
    authority = authority_in(tmp_path / "state")
    client = client_folder(authority, tmp_path / "client")
    (at,) = re.findall(r"--at (\S+)Z", PAGE)
    now = datetime.now(UTC)
    path = "/cpl/aanleverservice/1.2"
    body = door_kit.signed(messages.AANLEVEREN, door_kit.delivery(), client, stub=True, created=now)
    (tmp_path / "envelope.xml").write_bytes(body)
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n"
    (tmp_path / "request.http").write_bytes(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    script = "set -euo pipefail\n" + "".join(re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
    program = f'digipoort-sim() {{ "{sys.executable}" -m digipoort_sim.cli.main "$@"; }}\n'
    ran = subprocess.run(
        ["bash", "-c", program + script.replace(at, "2100-01-01T00:00:00")],
        cwd=tmp_path,
        env=environment(DIGIPOORT_SIM_STATE=str(tmp_path / "state"), PYTHONPATH=os.getcwd()),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("\naccepted\n") == 3
    assert "refused: exit code 1" in ran.stdout
    assert "\nWSS-COVERAGE " in ran.stdout
