"""Octets in and out of a data connection, many TLS records at a time.

pyOpenSSL's own `recv_into` makes a temporary piece of memory for each record and copies it. OpenSSL's
function itself, which pyOpenSSL calls, writes right into ours; a version that hides it just is slower.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from enum import Enum
from typing import Any

from OpenSSL import SSL

from digipoort_sim.ftp.transfers.buffers import LEAST_BYTES

_WRITE_BYTES = 128 * 1024
_PLAIN_END = (-1, "Unexpected EOF")
_ffi: Any = getattr(SSL, "_ffi", None)
_lib: Any = getattr(SSL, "_lib", None)

Data = SSL.Connection | socket.socket


class State(Enum):
    """How a connection is after something was read or written."""

    GOES_ON = "there may be more at once"
    WAITS = "there is nothing at the moment"
    ENDED = "the client said that this is the end"
    CUT = "the client ended the connection without a word"
    BROKEN = "the connection is gone, or what comes is no TLS"


def read_records(connection: Data, room: memoryview) -> tuple[int, State]:
    """Read what is there into memory, until less than a record fits: how many octets, and how it goes on."""
    read = _reader(connection, room)
    filled = 0
    while len(room) - filled >= LEAST_BYTES:
        try:
            got = read(filled)
        except (SSL.WantReadError, SSL.WantWriteError, BlockingIOError):
            return filled, State.WAITS
        except SSL.ZeroReturnError:
            return filled, State.ENDED
        except SSL.SysCallError as error:
            return filled, _end_of(connection, error)
        except (SSL.Error, OSError):
            return filled, State.BROKEN
        if not got:  # without TLS, this is all that can be said
            return filled, State.ENDED
        filled += got
    return filled, State.GOES_ON


def _end_of(connection: Data, error: SSL.SysCallError) -> State:
    """How a connection ended that OpenSSL takes for one that is gone.

    Java says user_canceled before close_notify under TLS 1.3; OpenSSL then notes the end and reports an
    unexpected one. A fatal alert is noted likewise, but reported as another kind of error.
    """
    if isinstance(connection, SSL.Connection) and connection.get_shutdown() & SSL.RECEIVED_SHUTDOWN:
        return State.ENDED
    return State.CUT if error.args == _PLAIN_END else State.BROKEN


def write_records(connection: Data, data: memoryview) -> tuple[int, State]:
    """Write what fits, at most some records: how many octets, and how it goes on.

    After `State.WAITS` the same data has to be given again.
    """
    try:
        return connection.send(data[:_WRITE_BYTES]), State.GOES_ON
    except (SSL.WantWriteError, BlockingIOError):
        return 0, State.WAITS
    except (SSL.Error, OSError):
        return 0, State.BROKEN


def write_whole(connection: Data) -> None:
    """Let each call that writes go on until all its records are out, or nothing fits any more."""
    if isinstance(connection, SSL.Connection) and hasattr(_lib, "SSL_clear_mode"):
        _lib.SSL_clear_mode(connection._ssl, _lib.SSL_MODE_ENABLE_PARTIAL_WRITE)


def _reader(connection: Data, room: memoryview) -> Callable[[int], int]:
    """A function that reads one record to a place in memory."""
    if not isinstance(connection, SSL.Connection) or not hasattr(_lib, "SSL_read"):
        return lambda at: connection.recv_into(room[at:])
    ssl: Any = connection._ssl
    start, size, ssl_read = _ffi.from_buffer(room), len(room), _lib.SSL_read

    def read(at: int) -> int:
        got: int = ssl_read(ssl, start + at, size - at)
        if got <= 0:
            connection._raise_ssl_error(ssl, got)
        return got

    return read
