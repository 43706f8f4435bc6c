"""Several at once: threads on SQLite, and two open transactions on PostgreSQL."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.config import RegisterSettings
from digipoort_sim.ids import SystemIds
from digipoort_sim.register import Due, Event, Register
from digipoort_sim.register.messages import MandateMessage, MessageKind
from digipoort_sim.store.engines import make_engine
from digipoort_sim.store.metadata import metadata
from digipoort_sim.store.store import Store
from tests.register.desk import BSN, OFFICE, OTHER, START, Desk


def _request(dienst: str, sender: str) -> MandateMessage:
    return MandateMessage(MessageKind.OPVOEREN, dienst, BSN, None, sender)


def test_threads_make_one_registration(desk: Desk) -> None:
    """Of sixteen equal requests at once, by threads on SQLite, one is registered and fifteen are refused."""
    with ThreadPoolExecutor(8) as pool:
        keys = Counter(o.key for o in pool.map(lambda _: desk.send("opvoeren", "VIA_2025"), range(16)))
    assert keys == {"claim-opgevoerd": 1, "bestaat-al": 15}


def test_code_and_letter_at_once(desk: Desk) -> None:
    """When activation and the client's refusal come at once, one of the two wins and history is whole."""
    for year in range(2015, 2025):
        mandate = desk.request(f"VIA_{year}")
        desk.advance(days=14)
        letter, code = desk.letter(mandate), desk.code(mandate)
        with ThreadPoolExecutor(2) as pool:
            activated = pool.submit(desk.send, "activeren", mandate.dienst, code=code)
            returned = pool.submit(desk.return_letter, letter)
        results = activated.result().key, returned.result().key
        assert results in {("geactiveerd", "ingetrokken"), ("al-afgewezen", "afgewezen")}
        steps = desk.history(mandate)
        assert all(one.naar == two.van for one, two in itertools.pairwise(steps))


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Store]:
    """A real PostgreSQL of the machine's own binaries, with the register's tables."""
    if shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        pytest.skip("no PostgreSQL on this machine")
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        as_user = _unprivileged(folder)
        control = [*as_user, "pg_ctl", "-D", f"{folder}/data", "-w"]
        make = [*as_user, "initdb", "-D", f"{folder}/data", "-U", "sim", "-A", "trust", "--no-sync"]
        subprocess.run(make, check=True, capture_output=True)
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        start = [*control, "-l", f"{folder}/log", "-o", options, "start"]
        subprocess.run(start, check=True, stdout=subprocess.DEVNULL)
        try:
            store = Store(make_engine(f"postgresql://sim@/postgres?host={folder}"))
            with store.begin() as tx:
                metadata.create_all(tx)
            yield store
            store.close()
        finally:
            stop = [*control, "-m", "immediate", "stop"]
            subprocess.run(stop, check=True, stdout=subprocess.DEVNULL)


def _unprivileged(folder: str) -> list[str]:
    """How to run PostgreSQL, which refuses to be root: as nobody, who gets the folder."""
    if os.geteuid() != 0:
        return []
    if shutil.which("runuser") is None:
        pytest.skip("PostgreSQL does not run as root")
    shutil.chown(folder, "nobody")
    return ["runuser", "-u", "nobody", "--"]


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("dienst", "second", "key"),
    [("VIA_2025", OFFICE, "bestaat-al"), ("SBA_IB_2026", OTHER, "bij-een-ander")],
)
def test_two_open_transactions(postgresql: Store, dienst: str, second: str, key: str) -> None:
    """Of two transactions that both saw nothing, the unique key lets one through."""
    register = Register(load_catalogue(), RegisterSettings(letters_per_day=1), SystemIds())
    outcomes: list[str] = []

    def late() -> None:
        with postgresql.begin() as tx:
            outcomes.append(register.handle(tx, _request(dienst, second), second, START).key)

    with postgresql.begin() as tx:
        assert register.handle(tx, _request(dienst, OFFICE), OFFICE, START).mandate_id
        other = threading.Thread(target=late)
        other.start()
        other.join(0.3)
        assert outcomes == []
    other.join()
    assert outcomes == [key]


@pytest.mark.heavy
def test_life_on_postgresql(postgresql: Store) -> None:
    """The whole life of a claim, with its queries, runs on PostgreSQL as on SQLite."""
    register = Register(load_catalogue(), RegisterSettings(), SystemIds())
    message = _request("UWV-ZZ-ZW", OFFICE)
    message = MandateMessage(message.kind, message.dienst, "000000000L01", "LHnr", OFFICE)
    with postgresql.begin() as tx:
        outcome = register.handle(tx, message, OFFICE, START)
        due = outcome.dues[0]
        register.fall_due(tx, due, due.at)
        letter = register.letters(tx, vertegenwoordigde="000000000L01")[0]
        later = due.at + timedelta(days=1)
        activation = MandateMessage(
            MessageKind.ACTIVEREN, "UWV-ZZ-ZW", "000000000L01", None, OFFICE, letter.activatie_token
        )
        assert register.handle(tx, activation, OFFICE, later).key == "geactiveerd"
        client = ("000000000L01", "LHnr")
        assert len(register.access(tx, OFFICE, later, berichtsoort="UWV-ZZ-ZW", client=client)) == 1
        assert register.refuse_by_letter(tx, letter.id, later).key == "ingetrokken"
        assert len(register.history(tx, letter.mandate_id)) == 5


def _in_threads(store: Store, register: Register, message: MandateMessage, count: int) -> Counter[str]:
    def send(_: int) -> str:
        with store.begin() as tx:
            return register.handle(tx, message, OFFICE, START + timedelta(days=15)).key

    with ThreadPoolExecutor(8) as pool:
        return Counter(pool.map(send, range(count)))


@pytest.mark.heavy
def test_threads_on_postgresql(postgresql: Store) -> None:
    """Of equal requests at once one is registered, and of wrong codes at once none is lost in the count."""
    register = Register(load_catalogue(), RegisterSettings(), SystemIds())
    request = MandateMessage(MessageKind.OPVOEREN, "GWH", "123456782", "RSIN", OFFICE)
    assert _in_threads(postgresql, register, request, 16) == {"claim-opgevoerd": 1, "bestaat-al": 15}
    with postgresql.begin() as tx:
        mandates = register.mandates(tx, vertegenwoordigde="123456782")
        (claim,) = (mandate for mandate in mandates if not mandate.ended)
        register.fall_due(tx, Due(START + timedelta(days=15), "letter", claim.id), START + timedelta(days=15))
    wrong = MandateMessage(MessageKind.ACTIVEREN, "GWH", "123456782", None, OFFICE, "000-XXX-000")
    assert _in_threads(postgresql, register, wrong, 12) == {"code-onjuist": 4, "geblokkeerd": 8}
    with postgresql.read() as tx:
        assert register.mandate(tx, claim.id).onjuiste_codes == 5
        events = [entry.event for entry in register.history(tx, claim.id)]
    assert events.count(Event.WRONG_CODE) == 5
