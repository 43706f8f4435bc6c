"""The validator as a whole: forms, mimeTypes, mandate messages, hostile contents, threads."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from digipoort_sim.catalogue.mandate_messages import MessageKind
from digipoort_sim.errors import ConfigError
from digipoort_sim.register.messages import Form, parse_mandate_message, render_mandate_message
from digipoort_sim.validation.content_rules import ContentRules
from digipoort_sim.validation.findings import ValidationReport
from digipoort_sim.validation.result_document import MAXIMUM_CHARACTERS, result_document
from tests.validation.samples import ANY, INSTANCE, OB, WAGES, mandate, mandate_rules, mandate_text, validated

CLIENT = ("123456782", "bsn")


def check(
    text: str, kind: MessageKind = MessageKind.OPVOEREN, identity: tuple[str, str] = CLIENT
) -> ValidationReport:
    """Validate as a mandate message of a kind."""
    return validated(text.encode(), "text/xml", "m.xml", mandate_rules(kind), identity)


def rules(report: ValidationReport) -> set[str]:
    """The ids of the rules that were broken."""
    return {finding.rule for finding in report.findings}


@pytest.mark.parametrize("form", ["xbrl", "xml"])
@pytest.mark.parametrize("kind", MessageKind)
def test_a_rendered_mandate_message_is_valid(kind: MessageKind, form: Form) -> None:
    """What the reference client makes passes every check, in both forms and for every kind."""
    report = check(mandate_text(form, kind), kind)
    assert report.findings == ()
    assert report.not_checked == ()


@pytest.mark.parametrize("form", ["xbrl", "xml"])
def test_every_bad_field_is_listed(form: Form) -> None:
    """Two fields that break the schema give two findings with their lines."""
    text = mandate_text(form).replace("VIA_2025<", "VIA 2025<").replace("00000003123456780000<", "123<")
    found = check(text).findings
    assert [f.rule for f in found] == ["XSD", "XSD"]
    assert "dienst" in found[0].text_nl
    assert "idGemachtigde" in found[1].text_nl
    assert found[0].line < found[1].line


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('<mr:dienst contextRef="Msg">VIA_2025</mr:dienst>', "", "MACHTIGING-VELDEN"),
        ("</xbrli:xbrl>", '<mr:reden contextRef="Msg">x</mr:reden></xbrli:xbrl>', "MACHTIGING-VELDEN"),
        (">123456782</xbrli", ">111222333</xbrli", "MACHTIGING-ENTITEIT"),
        ("identificatie/bsn", "identificatie/rsin", "MACHTIGING-ENTITEIT"),
        ("identificatie/bsn", "unknown/bsn", "XBRL-SCHEME"),
        ("machtiging-opvoeren.xsd", "machtiging-intrekken.xsd", "XBRL-ENTRYPOINT"),
        ("</xbrli:xbrl>", '<mr:jaar contextRef="Msg">2024</mr:jaar></xbrli:xbrl>', "MACHTIGING-JAAR"),
        ("<mr:dienst ", "<mr:unknown>x</mr:unknown><mr:dienst ", "XSD"),
        (' contextRef="Msg">VIA', ">VIA", "XSD"),
        ("<mr:dienst ", '<mr:dienst id="f" ', "FG-NL-09"),
    ],
)
def test_faults_of_an_xbrl_mandate_message(old: str, new: str, rule: str) -> None:
    """Each rule of the XBRL form finds its fault."""
    text = mandate_text("xbrl")
    assert old in text
    assert rule in rules(check(text.replace(old, new)))


def test_the_kind_must_be_that_of_the_berichtsoort() -> None:
    """A revocation delivered as a request is refused in the plain form too."""
    assert rules(check(mandate_text("xml", MessageKind.INTREKKEN))) == {"MACHTIGING-SOORT"}


def test_the_type_of_number_is_compared_without_case() -> None:
    """soortNummer BSN agrees with type bsn and not with RSIN; BTW and Fi are one type."""
    assert check(mandate_text("xml"), identity=("123456782", "Bsn")).valid
    assert rules(check(mandate_text("xml"), identity=("123456782", "RSIN"))) == {"MACHTIGING-NUMMER"}
    vat = render_mandate_message(replace(mandate(), type_vertegenwoordigde="BTW"), "xml").decode()
    assert check(vat, identity=("123456782", "Fi")).valid


def test_another_client_is_refused_in_the_known_words() -> None:
    """The text of a mismatch is the published one, with the number in the message."""
    (finding,) = check(mandate_text("xml"), identity=("111222333", "BSN")).findings
    assert finding.text_nl == (
        "Het meegegeven bedrijfsnummer komt niet exact overeen met bedrijfsnummer: 123456782 uit het bericht."
    )


def test_a_mandate_message_has_one_of_two_roots() -> None:
    """Other XML is refused by its root element."""
    assert rules(check("<machtiging/>")) == {"XML-ROOT"}


@pytest.mark.parametrize(
    ("content", "mime", "content_rules", "valid"),
    [
        (b"%PDF-1.7", "application/pdf", ANY, True),
        (b"<a/>", "application/pdf", ANY, False),
        (b"%PDF-1.7", "text/xml", ANY, False),
        (b"hello", "text/plain", ANY, True),
        (INSTANCE.encode(), "APPLICATION/XML;charset=utf-8", OB, True),
        (INSTANCE.encode(), "application/pdf", OB, False),
        (b"<a/>", "application/pdf", WAGES, False),
        (b"<a/>", "application/vnd.x+xml", WAGES, True),
        (b"", "text/plain", ANY, False),
    ],
)
def test_the_mimetype_must_fit(content: bytes, mime: str, content_rules: ContentRules, valid: bool) -> None:
    """The mimeType must be one of the berichtsoort's and be what the content looks like."""
    assert validated(content, mime, "a.xml", content_rules).valid is valid


