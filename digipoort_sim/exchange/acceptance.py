"""What is looked at before a delivery is accepted; anything wrong here is a fault and leaves nothing behind.

Sources: the meaning of the fields and the codes ALS120 to ALS170 (meanings by the simulator). On the stub's
paths only the berichtsoort and the sizes are looked at ("simulates dialogues, no content checks").
"""

from __future__ import annotations

import re

from digipoort_sim.catalogue import Berichtsoort, Catalogue
from digipoort_sim.errors import (
    AttachmentRefusal,
    BerichtsoortRefusal,
    ContentNameRefusal,
    IdentityRefusal,
    PermissionRefusal,
    SizeRefusal,
    SpecificationRefusal,
)
from digipoort_sim.exchange.foreign_route import refusal_of_foreign
from digipoort_sim.exchange.values import Call, Content, Delivery, Identity
from digipoort_sim.pki.numbers import IDENTITY_TYPES, canonical_type, check_identity

MAXIMUM_CONTENT_BYTES = 20_971_520
"""Decoded octets of a berichtInhoud, and of each bijlage, by WUS (the interface's XSD).

The file door is there for larger ones and has a limit of its own.
"""

_MAXIMUM_NAME = 80
_NOT_TEXT = re.compile(r"[\x00\ud800-\udfff]")
_BAD_IN_NAME = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


def check(
    catalogue: Catalogue, call: Call, delivery: Delivery, *, foreign_is_fault: bool = True
) -> Berichtsoort:
    """Look at a delivery by all rules that need no database; gives its berichtsoort.

    Args:
        foreign_is_fault: whether a foreign sender of what is not open to it is refused here; else the step
            that authorises does it.

    Raises:
        Refusal: the first rule that it breaks.
    """
    row = catalogue.berichtsoort(delivery.berichtsoort)
    _check_lengths(delivery)
    _check_sizes(delivery)
    if call.stub:
        return row
    _check_interface(catalogue, row, delivery)
    if foreign_is_fault:
        _check_sender(catalogue, row, call.caller.oin)
    _check_identity(row, delivery.identiteit_belanghebbende)
    _check_content(row, delivery.inhoud)
    _check_attachments(row, delivery)
    return row


def _check_lengths(delivery: Delivery) -> None:
    """The limits of the interface's XSD, for the doors that have none, and texts that cannot be kept."""
    contents = (delivery.inhoud, *delivery.bijlagen)
    texts = [
        ("identiteitBelanghebbende/nummer", delivery.identiteit_belanghebbende.nummer, 35),
        ("identiteitBelanghebbende/type", delivery.identiteit_belanghebbende.type, 20),
        ("rolBelanghebbende", delivery.rol_belanghebbende, 40),
        ("aanleverkenmerk", delivery.aanleverkenmerk, 40),
        ("eerderAanleverkenmerk", delivery.eerder_aanleverkenmerk, 40),
        ("rolOntvanger", delivery.rol_ontvanger, 40),
        ("autorisatieAdres", delivery.autorisatie_adres, 255),
        *(("bestandsnaam", content.bestandsnaam, _MAXIMUM_NAME) for content in contents),
        *(("mimeType", content.mime_type, 255) for content in contents),
    ]
    for name, text, longest in texts:
        if text and (len(text) > longest or _NOT_TEXT.search(text)):
            raise SpecificationRefusal(
                f"{name} is longer than {longest} characters or has characters that no text has",
                rule="FIELD-LENGTH",
            )


def _check_sizes(delivery: Delivery) -> None:
    if delivery.via != "wus":
        return
    for content in (delivery.inhoud, *delivery.bijlagen):
        if len(content.inhoud) > MAXIMUM_CONTENT_BYTES:
            raise SizeRefusal(
                f"inhoud of {content.bestandsnaam!r} has {len(content.inhoud)} octets; "
                f"at most {MAXIMUM_CONTENT_BYTES} are allowed",
                rule="CONTENT-SIZE",
            )


def _check_interface(catalogue: Catalogue, row: Berichtsoort, delivery: Delivery) -> None:
    doors = catalogue.doors_of(row)
    if delivery.via not in doors:
        raise BerichtsoortRefusal(
            f"berichtsoort {row.name!r} cannot be delivered by {delivery.via}, only by "
            f"{', '.join(doors) or 'an interface that is not simulated'}",
            rule="BERICHTSOORT-INTERFACE",
        )


def _check_sender(catalogue: Catalogue, row: Berichtsoort, oin: str) -> None:
    reason = refusal_of_foreign(catalogue, row, oin)
    if reason is not None:
        raise PermissionRefusal(reason.text_en, rule=reason.rule)


def _check_identity(row: Berichtsoort, identity: Identity) -> None:
    own = {name.lower() for name in row.identity_types} - IDENTITY_TYPES.keys()
    if identity.type.lower() in own:
        return  # a type of this berichtsoort alone, of which no form is known
    check_identity(identity.nummer, identity.type)
    name = canonical_type(identity.type)
    if row.identity_types and name not in row.identity_types:
        raise IdentityRefusal(
            f"identiteitBelanghebbende has type {name}; berichtsoort {row.name!r} takes "
            f"{', '.join(row.identity_types)}",
            rule="IDENTITY-TYPE-OF-BERICHTSOORT",
        )


def _check_content(row: Berichtsoort, content: Content) -> None:
    check_name(content.bestandsnaam)
    if row.mime_types and _plain(content.mime_type) not in row.mime_types:
        raise ContentNameRefusal(
            f"mimeType {content.mime_type!r} is not allowed for berichtsoort {row.name!r}; "
            f"use {', '.join(row.mime_types)}",
            rule="MIME-TYPE",
        )


def check_name(name: str) -> None:
    """Whether a bestandsnaam is one.

    Raises:
        ContentNameRefusal: it is not the plain name of a file of at most 80 characters.
    """
    if not name.strip() or len(name) > _MAXIMUM_NAME or set(name) <= {".", " "} or _BAD_IN_NAME.search(name):
        raise ContentNameRefusal(
            f"bestandsnaam {name[:_MAXIMUM_NAME]!r} is not the plain name of a file of at most "
            f"{_MAXIMUM_NAME} characters",
            rule="BESTANDSNAAM",
        )


def _check_attachment_type(row: Berichtsoort, attachment: Content) -> None:
    if row.attachment_types and _plain(attachment.mime_type) not in map(str.lower, row.attachment_types):
        raise AttachmentRefusal(
            f"bijlage {attachment.bestandsnaam!r} has mimeType {attachment.mime_type!r}; berichtsoort "
            f"{row.name!r} takes bijlagen of {', '.join(row.attachment_types)}",
            rule="BIJLAGEN-TYPES",
        )


def _plain(mime_type: str) -> str:
    return mime_type.partition(";")[0].strip().lower()


def _check_attachments(row: Berichtsoort, delivery: Delivery) -> None:
    if len(delivery.bijlagen) > row.attachments:
        allowed = f"at most {row.attachments}" if row.attachments else "no"
        raise AttachmentRefusal(
            f"berichtsoort {row.name!r} takes {allowed} bijlagen; the request has {len(delivery.bijlagen)}",
            rule="BIJLAGEN",
        )
    for attachment in delivery.bijlagen:
        check_name(attachment.bestandsnaam)
        _check_attachment_type(row, attachment)
    names = [attachment.bestandsnaam for attachment in (delivery.inhoud, *delivery.bijlagen)]
    if delivery.bijlagen and len(set(names)) < len(names):
        raise AttachmentRefusal("two contents have the same bestandsnaam", rule="BIJLAGEN-NAMES")
