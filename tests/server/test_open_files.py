"""The limit of open files."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import resource
from digipoort_sim.server.open_files import allow_connections
resource.setrlimit(resource.RLIMIT_NOFILE, (200, {hard}))
allow_connections({connections})
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def limits_after(hard: int, connections: str = "1000") -> str:
    """The limits of a process that began with room for 200 files and asked for so many connections."""
    command = [sys.executable, "-c", PROGRAM.format(hard=hard, connections=connections)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_limit_is_raised_as_far_as_allowed() -> None:
    """There is room for the connections and more, unless the hard limit is lower."""
    assert limits_after(500) == "500 500"
    soft, hard = map(int, limits_after(4000).split())
    assert 1000 < soft <= hard == 4000


def test_the_file_door_needs_more_than_one_file_for_a_connection() -> None:
    """What its connections have open besides themselves is counted too."""
    plain, with_transfers = (
        int(limits_after(8000, connections).split()[0]) for connections in ("1000", "1000, 500")
    )
    assert with_transfers >= plain + 3 * 500
