"""curl: one call for each step."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.stacks.file_contract import FileFacts, FileReport
from tests.stacks.file_office import MOMENT, FileOffice, until
from tests.stacks.office import need

pytestmark = pytest.mark.heavy
need("curl")

STACK = "curl"


@dataclass(frozen=True)
class Curl:
    """curl on one interface."""

    office: FileOffice
    interface: str

    def command(
        self, path: str, *options: str, folder: Path | None = None, account: bool = True
    ) -> list[str]:
        """The command line for a path; the password is in a file, not on the line."""
        own = folder or self.office.office.good
        scheme = "ftps" if self.interface == "ftp_implicit" else "ftp"
        return [
            *("curl", "--silent", "--show-error", "--ssl-reqd"),
            *(("--netrc-file", str(self.office.account)) if account else ()),
            *("--cacert", f"{own}/ca.pem", "--cert", f"{own}/client.pem", "--key", f"{own}/client.key"),
            *options,
            f"{scheme}://localhost:{self.office.ports[self.interface]}{path}",
        ]

    def run(self, path: str, *options: str) -> str:
        """What curl prints; it must end well."""
        done = self.tried(self.command(path, *options))
        assert done.returncode == 0, done.stderr
        return done.stdout

    @staticmethod
    def tried(command: list[str]) -> subprocess.CompletedProcess[str]:
        """A run to its end, whatever that is."""
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    @property
    def is_direct(self) -> bool:
        """Whether the end of the transfer is the end of the delivery."""
        return self.interface == "ftp_gb"

    def cut(self, name: str) -> int:
        """Kill curl in mid-upload; gives what is at the door then."""
        options = ("-T", str(self.office.content), "--limit-rate", "1000000")
        killed = subprocess.Popen(self.command(f"/in/{name}", *options), stderr=subprocess.DEVNULL)
        until(lambda: self.office.part_size(self.interface, name))
        killed.kill()
        killed.wait()
        return int(re.findall(r"Content-Length: (\d+)", self.run(f"/in/{name}", "--head"))[0])

    def upload(self, first: str, final: str, *options: str) -> list[str]:
        """The command that uploads, and renames if that is needed."""
        renames = () if self.is_direct else ("-Q", f"-RNFR /in/{first}", "-Q", f"-RNTO /in/{final}")
        return self.command(f"/in/{first}", "-T", str(self.office.content), *renames, *options)

    def seen(self) -> dict[str, object]:
        """Everything by this interface."""
        name = self.office.name(STACK, self.interface)
        first = name if self.is_direct else f"{name}.tmp"
        part = self.cut(first)
        done = self.tried(self.upload(first, name, "--continue-at", "-"))
        assert done.returncode == 0, done.stderr
        until(lambda: f"{name}.status.xml" in self.run("/out/", "--list-only"))
        receipt = f"/out/{name}.ontvangst.xml"
        head = self.run(receipt, "--head")
        times = ("-Q", f"-MFMT {MOMENT} time.tmp", "-Q", "-MDTM time.tmp", "-Q", "-DELE time.tmp")
        set_to = self.tried(self.command("/in/time.tmp", "-v", "-T", str(self.office.account), *times))
        told = self.tried(self.upload(first, name, "-v"))
        return {
            "part": part,
            "receipt": self.run(receipt),
            "status": self.run(f"/out/{name}.status.xml"),
            "list": self.run("/out/"),
            "names": self.run("/out/", "--list-only"),
            "machine": self.run("/out/", "-X", "MLSD"),
            "size": int(re.findall(r"Content-Length: (\d+)", head)[0]),
            "modified": head,
            "set": set_to.stderr,
            "left": self.run("/out/", "--list-only", "-Q", f"DELE {receipt}"),
            "again": told.stderr,
        }


@pytest.fixture(scope="module")
def report(file_office: FileOffice) -> FileReport:
    """What curl saw."""
    seen: FileReport = {one: Curl(file_office, one).seen() for one in file_office.ports}
    curl = Curl(file_office, "ftp")
    wrong = ("-v", "--user", f"{file_office.user}:wrong")
    seen["password"] = curl.tried(curl.command("/out/", *wrong, account=False)).stderr
    seen["revoked"] = curl.tried(curl.command("/out/", folder=file_office.office.revoked)).stderr
    return seen


class TestCurl(FileFacts):
    """curl with OpenSSL; it resumes by SIZE and APPE."""

    stack = STACK