def test_an_xml_form_uses_the_schema_that_it_names(tmp_path: Path) -> None:
    """A berichtsoort with a schema of the user's is checked against it; without one that is said."""
    schema = tmp_path / "a.xsd"
    schema.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"/></xs:schema>'
    )
    with_schema = replace(WAGES, schema=str(schema))
    assert validated(b"<a/>", "text/xml", "a.xml", with_schema).valid
    assert not validated(b"<b/>", "text/xml", "a.xml", with_schema).valid
    assert "XSD" in validated(b"<b/>", "text/xml", "a.xml", WAGES).not_checked
    with pytest.raises(ConfigError):
        validated(b"<a/>", "text/xml", "a.xml", replace(WAGES, schema="no-such.xsd"))


def _hostile() -> dict[str, Callable[[], bytes]]:
    head = INSTANCE.encode().partition(b"  <d:Name")[0]
    names = b" ".join(b'xmlns:n%d="u%d"' % (n, n) for n in range(20_000))
    nested = b"<a>" * 1500 + b"</a>" * 1500
    root = b'<machtiging xmlns="urn:digipoort-sim:machtiging:2026">'
    zeros = b"0" * 9_000
    return {
        "entity bomb": lambda: b"<!DOCTYPE a [<!ENTITY b 'bbb'><!ENTITY c '&b;&b;&b;'>]><a>&c;</a>",
        "external entity": lambda: b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        "20 MiB of text": lambda: b"a" * 20_971_520,
        "too large": lambda: b"<a/>" + b" " * 67_108_864,
        "20 MiB of tags": lambda: b"<a/>" * 5_242_880,
        "open comments": lambda: b"<a>" + b"<!--" * 500_000 + b"<!DOCTYPE",
        "deep": lambda: b"<a>" * 300_000,
        "deep fields": lambda: root + nested + b"</machtiging>",
        "no UTF-8": lambda: b"<a>\xff</a>",
        "UTF-16": lambda: "<a/>".encode("utf-16"),
        "NUL": lambda: b"<a>\0</a>",
        "only NUL": lambda: b"\0" * 1000,
        "NUL reference": lambda: b"<a>&#0;</a>",
        "open tag": lambda: b"<a",
        "unknown prefix": lambda: b"<x:a/>",
        "many facts": lambda: head + b'<d:x contextRef="Q" decimals="0"></d:x>' * 20_000 + b"</xbrli:xbrl>",
        "many namespaces": lambda: b"<x:xbrl xmlns:x='http://www.xbrl.org/2003/instance' " + names + b">"
        + b"<x:unit id='b'><x:measure>n1:b</x:measure></x:unit>" * 3_000 + b"</x:xbrl>",
        "long reference": lambda: head + b"<d:x contextRef='Msg'>&#" + zeros + b"384;</d:x></xbrli:xbrl>",
        "far year": lambda: mandate_text("xbrl")
        .replace(">2025-", ">99999999999-").replace("scheme=", "x=").encode(),
        "braces": lambda: INSTANCE.replace("<d:Name", '<d:Name id="{0}{x}"').replace("Msg", "{y}").encode(),
    }  # fmt: skip


@pytest.mark.parametrize("name", _hostile())
def test_hostile_content_gives_findings(name: str) -> None:
    """Whatever the bytes are, the answer is a report within seconds, never an exception."""
    content = _hostile()[name]()
    for content_rules in (OB, mandate_rules(), replace(WAGES, identity_xpath="//*[local-name()='a']")):
        start = time.monotonic()
        report = validated(content, "text/xml", "a.xml", content_rules, ("1", "Fi"))
        assert time.monotonic() - start < 5
        assert len(report.findings) < 3_000
        assert len(result_document(report.findings)) < MAXIMUM_CHARACTERS
    assert not validated(content, "text/xml", "a.xml", mandate_rules(), None).valid


@pytest.mark.parametrize("form", ["xbrl", "xml"])
def test_what_is_valid_can_be_read(form: Form) -> None:
    """No mutation of a mandate message is valid and yet refused when the register reads it."""
    content = mandate_text(form, MessageKind.ACTIVEREN).encode()
    source = random.Random(form)
    valid = 0
    for _ in range(400):
        start = source.randrange(len(content))
        inserted = source.choice([b"", b" ", b"<", b"/>", b"9", b"&#32;", b"<!-- -->", b"<m:a/>", b"\0"])
        mutated = content[:start] + inserted + content[start + source.choice([0, 0, 1, 9]) :]
        if validated(mutated, "text/xml", "", mandate_rules(MessageKind.ACTIVEREN)).valid:
            parse_mandate_message(mutated, MessageKind.ACTIVEREN)
            valid += 1
    assert valid


def test_a_syntax_error_has_its_place_and_is_not_remembered() -> None:
    """Line and column are those of the fault, and a second validation lists only its own."""
    for _ in range(2):
        (finding,) = validated(b"<a>\n <b></c>\n</a>", "text/xml", "", WAGES).findings
        assert (finding.line, finding.column) == (2, 9)


def test_threads_do_not_mix_their_findings() -> None:
    """One validator used by four threads gives each content its own findings."""
    good = mandate_text("xml").encode()

    def faults(number: int) -> bool:
        content = good if number % 2 else good.replace(b"VIA_2025", b"%%%d" % number)
        texts = [f.text_nl for f in validated(content, "text/xml", "", mandate_rules()).findings]
        return len(texts) == (number + 1) % 2

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(faults, range(200)))
