"""A process that checks returns against a taxonomy until it is killed; it prints one line per check begun.

Every third check ends well, every other one never does.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from pathlib import Path

from digipoort_sim.config import Settings, ValidationSettings
from digipoort_sim.store import Store
from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.subject import Delivered
from tests.exchange.office import open_office
from tests.exchange.taxonomies import CATALOGUE, Taxonomist, ob_delivery


def begin(delivered: Delivered) -> Iterable[Finding]:
    """Say that a check has begun; end it, or hang."""
    number = len(TAXONOMIES.seen)
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()
    if number % 3:
        threading.Event().wait()
    return ()


TAXONOMIES = Taxonomist(begin)

if __name__ == "__main__":
    settings = Settings(state=Path("/nowhere"), validation=ValidationSettings(processes=8))
    office = open_office(
        Store.open(sys.argv[1]),
        settings=settings,
        seed="examiner",
        taxonomies=TAXONOMIES,
        catalogue=CATALOGUE,
    )
    office.scheduler.start()
    for _ in range(10):
        office.deliver(ob_delivery())
    threading.Event().wait()
