"""What a content is by its first octets, its mimeType and its name; and the same for attachments."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digipoort_sim.validation.pipeline import Validator
from digipoort_sim.validation.subject import Delivered, Part
from tests.validation.samples import ANY, INSTANCE, OB, OB_NUMBER, validated

PDF = b"%PDF-1.7\n"
PNG = b"\x89PNG\r\n\x1a\n"
ZIP = b"PK\x03\x04rest"


@pytest.mark.parametrize(
    ("content", "mime", "name", "rules"),
    [
        (b"<a/>", "text/xml", "a.xbrl", []),
        (b"<a/>", "application/xbrl+xml", "Omzetbelasting.XBRL", []),
        (b"<html/>", "application/xhtml+xml", "a.xml", []),
        (b"<html/>", "text/html", "a.xhtml", []),
        (b"<a/>", "text/xml", "no-extension", []),
        (b"<a/>", "text/xml", "a.unknown", []),
        (PDF, "application/pdf", "a.PDF", []),
        (PDF, "application/octet-stream", "a.pdf", []),
        (PNG, "image/png", "a.png", []),
        (ZIP, "application/zip", "a.xbri", []),
        (b"x;y", "text/csv", "a.csv", []),
        (b"<a/>", "text/xml", "a.pdf", ["NAAM-INHOUD"]),
        (b"<a/>", "text/xml", "a.txt", ["NAAM-INHOUD"]),
        (PDF, "application/pdf", "a.xml", ["NAAM-INHOUD"]),
        (ZIP, "text/xml", "a.xml", ["MIMETYPE", "NAAM-INHOUD"]),
        (PNG, "image/jpeg", "a.png", ["MIMETYPE", "NAAM-INHOUD"]),
        (b"GIF", "image/png", "a", ["MIMETYPE"]),
        (PDF, "text/plain", "a", ["MIMETYPE"]),
    ],
)
def test_content_mimetype_and_name(content: bytes, mime: str, name: str, rules: list[str]) -> None:
    """A mimeType that the content is not is an error, a name that contradicts either a warning."""
    found = validated(content, mime, name, ANY).findings
    assert [finding.rule for finding in found] == rules
    assert all((finding.severity == "error") == (finding.rule == "MIMETYPE") for finding in found)


def test_the_text_says_what_it_looks_like() -> None:
    """Whoever sends a zip as XML is told that it is one, in both languages."""
    [finding, _] = validated(ZIP, "text/xml", "a.xml", ANY).findings
    assert (
        finding.text_nl == "De inhoud is niet wat het mimeType text/xml zegt (XML); de inhoud lijkt een zip."
    )
    assert finding.text_en.endswith("the content looks like a zip.")


def _with(*bijlagen: Part) -> list[tuple[str, str]]:
    rules = replace(ANY, attachments=2, attachment_types=("application/pdf", "text/xml"))
    delivered = Delivered(Part(b"<a/>", "text/xml", "a.xml"), rules, None, bijlagen)
    return [(finding.rule, finding.text_en) for finding in Validator().check(delivered).findings]


def test_attachments_are_what_they_say() -> None:
    """Good ones give no finding; else the text names the one that is wrong, and what is wrong with it."""
    good = Part(PDF, "application/pdf", "b.pdf")
    assert _with(good, Part(b"<b/>", "text/xml", "c.xml")) == []
    assert [rule for rule, _ in _with(good, good, good)] == ["BIJLAGEN"]
    [(rule, text)] = _with(Part(ZIP, "application/zip", "b.zip"))
    assert (rule, text.startswith("Attachment b.zip: The mimeType application/zip")) == (
        "BIJLAGEN-TYPES",
        True,
    )
    assert _with(Part(b"", "application/pdf", "b.pdf")) == [
        ("EMPTY", "Attachment b.pdf: The attachment is empty.")
    ]
    assert [rule for rule, _ in _with(Part(b"<b>", "text/xml", "b.xml"))] == ["XML-WELL-FORMED"]
    assert [rule for rule, _ in _with(Part(b"x", "application/pdf", "b.xml"))] == ["MIMETYPE", "NAAM-INHOUD"]


def test_a_return_takes_no_attachment() -> None:
    """XBRL goes alone."""
    delivered = Delivered(
        Part(INSTANCE.encode(), "text/xml", "a.xbrl"),
        OB,
        (OB_NUMBER, "Fi"),
        (Part(PDF, "application/pdf", "b.pdf"),),
    )
    assert "BIJLAGEN" in [finding.rule for finding in Validator().check(delivered).findings]
