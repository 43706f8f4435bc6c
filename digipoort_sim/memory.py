"""Giving memory back to the machine after something large."""

from __future__ import annotations

import contextlib
import ctypes
import functools
from collections.abc import Callable

VERY_LARGE = 4_194_304
"""Octets of a content whose tree is worth giving back."""


@functools.cache
def _trim() -> Callable[[int], int]:
    with contextlib.suppress(AttributeError, OSError):
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
        return found
    return lambda _: 0


def give_back() -> None:
    """Hand free pages of the heap to the system; glibc else keeps them, hundreds of MB after a large tree.

    Takes a few milliseconds. Where the C library has no such call nothing happens.
    """
    _trim()(0)
