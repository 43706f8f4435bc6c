"""The shape of a request, each part exactly once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digipoort_sim.errors import AuthenticationRefusal, Refusal, SpecificationRefusal
from digipoort_sim.wus import envelope, names
from digipoort_sim.wus.document import parse
from tests.wus import messages

RAW = messages.signed()
SECOND_SECURITY = f'<w:Security xmlns:w="{names.WSSE}"/>'
SECOND_SIGNATURE = f'<d:Signature xmlns:d="{names.DS}"/>'


def _rule_of(raw: bytes) -> tuple[type[Refusal], str]:
    with pytest.raises(Refusal) as caught:
        envelope.read(parse(raw))
    return type(caught.value), caught.value.rule


def test_the_parts_of_a_request() -> None:
    """The elements and values of a normal request are found."""
    read = envelope.read(parse(RAW))
    assert read.body_element.tag == messages.AANLEVEREN.request_tag
    assert set(read.addressing) == {"Action", "MessageID", "To", "ReplyTo"}
    assert read.message_id == messages.MESSAGE_ID
    assert read.action == messages.AANLEVEREN.action
    assert read.reply_to == names.ANONYMOUS
    assert read.created == messages.NOW
    assert read.expires is not None


@pytest.mark.parametrize(
    ("old", "new", "error", "rule"),
    [
        (names.SOAP, names.SOAP12, SpecificationRefusal, "SOAP-VERSION"),
        (names.SOAP, "urn:x", SpecificationRefusal, "SOAP-ENVELOPE"),
        ("</soap:Body>", "</soap:Body><soap:Body/>", SpecificationRefusal, "SOAP-ENVELOPE"),
        ("</soap:Body>", "</soap:Body><x/>", SpecificationRefusal, "SOAP-ENVELOPE"),
        ("</soap:Body>", "<x/></soap:Body>", SpecificationRefusal, "SOAP-ENVELOPE"),
        ("</soap:Body>", "text</soap:Body>", SpecificationRefusal, "SOAP-ENVELOPE"),
        ("<soap:Header>", "<soap:Header/><soap:Header>", SpecificationRefusal, "SOAP-ENVELOPE"),
        ("<soap:Header>", "<soap:Header><x/>", SpecificationRefusal, "SOAP-HEADER"),
        ("<soap:Header>", "<soap:Header>text", SpecificationRefusal, "SOAP-HEADER"),
        (
            "<soap:Header>",
            '<soap:Header><x soap:mustUnderstand="1"/>',
            SpecificationRefusal,
            "SOAP-HEADER",
        ),
        ("<wsa:To ", '<wsa:To soap:actor="urn:other" ', SpecificationRefusal, "SOAP-HEADER"),
        ("</wsa:To>", "</wsa:To><wsa:To>x</wsa:To>", SpecificationRefusal, "WSA-HEADER"),
        ("</wsa:To>", "<x/></wsa:To>", SpecificationRefusal, "XML-TEXT"),
        ("</wsa:To>", "</wsa:To><wsa:Fate>x</wsa:Fate>", SpecificationRefusal, "SOAP-HEADER"),
        ("<wsa:Address>", "<wsa:Address/><wsa:Address>", SpecificationRefusal, "WSA-HEADER"),
        (messages.MESSAGE_ID, "x" * 257, SpecificationRefusal, "WSA-HEADER"),
        (messages.MESSAGE_ID, " ", SpecificationRefusal, "WSA-HEADER"),
        ("<soap:Header>", f"<soap:Header>{SECOND_SECURITY}", AuthenticationRefusal, "WSS-SECURITY"),
        (f'xmlns:wsse="{names.WSSE}"', 'xmlns:wsse="urn:x"', SpecificationRefusal, "SOAP-HEADER"),
        (f'xmlns:ds="{names.DS}"', 'xmlns:ds="urn:x"', AuthenticationRefusal, "WSS-SECURITY"),
        ("</wsu:Timestamp>", "</wsu:Timestamp><wsu:Timestamp/>", SpecificationRefusal, "WSS-SECURITY"),
        ("</ds:Signature>", f"</ds:Signature>{SECOND_SIGNATURE}", AuthenticationRefusal, "WSS-SECURITY"),
        ("</wsu:Created>", "</wsu:Created><wsu:Created/>", SpecificationRefusal, "WSS-TIMESTAMP"),
        ("wsu:Created>", "wsu:Expires>", SpecificationRefusal, "WSS-TIMESTAMP"),
        ("<berichtsoort>", "<berichtsoort Id='{id}'>", SpecificationRefusal, "WSS-ID"),
    ],
)  # fmt: skip
def test_other_shapes_are_refused(old: str, new: str, error: type[Refusal], rule: str) -> None:
    """A part that is missing, double or strange is refused by the rule it breaks."""
    body = envelope.read(parse(RAW)).body
    changed = RAW.decode().replace(old, new.replace("{id}", body.get(envelope.WSU_ID) or "")).encode()
    assert changed != RAW
    assert _rule_of(changed) == (error, rule)


def test_missing_parts() -> None:
    """Without Security, token or signature the sender is not known; without Timestamp the form is wrong."""
    unsigned = b"".join(
        (b"<s:Envelope xmlns:s='", names.SOAP.encode(), b"'><s:Header/><s:Body><a/></s:Body></s:Envelope>")
    )
    assert _rule_of(unsigned) == (AuthenticationRefusal, "WSS-SECURITY")
    for tag, expected in (
        (f"{{{names.DS}}}Signature", (AuthenticationRefusal, "WSS-SECURITY")),
        (f"{{{names.WSSE}}}BinarySecurityToken", (AuthenticationRefusal, "WSS-SECURITY")),
        (f"{{{names.WSU}}}Timestamp", (SpecificationRefusal, "WSS-TIMESTAMP")),
    ):
        root = parse(RAW)
        element = root.find(f".//{tag}")
        element.getparent().remove(element)
        with pytest.raises(Refusal) as caught:
            envelope.read(root)
        assert (type(caught.value), caught.value.rule) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-21T12:00:00Z", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("2026-11-21T12:00:00.5Z", datetime(2026, 11, 21, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-21T12:00:00.123456Z", datetime(2026, 11, 21, 12, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-11-21T12:00:00.1234567Z", datetime(2026, 11, 21, 12, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-11-21T13:00:00+01:00", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("2026-11-21T12:00:00", None),
        ("2026-13-21T12:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("2026-11-21T12:00:00+99:99", None),
        ("gisteren", None),
        ("", None),
    ],
)
def test_times_of_real_clients(text: str, expected: datetime | None) -> None:
    """Whole seconds to seven decimals are read; what is no time, or has no zone, is refused."""
    raw = RAW.decode().replace("2026-11-21T12:00:00.250Z", text).encode()
    if expected is None:
        assert _rule_of(raw) == (SpecificationRefusal, "WSS-TIMESTAMP")
    else:
        assert envelope.read(parse(raw)).created == expected


def test_what_a_fault_needs_is_found_in_a_refused_request() -> None:
    """MessageID and Body element are found without Security; an ambiguous MessageID is none."""
    root = messages.unsigned()
    assert envelope.message_id_of(root) == messages.MESSAGE_ID
    assert envelope.body_tag_of(root) == messages.AANLEVEREN.request_tag
    twice = messages.unsigned(messages.headers() + "<wsa:MessageID>x</wsa:MessageID>")
    assert envelope.message_id_of(twice) is None
    assert envelope.message_id_of(parse(b"<a/>")) is None
    assert envelope.body_tag_of(parse(b"<a/>")) is None
