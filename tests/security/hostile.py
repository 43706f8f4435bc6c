"""Octets that no honest client sends: XML that explodes or lies about its encoding, odd packages."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

from lxml import etree

from digipoort_sim.wus import names
from tests.security import forge
from tests.wus import messages

TEXT = "text/xml; charset=utf-8"
RELATED = 'multipart/related; type="application/xop+xml"; start="<root>"; boundary=b'
XOP = f'<xop:Include xmlns:xop="{names.XOP}" href="cid:%s"/>'
_INHOUD = b"<inhoud>PGEvPg==</inhoud>"
_RAW = etree.tostring(forge.complete())
_MANY = 1_000_000

Case = tuple[str, str, Callable[[], bytes]]


def _after_root(text: bytes) -> bytes:
    """Something as the first thing inside the message's Body element."""
    return _RAW.replace(b"<berichtsoort>", text + b"<berichtsoort>")


def _doctype(inside: str, use: str = "") -> bytes:
    return f"<!DOCTYPE x {inside}>".encode() + _after_root(use.encode())


def documents() -> Iterator[Case]:
    """Documents that must be refused, with a name each; made only when they are needed, as some are large."""
    for name, raw in _entities():
        yield name, TEXT, lambda raw=raw: raw  # type: ignore[misc]
    for name, raw in _encodings():
        yield name, TEXT, lambda raw=raw: raw  # type: ignore[misc]
    for name, make in _bombs():
        yield name, TEXT, make


def _entities() -> Iterator[tuple[str, bytes]]:
    laughs = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {one} "{f"&{before};" * 10}">' for before, one in zip("abcdefgh", "bcdefghi", strict=True)
    )
    yield "internal DTD", _doctype("[<!ELEMENT x ANY>]")
    yield "external DTD", _doctype('SYSTEM "http://127.0.0.1:9/x.dtd"')
    yield "public DTD", _doctype('PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://127.0.0.1:9/x.dtd"')
    yield "parameter entity", _doctype('[<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]')
    yield "entity with a file", _doctype('[<!ENTITY e SYSTEM "file:///etc/passwd">]', "<x>&e;</x>")
    yield "entity in an attribute", _doctype('[<!ENTITY e "v">]', '<x a="&e;"/>')
    yield "unparsed entity", _doctype('[<!NOTATION n SYSTEM "n"><!ENTITY e SYSTEM "file:///etc/x" NDATA n>]')
    yield "billion laughs", _doctype(f"[{laughs}]", "<x>&i;</x>")
    yield "quadratic blow-up", _doctype(f'[<!ENTITY e "{"x" * 50_000}">]', f"<x>{'&e;' * 2_000}</x>")
    yield "recursive entity", _doctype('[<!ENTITY e "&e;">]', "<x>&e;</x>")
    yield "default attribute by DTD", _doctype('[<!ATTLIST x wsu:Id CDATA "forged">]')
    yield "doctype after comments", b"<!-- -->" * 5 + _doctype("")
    yield "doctype after a mark", b"\xef\xbb\xbf" + _doctype("")
    yield "doctype after a declaration", b'<?xml version="1.0"?>\r\n\r\n' + _doctype("")
    yield "doctype in the root", _after_root(b"<!DOCTYPE x>")
    yield "lower-case doctype", b"<!doctype x>" + _RAW
    yield "entity without a DTD", _after_root(b"<x>&e;</x>")
    yield (
        "XInclude by entity",
        _doctype("", '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="x"/>'),
    )


