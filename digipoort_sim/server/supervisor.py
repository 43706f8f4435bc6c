"""The parent of several processes: starts them, replaces one that dies, stops them all."""

from __future__ import annotations

import json
import os
import selectors
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

from digipoort_sim.errors import ConfigError, DigipoortSimError
from digipoort_sim.server.process import Duties

Report = Callable[[dict[str, int]], None]
Child = Callable[[Duties, Report, int], None]
_STOP_SECONDS = 10.0
_RESTART_PAUSE_SECONDS = 0.5
_MAXIMUM_ERROR = 2000


@dataclass
class _Family:
    """The children that run, and what they said of their ports."""

    life_line: tuple[int, int]
    reports: tuple[int, int]
    children: dict[int, Duties] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    reported: int = 0
    stopping: bool = False
    failure: str = ""


def supervise(duties: Sequence[Duties], child: Child, ready: Report) -> None:
    """Run a process per duty until SIGTERM or SIGINT; the caller must have no threads yet.

    Args:
        child: what a child process does; returns when it is told to stop.
        ready: called once, with all ports, when every child has reported.

    Raises:
        ConfigError: a child ended before all were ready; the detail is what it said.
    """
    family = _Family(os.pipe(), os.pipe())
    with _signals(family):
        for duty in duties:
            _start(family, duty, child)
        _watch(family, len(duties), child, ready)
    _stop_all(family)
    for end in (*family.life_line, *family.reports):
        os.close(end)
    if family.failure:
        raise ConfigError(family.failure, rule="START")


class _signals:  # noqa: N801 (reads as a verb where it is used)
    def __init__(self, family: _Family) -> None:
        self._family = family
        self._before: dict[int, object] = {}

    def __enter__(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            self._before[number] = signal.signal(number, self._stop)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._family.stopping = True


def _start(family: _Family, duty: Duties, child: Child) -> None:
    pid = os.fork()
    if pid:
        family.children[pid] = duty
        return
    code = 1
    try:
        os.close(family.life_line[1])
        os.close(family.reports[0])
        child(duty, _reporter(family.reports[1]), family.life_line[0])
        code = 0
    except (DigipoortSimError, OSError) as error:
        os.write(family.reports[1], json.dumps({"error": str(error)[:_MAXIMUM_ERROR]}).encode() + b"\n")
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _reporter(pipe: int) -> Report:
    def report(ports: dict[str, int]) -> None:
        os.write(pipe, json.dumps(ports).encode() + b"\n")

    return report


def _watch(family: _Family, expected: int, child: Child, ready: Report) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(family.reports[0], selectors.EVENT_READ)
        while not family.stopping:
            if selector.select(timeout=0.2):
                _hear(family, expected, ready)
            _replace_dead(family, expected, child)
        if family.failure and selector.select(timeout=0):
            _hear(family, expected, ready)


def _hear(family: _Family, expected: int, ready: Report) -> None:
    for line in os.read(family.reports[0], 65536).splitlines():
        report = json.loads(line)
        if "error" in report:
            _note_error(family, expected, report["error"])
            continue
        family.ports.update(report)
        family.reported += 1
        if family.reported == expected:
            ready(dict(family.ports))


def _note_error(family: _Family, expected: int, error: str) -> None:
    """At the start an error ends it all; later it is only told, as the child is replaced."""
    if family.reported < expected:
        family.failure, family.stopping = error, True
    else:
        print(f"digipoort-sim: {error}", file=sys.stderr)


def _replace_dead(family: _Family, expected: int, child: Child) -> None:
    for pid in list(family.children):
        done, _status = os.waitpid(pid, os.WNOHANG)
        if not done:
            continue
        duty = family.children.pop(pid)
        if family.reported < expected:
            family.failure = family.failure or "a process of the simulator ended before it was ready"
            family.stopping = True
            return
        time.sleep(_RESTART_PAUSE_SECONDS)
        _start(family, duty, child)


def _stop_all(family: _Family) -> None:
    for pid in family.children:
        os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + _STOP_SECONDS
    while family.children and time.monotonic() < until:
        for pid in list(family.children):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del family.children[pid]
        time.sleep(0.02)
    for pid in family.children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
