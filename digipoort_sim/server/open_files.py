"""How many files and connections this process may have open."""

from __future__ import annotations

import resource

_OTHERS = 2048
"""For the web door, the database and what Python itself opens."""

_FOR_A_TRANSFER = 3
"""What a connection of the file door may have open: itself, and a file twice."""


def allow_connections(connections: int, transfers: int = 0) -> None:
    """Raise the limit of open files, as far as we may, so that so many connections fit in it.

    Many systems start a program with room for 1024.

    Args:
        connections: how many there may be that need one descriptor each.
        transfers: how many there may be at the file door.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return
    wanted = connections + _FOR_A_TRANSFER * transfers + _OTHERS
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if wanted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
