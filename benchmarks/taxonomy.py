"""Checks against taxonomies: how many a second, what a cold start costs, what a process holds."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from digipoort_sim.config import ValidationSettings
from digipoort_sim.resources import schemas
from digipoort_sim.validation.content_rules import ContentRules
from digipoort_sim.validation.packages.folder import PackageFolder, built_in
from digipoort_sim.validation.subject import Delivered, Part
from digipoort_sim.validation.taxonomy.arelle_taxonomies import ArelleTaxonomies

CHECKS = 200
SAMPLE = schemas() / "proef" / "voorbeelden" / "ob-aangifte-2026.xbrl"
_MEGABYTE = 1024**2

Row = Callable[[str, str], None]


def measure(row: Row) -> None:
    """All of it.

    Args:
        row: prints one line: what, and the figure.
    """
    for processes in (1, 2):
        _measure(processes, row)


def _measure(processes: int, row: Row) -> None:
    delivered = Delivered(Part(SAMPLE.read_bytes(), "text/xml", SAMPLE.name), ContentRules("OB", "xbrl"))
    arelle = ArelleTaxonomies(PackageFolder(built_in()), ValidationSettings(processes=processes))
    cold = _seconds(lambda: _all(arelle, delivered, processes, processes))
    memory, processor = _shown(map(_memory, arelle.pids())), sum(map(_processor, arelle.pids()))
    seconds = _seconds(lambda: _all(arelle, delivered, CHECKS, processes))
    used = (sum(map(_processor, arelle.pids())) - processor) / CHECKS
    what = f"taxonomy, {processes} process(es): VAT return of {len(delivered.content.inhoud):,} octets"
    row(what, f"{CHECKS / seconds:.0f} checks/s, {1000 * used:.0f} ms of processor each; first {cold:.1f} s")
    row(
        "  memory of a process",
        f"{memory} MB, {CHECKS} checks later {_shown(map(_memory, arelle.pids()))} MB",
    )
    arelle.close()


def _all(arelle: ArelleTaxonomies, delivered: Delivered, checks: int, threads: int) -> None:
    """So many checks by so many threads."""

    def some() -> None:
        for _ in range(checks // threads):
            assert arelle.findings(delivered) == ()

    workers = [threading.Thread(target=some) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _memory(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MEGABYTE


def _processor(pid: int) -> float:
    """Seconds of processor time of a process and of its forks that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _shown(megabytes: Iterable[float]) -> str:
    return " and ".join(f"{one:.0f}" for one in megabytes)


if __name__ == "__main__":
    measure(lambda what, figure: print(f"{what}: {figure}"))
