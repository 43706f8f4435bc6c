"""All benchmarks, one table: start, memory, deliveries per second beside the machine's own RSA rate."""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import files, register, taxonomy, validation
from benchmarks.large import measure
from benchmarks.load import Result
from benchmarks.messages import signed_requests, signed_requests_of
from benchmarks.simulator import COMMAND, cpu_seconds, memory, started

CONNECTIONS = 16
REQUESTS = 10_000
WARM_UP = 500
MEDIUM_CONTENT, MEDIUM_REQUESTS = 68_000, 2_000
LARGE_CONTENT, LARGE_REQUESTS = 20_971_520, 5
_FLOOR, _FLOOR_SIGN_RATE = 4300, 4250
"""Deliveries per second of the ideal parts on two cores, at that many RSA-2048 signatures per second."""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        start_up(state)
        client = Path(folder) / "client"
        subprocess.run(
            [*COMMAND, "certs", "issue", "--kvk", "30216247", "--out", str(client), "--state", str(state)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        for workers in (1, 2):
            deliveries(state, client, workers)
        large_messages(state, client)
    files.measure(row)
    register.measure(row)
    validation.measure(row)
    taxonomy.measure(row)


def row(what: str, figure: str) -> None:
    """One line of the table."""
    print(f"| {what:<58} | {figure:<44} |", flush=True)


def openssl_sign_rate() -> float:
    """RSA-2048 signatures per second of one core, by openssl itself."""
    output = subprocess.run(
        ["openssl", "speed", "-seconds", "1", "rsa2048"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"rsa 2048 bits\s+\S+\s+\S+\s+([\d.]+)", output)
    if found is None:
        raise RuntimeError("openssl speed printed no figure for rsa2048")
    return float(found[1])


def start_up(state: Path) -> None:
    """From the start of the process until every door answers."""
    with started(state) as new:
        row("start to ready, new state directory", f"{new.seconds:.2f} s")
    runs = []
    for _ in range(3):
        with started(state) as existing:
            runs.append(existing.seconds)
            weight = memory(existing.pid)
    row("start to ready, existing state directory (median of 3)", f"{sorted(runs)[1]:.2f} s")
    row("memory when ready, 1 worker (PSS)", f"{weight:.0f} MB")


def deliveries(state: Path, client: Path, workers: int) -> None:
    """Signed deliveries over keep-alive mutual TLS; openssl before and after, for machines drift."""
    with tempfile.TemporaryDirectory() as folder:
        warm, file = Path(folder) / "warm", Path(folder) / "requests"
        requests = signed_requests(client, WARM_UP + REQUESTS)
        warm.write_bytes(pickle.dumps(requests[:WARM_UP]))
        file.write_bytes(pickle.dumps(requests[WARM_UP:]))
        with started(state, "--workers", str(workers)) as simulator:
            port = simulator.endpoints["wus_port"]
            load(port, client, warm)
            until_quiet(simulator.pid)
            sign_rate = openssl_sign_rate()
            before = cpu_seconds(simulator.pid)
            result = load(port, client, file)
            spent = cpu_seconds(simulator.pid) - before
            drained = until_quiet(simulator.pid)
    sign_rate = (sign_rate + openssl_sign_rate()) / 2
    row("openssl speed rsa2048, one core, around the next run", f"{sign_rate:,.0f} sign/s")
    floor = _FLOOR * sign_rate / _FLOOR_SIGN_RATE
    row(
        f"signed deliveries, {CONNECTIONS} connections, {workers} worker{'s' * (workers > 1)}",
        f"{result.rate:,.0f}/s, p50 {result.p50:.1f} ms, p99 {result.p99:.1f} ms",
    )
    row("  of the floor (2 cores, shared with the load)", f"{result.rate / floor:.0%} of {floor:,.0f}/s")
    row(
        "  processor time per delivery: server, load",
        f"{1000 * spent / result.answers:.2f} ms, {1000 * result.cpu_seconds / result.answers:.2f} ms",
    )
    row("  until the jobs of all are done", f"{drained:.1f} s more")
    if result.refused:
        row("  REFUSED", str(result.refused))


def large_messages(state: Path, client: Path) -> None:
    """What messages of 100 kB and of 20 MiB cost; the large ones one at a time, by base64 and by MTOM."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requests"
        file.write_bytes(
            pickle.dumps(signed_requests_of(client, os.urandom(MEDIUM_CONTENT), MEDIUM_REQUESTS))
        )
        with started(state, "--workers", "2") as simulator:
            result = load(simulator.endpoints["wus_port"], client, file)
        row(
            f"signed deliveries of 100 kB, {CONNECTIONS} connections, 2 workers",
            f"{result.rate:,.0f}/s, p50 {result.p50:.1f} ms, p99 {result.p99:.1f} ms",
        )
    for mtom in (False, True):
        requests = signed_requests_of(client, os.urandom(LARGE_CONTENT), LARGE_REQUESTS, mtom=mtom)
        with started(state) as simulator:
            large = measure(simulator.endpoints["wus_port"], simulator.pid, client, requests)
        form = "MTOM" if mtom else "base64"
        row(
            f"one delivery of 20 MiB ({form}), 1 worker",
            f"{large.seconds:.2f} s, at most {large.peak:.0f} MB",
        )


def load(port: int, client: Path, requests: Path) -> Result:
    """Run a load in a process of its own."""
    output = subprocess.run(
        [sys.executable, "-m", "benchmarks.load", str(port), str(client), str(requests), str(CONNECTIONS)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return Result(**json.loads(output))


def until_quiet(pid: int) -> float:
    """Wait until the jobs of the deliveries are done, as the processor time shows; gives the seconds."""
    began, before = time.perf_counter(), -1.0
    while (now := cpu_seconds(pid)) - before > 0.05 and time.perf_counter() - began < 120:
        before = now
        time.sleep(0.5)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
