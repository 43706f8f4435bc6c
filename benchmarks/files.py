"""The file door: throughput beside vsftpd in the same run, memory, many sessions at once, small deliveries.

Wall time depends on what else the machine does, so processor time per GB stands beside it. vsftpd does not
hash what it receives; what that costs alone is told too.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.crowd import Crowd, Sessions
from benchmarks.simulator import COMMAND, Started, cpu_seconds, started
from benchmarks.vsftpd import Vsftpd, vsftpd

Row = Callable[[str, str], None]

MB = 1_000_000
_RUNS = 3
_FILE_BYTES = 512 * 1024 * 1024
_LARGE_BYTES = 2 * 1024 * 1024 * 1024
_BLOCK = 16 * 1024 * 1024
_SESSIONS = 200
_IDLE_SECONDS = 4.0
_TLS = ("--ssl-reqd", "--tlsv1.3", "--tls13-ciphers", "TLS_AES_256_GCM_SHA384")
_CURL = ("curl", "-sS", "-w", "%{time_total} %{time_pretransfer}", *_TLS)


@dataclass(frozen=True)
class Server:
    """A server that is to be measured.

    Attributes:
        options: what curl needs to log in.
        upload, download: paths on the server.
    """

    name: str
    port: int
    pid: int
    options: tuple[str, ...]
    upload: str
    download: str


@dataclass(frozen=True)
class Run:
    """One transfer: seconds by the clock, and of the server's processors."""

    seconds: float
    cpu: float


def measure(row: Row) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name, started(Path(name) / "state") as simulator:
        folder = Path(name)
        client = _client(folder / "state", folder / "client")
        ours = Server(
            "ours",
            simulator.endpoints["ftp_port"],
            simulator.pid,
            ("--netrc-file", str(client / "account.netrc")),
            "in/x.tmp",
            "out/file",
        )
        out = folder / "state" / "ftp" / _user(client) / "out"
        _memory(row, folder, client, ours, out)
        _throughput(row, folder, client, ours, out)
        _crowd(row, simulator, client)
        _idle(row, simulator, client)


def _client(state: Path, folder: Path) -> Path:
    """A folder with a client certificate and an account; its home is there, as it has logged in once."""
    for command in (
        ("certs", "issue", "--kvk", "30216247", "--out", str(folder)),
        ("ftp", "account", "add", "--cert", str(folder)),
    ):
        subprocess.run([*COMMAND, *command, "--state", str(state)], check=True, stdout=subprocess.DEVNULL)
    port = json.loads((state / "endpoints.json").read_text())["ftp_port"]
    Sessions(port, folder, 1, 0).login().quit()
    return folder


def _user(client: Path) -> str:
    return (client / "account.netrc").read_text().split()[3]


# --- throughput


