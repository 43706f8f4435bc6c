"""Contents that were made to do harm, by name, and a process that validates them within limits.

Run as a module it validates every one, with the rules of three forms, and prints a line of JSON for each.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import time
import zipfile
from collections.abc import Callable, Mapping

from tests.validation.samples import INSTANCE, OB, WAGES, mandate_rules, validated

MEMORY_BYTES = 3 * 1024**3
CPU_SECONDS = 100
_ENTITIES = "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
_BOMB = f"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>{_ENTITIES}]><a>&j;</a>"
_CONTEXT = b'<xbrli:context x="1" id="a">b</xbrli:context>'
_HEAD = INSTANCE.encode().partition(b"  <d:Name")[0]
_END = b"</xbrli:xbrl>"


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", b"<" * 200_000_000)
    return packed.getvalue()


CONTENTS: Mapping[str, Callable[[], bytes]] = {
    "entity bomb": lambda: _BOMB.encode(),
    "entity bomb in UTF-16": lambda: _BOMB.encode("utf-16"),
    "entity bomb in UTF-16 without a mark": lambda: _BOMB.encode("utf-16-le"),
    "entity bomb in UTF-32": lambda: _BOMB.encode("utf-32"),
    "entity bomb in EBCDIC": lambda: ("<?xml version='1.0' encoding='cp500'?>" + _BOMB).encode("cp500"),
    "entity bomb in UTF-7": lambda: ("<?xml version='1.0' encoding='utf-7'?>" + _BOMB).encode("utf-7"),
    "external entity": lambda: b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    "parameter entity": lambda: b"<!DOCTYPE a [<!ENTITY % b SYSTEM 'http://127.0.0.1:9/b'> %b;]><a/>",
    "zip bomb named as XML": _zip,
    "20 MiB of facts": lambda: _HEAD + b'<d:x contextRef="Msg">12345678</d:x>' * 580_000 + _END,
    "20 MiB of facts that are wrong": lambda: _HEAD + b'<d:x contextRef="Q" unitRef="U"/>' * 590_000 + _END,
    "contexts that are wrong": lambda: _HEAD + _CONTEXT * 400_000 + _END,
    "nesting": lambda: _HEAD + b"<d:a>" * 100_000 + b"</d:a>" * 100_000 + _END,
    "nesting without an end": lambda: b"<a>" * 100_000,
    "nested names": lambda: b"".join(b"<a%d>" % n for n in range(100_000)),
    "attributes": lambda: b"<a " + b" ".join(b'a%d=""' % n for n in range(1_000_000)) + b"/>",
    "one attribute twice and again": lambda: b"<a " + b'a="" ' * 1_000_000 + b"/>",
    "long attribute": lambda: _HEAD + b'<d:x contextRef="' + b"M" * 20_000_000 + b'">1</d:x>' + _END,
    "long name": lambda: b"<" + b"a" * 20_000_000 + b"/>",
    "long text": lambda: _HEAD + b'<d:x contextRef="Msg">' + b"1" * 20_000_000 + b"</d:x>" + _END,
    "namespaces": lambda: b"<a " + b" ".join(b'xmlns:n%d="u"' % n for n in range(1_000_000)) + b"/>",
    "namespaces beside each other": lambda: b"<a>" + b"".join(b'<b xmlns="u%d"/>' % n for n in range(250_000))
    + b"</a>",
    "namespaces inside each other": lambda: b"".join(b'<a xmlns:n%d="u">' % n for n in range(50_000))
    + b"</a>" * 50_000,
    "overlong UTF-8": lambda: b"<a>\xc0\xaf</a>",
    "surrogates in UTF-8": lambda: b"<a>\xed\xa0\x80\xed\xb0\x80</a>",
    "UTF-8 that is cut": lambda: b"<a>\xe2\x82</a>",
    "UTF-8 beyond Unicode": lambda: b"<a>\xf4\x90\x80\x80</a>",
    "NUL": lambda: b"<a>\0</a>" * 1_000_000,
    "white space": lambda: b" \n" * 10_000_000,
    "syntax errors": lambda: b"<a>" + b"<b c=&>" * 1_000_000,
    "wrong ends": lambda: b"<a>" + b"</b>" * 1_000_000,
    "references": lambda: _HEAD + b'<d:x contextRef="Msg">' + b"&#8364;" * 2_000_000 + b"</d:x>" + _END,
    "comments": lambda: _HEAD + b"<!---->" * 2_000_000 + _END,
    "instructions": lambda: _HEAD + b"<?a?>" * 2_000_000 + _END,
    "ISO 8859-1 that is a bomb": lambda: ("<?xml version='1.0' encoding='iso-8859-1'?>" + _BOMB).encode(),
}  # fmt: skip


def main() -> None:
    """Validate all of them in this process."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    forms = {"xbrl": OB, "xml": WAGES, "mandate": mandate_rules()}
    for name, make in CONTENTS.items():
        content = make()
        for form, rules in forms.items():
            start = time.process_time()
            report = validated(content, "text/xml", "a.xml", rules, ("1", "Fi"))
            used = time.process_time() - start
            told = sorted({finding.rule for finding in report.findings})
            line = {"name": name, "form": form, "seconds": used, "count": len(report.findings)}
            print(json.dumps({**line, "rules": told, "valid": report.valid}), flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"name": "", "peak": peak}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
