"""The guarded parse."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digipoort_sim.errors import Refusal, SizeRefusal, SpecificationRefusal
from digipoort_sim.wus.document import ANSWER_LIMITS, Limits, parse, text_of


def _rule_of(raw: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Refusal) as caught:
        parse(raw, limits or Limits())
    assert caught.value.detail
    return caught.value.rule


@pytest.mark.parametrize(
    "raw",
    [
        b"<a>x</a>",
        b'<?xml version="1.0" encoding="utf-8"?>\n<a>x</a>',
        b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?><a>x</a>",
        b'<?xml version="1.0" standalone="yes"?><!-- c --><a>x</a><!-- c -->',
    ],
)
def test_prologs_of_real_clients(raw: bytes) -> None:
    """With and without a declaration, a byte order mark and comments around the root."""
    assert parse(raw).text == "x"


def test_comments_and_cdata_never_cut_a_value() -> None:
    """A comment or CDATA section inside a value leaves the value whole."""
    root = parse(b"<a> evil<!-- x -->.example<![CDATA[&<]]>&amp;<!----> </a>")
    assert text_of(root) == "evil.example&<&"
    assert len(root) == 0


def test_text_of_refuses_elements() -> None:
    """A value with an element inside is no value."""
    with pytest.raises(SpecificationRefusal, match="element a holds elements"):
        text_of(parse(b"<a>x<b/>y</a>"))


@pytest.mark.parametrize(
    "raw",
    [
        b"<!DOCTYPE a><a/>",
        b'<?xml version="1.0"?>\n<!-- <a> --><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
        b"\xef\xbb\xbf <!DOCTYPE a><a/>",
        b"<?pi <a>?><!DOCTYPE a><a/>",
    ],
)
def test_doctype_is_refused(raw: bytes) -> None:
    """A DOCTYPE is refused wherever it may stand, before the parser sees it."""
    assert _rule_of(raw) == "XML-DOCTYPE"


def test_external_entity_is_never_read(tmp_path: Path) -> None:
    """An external entity does not bring a file into the document."""
    secret = tmp_path / "secret"
    secret.write_text("TOP")
    raw = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><a>&x;</a>'.encode()
    with pytest.raises(SpecificationRefusal) as caught:
        parse(raw)
    assert "TOP" not in str(caught.value)


@pytest.mark.parametrize("raw", [b"<?x y?><a/>", b"<a>1<?x y?>2</a>", b"<a/><?x y?>"])
def test_processing_instructions_are_refused(raw: bytes) -> None:
    """SOAP 1.1 has no processing instructions."""
    assert _rule_of(raw) == "XML-PI"


@pytest.mark.parametrize(
    "raw",
    [
        "<a>x</a>".encode("utf-16"),
        "<a>x</a>".encode("utf-16-be"),
        "<a>x</a>".encode("utf-32"),
        b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>',
        b"<?xml version='1.0' encoding = 'utf-7'?><a/>",
    ],
)
def test_only_utf8(raw: bytes) -> None:
    """Other encodings are refused by name, not misread."""
    assert _rule_of(raw) == "XML-ENCODING"


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"  ", b"x", b"<a>", b"<a/><b/>", b"<a b='1' b='2'/>", b"<p:a/>", b"<a>&x;</a>"),
        *(b"<a>\xff</a>", b"<a>\0</a>", b"<a>&#0;</a>", b"<a>\xed\xa0\x80</a>", b"<!-- "),
        b"\n<?xml version='1.0'?><a/>",
    ],
)
def test_not_well_formed(raw: bytes) -> None:
    """Broken XML is refused with a line and a column."""
    with pytest.raises(SpecificationRefusal, match=r"line \d+, column \d+") as caught:
        parse(raw)
    assert caught.value.rule == "XML-WELLFORMED"


@pytest.mark.parametrize(
    "raw",
    [
        b"<a>" * 101 + b"</a>" * 101,
        b"<a>" + b"<b/>" * 2_000 + b"</a>",
        b"<a>" + b"<b/>" * 5_000_000 + b"</a>",
        b"<a " + b" ".join(b"a%d=''" % i for i in range(300)) + b"/>",
        b"<a " + b" ".join(b"a%d=''" % i for i in range(400_000)) + b"/>",
        b"<a>" + b"".join(b"<b xmlns:n%d='u:%d'/>" % (i, i) for i in range(300)) + b"</a>",
        b"<!---->" * 30 + b"<a/>",
        b"<a>" + b"x" * 70_000_000 + b"</a>",
    ],
    ids=["deep", "elements", "many-elements", "attributes", "many-attributes", "xmlns", "prolog", "bytes"],
)
def test_limits_cost_little(raw: bytes) -> None:
    """What is too much is refused, and soon."""
    start = time.monotonic()
    assert _rule_of(raw) == "XML-LIMIT"
    assert time.monotonic() - start < 2.0


def test_answers_may_be_long() -> None:
    """The limits for answers leave room for a long list of statuses."""
    assert len(parse(b"<a>" + b"<b/>" * 100_000 + b"</a>", ANSWER_LIMITS)) == 100_000


def test_at_the_limits() -> None:
    """A document of exactly the allowed size is accepted."""
    parse(b"<a>" * 100 + b"</a>" * 100)
    parse(b"<a>" + b"<b/>" * 1_999 + b"</a>")
    parse(b"<a " + b" ".join(b"a%d=''" % i for i in range(256)) + b"/>")
    with pytest.raises(SizeRefusal):
        parse(b"<a>xxxx</a>", Limits(max_bytes=10))


@pytest.mark.parametrize(
    "raw",
    [
        b"<a>" + b"x<!---->" * 200_000 + b"</a>",
        b"<a>" + b"&amp;" * 500_000 + b"</a>",
        b"<a>" + b"A" * 28_000_000 + b"</a>",
        b"<a b='" + b"&lt;" * 500_000 + b"'/>",
    ],
    ids=["comments", "references", "big-text", "attribute"],
)
def test_no_quadratic_cost(raw: bytes) -> None:
    """Texts in very many pieces and very long ones take linear time."""
    start = time.monotonic()
    with contextlib.suppress(SizeRefusal):
        parse(raw)
    assert time.monotonic() - start < 2.0


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from(
                [
                    *("<a>", "</a>", "<a/>", "<!--", "-->", "<?x", "?>", "<![CDATA[", "]]>", "&amp;", "x"),
                    *("<!DOCTYPE a>", "<a xmlns='u'>", "<?xml version='1.0'?>", "\ufeff", "\ud7ff", " "),
                ]
            ),
            max_size=12,
        ).map(lambda pieces: "".join(pieces).encode()),
    )
)
def test_any_octets_give_a_tree_or_a_refusal(raw: bytes) -> None:
    """Nothing but our own refusals ever comes out."""
    rule = "XML-"
    try:
        parse(raw)
    except Refusal as refusal:
        rule = refusal.rule
    assert rule.startswith("XML-")
