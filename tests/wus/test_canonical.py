"""Exclusive canonical XML, and lxml's traps with PrefixLists."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import pytest
from lxml import etree

from digipoort_sim.wus import canonical, envelope, names
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.verification import verify
from tests.wus import messages

T = TypeVar("T")


def _in_thread(function: Callable[[], T]) -> T:
    results: list[T] = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


def test_default_namespace_in_a_prefix_list_in_a_new_thread() -> None:
    """`#default` is honoured in a thread that never heard of it."""
    raw = b'<p:a xmlns:p="urn:p" xmlns="urn:d"><p:b><c/></p:b></p:a>'
    expected = b'<p:b xmlns="urn:d" xmlns:p="urn:p"><c></c></p:b>'
    assert _in_thread(lambda: canonical.exclusive(parse(raw)[0], ("#default",))) == expected
    assert b'<p:b xmlns:p="urn:p">' in _in_thread(lambda: canonical.exclusive(parse(raw)[0]))


def test_parsed_in_one_thread_canonicalised_in_another() -> None:
    """A tree may be handed from thread to thread between parsing and canonicalising."""
    raw = b'<p:a xmlns:p="urn:p" xmlns="urn:d" xmlns:only="urn:o"><p:b><c/></p:b></p:a>'
    root = _in_thread(lambda: parse(raw))
    result = _in_thread(lambda: canonical.exclusive(root[0], ("#default", "only")))
    assert result == b'<p:b xmlns="urn:d" xmlns:only="urn:o" xmlns:p="urn:p"><c></c></p:b>'


def test_tail_comments_and_inherited_xml_attributes_stay_out() -> None:
    """Neither the text behind an element, nor a comment, nor an ancestor's xml:lang is in its form."""
    root = parse(
        b'<a xml:lang="nl" xmlns:unused="urn:u"><b z="1" a="2">x<!-- c -->y'
        b'<c xml:space="preserve"/></b>tail</a>'
    )
    assert canonical.exclusive(root[0]) == b'<b a="2" z="1">xy<c xml:space="preserve"></c></b>'
    assert etree.tostring(root).endswith(b"</b>tail</a>")


_MANY = " ".join(f"p{number}" for number in range(18))
_DECLARATIONS = " ".join(f'xmlns:p{number}="urn:{number}"' for number in range(18))


@pytest.mark.parametrize(
    "prefixes",
    [
        *("", "#default", "soap", "wsa soap", "#default soap wsa wsu", _MANY, "never-declared " + _MANY),
        *("q q #default #default", "xml", "xml #default", "  soap   #default ", "SOAP soapx", "é #default"),
    ],
)
def test_prefix_lists_as_xmlsec_makes_them(prefixes: str) -> None:
    """With any PrefixList a signature of libxmlsec1 is verified, in a thread that sees it first."""
    body = messages.BODY.replace("<aanleverRequest ", f'<aanleverRequest {_DECLARATIONS} xmlns:q="urn:q" ')
    body = body.replace("<type>", '<type xmlns="" xmlns:z="urn:z">')
    raw = etree.tostring(messages.unsigned(body=body))
    raw = raw.replace(b"<soap:Header>", b'<soap:Header xmlns="urn:default" xmlns:q="urn:header">')
    signed = messages.signed_by_xmlsec(parse(raw), prefixes)
    assert signed.count(b"PrefixList=") == 7
    assert len(_in_thread(lambda: verify(envelope.read(parse(signed)))).covered) == 6


def test_prefixes_are_learned_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Endless new prefixes do not fill the memory of a thread, and `#default` is honoured all the same."""
    monkeypatch.setattr(canonical, "_MOST_REMEMBERED", 5)

    def learned() -> int:
        for number in range(20):
            canonical.exclusive(etree.Element("a"), (f"p{number}", "x" * 300))
        assert b"urn:d" in canonical.exclusive(
            etree.fromstring('<p:b xmlns:p="urn:p" xmlns="urn:d"/>'), ("#default",)
        )
        return len(canonical._taught.prefixes)

    assert _in_thread(learned) == 5


def test_escape_is_that_of_canonical_xml() -> None:
    """Text that we write into strings is escaped as canonical XML does."""
    text = "a & b < c > d \" ' \r\n\t é"
    element = etree.Element("a")
    element.text = text
    assert canonical.exclusive(element) == f"<a>{canonical.escape(text)}</a>".encode()
    assert names.EXCLUSIVE_C14N
