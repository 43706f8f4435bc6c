"""One simulator a state directory."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from digipoort_sim.errors import ConflictError
from digipoort_sim.server.endpoints import StateLock


def dead_pid() -> int:
    """The id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_second_simulator_is_refused(tmp_path: Path) -> None:
    """While the one that took the lock runs, another is refused at once."""
    first = StateLock(tmp_path)
    first.take()
    with pytest.raises(ConflictError, match="another digipoort-sim serves"):
        StateLock(tmp_path).take()
    first.release()
    StateLock(tmp_path).take()


def test_what_is_left_of_a_killed_simulator_is_waited_for(tmp_path: Path) -> None:
    """When only its other processes still hold the lock, who starts next waits until they have ended."""
    left = StateLock(tmp_path)
    left.take()
    (tmp_path / "serve.lock").write_text(str(dead_pid()))
    waiting = threading.Thread(target=StateLock(tmp_path).take)
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    left.release()
    waiting.join(5)
    assert not waiting.is_alive()
    assert (tmp_path / "serve.lock").read_text() == str(os.getpid())
