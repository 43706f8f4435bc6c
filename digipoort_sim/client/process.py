"""A simulator as a process of its own, for the demonstration: started on free ports, stopped afterwards."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from digipoort_sim.client.endpoints import UnreachableError, read_endpoints
from digipoort_sim.errors import ConfigError

_START_SECONDS = 30.0
_STOP_SECONDS = 15.0


@contextlib.contextmanager
def serving(state: Path) -> Iterator[None]:
    """A simulator that serves from a state directory while the block runs.

    Raises:
        ConfigError: it does not start; says what it printed.
    """
    command = [sys.executable, "-m", "digipoort_sim", "serve", "--state", str(state)]
    command += ["--wus-port", "0", "--ftp-port", "0", "--web-port", "0"]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603
        try:
            if not _ready(process, state):
                log.seek(0)
                said = log.read().decode(errors="replace").strip().removeprefix("digipoort-sim: ")
                raise ConfigError(f"the simulator does not start: {said}", rule="START")
            yield
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_SECONDS)
            process.kill()
            process.wait()


def _ready(process: subprocess.Popen[bytes], state: Path) -> bool:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        # Another simulator's endpoints may lie there: then ours is about to say so and end.
        with contextlib.suppress(UnreachableError):
            if read_endpoints(state)["pid"] == process.pid:
                return True
        time.sleep(0.02)
    return False
