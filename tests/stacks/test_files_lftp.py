"""lftp: a script for each step."""

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
need("lftp")

STACK = "lftp"


@dataclass(frozen=True)
class Lftp:
    """lftp on one interface."""

    office: FileOffice
    interface: str

    def script(self, commands: str, folder: Path | None = None, password: str = "") -> str:
        """Settings, login and commands.

        Under TLS 1.3 lftp reads no session tickets on a data channel that it only writes to, so that its
        kernel may reset the connection at the end; it then connects again and sends the rest.
        """
        own = folder or self.office.office.good
        scheme = "ftps" if self.interface == "ftp_implicit" else "ftp"
        return "; ".join(
            (
                "set ftp:ssl-force true; set ftp:ssl-protect-data true; set net:max-retries 5",
                "set net:reconnect-interval-base 1; set cmd:fail-exit true",
                f"set ssl:ca-file {own}/ca.pem; set ssl:cert-file {own}/client.pem",
                f"set ssl:key-file {own}/client.key",
                f"open -u {self.office.user},{password or self.office.password} "
                f"{scheme}://localhost:{self.office.ports[self.interface]}",
                commands,
            )
        )

    def run(self, commands: str) -> str:
        """What lftp prints; it must end well."""
        done = self.tried(self.script(commands))
        assert done.returncode == 0, done.stderr
        return done.stdout

    @staticmethod
    def tried(script: str) -> subprocess.CompletedProcess[str]:
        """A run to its end, whatever that is; the script comes by standard input, as it has the password."""
        return subprocess.run(
            ["lftp"], input=f"{script}; bye\n", capture_output=True, text=True, check=False, timeout=60
        )

    def cut(self, name: str) -> int:
        """Kill lftp in mid-upload; gives what is at the door then."""
        slow = f"set net:limit-total-rate 1000000; put {self.office.content} -o /in/{name}\n"
        killed = subprocess.Popen(["lftp"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert killed.stdin is not None
        killed.stdin.write(self.script(slow))
        killed.stdin.close()
        until(lambda: self.office.part_size(self.interface, name))
        killed.kill()
        killed.wait()
        return int(self.run(f"cls -1 --size --block-size=1 /in/{name}").split()[0])

    def seen(self) -> dict[str, object]:
        """Everything by this interface."""
        name = self.office.name(STACK, self.interface)
        is_direct = self.interface == "ftp_gb"
        first = name if is_direct else f"{name}.tmp"
        rename = "" if is_direct else f"; mv /in/{first} /in/{name}"
        part = self.cut(first)
        self.run(f"put -c {self.office.content} -o /in/{first}{rename}")
        until(lambda: f"{name}.status.xml" in self.run("nlist /out"))
        receipt = f"/out/{name}.ontvangst.xml"
        told = self.tried(self.script(f"debug 3; put {self.office.content} -o /in/{first}{rename}"))
        return {
            "part": part,
            "receipt": self.run(f"cat {receipt}"),
            "status": self.run(f"cat /out/{name}.status.xml"),
            "list": self.run("set ftp:use-mlsd false; ls /out"),
            "names": self.run("nlist /out"),
            "machine": self.run("set ftp:use-mlsd true; cls -1 /out"),
            "size": int(re.findall(r"213 (\d+)", self.run(f"quote TYPE I; quote SIZE {receipt}"))[0]),
            "modified": self.run(f"quote MDTM {receipt}"),
            "set": self.run(
                f"put {self.office.account} -o /in/time.tmp; quote MFMT {MOMENT} /in/time.tmp; "
                "quote MDTM /in/time.tmp; rm /in/time.tmp"
            ),
            "left": self.run(f"rm {receipt}; nlist /out"),
            "again": told.stderr + told.stdout,
        }


@pytest.fixture(scope="module")
def report(file_office: FileOffice) -> FileReport:
    """What lftp saw."""
    seen: FileReport = {one: Lftp(file_office, one).seen() for one in file_office.ports}
    lftp = Lftp(file_office, "ftp")
    seen["password"] = lftp.tried(lftp.script("ls /out", password="wrong")).stderr
    seen["revoked"] = lftp.tried(lftp.script("ls /out", folder=file_office.office.revoked)).stderr
    return seen


class TestLftp(FileFacts):
    """lftp with GnuTLS, which does not name the alert; it resumes by SIZE, REST and STOR."""

    stack = STACK
    refused = "fatal alert has been received"
