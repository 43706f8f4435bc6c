"""From a file to a delivery: what the name does not say comes from the content."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digipoort_sim.catalogue import Berichtsoort, Catalogue
from digipoort_sim.catalogue.mandate_messages import MAXIMUM_BYTES, year_in_dienst
from digipoort_sim.errors import IdentityRefusal, SizeRefusal, SpecificationRefusal
from digipoort_sim.exchange.values import Content, Delivery, Identity
from digipoort_sim.ftp.file_name import FileName, NameRule
from digipoort_sim.ftp.ledger import Entry
from digipoort_sim.pki.numbers import derive_type, is_number
from digipoort_sim.pki.oin import Oin
from digipoort_sim.register.messages import MessageKind, parse_mandate_message
from digipoort_sim.validation.content_rules import ContentRules, rules_of
from digipoort_sim.validation.identity import identity_in_content
from digipoort_sim.validation.streaming.beginning import first_identity, identity_in_file

_LONGEST_BESTANDSNAAM = 80
_PIECE = 1_048_576
_NOT_PLAIN = re.compile(r"[^0-9A-Za-z_-]")
_NINE_DIGITS = ("rsin", "fi", "btw", "bsn", "lhnr")


def delivery_of(entry: Entry, content: Content, names: NameRule, catalogue: Catalogue) -> Delivery:
    """The delivery that a file is.

    Args:
        content: what lies in it.

    Raises:
        SizeRefusal: it is a mandate message that is larger than any is (ALS160).
        SpecificationRefusal: the name's receiver is not the one of its berichtsoort (ALS100).
        IdentityRefusal: the content does not tell whom it is about, or tells of another than the name
            does (ALS140).
    """
    name = names.parse(entry.name)
    row = catalogue.berichtsoort(name.berichtsoort)
    agency = catalogue.agency_of(row)
    if name.ontvanger is not None and name.ontvanger != agency.oin:
        raise SpecificationRefusal(
            f"berichtsoort {row.name} goes to {agency.name} with OIN {agency.oin}; the file's name says "
            f"{name.ontvanger}",
            rule="FTP-RECEIVER",
        )
    if row.mandate and content.size > MAXIMUM_BYTES:
        raise SizeRefusal(
            f"the message has {content.size} octets; a mandate message has at most {MAXIMUM_BYTES}",
            rule="CONTENT-SIZE",
        )
    party = Oin.parse(entry.oin)
    identity = _identity(content, row, party, catalogue)
    _check_named(name, identity)
    return Delivery(
        berichtsoort=row.name,
        identiteit_belanghebbende=identity,
        rol_belanghebbende="Bedrijf" if is_party(party, identity) else "Intermediair",
        inhoud=content,
        via="ftp",
        aanleverkenmerk=name.aanleverkenmerk,
        identiteit_ontvanger=Identity(agency.oin, "OIN"),
        door_reference=entry.reference,
    )


def _check_named(name: FileName, identity: Identity) -> None:
    """A name that tells whom the file is about tells of the one in the content (all of it (s))."""
    if name.belanghebbende is not None and name.belanghebbende != identity.nummer.strip():
        raise IdentityRefusal(
            f"the file's name says that it is about {name.belanghebbende}, its content is about "
            f"{identity.nummer}; name the file after its content",
            rule="FTP-NAME-IDENTITY",
        )


def is_party(party: Oin, identity: Identity) -> bool:
    """Whether an identity is the organisation of this OIN."""
    nummer, kind = identity.nummer.strip(), identity.type.strip().lower()
    if kind == "oin":
        return nummer == party.value
    if party.kind == "KvK":
        return kind == "kvk" and nummer == party.core
    return party.kind in ("RSIN", "Fi") and kind in _NINE_DIGITS and nummer[:9] == party.core


def _identity(content: Content, row: Berichtsoort, party: Oin, catalogue: Catalogue) -> Identity:
    if row.form == "any":
        return _own_identity(row, party)
    rules = rules_of(row)
    nummer = _number(content, rules)
    if nummer is None:
        raise IdentityRefusal(
            f"the content does not tell whom it is about; berichtsoort {row.name} must hold the number in "
            f"{_place_of_identity(rules)}",
            rule="FTP-IDENTITY",
        )
    return Identity(nummer, _type_of(nummer, content, row, catalogue))


def _number(content: Content, rules: ContentRules) -> str | None:
    if content.payload is not None:
        return identity_in_file(content.payload.path, rules)
    if rules.form in ("xml", "xbrl") and len(content.inhoud) > _PIECE:
        return first_identity(_pieces(content.inhoud), rules)
    return identity_in_content(content.inhoud, rules)


def _pieces(inhoud: bytes) -> Iterator[bytes]:
    """Parts of a content, so that no tree is made of all of it for its first few elements."""
    for start in range(0, len(inhoud), _PIECE):
        yield inhoud[start : start + _PIECE]


def _place_of_identity(rules: ContentRules) -> str:
    if rules.form == "mandate":
        return "idVertegenwoordigde"
    if rules.identity_xpath:
        return f"the element at {rules.identity_xpath}"
    schemes = " or ".join(rules.identity_schemes)
    return f"xbrli:identifier with scheme {schemes}" if schemes else "xbrli:identifier"


def _own_identity(row: Berichtsoort, party: Oin) -> Identity:
    """Content that nobody reads is about the account's own party (s)."""
    if not row.identity_types:
        return Identity(party.value, "OIN")
    if party.kind not in row.identity_types:
        raise IdentityRefusal(
            f"berichtsoort {row.name} takes {', '.join(row.identity_types)}; "
            f"the account's OIN is of {party.kind}",
            rule="FTP-IDENTITY",
        )
    return Identity(party.core, party.kind)


def _type_of(nummer: str, content: Content, row: Berichtsoort, catalogue: Catalogue) -> str:
    derived = derive_type(nummer)
    if row.identity_types:
        return derived if derived in row.identity_types else row.identity_types[0]
    if row.mandate:
        message = parse_mandate_message(content.inhoud, MessageKind(row.mandate))
        given = message.type_vertegenwoordigde or _type_for_service(nummer, message.dienst, catalogue)
        return given or derived or "Fi"
    return derived or "Fi"


def _type_for_service(nummer: str, dienst: str, catalogue: Catalogue) -> str | None:
    """Nine digits may be a BSN or an RSIN; which of them follows from the service that is asked for."""
    service = catalogue.diensten.get(dienst.removesuffix(f"_{year_in_dienst(dienst)}"))
    types = service.client_types if service is not None else ()
    return next((kind for kind in types if is_number(kind, nummer)), None)


def bestandsnaam_of(name: FileName, extension: str = "") -> str:
    """The file's name as a bestandsnaam: at most 80 characters, and plain by the filing rule FR-NL-1.06.

    Args:
        extension: in place of its own.

    An aanleverkenmerk may have dots, which that rule does not allow; the sender is not to blame for them.
    """
    stem, _, own = name.whole.rpartition(".")
    extension = extension or own
    if len(name.whole) > _LONGEST_BESTANDSNAAM:
        stem = name.aanleverkenmerk or stem[: _LONGEST_BESTANDSNAAM - len(extension) - 1]
    return f"{_NOT_PLAIN.sub('_', stem)}.{extension}"
