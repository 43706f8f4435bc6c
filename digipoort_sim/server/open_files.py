"""How many files and connections this process may have open."""

from __future__ import annotations

import resource

_OTHERS = 2048
"""For the file door, the web door, the database and what Python itself opens."""


def allow_connections(connections: int) -> None:
    """Raise the limit of open files, as far as we may, so that so many connections fit in it.

    Many systems start a program with room for 1024.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return
    wanted = connections + _OTHERS
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if wanted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
