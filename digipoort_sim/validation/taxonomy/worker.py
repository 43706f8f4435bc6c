"""A taxonomy process: ``python -m digipoort_sim.validation.taxonomy.worker``, started by `child`.

It loads Arelle and taxonomies, and forks itself for every instance: the fork has the taxonomy without loading
it, nothing of an instance stays, and what an instance does to its fork costs nobody else anything.
Standard input brings a frame of settings, then for each question a frame of JSON and one of the instance;
standard output takes a frame of JSON when it is ready and for each answer. When the input ends, so does it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Final, NoReturn

from digipoort_sim.validation.taxonomy.arelle_model import (
    INSTANCE,
    ArelleModel,
    LoadedTaxonomy,
    PackageBrokenError,
)
from digipoort_sim.validation.taxonomy.frames import (
    BrokenFrameError,
    json_frame,
    json_of,
    read_frame,
    write_all,
)
from digipoort_sim.validation.taxonomy.guard import Guard
from digipoort_sim.validation.taxonomy.records import OUT_OF_MEMORY
from digipoort_sim.validation.taxonomy.report_loading import REPORT

_PR_SET_PDEATHSIG: Final = 1
_NICE = 10
_LONGEST_DETAIL = 2_000
_LARGEST_FILE = 128 * 1024**2


def main() -> None:
    """Answer questions until there come no more."""
    questions, answers = _private_pipes()
    try:
        with contextlib.suppress(BrokenFrameError, BrokenPipeError):
            _serve(questions, answers)
    finally:
        shutil.rmtree(Path.cwd(), ignore_errors=True)


def _serve(questions: int, answers: int) -> None:
    settings = json_of(read_frame(questions) or b"")
    _limit(settings["memory"])
    model = ArelleModel(settings["packages"], _guard(settings["packages"]))
    write_all(answers, json_frame({"ready": True}))
    while (question := read_frame(questions)) is not None:
        model.given(read_frame(questions) or b"")
        answer = _answer(model, json_of(question), questions)
        answer["memory"] = _resident()
        write_all(answers, json_frame(answer))


def _private_pipes() -> tuple[int, int]:
    """The pipes to the server on numbers of their own: what Arelle prints goes to standard error."""
    questions, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return questions, answers


def _limit(memory: int) -> None:
    """Bound what this process and its forks may use; let all others go first."""
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _guard(packages: list[str]) -> Guard:
    import arelle

    contents = (str(Path(name).resolve()) for name in (INSTANCE, REPORT))
    return Guard((*arelle.__path__, *packages, *contents), sys.path)


def _answer(model: ArelleModel, question: dict[str, Any], questions: int) -> dict[str, Any]:
    """The answer to one question; the time for it begins now."""
    deadline = time.monotonic() + question["seconds"]
    entrypoint, system = question["entrypoint"], question["system"]
    _alarm(deadline)
    try:
        taxonomy = model.taxonomy(entrypoint, system)
    except PackageBrokenError as error:
        return {"outcome": "package", "detail": str(error)[:_LONGEST_DETAIL]}
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    answer = _in_a_fork(model, taxonomy, system, deadline, questions)
    return {**answer, "taxonomy": taxonomy.problems} if question["about_taxonomy"] else answer


def _alarm(deadline: float) -> None:
    """The kernel ends this process at the deadline, whatever it is doing."""
    signal.setitimer(signal.ITIMER_REAL, max(0.001, deadline - time.monotonic()))


def _in_a_fork(
    model: ArelleModel, taxonomy: LoadedTaxonomy, system: str, deadline: float, questions: int
) -> dict[str, Any]:
    reading, writing = os.pipe()
    mother = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _end_with(mother)
        _in_the_fork(model, taxonomy, system, deadline, writing)
    os.close(writing)
    try:
        content = _received(reading, questions, pid)
    finally:
        os.close(reading)
        _, status = os.waitpid(pid, 0)
    return _outcome(content, status)


def _received(reading: int, questions: int, pid: int) -> bytes:
    """All that the fork writes; if the server goes away meanwhile, so do the fork and this process."""
    parts: list[bytes] = []
    while True:
        ready, _, _ = select.select([reading, questions], [], [])
        if questions in ready:  # there are no questions before the answer: it is the pipe's end
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            shutil.rmtree(Path.cwd(), ignore_errors=True)
            os._exit(0)
        part = os.read(reading, 1 << 16)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _in_the_fork(
    model: ArelleModel, taxonomy: LoadedTaxonomy, system: str, deadline: float, writing: int
) -> NoReturn:
    status = 1
    try:
        _alarm(deadline)
        answer: dict[str, Any] = {"outcome": "done", "problems": _texts(taxonomy.problems)}
        answer["records"] = model.records(taxonomy, system)
        write_all(writing, json.dumps(answer).encode("ascii"))
        status = 0
    except MemoryError:
        status = OUT_OF_MEMORY
    except BaseException:
        detail = traceback.format_exc()[-_LONGEST_DETAIL:]
        write_all(writing, json.dumps({"outcome": "failed", "detail": detail}).encode("ascii"))
        status = 0
    finally:
        os._exit(status)


def _end_with(mother: int) -> None:
    """Let the kernel end this fork when the process that made it ends (Linux only), or has ended just now."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != mother:
        os._exit(1)


def _outcome(content: bytes, status: int) -> dict[str, Any]:
    if os.WIFSIGNALED(status):
        name = "timeout" if os.WTERMSIG(status) == signal.SIGALRM else "died"
        return {"outcome": name, "detail": f"signal {os.WTERMSIG(status)}"}
    if os.WEXITSTATUS(status) == OUT_OF_MEMORY:
        return {"outcome": "memory"}
    try:
        return json_of(content)
    except BrokenFrameError:
        return {"outcome": "died", "detail": f"exit status {os.WEXITSTATUS(status)}"}


def _texts(records: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(f"[{record['code']}] {record['text']}" for record in records))[:20]


def _resident() -> int:
    """Octets of memory that this process has in use; the most there ever were, if that is known only."""
    with contextlib.suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
