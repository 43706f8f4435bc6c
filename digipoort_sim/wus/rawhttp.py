"""One HTTP request in a file, as captured from a wire: start line, headers, body, chunk framing kept."""

from __future__ import annotations

from dataclasses import dataclass

from digipoort_sim.errors import SizeRefusal, SpecificationRefusal

_MAX_HEAD = 65_536
_MAX_HEADERS = 100
_MAX_BODY = 64 * 1024 * 1024


@dataclass(frozen=True)
class RawRequest:
    """A request that was read from a file.

    Attributes:
        method: such as ``POST``.
        target: the path with its query, such as ``/cpl/aanleverservice/1.2?wsdl``.
        headers: names (as written) and values, in order.
        body: the octets of the body, out of their chunks.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case; None if there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


def read(raw: bytes) -> RawRequest:
    """Read one HTTP/1 request.

    Raises:
        SpecificationRefusal: HTTP, it is no HTTP request or a part is missing.
        SizeRefusal: HTTP-LIMIT, head or body are too large.
    """
    end = raw.find(b"\r\n\r\n", 0, _MAX_HEAD)
    if end < 0:
        raise SpecificationRefusal("There is no end of the HTTP headers.", rule="HTTP")
    lines = raw[:end].decode("latin-1").split("\r\n")
    start = lines[0].split(" ")
    if len(start) != 3 or not start[2].startswith("HTTP/1."):
        raise SpecificationRefusal(f"This is no HTTP request line: {lines[0][:100]!r}.", rule="HTTP")
    if len(lines) > _MAX_HEADERS + 1:
        raise SizeRefusal(f"There are more than {_MAX_HEADERS} HTTP headers.", rule="HTTP-LIMIT")
    request = RawRequest(start[0], start[1], tuple(_header(line) for line in lines[1:]), raw[end + 4 :])
    return RawRequest(request.method, request.target, request.headers, _body(request))


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name or name != name.strip():
        raise SpecificationRefusal(f"This is no HTTP header: {line[:100]!r}.", rule="HTTP")
    return name, value.strip(" \t")


def _body(request: RawRequest) -> bytes:
    if len(request.body) > 2 * _MAX_BODY:
        raise SizeRefusal(f"The body is larger than {_MAX_BODY} octets.", rule="HTTP-LIMIT")
    if (request.header("Transfer-Encoding") or "").lower() == "chunked":
        return _unchunk(request.body)
    length = request.header("Content-Length")
    if length is None:
        return request.body
    if not (length.isascii() and length.isdigit() and len(length) < 12):
        raise SpecificationRefusal(f"Content-Length is no number: {length[:50]!r}.", rule="HTTP")
    if int(length) > len(request.body):
        raise SpecificationRefusal(
            f"Content-Length is {length}, but only {len(request.body)} octets follow.", rule="HTTP"
        )
    return request.body[: int(length)]


def _unchunk(data: bytes) -> bytes:
    pieces: list[bytes] = []
    at = 0
    while True:
        end = data.find(b"\r\n", at, at + 1024)
        size_text = data[at:end].partition(b";")[0].strip() if end >= 0 else b""
        try:
            size = int(size_text, 16) if len(size_text) < 9 and size_text.isalnum() else -1
        except ValueError:
            size = -1
        start = end + 2
        if size < 0 or start + size > len(data):
            raise SpecificationRefusal(f"The chunk at octet {at} of the body is not complete.", rule="HTTP")
        if size == 0:
            return b"".join(pieces)
        pieces.append(data[start : start + size])
        at = start + size + 2
