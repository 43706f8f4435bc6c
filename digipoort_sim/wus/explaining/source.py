"""What a file holds: a request as it went over the wire, or a bare envelope."""

from __future__ import annotations

import re
from dataclasses import dataclass

from digipoort_sim.errors import ConfigError, Refusal, SpecificationRefusal
from digipoort_sim.wus import rawhttp
from digipoort_sim.wus.rawhttp import RawRequest

_BOM = b"\xef\xbb\xbf"
_REQUEST_LINE = re.compile(rb"(?:\r?\n)*([A-Za-z]{1,20}) ([^ \r\n]{1,8000}) HTTP/([^ \r\n]{1,10})\r?\n")
_NEXT_REQUEST = re.compile(rb"\s*[A-Z]{3,20} [^ \r\n]{1,8000} HTTP/1\.[01]\r?\n")
_OTHER_KINDS = (
    (re.compile(rb"HTTP/\d"), "it is an HTTP answer; explain takes requests"),
    (re.compile(rb"\x16\x03"), "it holds TLS records; capture the request before it is encrypted"),
    (re.compile(rb"\x1f\x8b"), "it is compressed with gzip; unpack it first"),
    (re.compile(rb"-----BEGIN"), "it is a PEM file; give a request (a certificate goes with --trust)"),
    (
        re.compile(rb"--[^\r\n]{1,200}\r?\n"),
        "it is a multipart body without its HTTP headers; give those too",
    ),
)
_HEAD = 65_536
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]{0,1000}\r\n")


class UnreadableError(ConfigError):
    """A file holds nothing that could be explained."""


@dataclass(frozen=True)
class Message:
    """What a file holds.

    Attributes:
        request: the HTTP request; None for a bare envelope, and for what is no proper HTTP.
        body: the octets of the SOAP message, as far as they were read.
        whole: whether `body` is all of it.
        version: of HTTP, such as ``1.1``.
        objection: why it is no proper HTTP.
        left_over: octets that follow the request.
    """

    request: RawRequest | None
    body: bytes
    whole: bool = True
    version: str = ""
    objection: Refusal | None = None
    left_over: int = 0

    @property
    def is_http(self) -> bool:
        """Whether it came with its HTTP head."""
        return self.request is not None or self.objection is not None


def largest_file(max_request_bytes: int) -> int:
    """How many octets of a file are read at most: a request, its head and the framing of its chunks."""
    return 2 * max_request_bytes + 128 * 1024


def read_message(raw: bytes, *, whole: bool = True) -> Message:
    """Find out what a file holds.

    Args:
        raw: its octets.
        whole: whether these are all of them.

    Raises:
        UnreadableError: neither a request nor an envelope, or more than one request.
    """
    if not raw.strip():
        raise UnreadableError("it is empty", rule="EXPLAIN-FILE")
    line = _REQUEST_LINE.match(raw)
    if line is not None:
        return _http(raw.lstrip(b"\r\n"), whole, line[3].decode("latin-1"))
    start = raw.removeprefix(_BOM).lstrip()
    if start.startswith(b"<") or raw[:2] in (b"\xff\xfe", b"\xfe\xff", b"\0<"):
        return Message(None, raw.lstrip(), whole)
    for form, why in _OTHER_KINDS:
        if form.match(raw):
            raise UnreadableError(why, rule="EXPLAIN-FILE")
    raise UnreadableError(
        "it is neither an HTTP request (POST /path HTTP/1.1 ...) nor XML (<...)", rule="EXPLAIN-FILE"
    )


def _http(raw: bytes, whole: bool, version: str) -> Message:
    if not whole:
        return Message(_head_only(raw), b"", whole=False, version=version)
    try:
        request = rawhttp.read(raw)
    except Refusal as refusal:
        return Message(None, b"", objection=_of_converted(raw) or refusal)
    end = _end_of_body(raw, request)
    if _NEXT_REQUEST.match(raw, end):
        raise UnreadableError(
            f"it holds another request from octet {end} on; give each request a file of its own",
            rule="EXPLAIN-FILE",
        )
    return Message(request, request.body, version=version, left_over=len(raw[end:].strip()))


def _of_converted(raw: bytes) -> Refusal | None:
    """The objection to a file whose line ends an editor, or git, has changed."""
    if b"\r\n" in raw[:_HEAD] or b"\n\n" not in raw[:_HEAD]:
        return None
    return SpecificationRefusal(
        "The lines of the HTTP head end in LF, not in CRLF; an editor or git may have changed the file.",
        rule="HTTP",
    )


def _head_only(raw: bytes) -> RawRequest | None:
    """The head of a request that is too large to be read."""
    end = raw.find(b"\r\n\r\n", 0, _HEAD)
    lines = raw[: max(end, 0)].decode("latin-1").split("\r\n")
    start = [*lines[0].split(" "), "", ""][:2]
    pairs = (line.partition(":") for line in lines[1:])
    return RawRequest(start[0], start[1], tuple((name, value.strip()) for name, _, value in pairs), b"")


def _end_of_body(raw: bytes, request: RawRequest) -> int:
    start = raw.find(b"\r\n\r\n") + 4
    if (request.header("Transfer-Encoding") or "").lower() != "chunked":
        return start + len(request.body)
    at, size = start, -1
    while size != 0:
        line = _CHUNK_LINE.match(raw, at)
        if line is None:
            return len(raw)
        size = int(line[1], 16)
        at = line.end() + size + (2 if size else 0)
    trailers = raw.find(b"\r\n", at)
    return len(raw) if trailers < 0 else trailers + 2
