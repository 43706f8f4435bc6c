"""What is refused before it is accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.errors import (
    AttachmentRefusal,
    BerichtsoortRefusal,
    ContentNameRefusal,
    IdentityRefusal,
    PermissionRefusal,
    Refusal,
    SizeRefusal,
    SpecificationRefusal,
)
from digipoort_sim.exchange.acceptance import MAXIMUM_CONTENT_BYTES, check
from digipoort_sim.exchange.values import Call, Caller, Content, Delivery, Identity
from tests.exchange.office import ANN, BOB, OB, Office, any_delivery

XML = Content("text/xml", "a.xml", b"<a/>")
TAX = Delivery("Omzetbelasting", OB, "Bedrijf", XML)
FOREIGN = Caller("00000002001000044000", "c" * 64)


@pytest.mark.parametrize(
    ("delivery", "refusal", "rule"),
    [
        (replace(TAX, berichtsoort="Onbekend"), BerichtsoortRefusal, "BERICHTSOORT"),
        (replace(TAX, berichtsoort="SBA_IB"), BerichtsoortRefusal, "BERICHTSOORT"),
        (replace(TAX, identiteit_belanghebbende=Identity("123456789", "Fi")), IdentityRefusal, "NUMBER-FI"),
        (replace(TAX, identiteit_belanghebbende=Identity("1", "EAN")), IdentityRefusal, "IDENTITY-TYPE"),
        (
            replace(TAX, identiteit_belanghebbende=Identity("111222333", "BSN")),
            IdentityRefusal,
            "IDENTITY-TYPE-OF-BERICHTSOORT",
        ),
        (replace(TAX, inhoud=replace(XML, mime_type="image/png")), ContentNameRefusal, "MIME-TYPE"),
        (replace(TAX, inhoud=replace(XML, bestandsnaam="../a.xml")), ContentNameRefusal, "BESTANDSNAAM"),
        (replace(TAX, inhoud=replace(XML, bestandsnaam=" ")), ContentNameRefusal, "BESTANDSNAAM"),
        (replace(TAX, bijlagen=(XML,)), AttachmentRefusal, "BIJLAGEN"),
        (any_delivery(bijlagen=(XML,)), AttachmentRefusal, "BIJLAGEN-NAMES"),
        (
            replace(TAX, inhoud=replace(XML, inhoud=bytes(MAXIMUM_CONTENT_BYTES + 1))),
            SizeRefusal,
            "CONTENT-SIZE",
        ),
        (replace(TAX, aanleverkenmerk="x" * 41), SpecificationRefusal, "FIELD-LENGTH"),
        (replace(TAX, rol_belanghebbende="a\x00"), SpecificationRefusal, "FIELD-LENGTH"),
        (replace(TAX, kenmerk="0" * 36), SpecificationRefusal, "KENMERK"),
    ],
)
def test_a_refused_delivery_leaves_nothing(
    office: Office, delivery: Delivery, refusal: type[Refusal], rule: str
) -> None:
    """Each rule has its own refusal, and what is refused is not stored."""
    with pytest.raises(refusal) as caught:
        office.deliver(delivery)
    assert caught.value.rule == rule
    assert office.post.messages() == []


def test_the_recorded_identity_is_accepted(office: Office) -> None:
    """001000044B37 of type Fi, the identity of the recorded real flow, is good; case does not matter."""
    office.deliver(TAX)
    office.deliver(replace(TAX, identiteit_belanghebbende=Identity("001000044B37", "FI")))


def test_a_mime_type_may_have_parameters(office: Office) -> None:
    """``text/xml; charset=utf-8`` is text/xml."""
    office.deliver(replace(TAX, inhoud=replace(XML, mime_type="Text/XML; charset=utf-8")))


def test_the_size_limit_is_that_of_wus(office: Office) -> None:
    """What is too large for WUS is taken from the file door, which has a limit of its own."""
    large = any_delivery(inhoud=Content("text/plain", "a.txt", bytes(MAXIMUM_CONTENT_BYTES + 1)), via="ftp")
    assert office.run(large)[-1].statuscode == "500"


def test_a_foreign_business_reaches_the_tax_administration_only(office: Office) -> None:
    """The foreign route leads to the Belastingdienst; other agencies' flows, and the GIR, are refused."""
    office.deliver(TAX, FOREIGN)
    report = Delivery(
        "jaarrekening_ixbrl_esd",
        Identity("30216247", "KvK"),
        "Bedrijf",
        Content("application/zip", "a.zip", b"PK"),
    )
    with pytest.raises(PermissionRefusal):
        office.deliver(report, FOREIGN)
    office.deliver(report, ANN)
    office.deliver(replace(TAX, berichtsoort="DAC7"), FOREIGN)
    with pytest.raises(PermissionRefusal):
        office.deliver(replace(TAX, berichtsoort="GIR"), FOREIGN)
    office.deliver(replace(TAX, berichtsoort="GIR"), ANN)


def test_the_stub_looks_at_no_content(office: Office) -> None:
    """On the stub's paths neither identity nor names nor attachments are looked at."""
    odd = replace(
        TAX,
        identiteit_belanghebbende=Identity("x", "y"),
        inhoud=Content("a/b", "..", b""),
        bijlagen=(XML, XML),
    )
    office.deliver(odd, stub=True)


def test_a_message_can_be_added_to_an_own_process(office: Office) -> None:
    """A delivery with the kenmerk of an own process adds its contents to it; nobody else's is (i)."""
    kenmerk = office.deliver(any_delivery()).kenmerk
    receipt = office.deliver(any_delivery(kenmerk=kenmerk, inhoud=Content("text/xml", "b.xml", b"<b/>")))
    assert receipt.kenmerk == kenmerk
    assert [part.bestandsnaam for part in office.post.message(kenmerk).contents] == ["a.xml", "b.xml"]
    assert office.post.content(kenmerk, 1).inhoud == b"<b/>"
    with pytest.raises(SpecificationRefusal):
        office.deliver(any_delivery(kenmerk=kenmerk), BOB)


def test_the_receipt_repeats_the_delivery(office: Office) -> None:
    """The receipt has the fields of the delivery, and the agency's OIN as identiteitOntvanger (recorded)."""
    receipt = office.deliver(replace(TAX, aanleverkenmerk="mine", autorisatie_adres="http://geenausp.nl"))
    assert receipt.identiteit_ontvanger == Identity("00000002003214394002", "OIN")
    assert (receipt.aanleverkenmerk, receipt.rol_belanghebbende) == ("mine", "Bedrijf")
    assert receipt.kenmerk == receipt.kenmerk.lower()
    assert len(receipt.kenmerk) == 36


def test_a_bijlage_has_a_mimetype_that_the_berichtsoort_takes() -> None:
    """ALS170 names the bijlage and what may be sent; a mimeType with a parameter and capitals is the same."""
    row = replace(load_catalogue().berichtsoorten["TEST"], attachment_types=("application/pdf",))
    catalogue = replace(load_catalogue(), berichtsoorten={"TEST": row})
    good = any_delivery(bijlagen=(Content("Application/PDF; v=1", "b.pdf", b"%PDF-1.7"),))
    assert check(catalogue, Call(ANN, "m"), good) is row
    with pytest.raises(AttachmentRefusal, match=r"'b\.zip'.*application/pdf") as refused:
        check(catalogue, Call(ANN, "m"), any_delivery(bijlagen=(Content("application/zip", "b.zip", b"PK"),)))
    assert refused.value.rule == "BIJLAGEN-TYPES"
