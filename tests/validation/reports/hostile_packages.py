"""Packages that are meant to do harm, for `test_hostile_packages`.

``python -m tests.validation.reports.hostile_packages FOLDER`` writes a line of JSON for every file there: its
name, the rules of its findings, the processor seconds, and by how many megabytes the process has grown.
"""

from __future__ import annotations

import json
import random
import resource
import struct
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

from tests.validation.archives.zips import DEFLATED, Raw, archive, deflated, zipped
from tests.validation.reports.made import DOCUMENT, checked, members, package

_GIGABYTE = 1024**3
_MEMBER = b"r/reports/90004567-2025-12-31-nl.xhtml"
_BODY = "<p><ix:nonNumeric"
_CONTEXT = DOCUMENT[DOCUMENT.index("<xbrli:context") : DOCUMENT.index("<xbrli:unit")]


def _endless(octets: int) -> bytes:
    """Deflate data that become so many zeros; made of one block that repeats."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = deflater.compress(bytes(1 << 20)) + deflater.flush(zlib.Z_FULL_FLUSH)
    return block * (octets >> 20) + deflated(b"")


def _bomb(unpacked: int, extra: bytes = b"") -> bytes:
    data = _endless(10 * _GIGABYTE)
    return archive(Raw(_MEMBER, data, DEFLATED, crc=0, unpacked=unpacked, extra=extra))


def _overlapping() -> bytes:
    """A thousand members whose entries all lead to the data of one."""
    kernel = Raw(b"r/0", _endless(1 << 26), DEFLATED, crc=0, unpacked=1 << 26)
    others = [
        Raw(b"r/%d" % n, b"", crc=0, offset=0, packed=len(kernel.data), unpacked=1) for n in range(1, 1000)
    ]
    return archive(kernel, *others)


def _put(markup: str) -> str:
    return DOCUMENT.replace(_BODY, markup + _BODY, 1)


def hostile() -> Iterator[tuple[str, bytes]]:
    """Name and content of each."""
    honest = struct.pack("<2HQ", 1, 8, 10 * _GIGABYTE)
    yield "says-10-gigabytes", _bomb(0xFFFFFFFF, honest)
    yield "says-little", _bomb(1000)
    yield "members", archive(*(Raw(b"r/%06d" % n, b"") for n in range(65_000)))
    yield "overlapping", _overlapping()
    inner = zipped({"bomb": bytes(50_000_000)})
    yield "zip-in-zip", zipped({**members(), **{f"r/{n}.zip": inner for n in range(16)}})
    yield "folders", zipped({**members(), **{f"{n}/reports/x": b"" for n in range(4_900)}})
    yield "entities", package(DOCUMENT.replace("<html", '<!DOCTYPE html [<!ENTITY a "&b;&b;">]><html', 1))
    yield "instructions", ("<?a?>" * 2_000_000 + "<!DOCTYPE ").encode()
    yield "deep", (_put("<p>" * 100_000 + "</p>" * 100_000)).encode()
    yield "elements", (_put("<p/>" * 1_100_000)).encode()
    yield "styles", (_put('<p style="url(//a) url(//a)"/>' * 50_000)).encode()
    yield "one-style", (_put("<style>" + "url( " * 2_000_000 + "</style>")).encode()
    yield "events", (_put('<p onclick="x" onload="y"/>' * 50_000)).encode()
    reference = '<link:schemaRef xlink:href="a.xsd"/>'
    yield (
        "references",
        (DOCUMENT.replace("<ix:references>", "<ix:references>" + reference * 100_000)).encode(),
    )
    fact = '<ix:nonFraction name="d:x" contextRef="no" unitRef="no" precision="1"/>'
    yield "facts", (_put(fact * 100_000)).encode()
    contexts = "".join(_CONTEXT.replace('"c"', f'"c{n}"') for n in range(100_000))
    yield "contexts", package(DOCUMENT.replace(_CONTEXT, contexts + _CONTEXT, 1))
    yield "large", (_put("<p>" + "x" * 20_000_000 + "</p>")).encode()
    half = random.Random(1).randbytes(20_000) * 2_500
    parts = {f"r/images/{n}.png": half for n in range(5)}
    yield "all-that-is-allowed", zipped({**members(), **parts})


def main(folder: Path) -> None:
    """Check every file of a folder."""
    resource.setrlimit(resource.RLIMIT_AS, (2 * _GIGABYTE, 2 * _GIGABYTE))
    checked(package())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_size):
        content, begin = path.read_bytes(), time.process_time()
        report = checked(content)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        found = {"name": path.name, "rules": sorted({finding.rule for finding in report.findings})}
        measured = {"seconds": round(time.process_time() - begin, 2), "megabytes": grown}
        print(json.dumps({**found, **measured, "findings": len(report.findings)}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
