"""Names in XML from outside are learned up to a limit; strange documents are parsed apart."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from lxml import etree

from digipoort_sim import xml_names
from digipoort_sim.xml_names import NOT_XML, Vocabulary, apart, names_in


def test_all_names_are_found() -> None:
    """Elements, attributes and prefixes are seen, also behind a > in a value."""
    raw = b'<a:b xmlns:a="urn:a" c=">" d = \'x\'><e/><f>text</f></a:b>'
    assert {b"a:b", b"xmlns:a", b"c", b"d", b"e", b"f"} <= names_in(raw)


def test_known_names_are_not_strange() -> None:
    """Names are learned at their first use, and stay known when there is no more room."""
    vocabulary = Vocabulary(room=20)
    assert not vocabulary.is_strange(b"<one two=''/>")
    assert vocabulary.is_strange(b"<" + b"n" * 30 + b"/>")
    assert not vocabulary.is_strange(b"<two one=''/>")
    assert vocabulary.is_strange(b"<three/>")


def test_made_up_names_do_not_pass_for_long() -> None:
    """Of many small documents with new names a sample is looked at; soon all that follow are strange."""
    vocabulary = Vocabulary(room=10_000)
    assert not vocabulary.is_strange(b"<honest/>")
    strange = [vocabulary.is_strange(b"<n%09d/>" % number, sample=True) for number in range(3000)]
    assert all(strange[-1000:])
    assert not vocabulary.is_strange(b"<honest/>", sample=True)


def test_long_names_and_large_documents_are_strange() -> None:
    """A name that nobody would use is not learned, and a large document is not looked at."""
    vocabulary = Vocabulary()
    assert vocabulary.is_strange(b"<" + b"n" * 300 + b"/>")
    assert vocabulary.is_strange(b"<a>" + b" " * xml_names.LARGE + b"</a>")


def test_apart_is_another_thread() -> None:
    """What is done apart gives its result or its error, from a thread of its own."""
    assert apart(threading.get_ident) != threading.get_ident()
    assert apart(lambda: etree.fromstring(b"<a><b/></a>"))[0].tag == "b"
    with pytest.raises(ZeroDivisionError):
        apart(lambda: 1 // 0)


class Document:
    """Stands for a large document."""


def test_what_failed_apart_is_let_go_at_once() -> None:
    """When judging fails, the document goes with the error, not at the collector's next round."""
    known: list[weakref.ref[Document]] = []

    def judge() -> None:
        document = Document()
        known.append(weakref.ref(document))
        raise ValueError

    gc.disable()
    try:
        with pytest.raises(ValueError):  # noqa: PT011 (ours)
            apart(judge)
        assert known[0]() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("bad", [*"\0\x08\x0b\x0c\x1f\ud800\udfff\ufffe\uffff"], ids=ascii)
def test_what_xml_cannot_have(bad: str) -> None:
    """Each is found, and what XML can have beside it is not; lxml takes the same for bad."""
    assert NOT_XML.findall(f"\t\n\r \ud7ff\ue000\ufffd\U00010000\U0010ffff{bad}") == [bad]
    with pytest.raises(ValueError, match=r"XML compatible|surrogates"):
        etree.Element("a").text = bad