def _encodings() -> Iterator[tuple[str, bytes]]:
    text = _RAW.decode()
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-7", "cp037"):
        declared = f'<?xml version="1.0" encoding="{encoding}"?>'
        yield f"{encoding}, declared", (declared + text).encode(encoding)
    for encoding in (
        "UTF-16",
        "UTF-7",
        "ISO-8859-1",
        "windows-1252",
        "EBCDIC-CP-NL",
        "UCS-4",
        "x-own",
        "UTF-8-SIG",
    ):
        yield f"says {encoding}", f"<?xml version='1.0' encoding='{encoding}'?>".encode() + _RAW
    yield (
        "says latin-1 after a long space",
        b'<?xml version="1.0"' + b" " * 300 + b' encoding="latin-1"?>' + _RAW,
    )
    yield "two marks", b"\xef\xbb\xbf" * 2 + _RAW
    yield "half a mark", b"\xef\xbb" + _RAW
    yield "UTF-16 mark before UTF-8", b"\xff\xfe" + _RAW
    yield "XML 1.1", b'<?xml version="1.1"?>' + _after_root(b"<x>&#1;</x>")
    yield "XML 2.0 with control", b'<?xml version="2.0"?>' + _after_root(b"<x>\x01</x>")
    yield "two declarations", b'<?xml version="1.0"?>' * 2 + _RAW
    yield "declaration after space", b' <?xml version="1.0"?>' + _RAW
    for wrong in (
        b"\xff",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xe2\x82",
        b"\0",
        b"\x0b",
    ):
        yield f"octets {wrong.hex()}", _after_root(b"<x>" + wrong + b"</x>")
        yield f"octets {wrong.hex()} in a name", _after_root(b"<x" + wrong + b"/>")
    for number in (
        "0",
        "x0",
        "xD800",
        "xDFFF",
        "xFFFE",
        "xFFFF",
        "x110000",
        "99999999999999",
        "x8",
        "-1",
        "",
    ):
        yield f"reference {number}", _after_root(f"<x>&#{number};</x>".encode())
        yield f"reference {number} in an attribute", _after_root(f'<x a="&#{number};"/>'.encode())
    yield "stylesheet instruction", b'<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>' + _RAW
    yield "instruction in the Body", _after_root(b"<?php phpinfo() ?>")
    yield "instruction at the end", _RAW + b"<?x?>"
    yield "second root", _RAW + _RAW
    yield "text after the root", _RAW + b"x"
    yield "NUL after the root", _RAW + b"\0"


def _bombs() -> Iterator[tuple[str, Callable[[], bytes]]]:
    yield "deep", lambda: _after_root(b"<x>" * 200 + b"</x>" * 200)
    yield "very deep", lambda: b"<x>" * _MANY
    yield "very deep, closed", lambda: b"<x>" * _MANY + b"</x>" * _MANY
    yield "many elements", lambda: _after_root(b"<x/>" * 2_000)
    yield "very many elements", lambda: _after_root(b"<x/>" * _MANY)
    yield (
        "many attributes",
        lambda: _after_root(b"<x " + b" ".join(b"a%d=''" % i for i in range(300)) + b"/>"),
    )
    yield (
        "very many attributes",
        lambda: _after_root(b"<x " + b" ".join(b"a%d=''" % i for i in range(_MANY)) + b"/>"),
    )
    yield "one attribute very often", lambda: _after_root(b"<x" + b" a=''" * 4_000 + b"/>")
    yield "many attributes without values", lambda: _after_root(b"<x" + b" a" * _MANY + b"/>")
    yield (
        "many namespaces",
        lambda: _after_root(b"<x " + b" ".join(b"xmlns:n%d='u%d'" % (i, i) for i in range(300)) + b"/>"),
    )
    yield "long prefix", lambda: _after_root(b"<%s:x xmlns:%s='urn:x'/>" % (b"p" * _MANY, b"p" * _MANY))
    yield "long name", lambda: _after_root(b"<" + b"x" * 20_000_000 + b"/>")
    yield "long namespace name", lambda: _after_root(b"<x xmlns='urn:%s'/>" % (b"u" * 20_000_000))
    yield "huge attribute", lambda: _after_root(b"<x a='" + b"x" * 20_000_000 + b"'/>")
    yield "huge text", lambda: _after_root(b"<x>" + b"x" * 20_000_000 + b"</x>")
    yield "huge comment", lambda: _after_root(b"<!--" + b"x" * 20_000_000 + b"--><x/>")
    yield "huge CDATA", lambda: _after_root(b"<x><![CDATA[" + b"]" * 20_000_000 + b"]]></x>")
    yield "huge instruction", lambda: _after_root(b"<?x " + b"?" * 20_000_000 + b"?>")
    yield "many comments", lambda: _after_root(b"x<!---->" * 7_000)
    yield "very many comments", lambda: _after_root(b"x<!---->" * _MANY)
    yield "many CDATA sections", lambda: _after_root(b"<x>" + b"x<![CDATA[x]]>" * 7_000 + b"</x>")
    yield "many references", lambda: _after_root(b"<x>" + b"&#65;" * 10_000_000 + b"</x>")
    yield "unclosed comment", lambda: b"<!--" + b"-" * 20_000_000
    yield "many prolog comments", lambda: b"<!---->" * _MANY + _RAW
    yield "only white space", lambda: b" " * 20_000_000
    yield "only ampersands", lambda: _after_root(b"<x>" + b"&" * 20_000_000 + b"</x>")
    yield "too many octets", lambda: _RAW + b" " * (64 * 1024 * 1024)
    yield "long To", lambda: _RAW.replace(b"https://localhost/", b"https://localhost/" + b"x" * 20_000_000)
    yield "long Created", lambda: _RAW.replace(b"12:00:00.250Z", b"12:00:00." + b"2" * 20_000_000 + b"Z")
    yield "long Id", lambda: _after_root(b"<x Id='%s'/>" % (b"i" * 20_000_000))
    yield "long URI", lambda: _RAW.replace(b' URI="#', b' URI="#' + b"u" * 5_000_000, 1)
    yield "long Algorithm", lambda: _RAW.replace(b"#rsa-sha1", b"#rsa-sha1" + b"a" * 20_000_000, 1)
    yield (
        "long token",
        lambda: _RAW.replace(b"<wsse:Bin", b"<wsse:Bin").replace(
            messages.signer().token.encode(), b"A" * 20_000_000
        ),
    )
    yield (
        "long SignatureValue",
        lambda: _RAW.replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>" + b"A" * 20_000_000),
    )
    yield (
        "wide SignatureValue",
        lambda: _RAW.replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>A" + b" " * 20_000_000),
    )
    yield "long PrefixList", lambda: _with_prefixes(b"p " * 20_000_000)
    yield "long prefix in a PrefixList", lambda: _with_prefixes(b"p" * 20_000_000)
    yield "many prefixes", lambda: _with_prefixes(b" ".join(b"p%d" % i for i in range(2_000_000)))


