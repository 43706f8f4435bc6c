"""The taxonomy processes: who asks waits its turn, what ends is started anew, no process grows for ever."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from digipoort_sim.errors import TechnicalError
from digipoort_sim.validation.findings import shown
from digipoort_sim.validation.packages.package import Package
from digipoort_sim.validation.packages.zipping import zip_of
from digipoort_sim.validation.taxonomy.child import WORKER, Child, ChildDiedError, ChildLateError
from digipoort_sim.validation.taxonomy.frames import frame, json_frame
from digipoort_sim.validation.taxonomy.records import OUT_OF_MEMORY

QUESTIONS_OF_A_PROCESS: Final = 1_000
"""After so many a process is replaced, whatever it looks like."""

_GRACE_SECONDS = 5.0
_FAREWELL_SECONDS = 3.0
_ATTEMPTS = 2
_LONGEST_DETAIL = 2_000
_MEGABYTE = 1024**2
_ALARM = -14  # SIGALRM; by number, as not every platform that the server runs on has it
_MEANING = {_ALARM: "timeout", OUT_OF_MEMORY: "memory"}


class PackageSource(Protocol):
    """Where the packages come from; see `packages.PackageFolder`."""

    def packages(self) -> tuple[Package, ...]:
        """All packages; the same object as long as nothing has changed."""
        ...

    def package_of(self, entrypoint: str) -> Package | None:
        """The usable package that holds an entry point; None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """An instance to be looked at.

    Args:
        system: disclosure system of Arelle's NL plugin; empty for none.
        seconds: time for the answer.
        about_taxonomy: whether all that Arelle has against the taxonomy itself is asked too.
    """

    content: bytes
    entrypoint: str
    system: str
    seconds: float
    about_taxonomy: bool = False

    def frames(self) -> bytes:
        """The question as it is sent."""
        head = {"entrypoint": self.entrypoint, "system": self.system, "seconds": self.seconds}
        return json_frame({**head, "about_taxonomy": self.about_taxonomy}) + frame(self.content)


@dataclass(eq=False)
class _Slot:
    """The place of one process; who holds it is the only one to use it."""

    child: Child | None = None
    packages: tuple[Package, ...] | None = None


@dataclass(eq=False)
class _Waiter:
    turn: threading.Event = field(default_factory=threading.Event)
    slot: _Slot | None = None


class Pool:
    """A number of processes; safe to share between threads. Nothing is started before it is needed.

    Args:
        processes: how many, at least 1.
        memory_mb: what each of them, and each of its forks, may use.
        command: what is started as a process.
    """

    def __init__(
        self, packages: PackageSource, processes: int, memory_mb: int, command: Sequence[str] = WORKER
    ) -> None:
        self._packages = packages
        self._memory = memory_mb * _MEGABYTE
        self._command = command
        self._lock = threading.Lock()
        self._ending = threading.Condition(self._lock)
        self._ended = 0
        self._slots = [_Slot() for _ in range(processes)]
        self._idle = list(self._slots)
        self._waiters: deque[_Waiter] = deque()
        self._closed = False

    def start(self) -> None:
        """Start all processes, so that no question waits for it; returns at once.

        Raises:
            TechnicalError: they cannot be started.
        """
        with self._lock:
            slots, self._idle = self._idle, []
        try:
            for slot in slots:
                self._renew(slot)
        except (ChildDiedError, OSError) as error:
            raise _process_trouble(str(error)) from error
        finally:
            for slot in slots:
                self._release(slot)

    def ask(self, question: Question) -> dict[str, Any]:
        """The answer to a question; a process that dies over it is replaced, and asked once again.

        Raises:
            TechnicalError: there is none: XBRL-TIMEOUT, XBRL-MEMORY, XBRL-PACKAGE or XBRL-PROCESS.
        """
        slot = self._acquire(question.entrypoint)
        try:
            for _ in range(_ATTEMPTS):
                answer = self._asked(slot, question)
                if answer["outcome"] != "died":
                    return _judged(answer, question)
            raise _process_trouble(str(answer.get("detail", "")))
        finally:
            self._refresh(slot)
            self._release(slot)

    def pids(self) -> tuple[int, ...]:
        """The processes that run, to be shown or watched."""
        children = (slot.child for slot in self._slots)
        return tuple(child.pid for child in children if child is not None and child.lives)

    def close(self) -> None:
        """End all processes, within seconds; who is waiting for an answer gets TechnicalError.

        It returns when those who were at work have tidied up: else this process could end before they have.
        """
        with self._lock:
            self._closed = True
            waiters, self._waiters = self._waiters, deque()
            idle, self._idle = self._idle, []
            busy = [slot.child for slot in self._slots if slot not in idle and slot.child is not None]
        for child in busy:
            child.kill()
        for waiter in waiters:
            waiter.turn.set()
        for slot in idle:
            self._end(slot)
        with self._ending:
            self._ending.wait_for(lambda: self._ended == len(self._slots), _FAREWELL_SECONDS)

    def _acquire(self, entrypoint: str) -> _Slot:
        """A free slot, if possible one whose process knows the entry point; in the order of asking."""
        with self._lock:
            if self._closed:
                raise _closed()
            if self._idle and not self._waiters:
                knowing = (slot for slot in self._idle if slot.child and entrypoint in slot.child.entrypoints)
                slot = next(knowing, self._idle[-1])
                self._idle.remove(slot)
                return slot
            waiter = _Waiter()
            self._waiters.append(waiter)
        waiter.turn.wait()
        if waiter.slot is None:
            raise _closed()
        return waiter.slot

    def _release(self, slot: _Slot) -> None:
        with self._lock:
            closed = self._closed
            if not closed and self._waiters:
                waiter = self._waiters.popleft()
                waiter.slot = slot
                waiter.turn.set()
            elif not closed:
                self._idle.append(slot)
        if closed:
            self._end(slot)

    def _end(self, slot: _Slot) -> None:
        """The end of a slot, once for each when the pool is closed."""
        self._retire(slot)
        with self._ending:
            self._ended += 1
            self._ending.notify_all()

    def _asked(self, slot: _Slot, question: Question) -> dict[str, Any]:
        try:
            child = self._current(slot)
            answer = child.ask(question.frames(), question.seconds + _GRACE_SECONDS)
        except (ChildDiedError, OSError) as error:
            lost = slot.child
            self._retire(slot)
            return _last_answer(lost, str(error))
        except ChildLateError as error:
            self._retire(slot, at_once=True)
            return {"outcome": "timeout", "detail": str(error)}
        child.entrypoints.add(question.entrypoint)
        return answer

    def _current(self, slot: _Slot) -> Child:
        """The slot's process; a new one if it has ended or the packages are others now."""
        if self._closed:
            raise _closed()
        child = slot.child
        if child is not None and child.lives and slot.packages is self._packages.packages():
            return child
        return self._renew(slot)

    def _renew(self, slot: _Slot) -> Child:
        self._retire(slot)
        packages = self._packages.packages()
        child = Child(self._command, partial(_settings, packages, self._memory))
        with self._lock:
            slot.child, slot.packages = child, packages
            closed = self._closed
        if closed:
            child.kill()
        return child

    def _refresh(self, slot: _Slot) -> None:
        """Replace a process that is gone or has grown, ahead of the next question."""
        child = slot.child
        worn = child is None or child.questions >= QUESTIONS_OF_A_PROCESS or child.memory > self._memory // 2
        if worn and not self._closed:
            with contextlib.suppress(ChildDiedError, OSError):  # the next question will say so
                self._renew(slot)

    def _retire(self, slot: _Slot, *, at_once: bool = False) -> None:
        child, slot.child = slot.child, None
        if child is not None:
            if at_once:
                child.kill()
            child.stop()


