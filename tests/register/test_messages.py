"""Mandate messages: both forms, both directions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digipoort_sim.errors import SpecificationRefusal
from digipoort_sim.register.messages import (
    Form,
    MandateMessage,
    MessageKind,
    parse_mandate_message,
    render_mandate_message,
)

MESSAGE = MandateMessage(
    kind=MessageKind.ACTIVEREN,
    dienst="VIA_2025",
    id_vertegenwoordigde="123456782",
    type_vertegenwoordigde="BSN",
    id_gemachtigde="00000003123456780000",
    activatie_token="385 abe-355",
)
FORMS: tuple[Form, ...] = ("xbrl", "xml")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "message",
    [
        MESSAGE,
        replace(MESSAGE, kind=MessageKind.OPVOEREN, activatie_token=None, type_vertegenwoordigde=None),
        replace(MESSAGE, kind=MessageKind.INTREKKEN, activatie_token=None, reden="Klant <weg> & klaar"),
        replace(MESSAGE, kind=MessageKind.OPVRAGEN, activatie_token=None, dienst=""),
        replace(MESSAGE, kind=MessageKind.OPVRAGEN, activatie_token=None, dienst="", jaar=2025),
    ],
)
def test_what_is_written_is_read_again(message: MandateMessage, form: Form) -> None:
    """Rendering and parsing are each other's inverse, in both forms."""
    content = render_mandate_message(message, form)
    assert parse_mandate_message(content, message.kind) == replace(message, form=form)


@pytest.mark.parametrize("form", FORMS)
def test_a_year_beside_the_dienst_becomes_part_of_it(form: Form) -> None:
    """A dienst without year and a jaar read as the full code; two different years are refused."""
    content = render_mandate_message(replace(MESSAGE, dienst="VIA"), form)
    tag = b"<mr:jaar>2024</mr:jaar><mr:soort" if form == "xbrl" else b"<m:jaar>2024</m:jaar><m:soort"
    start = b"<mr:soort" if form == "xbrl" else b"<m:soort"
    with_year = content.replace(start, tag)
    assert parse_mandate_message(with_year, MESSAGE.kind).dienst == "VIA_2024"
    with pytest.raises(SpecificationRefusal) as refused:
        parse_mandate_message(with_year.replace(b">VIA<", b">VIA_2025<"), MESSAGE.kind)
    assert refused.value.rule == "MACHTIGING-JAAR"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b"VIA_2025", b"", "MACHTIGING-VELDEN"),
        (b"385 abe-355", b" ", "MACHTIGING-VELDEN"),
        (b"activeren", b"opvragen", "MACHTIGING-SOORT"),
        (b"<?xml version='1.0' encoding='UTF-8'?>", b"<!DOCTYPE a>", "XML-DOCTYPE"),
        (b"</", b"<", "XML-WELL-FORMED"),
    ],
)
def test_a_bad_message_is_refused(form: Form, old: bytes, new: bytes, rule: str) -> None:
    """Content that slipped past validation is refused by a rule, never by a crash."""
    content = render_mandate_message(MESSAGE, form)
    assert old in content
    with pytest.raises(SpecificationRefusal) as refused:
        parse_mandate_message(content.replace(old, new), MESSAGE.kind)
    assert refused.value.rule == rule


@pytest.mark.parametrize("content", [b"", b"\0", b"<a/>", b"<a>\xff</a>", b"x" * 2_000_000, b"<a>" * 100_000])
def test_other_content_is_refused(content: bytes) -> None:
    """Bytes that are no mandate message at all are refused."""
    with pytest.raises(SpecificationRefusal):
        parse_mandate_message(content, MessageKind.OPVOEREN)


@pytest.mark.parametrize("form", FORMS)
def test_a_value_that_xml_cannot_hold_is_refused(form: Form) -> None:
    """A control character in a field is an answer to the caller, not a crash."""
    with pytest.raises(SpecificationRefusal):
        render_mandate_message(replace(MESSAGE, dienst="VIA\x00"), form)
