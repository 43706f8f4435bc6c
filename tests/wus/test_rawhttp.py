"""Captured HTTP requests, and MTOM packages."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digipoort_sim.errors import AttachmentRefusal, Refusal, SpecificationRefusal
from digipoort_sim.wus import multipart, names, rawhttp

HEAD = b'POST /cpl/x?wsdl HTTP/1.1\r\nHost: h\r\nSOAPAction: "a"\r\n'
TYPE = (
    'multipart/related; type="application/xop+xml"; boundary="b:1"; start="<root@x>"; start-info="text/xml"'
)
INCLUDE = f'<xop:Include xmlns:xop="{names.XOP}" href="cid:a%40x"/>'


def test_content_length_and_chunks() -> None:
    """Body octets come out the same with a length and in chunks, with extensions and trailers."""
    plain = rawhttp.read(HEAD + b"Content-Length: 5\r\n\r\nhelloGET")
    chunked = rawhttp.read(
        HEAD + b"transfer-encoding: Chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nT: 1\r\n\r\n"
    )
    assert plain.body == chunked.body == b"hello"
    assert (plain.method, plain.target, plain.path) == ("POST", "/cpl/x?wsdl", "/cpl/x")
    assert plain.header("soapaction") == '"a"'
    assert plain.header("x") is None
    assert rawhttp.read(HEAD + b"\r\nrest").body == b"rest"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello\r\n\r\n",
        b"POST / FTP/1.1\r\n\r\n",
        HEAD + b"no colon\r\n\r\n",
        HEAD + b" folded: x\r\n\r\n",
        HEAD + b"Content-Length: 9\r\n\r\nhello",
        HEAD + b"Content-Length: -1\r\n\r\nhello",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhel",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        HEAD + b"X: y\r\n" * 200 + b"\r\n",
    ],
)
def test_broken_requests_are_refused(raw: bytes) -> None:
    """A request that is cut short or misshapen is refused."""
    with pytest.raises(Refusal) as caught:
        rawhttp.read(raw)
    assert caught.value.rule in ("HTTP", "HTTP-LIMIT")


def _package(root: str, *parts: tuple[str, str], encoding: str = "binary") -> bytes:
    pieces = [f"--b:1\r\nContent-Type: application/xop+xml\r\nContent-ID: <root@x>\r\n\r\n{root}"]
    pieces += [
        f"--b:1\r\ncontent-id: <{name}>\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{content}"
        for name, content in parts
    ]
    return ("\r\n".join(pieces) + "\r\n--b:1--\r\n").encode()


def _inlined(body: bytes, content_type: str = TYPE) -> str:
    root = multipart.parse_inlined(content_type, body, max_attachments=2)
    return root.text or ""


def test_attachments_are_inlined() -> None:
    """An attachment takes the place of its Include as base64; the Content-ID may be escaped."""
    assert multipart.is_multipart(TYPE)
    assert not multipart.is_multipart("text/xml")
    expected = base64.b64encode(b"--b\r\n\r\nx").decode()
    assert _inlined(b"\r\n" + _package(f"<a> {INCLUDE}\n</a>", ("a@x", "--b\r\n\r\nx"))) == expected
    encoded = _package(f"<a>{INCLUDE}</a>", ("a@x", expected), encoding="base64")
    assert _inlined(encoded, TYPE.replace('; start="<root@x>"', "")) == expected
    assert _inlined(_package("<a>x</a>")) == "x"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (_package(f"<a>{INCLUDE}</a>"), AttachmentRefusal),
        (_package(f"<a><b>{INCLUDE}</b><b>{INCLUDE}</b></a>", ("a@x", "x")), AttachmentRefusal),
        (_package("<a/>", ("a@x", "x")), AttachmentRefusal),
        (_package("<a/>", ("a", "x"), ("b", "x"), ("c", "x")), AttachmentRefusal),
        (_package(f"<a>text{INCLUDE}</a>", ("a@x", "x")), SpecificationRefusal),
        (_package(INCLUDE, ("a@x", "x")), SpecificationRefusal),
        (_package(f"<a>{INCLUDE[:-2]}>x</xop:Include></a>", ("a@x", "x")), SpecificationRefusal),
        (_package(f"<a>{INCLUDE[:-2]}><b/></xop:Include></a>", ("a@x", "x")), SpecificationRefusal),
        (_package(f"<a>{INCLUDE.replace('a%40x', '')}</a>", ("", "x")), AttachmentRefusal),
        (_package("<a/>", ("a", "x"), ("a", "x")), SpecificationRefusal),
        (_package(f"<a>{INCLUDE}</a>", ("a@x", "x"), encoding="rot13"), SpecificationRefusal),
        (_package(f"<a>{INCLUDE}</a>", ("a@x", "*"), encoding="base64"), SpecificationRefusal),
        (_package("<a/>").replace(b"root@x", b"other@x"), SpecificationRefusal),
        (_package("<a/>")[:-10], SpecificationRefusal),
        (b"", SpecificationRefusal),
        (b"--b:1--", SpecificationRefusal),
        (b"--b:1\r\n--b:1--", SpecificationRefusal),
    ],
)
def test_broken_packages_are_refused(body: bytes, error: type[Refusal]) -> None:
    """Attachments that are missing, left over or used twice, and broken framing, are refused."""
    with pytest.raises(error):
        _inlined(body)


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/related",
        'multipart/related; boundary="b:1"',
        'multipart/related; type="text/xml"; boundary="b:1"',
        'multipart/related; type="application/xop+xml"',
        'multipart/related; type="application/xop+xml"; boundary="other"',
        'multipart/related; type="application/xop+xml"; boundary="' + "x" * 100_000,
    ],
)
def test_strange_content_types(content_type: str) -> None:
    """Without the right type and boundary there is no package."""
    with pytest.raises(SpecificationRefusal):
        _inlined(_package("<a/>"), content_type)


_PIECES = (
    *(
        b"--b:1",
        b"--",
        b"\r\n",
        b"\r\n\r\n",
        b"Content-ID: <root@x>",
        b"<a/>",
        b"POST / HTTP/1.1",
        b"\n",
        b"5",
    ),
    *(b"Transfer-Encoding: chunked", b"Content-Length: 3", b";", b"Content-Transfer-Encoding: base64", b"0"),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(_PIECES), st.binary(max_size=5)), max_size=14).map(b"".join))
def test_any_octets_give_a_value_or_a_refusal(raw: bytes) -> None:
    """Nothing but our own refusals comes out of framing."""
    for read in (rawhttp.read, _inlined):
        rule = "HTTP"
        try:
            read(raw)
        except Refusal as refusal:
            rule = refusal.rule
        assert rule
