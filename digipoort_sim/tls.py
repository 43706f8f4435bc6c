"""What Python's `ssl` does not offer: looking on at a handshake, and a time for a whole exchange."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

Listener = Callable[[Any, str, int, int, int, bytes], None]
"""Takes connection, direction (``read`` or ``write``), TLS version, content and message type, message."""


def watch_messages(context: ssl.SSLContext, listener: Listener) -> bool:
    """Have every protocol message of a context's connections told, the encrypted ones too.

    OpenSSL can; Python keeps it as a private aid to debugging. The call goes past Python's own setter,
    which would make three enum members of every message.

    Returns:
        False where this Python cannot; then nothing is told.
    """
    base: Any = ssl.SSLContext.__mro__[1]
    try:
        base._msg_callback.__set__(context, listener)
    except AttributeError:
        return False
    return True


@contextlib.contextmanager
def torn_down_after(sock: socket.socket, seconds: float, late: threading.Event) -> Iterator[None]:
    """Tear a connection down when a block takes longer than this, whatever is done with it then.

    The time-out of a socket is one for each piece that comes; who sends an octet now and then goes on for
    ever.

    Args:
        late: set when that happened. What was read then may look as if it had come to its end: look at
            this afterwards.
    """
    timer = threading.Timer(seconds, _tear_down, (sock, late))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _tear_down(sock: socket.socket, late: threading.Event) -> None:
    late.set()
    with contextlib.suppress(OSError):
        # Not that of SSLSocket, which would change the object under the hands of the other thread.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