def _with_prefixes(prefixes: bytes) -> bytes:
    old = b'<ds:CanonicalizationMethod Algorithm="' + names.EXCLUSIVE_C14N.encode() + b'"/>'
    assert old in _RAW
    inclusive = b'<ec:InclusiveNamespaces xmlns:ec="%s" PrefixList="%s"/>' % (
        names.EXCLUSIVE_C14N.encode(),
        prefixes,
    )
    return _RAW.replace(old, old[:-2] + b">" + inclusive + b"</ds:CanonicalizationMethod>")


def costly() -> bytes:
    """A message that is good, and takes as long to verify as one can: deep, wide, full of namespaces."""
    declarations = " ".join(f'xmlns:p{number}="urn:{number}"' for number in range(230))
    body = f"<a {declarations}>" + "<b>" * 90 + "<p1:b p2:c='' p3:d=''/>" * 1_700 + "</b>" * 90 + "</a>"
    root = messages.unsigned(body=body)
    prefixes = " ".join(f"unknown{number}" for number in range(32))
    signed = etree.fromstring(messages.signed_by_xmlsec(root, prefixes))
    return etree.tostring(signed)


def part(content: bytes, *headers: str) -> bytes:
    """One part of a package."""
    return "".join(f"{header}\r\n" for header in headers).encode() + b"\r\n" + content


def package(*parts: bytes, boundary: bytes = b"b") -> bytes:
    """A multipart body."""
    return (
        b"".join(b"--" + boundary + b"\r\n" + one + b"\r\n" for one in parts) + b"--" + boundary + b"--\r\n"
    )


def _root(include: str) -> bytes:
    return part(_RAW.replace(_INHOUD, f"<inhoud>{include}</inhoud>".encode()), "Content-ID: <root>")


def _attachment(cid: str = "a", content: bytes = b"<a/>", *headers: str) -> bytes:
    return part(content, f"Content-ID: <{cid}>", *headers)


GOOD_PACKAGE = package(_root(XOP % "a"), _attachment())
"""A package whose message is good."""


def packages() -> Iterator[Case]:
    """Packages that must be refused."""
    for name, raw in _includes():
        yield name, RELATED, lambda raw=raw: raw  # type: ignore[misc]
    for name, raw in _frames():
        yield name, RELATED, lambda raw=raw: raw  # type: ignore[misc]
    yield from _content_types()


