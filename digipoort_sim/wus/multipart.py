"""MTOM/XOP: a multipart/related request brought back to the one XML document that it stands for.

Signatures are made over the document with the attachments inlined as canonical base64; so they are
inlined first, and everything after that is the same as for a plain request. Each attachment must be
included exactly once: twice would let a small message grow without end, and one that is not included
would be outside the signature.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote

from lxml import etree

from digipoort_sim.errors import AttachmentRefusal, SizeRefusal, SpecificationRefusal
from digipoort_sim.wus.document import DEFAULT_LIMITS, Limits, parse
from digipoort_sim.wus.names import XOP

_PARAMETER = re.compile(
    r';[ \t]*([\w!#$%&*+.^`|~-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))', re.ASCII
)
_INCLUDES = etree.XPath("//xop:Include", namespaces={"xop": XOP})
_MAX_PART_HEAD = 8192
_MAX_CONTENT_TYPE = 2048
_PLAIN_ENCODINGS = ("", "binary", "8bit", "7bit")


@dataclass(frozen=True)
class Package:
    """The parts of a multipart/related body.

    Attributes:
        root: the XML of the root part, still with its xop:Include elements.
        attachments: the octets of the other parts, by Content-ID without its angle brackets.
    """

    root: bytes
    attachments: Mapping[str, bytes]


def is_multipart(content_type: str | None) -> bool:
    """Whether an HTTP Content-Type is multipart/related."""
    return (content_type or "").partition(";")[0].strip().lower() == "multipart/related"


def parse_inlined(
    content_type: str, body: bytes, max_attachments: int, limits: Limits = DEFAULT_LIMITS
) -> etree._Element:
    """Parse a multipart/related body and give the root of the document with its attachments inlined.

    Raises:
        SpecificationRefusal: XOP, or what `document.parse` raises.
        AttachmentRefusal: XOP-ATTACHMENTS, too many, or not each included once.
        SizeRefusal: XML-LIMIT.
    """
    if len(body) > limits.max_bytes:
        raise SizeRefusal(f"The message is larger than {limits.max_bytes} octets.", rule="XML-LIMIT")
    package = split(content_type, body, max_attachments)
    root = parse(package.root, limits)
    inline(root, package.attachments)
    return root


def split(content_type: str, body: bytes, max_attachments: int) -> Package:
    """Take a multipart/related body apart.

    Args:
        max_attachments: how many bijlagen there may be; beside their parts there are the root part and,
            if it is sent so, that of the berichtInhoud.

    Raises:
        SpecificationRefusal: XOP, it is not in the form of multipart/related with application/xop+xml.
        AttachmentRefusal: XOP-ATTACHMENTS, there are too many.
    """
    parameters = _parameters(content_type)
    if parameters.get("type", "").lower() != "application/xop+xml" or not parameters.get("boundary"):
        raise _wrong('Content-Type must be multipart/related with a boundary and type="application/xop+xml"')
    parts = _parts(body, parameters["boundary"].encode("latin-1", "replace"), max_attachments + 2)
    start = _content_id(parameters.get("start", "")) or next(iter(parts))
    if start not in parts:
        raise _wrong(f"there is no part with the Content-ID of start ({start[:100]!r})")
    return Package(parts.pop(start), parts)


def inline(root: etree._Element, attachments: Mapping[str, bytes]) -> None:
    """Put each attachment in the place of its xop:Include, as canonical base64.

    Raises:
        SpecificationRefusal: XOP, an Include that is not alone in its element or points nowhere.
        AttachmentRefusal: XOP-ATTACHMENTS, an attachment that is included twice or not at all.
    """
    left = dict(attachments)
    for include in cast("list[etree._Element]", _INCLUDES(root)):
        href = include.get("href", "")
        content_id = unquote(href[4:]) if href[:4].lower() == "cid:" else ""
        if not content_id or content_id not in left:
            problem = "included twice" if content_id in attachments else "not there"
            raise AttachmentRefusal(
                f"The attachment of xop:Include {href[:100]!r} is {problem}.", rule="XOP-ATTACHMENTS"
            )
        _replace(include, left.pop(content_id))
    if left:
        raise AttachmentRefusal(
            f"The attachment {next(iter(left))[:100]!r} is not included anywhere in the message.",
            rule="XOP-ATTACHMENTS",
        )


def _wrong(reason: str) -> SpecificationRefusal:
    return SpecificationRefusal(f"The multipart message is not well-formed: {reason}.", rule="XOP")


def _parameters(content_type: str) -> dict[str, str]:
    found = _PARAMETER.findall(content_type[:_MAX_CONTENT_TYPE])
    return {name.lower(): re.sub(r"\\(.)", r"\1", quoted) or bare for name, quoted, bare in found}


def _content_id(text: str) -> str:
    return text.strip().removeprefix("<").removesuffix(">")


def _parts(body: bytes, boundary: bytes, most: int) -> dict[str, bytes]:
    delimiter = b"--" + boundary
    at = 0 if body.startswith(delimiter) else body.find(b"\r\n" + delimiter) + 2
    if at < 2 and not body.startswith(delimiter):
        raise _wrong("the boundary does not occur in the body")
    parts: dict[str, bytes] = {}
    while not body.startswith(b"--", at + len(delimiter)):
        begin = at + len(delimiter)
        end = body.find(b"\r\n" + delimiter, begin)
        if end < 0:
            raise _wrong("the last boundary is missing")
        if len(parts) == most:
            raise AttachmentRefusal(f"There are more than {most - 1} attachments.", rule="XOP-ATTACHMENTS")
        content_id, content = _part(body, begin, end)
        if content_id in parts:
            raise _wrong(f"the Content-ID {content_id[:100]!r} comes twice")
        parts[content_id] = content
        at = end + 2
    if not parts:
        raise _wrong("it has no parts")
    return parts


def _part(body: bytes, begin: int, end: int) -> tuple[str, bytes]:
    head_end = body.find(b"\r\n\r\n", begin, min(end + 4, begin + _MAX_PART_HEAD))
    if head_end < 0:
        raise _wrong("a part has no end of its headers")
    headers = {}
    for line in body[begin:head_end].decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    encoding = headers.get("content-transfer-encoding", "").lower()
    content = body[head_end + 4 : end]
    if encoding == "base64":
        content = _decoded(content)
    elif encoding not in _PLAIN_ENCODINGS:
        raise _wrong(f"the Content-Transfer-Encoding {encoding[:50]!r} is not known")
    return _content_id(headers.get("content-id", "")), content


def _decoded(content: bytes) -> bytes:
    try:
        return base64.b64decode(content.translate(None, b" \t\r\n"), validate=True)
    except binascii.Error:
        raise _wrong("a part is not base64, as its Content-Transfer-Encoding says") from None


def _replace(include: etree._Element, content: bytes) -> None:
    if len(include) or include.text:
        raise _wrong("an xop:Include is not empty")
    holder = include.getparent()
    if holder is None or len(holder) != 1 or (holder.text or "").strip() or (include.tail or "").strip():
        raise _wrong("an xop:Include is not alone in its element")
    holder.remove(include)
    # Octets, which the type stubs do not know of: a str would be one copy more.
    cast(Any, holder).text = binascii.b2a_base64(content, newline=False)
