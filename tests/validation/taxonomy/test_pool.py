"""The pool and its processes, with processes that do what Arelle would do only rarely."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digipoort_sim.errors import TechnicalError
from digipoort_sim.validation.packages.folder import PackageFolder
from digipoort_sim.validation.taxonomy.pool import Pool, Question

TALK = """
import json, os, struct, sys, time, signal
def read():
    head = sys.stdin.buffer.read(4)
    if not head: sys.exit()
    return sys.stdin.buffer.read(struct.unpack(">I", head)[0])
def write(value):
    content = json.dumps(value).encode()
    os.write(1, struct.pack(">I", len(content)) + content)
settings = json.loads(read())
write({"ready": True})
while True:
    question, content = json.loads(read()), read()
"""
ECHO = TALK + "    write({'outcome': 'done', 'pid': os.getpid(), 'said': content.decode(), 'memory': 5})\n"
MakePool = Callable[..., Pool]


@pytest.fixture
def make() -> Iterator[MakePool]:
    """Makes pools of processes that run a script, and closes them."""
    pools: list[Pool] = []

    def of(script: str, processes: int = 1) -> Pool:
        pool = Pool(PackageFolder(()), processes, 256, (sys.executable, "-c", script))
        pools.append(pool)
        return pool

    yield of
    for pool in pools:
        pool.close()


def asked(pool: Pool, text: str = "x", seconds: float = 20.0) -> dict[str, object]:
    """The answer to a question."""
    return pool.ask(Question(text.encode(), "urn:e", "", seconds))


def refused(pool: Pool, seconds: float = 20.0) -> TechnicalError:
    """The error that a question ends in."""
    with pytest.raises(TechnicalError) as caught:
        asked(pool, seconds=seconds)
    return caught.value


def test_one_process_answers_all_questions(make: MakePool) -> None:
    """A process that is well stays; nothing is started before the first question."""
    pool = make(ECHO)
    assert pool.pids() == ()
    pids = {asked(pool, text)["pid"] for text in ("a", "b", "x" * 3_000_000)}
    assert pids == set(pool.pids())
    assert len(pids) == 1


@pytest.mark.parametrize(
    "end", ["os.kill(os.getpid(), 9)", "sys.exit(3)", "os.write(1, b'junk from C code')", "write([])"]
)
def test_a_process_that_dies_once_is_replaced_and_asked_again(
    make: MakePool, tmp_path: Path, end: str
) -> None:
    """A process that is killed, ends or writes junk over a question costs the sender nothing but time."""
    mark = tmp_path / "died"
    body = (
        f"    if not os.path.exists({str(mark)!r}): open({str(mark)!r}, 'w').close(); {end}; time.sleep(60)\n"
    )
    pool = make(TALK + body + ECHO.removeprefix(TALK))
    assert asked(pool)["said"] == "x"


def test_a_question_that_kills_every_process_is_technical_trouble(make: MakePool) -> None:
    """It is asked twice, not for ever; the process's last words are in the detail, for the event."""
    error = refused(make(TALK + "    sys.stderr.write('last words'); sys.exit(1)\n"))
    assert error.rule == "XBRL-PROCESS"
    assert "last words" in error.detail


def test_a_process_that_cannot_start_is_technical_trouble(make: MakePool) -> None:
    """Arelle that is broken, or a command that is not there, ends in an error that names the cause."""
    assert "no such part" in refused(make("raise SystemExit('no such part')")).detail
    pool = Pool(PackageFolder(()), 1, 256, ("/nowhere/python",))
    assert "/nowhere/python" in refused(pool).detail
    with pytest.raises(TechnicalError, match="/nowhere/python"):
        pool.start()
    pool.close()


def test_last_words_of_a_process_can_be_kept(make: MakePool) -> None:
    """What a process writes as it dies comes on one line, without what no database or XML can hold."""
    words = "    os.write(2, b'first line\\n\\x00 \\x1b[31m second ' + 9_000 * b'x'); os._exit(1)\n"
    for script in (TALK + words, words.replace("    ", "import os; ").replace("9_000", "9")):
        detail = refused(make(script)).detail
        assert detail.isprintable()
        assert "second" in detail or len(detail) > 1000
        assert len(detail) < 2_200


def test_a_process_that_hangs_is_killed(make: MakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer in time is XBRL-TIMEOUT; the next question finds a new process."""
    monkeypatch.setattr("digipoort_sim.validation.taxonomy.pool._GRACE_SECONDS", 0.1)
    pool = make(TALK + "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    time.sleep(60)\n")
    pool.start()
    before = pool.pids()
    assert refused(pool, 0.4).rule == "XBRL-TIMEOUT"
    assert set(pool.pids()).isdisjoint(before)


def test_the_time_begins_when_the_process_is_ready(make: MakePool) -> None:
    """A slow start of Arelle is not counted against the message."""
    assert asked(make("import time; time.sleep(1)\n" + ECHO), seconds=0.5)["said"] == "x"


def test_a_process_that_died_idle_is_replaced_before_it_is_asked(make: MakePool) -> None:
    """A process that somebody killed while nobody asked is noticed."""
    pool = make(ECHO.replace("'memory': 5", "'memory': 5}); sys.exit() if content == b'end' else None; ({"))
    asked(pool, "end")
    (dead,) = pool.pids() or (0,)
    deadline = time.monotonic() + 10
    while dead in pool.pids() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert asked(pool)["pid"] != dead


def test_a_process_that_has_grown_is_replaced(make: MakePool) -> None:
    """Above half of the memory that it may use a process ends after its answer, and a new one is ready."""
    pool = make(ECHO.replace("'memory': 5", "'memory': 200 << 20"))
    assert asked(pool)["pid"] != asked(pool)["pid"]
    assert len(pool.pids()) == 1


def test_a_process_that_answered_so_many_questions_is_replaced(
    make: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However well it looks, a process ends after a number of answers: nothing can pile up in it for ever."""
    monkeypatch.setattr("digipoort_sim.validation.taxonomy.pool.QUESTIONS_OF_A_PROCESS", 3)
    pool = make(ECHO)
    pids = [asked(pool)["pid"] for _ in range(7)]
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]