def _settings(packages: tuple[Package, ...], memory: int, folder: Path) -> dict[str, Any]:
    """What a process is told first; packages that are folders are zipped into its own."""
    usable = (package for package in packages if package.usable)
    return {"packages": [str(zip_of(package, folder)) for package in usable], "memory": memory}


def _last_answer(child: Child | None, detail: str) -> dict[str, Any]:
    """What the end of a process says; its alarm and its lack of memory are no crash."""
    status = None if child is None else child.status
    outcome = _MEANING.get(status or 0, "died")
    return {"outcome": outcome, "detail": detail}


def _judged(answer: dict[str, Any], question: Question) -> dict[str, Any]:
    outcome, detail = answer["outcome"], str(answer.get("detail", ""))
    if outcome == "done":
        return answer
    raise _TROUBLE.get(outcome, _failed)(detail, question)


def _timeout(_: str, question: Question) -> TechnicalError:
    return TechnicalError(
        f"The check against the taxonomy took longer than {question.seconds:g} seconds "
        "(setting validation.timeout_seconds).",
        rule="XBRL-TIMEOUT",
    )


def _memory(_: str, __: Question) -> TechnicalError:
    return TechnicalError(
        "The check against the taxonomy needs more memory than it may use "
        "(setting validation.max_memory_mb).",
        rule="XBRL-MEMORY",
    )


def _package(detail: str, question: Question) -> TechnicalError:
    return TechnicalError(
        f"The taxonomy of {question.entrypoint} cannot be loaded from its package: {_on_one_line(detail)}",
        rule="XBRL-PACKAGE",
    )


def _failed(detail: str, _: Question) -> TechnicalError:
    return _process_trouble(detail)


def _process_trouble(detail: str) -> TechnicalError:
    return TechnicalError(
        f"The process that checks against taxonomies has failed: {_on_one_line(detail) or 'it ended'}",
        rule="XBRL-PROCESS",
    )


def _on_one_line(detail: str) -> str:
    """What a process said, without what no database or XML can hold."""
    return shown(" ".join(detail.split()), _LONGEST_DETAIL)


def _closed() -> TechnicalError:
    return TechnicalError("The checks against taxonomies are being ended.", rule="XBRL-PROCESS")


_TROUBLE: Final[dict[str, Callable[[str, Question], TechnicalError]]] = {
    "timeout": _timeout,
    "memory": _memory,
    "package": _package,
}
