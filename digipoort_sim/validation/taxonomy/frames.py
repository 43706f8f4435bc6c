"""How the server and its taxonomy processes talk: frames of bytes, and JSON in some of them.

A frame is four octets of length, most significant first, and so many octets. Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import os
import struct
from typing import Any, Final

MAXIMUM_FRAME: Final = 256 * 1024**2
"""Octets in a frame; a length above it is no frame, but something else that was written to the pipe."""
HEAD: Final = struct.Struct(">I")

_CHUNK = 1 << 20


class BrokenFrameError(Exception):
    """What came through a pipe is not the frame that was expected."""


def frame(content: bytes) -> bytes:
    """Content as a frame."""
    return HEAD.pack(len(content)) + content


def json_frame(value: dict[str, Any]) -> bytes:
    """A JSON object as a frame; characters that are none become question marks."""
    return frame(json.dumps(value).encode("ascii"))


def length_of(head: bytes) -> int:
    """The length that the first octets of a frame state.

    Raises:
        BrokenFrameError: it is more than a frame may hold.
    """
    (length,) = HEAD.unpack(head[: HEAD.size])
    if length > MAXIMUM_FRAME:
        raise BrokenFrameError(f"a frame of {length} octets")
    return int(length)


def json_of(content: bytes) -> dict[str, Any]:
    """The JSON object in a frame.

    Raises:
        BrokenFrameError: there is none in it.
    """
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BrokenFrameError("a frame without JSON") from error
    if not isinstance(value, dict):
        raise BrokenFrameError("a frame without a JSON object")
    return value


def read_frame(descriptor: int) -> bytes | None:
    """The next frame from a pipe, waiting for it; None at the pipe's end.

    Raises:
        BrokenFrameError: the pipe ends within the frame.
    """
    head = _read(descriptor, HEAD.size)
    if not head:
        return None
    if len(head) < HEAD.size:
        raise BrokenFrameError("half a frame")
    length = length_of(head)
    content = _read(descriptor, length)
    if len(content) < length:
        raise BrokenFrameError("half a frame")
    return content


def write_all(descriptor: int, content: bytes) -> None:
    """Write all of it to a pipe, waiting where it is full."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _read(descriptor: int, octets: int) -> bytes:
    parts = []
    while octets and (part := os.read(descriptor, min(octets, _CHUNK))):
        parts.append(part)
        octets -= len(part)
    return b"".join(parts)
