"""The program as users run it: real processes on free ports."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROGRAM = [sys.executable, "-m", "digipoort_sim"]
FREE_PORTS = ["--wus-port", "0", "--ftp-port", "0", "--web-port", "0"]


def run(*arguments: str, state: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; its output is text."""
    command = [*PROGRAM, *arguments, "--state", str(state)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert not check or result.returncode == 0, (
        f"{arguments}: {result.returncode}\n{result.stdout}\n{result.stderr}"
    )
    return result


def rows(*arguments: str, state: Path) -> list[dict[str, Any]]:
    """The JSON array that a listing prints."""
    loaded: list[dict[str, Any]] = json.loads(run(*arguments, "--json", state=state).stdout)
    return loaded


def endpoints(state: Path) -> dict[str, Any]:
    """The content of ``endpoints.json``."""
    loaded: dict[str, Any] = json.loads((state / "endpoints.json").read_text())
    return loaded


@contextlib.contextmanager
def serving(
    state: Path, *options: str, env: dict[str, str] | None = None, errors: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A server process that is ready; stopped by SIGTERM if the block did not end it.

    Args:
        errors: file for what it writes to its standard error; that of the test otherwise.
    """
    with contextlib.ExitStack() as stack:
        process = subprocess.Popen(
            [*PROGRAM, "serve", "--state", str(state), *FREE_PORTS, *options],
            stdout=subprocess.DEVNULL,
            stderr=None if errors is None else stack.enter_context(errors.open("ab")),
            env={**os.environ, **(env or {})},
        )
    try:
        wait_ready(process, state)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def wait_ready(process: subprocess.Popen[bytes], state: Path) -> None:
    """Wait until the server of this process has written its endpoints."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        with contextlib.suppress(OSError, ValueError):
            if endpoints(state)["pid"] == process.pid:
                return
        time.sleep(0.02)
    raise AssertionError("the server did not become ready")
