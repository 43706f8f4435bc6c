"""Work on single files that takes long, in threads beside the courier's: no other file waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

_Made = TypeVar("_Made")


class Beside(Generic[_Made]):
    """Threads that work on a few files at a time.

    Args:
        done: called with the file's key in such a thread when there is something to collect.
        places: how many files at a time; others wait.
    """

    def __init__(self, done: Callable[[str], None], places: int = 2) -> None:
        self._done = done
        self._places = threading.Semaphore(places)
        self._made: dict[str, list[_Made]] = {}

    def collect(self, key: str, make: Callable[[], _Made]) -> list[_Made]:
        """What came of a file, in a list; an empty one while it is not there yet.

        The first call begins the work, and what was collected is forgotten.

        Args:
            make: the work; raises nothing.
        """
        if key not in self._made:
            self._made[key] = []
            threading.Thread(target=self._run, args=(key, make), name="ftp-beside", daemon=True).start()
        found = self._made[key]
        if found:
            del self._made[key]
        return found

    def _run(self, key: str, make: Callable[[], _Made]) -> None:
        with self._places:
            self._made[key].append(make())
        self._done(key)
