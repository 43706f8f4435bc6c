"""What the head of a request may say of how the request is framed, and the short answer to what may not be.

A request that two readers could divide in two ways is refused, although no proxy stands before this door:
a client that sends such a thing will be in trouble elsewhere (RFC 9112, chapters 2, 3, 6 and 7).
"""

from __future__ import annotations

from collections.abc import Sequence

MAX_HEAD = 64 * 1024
"""Octets that the head of a request may have."""

_VERSIONS = ("1.0", "1.1")
_ONCE = (
    b"host",
    b"content-length",
    b"transfer-encoding",
    b"content-type",
    b"content-encoding",
    b"soapaction",
    b"expect",
)
TOO_LARGE = f"The HTTP headers are larger than {MAX_HEAD} octets."
_PHRASES = {
    400: "Bad Request",
    408: "Request Timeout",
    413: "Content Too Large",
    417: "Expectation Failed",
    431: "Request Header Fields Too Large",
}


class UnacceptableError(Exception):
    """A request whose framing is refused; httptools passes it on as its own error.

    Args:
        status: the HTTP status of the answer.
    """

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.why = why
        self.status = status


def check_head(version: str, headers: Sequence[tuple[bytes, bytes]], url: bytes = b"") -> None:
    """Look at a head that is complete.

    Args:
        version: of HTTP, such as ``1.1``.
        headers: names in lower case.

    Raises:
        UnacceptableError: the first rule that it breaks.
    """
    if len(url) + sum(len(name) + len(value) for name, value in headers) > MAX_HEAD:
        raise UnacceptableError(TOO_LARGE, 431)
    names = [name for name, _ in headers]
    if b"transfer-encoding" in names:
        _check_coding(version, headers, names)
    for name in _ONCE:
        if names.count(name) > 1:
            raise UnacceptableError(f"The header {name.decode('ascii').title()} comes twice.")
    if version not in _VERSIONS:
        raise UnacceptableError("This service speaks HTTP/1.1 and 1.0 only.")
    if b"upgrade" in names:
        raise UnacceptableError("This service speaks HTTP/1.1 only; leave Upgrade out.")
    if version == "1.1" and b"host" not in names:
        raise UnacceptableError("The header Host is missing.")
    if b"expect" in names and _value(headers, b"expect").lower() != b"100-continue":
        raise UnacceptableError("The only Expect that is accepted is 100-continue.", 417)


def _check_coding(version: str, headers: Sequence[tuple[bytes, bytes]], names: list[bytes]) -> None:
    if version != "1.1":
        raise UnacceptableError("Transfer-Encoding is of HTTP/1.1; HTTP/1.0 has Content-Length only.")
    if b"content-length" in names:
        raise UnacceptableError("Content-Length and Transfer-Encoding come together.")
    if _value(headers, b"transfer-encoding").strip().lower() != b"chunked":
        raise UnacceptableError("The only Transfer-Encoding that is accepted is chunked.")


def _value(headers: Sequence[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    return next(value for name, value in headers if name == wanted)


def plain_answer(status: int, text: str) -> bytes:
    """A short text as a whole HTTP answer, after which the connection is closed."""
    body = text.encode("ascii", "replace") + b"\n"
    head = (
        f"HTTP/1.1 {status} {_PHRASES[status]}\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
