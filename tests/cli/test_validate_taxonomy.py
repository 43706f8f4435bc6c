"""``validate`` with a taxonomy package: both steps by the console script, and no process left behind."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from digipoort_sim.validation.packages.zipping import zip_folder
from tests.cli.program import environment
from tests.cli.test_validate import SCRIPT
from tests.taxonomies.generator import PACKAGE

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(not importlib.util.find_spec("arelle"), reason="the extra [xbrl] is not installed"),
]
GOOD = PACKAGE / "voorbeelden" / "ob-aangifte-2026.xbrl"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory with the trial taxonomy among its packages."""
    folder = tmp_path_factory.mktemp("state")
    (folder / "taxonomies").mkdir()
    zip_folder(PACKAGE, folder / "taxonomies" / "proef.zip")
    return folder


def started(state: Path, *arguments: str | Path, **settings: str) -> subprocess.Popen[str]:
    """The script in a group of processes of its own, which Ctrl-C reaches also where the tests ignore it."""
    return subprocess.Popen(
        [str(SCRIPT), "--state", str(state), "validate", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=environment(**settings),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def processes_below(parent: int) -> set[int]:
    """The processes that this one has started and that are alive."""
    found: set[int] = set()
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == str(parent) and fields[0] != "Z":
            found.add(int(entry.name))
    return found


def test_good_and_bad_files_in_one_run(state: Path, tmp_path: Path) -> None:
    """The taxonomy's findings stand beside the quick ones; nothing is left unchecked.

    The good one is warned that its taxonomy is the simulator's.
    """
    bad = tmp_path / "bad.xbrl"
    bad.write_text(GOOD.read_text().replace(">INT<", ">XYZ<").replace(' xml:lang="nl"', ""))
    running = started(state, GOOD, bad, "--identity", "001000044B37", "--json")
    out, err = running.communicate(timeout=100)
    assert running.returncode == 1, err
    first, second = (json.loads(line) for line in out.splitlines())
    assert (first["berichtsoort"], first["valid"]) == ("Omzetbelasting", True)
    assert [one["rule"] for one in first["findings"]] == ["XBRL-PROEF"]
    assert first["not_checked"] == second["not_checked"] == []
    found = {(one["rule"], one["severity"]) for one in second["findings"]}
    assert {("FR-NL-2.03", "error"), ("xmlSchema:valueError", "error")} <= found


def test_a_check_that_takes_too_long_is_trouble(state: Path) -> None:
    """A time-out is exit code 4, with what the quick checks found, and never a valid message."""
    running = started(state, GOOD, "--json", DIGIPOORT_SIM_VALIDATION__TIMEOUT_SECONDS="0.01")
    out, err = running.communicate(timeout=100)
    assert running.returncode == 4, err
    told = json.loads(out)
    assert (told["valid"], [one["rule"] for one in told["findings"]]) == (False, ["XBRL-PROEF"])
    assert "XBRL-TAXONOMY-TROUBLE" in told["not_checked"]
    assert "validation.timeout_seconds" in told["error"]
    assert told["error"] in err


def test_ctrl_c_ends_all_processes(state: Path) -> None:
    """Interrupted while Arelle is at work, the command ends with 130, and its process with it."""
    running = started(state, *[GOOD] * 50)
    deadline = time.monotonic() + 60
    while not (below := processes_below(running.pid)):
        assert running.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "Traceback" not in err
    while any(Path(f"/proc/{pid}").exists() for pid in below):
        assert time.monotonic() < deadline
        time.sleep(0.01)
