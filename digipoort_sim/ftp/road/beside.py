"""Work on single files that takes long, in threads beside the courier's: no other file waits for it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

_Made = TypeVar("_Made")


class Beside(Generic[_Made]):
    """Works on a few files at a time; who collects is one thread.

    Args:
        done: called with the file's key, in another thread, when there is something to collect.
        places: how many files are worked on or wait to be collected, as what came of one may be large.
    """

    def __init__(self, done: Callable[[str], None], places: int = 2) -> None:
        self._done = done
        self._places = places
        self._taken = 0
        self._waiting: deque[tuple[str, Callable[[], _Made]]] = deque()
        self._made: dict[str, list[_Made]] = {}

    def collect(self, key: str, make: Callable[[], _Made]) -> list[_Made]:
        """What came of a file, in a list; an empty one while it is not there yet.

        The first call has the work done, and what was collected is forgotten.

        Args:
            make: the work; raises nothing.
        """
        if key not in self._made:
            self._made[key] = []
            self._waiting.append((key, make))
        found = self._made[key].copy()  # what is added from now on is collected by the next call
        if found:
            del self._made[key]
            self._taken -= 1
        while self._waiting and self._taken < self._places:
            self._taken += 1
            work = self._waiting.popleft()
            threading.Thread(target=self._run, args=work, name="ftp-beside", daemon=True).start()
        return found

    def _run(self, key: str, make: Callable[[], _Made]) -> None:
        self._made[key].append(make())
        self._done(key)
