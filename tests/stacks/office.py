"""A running simulator, and two vendors of it: one with a good certificate, one with a revoked one."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.processes import endpoints, run, serving

STACKS = Path(__file__).parent
CONTENT = STACKS.parents[1] / "docs" / "examples" / "omzetbelasting.xbrl"
_SECONDS_PER_PROGRAM = 100


@dataclass(frozen=True)
class Office:
    """A running simulator for the clients of other makers.

    Attributes:
        state: its state directory.
        base: URL of its SOAP door.
        good: folder of a vendor, as ``certs issue`` made it.
        revoked: the same of a vendor whose certificate is revoked.
    """

    state: Path
    base: str
    good: Path
    revoked: Path

    def report(self, *command: str | Path, cwd: Path | None = None) -> dict[str, Any]:
        """What a client program saw: it gets the base URL, the two folders and a file, and prints JSON."""
        arguments = [*map(str, command), self.base, str(self.good), str(self.revoked), str(CONTENT)]
        ran = subprocess.run(
            arguments, cwd=cwd, capture_output=True, text=True, check=False, timeout=_SECONDS_PER_PROGRAM
        )
        assert ran.returncode == 0, (
            f"{arguments[:3]} ended with {ran.returncode}:\n{ran.stderr}\n{ran.stdout}"
        )
        loaded: dict[str, Any] = json.loads(ran.stdout)
        return loaded


@contextlib.contextmanager
def open_office(state: Path) -> Iterator[Office]:
    """A simulator in a process of its own, on free ports; the file door has one for implicit TLS too."""
    with serving(state, "--ftp-implicit-port", "0"):
        good, revoked = state.parent / "good", state.parent / "revoked"
        run("certs", "issue", "--kvk", "30216247", "--out", str(good), state=state)
        run("certs", "issue", "--kvk", "90000003", "--out", str(revoked), state=state)
        run("certs", "revoke", str(revoked / "client.pem"), state=state)
        yield Office(state, str(endpoints(state)["wus"]), good, revoked)


def need(*programs: str) -> None:
    """Skip the module where a program of the stack is not installed."""
    skip_unless_installed([program for program in programs if shutil.which(program) is None])


def need_files(*files: Path) -> None:
    """Skip the module where a file of the stack is not installed."""
    skip_unless_installed([str(file) for file in files if not file.exists()])


def skip_unless_installed(missing: list[str]) -> None:
    """Skip the module if anything is missing; fail where ``CLIENT_STACKS=all`` says that all must run."""
    if missing and os.environ.get("CLIENT_STACKS") == "all":
        pytest.fail(f"not installed here: {', '.join(missing)}", pytrace=False)
    if missing:
        pytest.skip(f"not installed here: {', '.join(missing)}", allow_module_level=True)