def _includes() -> Iterator[tuple[str, bytes]]:
    include, good = XOP % "a", _attachment()
    yield "missing attachment", package(_root(XOP % "nobody"), good)
    yield "included twice", package(_root(include).replace(b"a.xml", (XOP % "a").encode()), good)
    yield "two Includes in one element", package(_root(include * 2), good)
    yield "not included", package(_root("PGEvPg=="), good)
    yield "one too many", package(_root(include), good, _attachment("c"))
    yield "root includes itself", package(_root(XOP % "root"), good)
    yield "only itself", package(_root(XOP % "root"))
    yield "nested Include", package(_root(include.replace("/>", f">{include}</xop:Include>")), good)
    yield "Include with text", package(_root(include.replace("/>", ">x</xop:Include>")), good)
    yield "text beside Include", package(_root("PGEv" + include), good)
    yield "text behind Include", package(_root(include + "PGEv"), good)
    yield "element beside Include", package(_root(include + "<x/>"), good)
    yield "CDATA beside Include", package(_root("<![CDATA[x]]>" + include), good)
    yield "attachment that is a message", package(_root(XOP % "m"), _attachment("m", _RAW))
    yield "attachment that includes", package(_root(include), _attachment("a", (XOP % "a").encode()))
    yield "other octets", package(_root(include), _attachment("a", b"<b/>"))
    yield "base64 octets as they are", package(_root(include), _attachment("a", b"PGEvPg=="))
    for href in (
        "",
        "a",
        "cid:",
        "cid:%",
        "cid:%00",
        "mid:a",
        "http://127.0.0.1:9/a",
        "file:///etc/passwd",
        "#a",
    ):
        yield f"href {href!r}", package(_root(include.replace("cid:a", href)), good)
    yield "no href", package(_root(include.replace('href="cid:a"', "")), good)
    yield "Include as root", package(part(include.encode(), "Content-ID: <root>"), good)
    yield (
        "two Includes of two",
        package(_root(include).replace(b"a.xml", (XOP % "c").encode()), good, _attachment("c")),
    )
    to = b"https://localhost/cpl/aanleverservice/1.2"
    yield (
        "Include in a signed header",
        package(part(_RAW.replace(to, (XOP % "a").encode()), "Content-ID: <root>"), _attachment("a", to)),
    )
    yield (
        "Include in the SignatureValue",
        package(
            part(
                _RAW.replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>" + include.encode()),
                "Content-ID: <root>",
            ),
            good,
        ),
    )


def _frames() -> Iterator[tuple[str, bytes]]:
    root, good = _root(XOP % "a"), _attachment()
    yield "same Content-ID twice", package(root, good, good)
    yield "Content-ID of the root twice", package(root, root, good)
    yield "many parts", package(root, *[_attachment(f"c{number}") for number in range(5_000)])
    yield "no end", package(root, good)[:-6]
    yield "no boundary", b"x" * 1000
    yield "empty", b""
    yield "only an end", b"--b--\r\n"
    yield "no parts", b"--b\r\n--b--\r\n"
    yield "no head", b"--b\r\n" + _RAW + b"\r\n--b--\r\n"
    yield "endless head", b"--b\r\n" + b"x: y\r\n" * 200_000 + b"\r\n\r\n--b--\r\n"
    yield "bare LF", package(root, good).replace(b"\r\n", b"\n")
    yield "root not named", package(part(_RAW, "Content-ID: <other>"), good)
    yield (
        "unknown transfer encoding",
        package(root, _attachment("a", b"<a/>", "Content-Transfer-Encoding: x-uuencode")),
    )
    yield (
        "quoted-printable",
        package(root, _attachment("a", b"<a/>", "Content-Transfer-Encoding: quoted-printable")),
    )
    yield "false base64", package(root, _attachment("a", b"****", "Content-Transfer-Encoding: base64"))
    yield "DOCTYPE in the root part", package(part(b"<!DOCTYPE x>" + _RAW, "Content-ID: <root>"))
    yield "UTF-16 root part", package(part(_RAW.decode().encode("utf-16"), "Content-ID: <root>"))
    yield (
        "message before the first boundary",
        _RAW + b"\r\n" + package(root.replace(b"wsa:To", b"wsa:From"), good),
    )
    yield "many boundaries", b"--b\r\n" * 1_000_000 + b"--b--"
    large = base64.b64encode(b"x" * 3_000)
    yield "attachment of the wrong length", package(root, _attachment("a", large))


def _content_types() -> Iterator[Case]:
    for name, content_type in {
        "no boundary parameter": 'multipart/related; type="application/xop+xml"',
        "empty boundary": 'multipart/related; boundary=""',
        "long boundary": f"multipart/related; boundary={'b' * 10_000}",
        "boundary of line ends": 'multipart/related; boundary="\r\n"',
        "other start": RELATED.replace("<root>", "<elsewhere>"),
        "start is the attachment": RELATED.replace("<root>", "<a>"),
        "many parameters": "multipart/related" + "; x=y" * 10_000,
        "unclosed quote": 'multipart/related; boundary="' + "\\" * 5_000,
    }.items():
        yield name, content_type, lambda: GOOD_PACKAGE