def _throughput(row: Row, folder: Path, client: Path, ours: Server, out: Path) -> None:
    size = min(_FILE_BYTES, shutil.disk_usage(folder).free // 8)
    file = folder / "file"
    row(f"plain disk: write and fsync of {size / MB:,.0f} MB", f"{size / MB / _write(file, size):,.0f} MB/s")
    hashing = _hash_seconds()
    row("SHA-256 alone, one core", f"{1000 / hashing:,.0f} MB/s, {hashing:.2f} s of processor per GB")
    served = folder / "vsftpd"
    (served / "in").mkdir(parents=True)
    os.link(file, served / "file")
    os.link(file, out / "file")
    with vsftpd(served, folder / "state" / "pki") as other:
        servers = [ours]
        if isinstance(other, Vsftpd):
            servers.append(Server("vsftpd", other.port, other.pid, (), "in/x", "file"))
        else:
            row("beside vsftpd", f"SKIPPED: {other}")
        for direction in ("upload", "download"):
            best = _compare(servers, client, direction, file)
            _tell(row, direction, best, size, hashing if direction == "upload" else 0.0)
    for path in (out / "file", served / "file", served / "in" / "x"):
        path.unlink(missing_ok=True)


def _compare(servers: list[Server], client: Path, direction: str, file: Path) -> dict[str, Run]:
    """The servers in turn, some times; of each the shortest time and the least of the processor."""
    runs: dict[str, list[Run]] = {server.name: [] for server in servers}
    for _ in range(_RUNS):
        for server in servers:
            runs[server.name].append(_transfer(server, client, direction, file))
    return {
        name: Run(min(one.seconds for one in some), min(one.cpu for one in some))
        for name, some in runs.items()
    }


def _tell(row: Row, direction: str, best: dict[str, Run], size: int, hashing: float) -> None:
    per_gb = 1000 * MB / size
    for name, run in best.items():
        row(
            f"{direction} of {size / MB:,.0f} MB by curl, TLS 1.3, to {name}",
            f"{size / MB / run.seconds:,.0f} MB/s, {run.cpu * per_gb:.2f} s of processor per GB",
        )
    if "vsftpd" in best:
        ours, other = best["ours"], best["vsftpd"]
        figure = (
            f"{other.seconds / ours.seconds:.0%} by the clock, {other.cpu / ours.cpu:.0%} by the processor"
        )
        if hashing:
            figure += f" ({other.cpu / max(0.01, ours.cpu - hashing / per_gb):.0%} less the hash)"
        row(f"  {direction}: ours as part of vsftpd's speed", figure)


def _transfer(server: Server, client: Path, direction: str, file: Path) -> Run:
    what = (
        ["-T", str(file), f"ftp://localhost:{server.port}/{server.upload}"]
        if direction == "upload"
        else ["-o", os.devnull, f"ftp://localhost:{server.port}/{server.download}"]
    )
    certificate = ("--cacert", "ca.pem", "--cert", "client.pem", "--key", "client.key")
    before = _cpu(server.pid)
    output = subprocess.run(
        [*_CURL, *certificate, *server.options, *what],
        cwd=client,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    total, prepared = map(float, output.split())
    time.sleep(0.3)  # vsftpd's session ends a moment after its client
    return Run(total - prepared, _cpu(server.pid) - before)


def _cpu(pid: int) -> float:
    """Processor time of a process, its children, and those that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return cpu_seconds(pid) + (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def _write(file: Path, size: int) -> float:
    """Write a file of random content, and force it onto the disk; gives the seconds."""
    block = os.urandom(_BLOCK)
    began = time.perf_counter()
    with file.open("wb", buffering=0) as stream:
        for _ in range(size // _BLOCK):
            stream.write(block)
        os.fsync(stream.fileno())
    return time.perf_counter() - began


def _hash_seconds() -> float:
    """Seconds of one processor for the SHA-256 of 1 GB; the quickest of some."""
    block, times = os.urandom(_BLOCK), []
    for _ in range(5):
        began = time.process_time()
        hashlib.sha256(block)
        times.append(time.process_time() - began)
    return min(times) * 1000 * MB / _BLOCK


# --- memory


def _memory(row: Row, folder: Path, client: Path, ours: Server, out: Path) -> None:
    size = min(_LARGE_BYTES, shutil.disk_usage(folder).free // 8)
    file = out / "file"
    _write(file, size)
    for direction in ("upload", "download"):
        idle = _status(ours.pid, "VmRSS")
        Path(f"/proc/{ours.pid}/clear_refs").write_text("5")  # the peak counts from now on
        _transfer(ours, client, direction, file)
        row(
            f"{direction} of {size / MB:,.0f} MB: memory over idle",
            f"{_status(ours.pid, 'VmHWM') - idle:.0f} MB over {idle:.0f} MB",
        )
    file.unlink()


def _status(pid: int, key: str) -> float:
    """A figure of the process's memory, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{key}:")).split()[1]) * 1024 / MB


# --- many sessions


def _crowd(row: Row, simulator: Started, client: Path) -> None:
    for sessions, each in ((1, 60), (16, 12), (_SESSIONS, 1)):
        spent = cpu_seconds(simulator.pid)
        crowd = _run_crowd(simulator.endpoints["ftp_port"], client, sessions, each)
        spent = cpu_seconds(simulator.pid) - spent
        row(
            f"small deliveries (STOR, RNTO, receipt), {sessions} sessions",
            f"{crowd.deliveries / crowd.receipted:,.0f}/s, p50 {crowd.p50:,.0f} ms, p99 {crowd.p99:,.0f} ms",
        )
        row(
            f"  all logged in, refused, processor of server ({crowd.deliveries} deliveries)",
            f"{crowd.logged_in:.1f} s, {crowd.refused}, {spent:.1f} s",
        )
        if crowd.refused:
            row("  REFUSED", crowd.first_refusal[:44])


def _run_crowd(port: int, client: Path, sessions: int, each: int) -> Crowd:
    output = subprocess.run(
        [sys.executable, "-m", "benchmarks.crowd", str(port), str(client), str(sessions), str(each)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return Crowd(**json.loads(output))


def _idle(row: Row, simulator: Started, client: Path) -> None:
    """What sessions cost that do nothing."""
    weight, files, alone = _status(simulator.pid, "VmRSS"), _files(simulator.pid), _share(simulator.pid)
    with _held(simulator.endpoints["ftp_port"], client):
        time.sleep(0.5)
        share = _share(simulator.pid)
        weight, files = _status(simulator.pid, "VmRSS") - weight, _files(simulator.pid) - files
    row(
        f"{_SESSIONS} sessions that do nothing (and none)",
        f"{share:.1%} of a processor ({alone:.1%}), {files} files, {weight:+.0f} MB",
    )


def _share(pid: int) -> float:
    """The part of one processor that a process takes at the moment."""
    before = cpu_seconds(pid)
    time.sleep(_IDLE_SECONDS)
    return (cpu_seconds(pid) - before) / _IDLE_SECONDS


def _files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@contextlib.contextmanager
def _held(port: int, client: Path) -> Iterator[None]:
    sessions = Sessions(port, client, _SESSIONS, 0)
    clients = [sessions.login() for _ in range(_SESSIONS)]
    yield
    for one in clients:
        one.close()


if __name__ == "__main__":
    measure(lambda what, figure: print(f"| {what:<58} | {figure:<44} |", flush=True))
