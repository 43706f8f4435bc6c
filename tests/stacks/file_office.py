"""The file doors of a running simulator, for FTP clients of other makers."""

from __future__ import annotations

import hashlib
import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.processes import endpoints, run
from tests.stacks.office import Office
from tests.wages import wage_return

OIN = "00000003302162470000"
BELASTINGDIENST = "00000002003214394002"
MOMENT = "20260102030405"
"""What the clients set the time of a file to."""
PADDING = 1_500_000
_STACKS = ("curl", "lftp", "ftplib", "node", "java")
_INTERFACES = ("ftp", "ftp_gb", "ftp_implicit")
_SECONDS = 60.0


@dataclass(frozen=True)
class FileOffice:
    """The doors and one vendor's account.

    Attributes:
        ports: by interface.
        account: a netrc file.
        content: what is delivered.
    """

    office: Office
    ports: dict[str, int]
    user: str
    password: str
    account: Path
    content: Path

    @property
    def sha256(self) -> str:
        """Of the content."""
        return hashlib.sha256(self.content.read_bytes()).hexdigest()

    def name(self, stack: str, interface: str) -> str:
        """The name under which a stack delivers by an interface."""
        number = _STACKS.index(stack) * len(_INTERFACES) + _INTERFACES.index(interface) + 1
        if interface == "ftp_gb":
            return f"000000000L01_2026_01_{number}.xml"
        return f"Aangifte_LH_{stack}-{number}_{BELASTINGDIENST}.xml"

    def part_size(self, interface: str, name: str) -> int:
        """How much of a file lies in ``/in``; 0 if nothing does."""
        key = interface.removesuffix("_implicit")
        file = self.office.state / key / self.user / "in" / name
        return file.stat().st_size if file.exists() else 0

    def report(self, stack: str, *command: str | Path) -> dict[str, Any]:
        """What a client program saw: it gets a JSON file with all it has to know, and prints JSON.

        Called with a second argument ``cut`` first, it begins its uploads and kills itself.
        """
        known = {
            "host": "localhost",
            "ports": self.ports,
            "user": self.user,
            "password": self.password,
            "good": str(self.office.good),
            "revoked": str(self.office.revoked),
            "content": str(self.content),
            "names": {interface: self.name(stack, interface) for interface in _INTERFACES},
            "moment": MOMENT,
        }
        file = self.content.with_name(f"{stack}.json")
        file.write_text(json.dumps(known))
        cut = _ran(*command, file, "cut")
        assert cut.returncode != 0, cut.stdout
        ran = _ran(*command, file)
        assert ran.returncode == 0, f"{command[:3]}:\n{cut.stderr}\n{ran.stderr}\n{ran.stdout}"
        loaded: dict[str, Any] = json.loads(ran.stdout)
        return loaded


def open_file_office(office: Office, folder: Path) -> FileOffice:
    """An account of the good vendor, and a content that takes a moment to send."""
    run("ftp", "account", "add", "--cert", str(office.good), state=office.state)
    account = office.good / "account.netrc"
    words = account.read_text().split()
    found = endpoints(office.state)
    content = folder / "loon.xml"
    content.write_text(wage_return().replace("</Loonaangifte>", f"<!--{'x' * PADDING}--></Loonaangifte>"))
    ports = {interface: int(found[f"{interface}_port"]) for interface in _INTERFACES}
    return FileOffice(office, ports, words[3], words[5], account, content)


def until(look: Callable[[], Any]) -> Any:
    """What a look gives, as soon as that is something."""
    deadline = time.monotonic() + _SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


def _ran(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, timeout=_SECONDS)