def test_other_packages_are_for_new_processes(tmp_path: Path) -> None:
    """When the folder of packages changes, the processes that know the old ones end."""
    folder = PackageFolder((tmp_path,))
    pool = Pool(folder, 1, 256, (sys.executable, "-c", ECHO))
    first = asked(pool)["pid"]
    (tmp_path / "p.zip").write_bytes(b"no zip")
    assert asked(pool)["pid"] != first
    pool.close()


def test_questions_wait_their_turn(make: MakePool) -> None:
    """With one process the questions of several threads are answered in the order in which they came."""
    pool = make(TALK + "    time.sleep(0.05)\n" + ECHO.removeprefix(TALK))
    asked(pool)
    order: list[str] = []
    threads = []
    for number in range(6):
        text = str(number)
        threads.append(
            threading.Thread(target=lambda text=text: order.append(str(asked(pool, text)["said"])))
        )
        threads[-1].start()
        deadline = time.monotonic() + 10
        while len(pool._waiters) < number and not order and time.monotonic() < deadline:
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == sorted(order)


def test_two_processes_work_at_once(make: MakePool) -> None:
    """Two questions go to two processes, each of which waits for the other to have begun."""
    pool = make(
        TALK
        + "    open(content.decode() + str(os.getpid()), 'w').close()\n"
        + "    while len(os.listdir(os.path.dirname(content.decode()))) < 2: time.sleep(0.005)\n"
        + ECHO.removeprefix(TALK),
        processes=2,
    )
    with tempfile.TemporaryDirectory() as folder:
        answers: list[object] = []
        threads = [
            threading.Thread(target=lambda: answers.append(asked(pool, f"{folder}/")["pid"])) for _ in "ab"
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(set(answers)) == 2


def test_nothing_is_left_when_closing_is_done(
    make: MakePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of a process that was at work is gone at once: the server ends right after closing."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pool = make(TALK + "    time.sleep(60)\n", processes=2)
    thread = threading.Thread(target=lambda: refused(pool))
    thread.start()
    deadline = time.monotonic() + 20
    while not any(slot.child and slot.child._ready for slot in pool._slots) and time.monotonic() < deadline:
        time.sleep(0.005)
    assert len(list(tmp_path.iterdir())) == 1
    pool.close()
    assert list(tmp_path.iterdir()) == []
    began = time.monotonic()
    pool.close()
    assert time.monotonic() - began < 1
    thread.join(10)


def test_closing_ends_everything_in_bounded_time(make: MakePool) -> None:
    """Who is being answered and who waits get TechnicalError; no process is left, however it hangs."""
    pool = make(TALK + "    time.sleep(60)\n")
    errors: list[TechnicalError] = []
    threads = [threading.Thread(target=lambda: errors.append(refused(pool))) for _ in range(3)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 20
    while (len(pool._waiters) < 2 or not pool.pids()) and time.monotonic() < deadline:
        time.sleep(0.005)
    began = time.monotonic()
    pool.close()
    for thread in threads:
        thread.join(10)
    assert time.monotonic() - began < 8
    assert [error.rule for error in errors] == ["XBRL-PROCESS"] * 3
    assert pool.pids() == ()
    assert refused(pool).rule == "XBRL-PROCESS"


def test_a_process_gets_nothing_of_ours(
    make: MakePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It inherits no open file but its pipes and no variable of the user; its folder goes with it."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    monkeypatch.setenv("DIGIPOORT_SIM_HOST", "127.0.0.1")
    script = "    said = [sorted(map(int, os.listdir('/proc/self/fd'))), sorted(os.environ), os.getcwd()]\n"
    with (tmp_path / "secret").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        pool = make(TALK + script + "    write({'outcome': 'done', 'said': said})\n")
        descriptors, variables, folder = asked(pool)["said"]  # type: ignore[misc]
    assert descriptors[:3] == [0, 1, 2]
    assert len(descriptors) == 4  # the fourth is the listing itself
    assert not {name for name in variables if "DIGIPOORT" in name or "PROXY" in name.upper()}
    pool.close()
    assert not Path(folder).exists()


def test_the_server_never_loads_arelle() -> None:
    """Neither the server nor what asks the processes has a module of Arelle in it."""
    code = (
        "import sys, digipoort_sim.server, digipoort_sim.validation.opening as _;"
        "from digipoort_sim.validation.taxonomy import arelle_taxonomies;"
        "sys.exit(any(name.partition('.')[0] == 'arelle' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("end", "rule"), [("os.kill(os.getpid(), 14)", "XBRL-TIMEOUT"), ("os._exit(77)", "XBRL-MEMORY")]
)
def test_a_process_ends_at_its_own_limits(make: MakePool, tmp_path: Path, end: str, rule: str) -> None:
    """Its alarm and its lack of memory, while it loads a taxonomy, are told apart; it is asked once only."""
    log = tmp_path / "asked"
    error = refused(make(TALK + f"    print('x', file=open({str(log)!r}, 'a'), end='', flush=True); {end}\n"))
    assert error.rule == rule
    assert log.read_text() == "x"
