"""How values look in JSON: the names of the wire where the wire has one, camelCase elsewhere.

Used by the control API, by the console and by those commands of the command line that need no server.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from digipoort_sim.clock import wire_time
from digipoort_sim.validation.findings import ValidationReport
from digipoort_sim.validation.report_json import report_fields

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from digipoort_sim.catalogue import Catalogue, MandateOutcome
    from digipoort_sim.exchange.accounts import Account
    from digipoort_sim.exchange.events import EventRecord
    from digipoort_sim.exchange.mandate_office import Answer, Registration
    from digipoort_sim.exchange.values import Status
    from digipoort_sim.exchange.views import MessageDetail, MessageSummary
    from digipoort_sim.register import Letter, Mandate
    from digipoort_sim.register.trade_names import TradeName

Fields = dict[str, Any]

_WORD = re.compile(r"_+([a-z0-9])")


@lru_cache(maxsize=1024)
def camel(name: str) -> str:
    """``identiteit_belanghebbende`` as ``identiteitBelanghebbende``."""
    return _WORD.sub(lambda found: found.group(1).upper(), name)


def fields_of(value: DataclassInstance, *, without: tuple[str, ...] = ()) -> Fields:
    """The fields of a value by their camelCase names; times as on the wire, other values inside too."""
    return {
        camel(field.name): _plain(getattr(value, field.name))
        for field in dataclasses.fields(value)
        if field.name not in without
    }


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return fields_of(value)
    if isinstance(value, datetime):
        return wire_time(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def message_fields(row: MessageSummary) -> Fields:
    """A message, without its statuses and contents."""
    return {
        "kenmerk": row.kenmerk,
        "berichtsoort": row.berichtsoort,
        "aanleverkenmerk": row.aanleverkenmerk,
        "identiteitBelanghebbende": fields_of(row.identiteit_belanghebbende),
        "statuscode": row.statuscode,
        "via": row.via,
        "identiteitOntvanger": fields_of(row.identiteit_ontvanger),
        "tijdstempelAangeleverd": wire_time(row.received),
        "oin": row.sender_oin,
        "state": row.state,
        "stub": row.stub,
    }


def message_detail_fields(detail: MessageDetail, catalogue: Catalogue) -> Fields:
    """A message with its statuses, and what its contents are.

    `refusal` has the catalogue's words where the mandate register refused it (510); null elsewhere.
    """
    return {
        **message_fields(detail.summary),
        "berichtkenmerk": detail.berichtkenmerk,
        "eerderAanleverkenmerk": detail.eerder_aanleverkenmerk,
        "rolBelanghebbende": detail.rol_belanghebbende,
        "rolOntvanger": detail.rol_ontvanger,
        "autorisatieAdres": detail.autorisatie_adres,
        "certificate": detail.sender_certificate,
        "refusal": _refusal(detail.statuses, catalogue),
        "statussen": [status_fields(status) for status in detail.statuses],
        "inhoud": [fields_of(content) for content in detail.contents],
    }


def validation_fields(detail: MessageDetail) -> Fields:
    """What validation said of a message; `valid` is null where it has not said anything (yet)."""
    kept, kenmerk = detail.validation, detail.summary.kenmerk
    told = report_fields(ValidationReport(()) if kept is None else kept.report)
    valid, left_out = (None, 0) if kept is None else (told["valid"], kept.left_out)
    return {"kenmerk": kenmerk, **told, "valid": valid, "left_out": left_out}


def _refusal(statuses: Sequence[Status], catalogue: Catalogue) -> Fields | None:
    fout = statuses[-1].status_foutcode if statuses else None
    rows = (row for row in catalogue.outcomes.values() if fout is not None and row.code == fout.foutcode)
    return next(map(outcome_fields, rows), None)


def status_fields(status: Status) -> Fields:
    """A StatusResultaat, without its kenmerk."""
    fout = status.status_foutcode
    return {
        "statuscode": status.statuscode,
        "statusomschrijving": status.statusomschrijving,
        "tijdstempelStatus": wire_time(status.tijdstempel_status),
        "statusFoutcode": None if fout is None else fields_of(fout),
        "statusdetails": status.statusdetails,
    }


def event_fields(record: EventRecord) -> Fields:
    """An event; `octets` says how many raw bytes are kept, null if none."""
    return {
        "id": record.id,
        "tijdstip": wire_time(record.at),
        "security": None if record.security_at is None else wire_time(record.security_at),
        **fields_of(record.event, without=("raw",)),
        "octets": record.octets,
    }


def told_event_fields(record: EventRecord, catalogue: Catalogue) -> Fields:
    """An event with what its rule expects and what to do; null where the catalogue has no such rule."""
    rule = catalogue.rules.get(record.event.rule)
    return {
        **event_fields(record),
        "expected": None if rule is None else rule.summary,
        "mend": None if rule is None else rule.mend,
    }


def mandate_fields(mandate: Mandate) -> Fields:
    """A registration, without its history."""
    return fields_of(mandate)


def registration_fields(found: Registration, catalogue: Catalogue) -> Fields:
    """A registration with all that there is to know of it.

    `refusal` has the catalogue's words where the register refused the request; null elsewhere.
    """
    mandate = found.mandate
    refused = catalogue.outcomes.get(mandate.reden_code or "") if mandate.toestand == "AFGEKEURD" else None
    return {
        **mandate_fields(mandate),
        "geblokkeerd": found.locked,
        "meaning": fields_of(found.meaning),
        "expected": None if found.expected is None else fields_of(found.expected),
        "refusal": None if refused is None else outcome_fields(refused),
        "letter": None if found.letter is None else found.letter.id,
        "historie": [fields_of(entry, without=("mandate_id",)) for entry in found.history],
    }


def answer_fields(answer: Answer) -> Fields:
    """What the register answered to a person: its outcome, the texts for it, and the registration."""
    mandate = answer.mandate
    return {
        "outcome": answer.outcome.key,
        **outcome_fields(answer.row),
        "detail": answer.outcome.detail,
        "mandate": None if mandate is None else mandate.id,
        "registratie": None if mandate is None else mandate_fields(mandate),
    }


def outcome_fields(row: MandateOutcome) -> Fields:
    """The catalogue's words for an outcome of the register; `code` is empty where it is good."""
    return {
        "statuscode": row.statuscode,
        "code": row.code,
        "text": row.text,
        "textEn": row.text_en,
        "provenance": row.provenance,
    }


def letter_fields(letter: Letter) -> Fields:
    """A letter to a client; activatieToken is null in opt-out letters."""
    return fields_of(letter)


def name_fields(found: TradeName) -> Fields:
    """An entry of the trade register's stand-in."""
    address = found.address
    return {
        "nummer": found.number,
        "naam": found.name,
        "adres": {"straat": address.street, "postcode": address.postcode, "plaats": address.place},
        "origin": found.origin,
    }


def account_fields(account: Account, *, is_locked: bool) -> Fields:
    """An account of the file door; nobody knows its password any more.

    Args:
        is_locked: whether nobody can log in with it now.
    """
    since, until = (account.locked, account.locked_until) if is_locked else (None, None)
    return {
        "user": account.user,
        "oin": account.oin,
        "label": account.label,
        "created": wire_time(account.created),
        "deliver": account.wants.text,
        "interface": account.wants.interface,
        "locked": is_locked,
        "failed": account.failed,
        "lockedSince": None if since is None else wire_time(since),
        "lockedUntil": None if until is None else wire_time(until),
    }


CATALOGUE_TABLES = (
    "statuses",
    "faults",
    "berichtsoorten",
    "diensten",
    "scenarios",
    "file_scenarios",
    "flows",
    "agencies",
    "outcomes",
    "rules",
    "fiscal",
    "oin_registers",
    "bedrijfsregels",
)
"""The tables of the catalogue, by the names under which they can be asked for."""


def catalogue_rows(catalogue: Catalogue, table: str) -> list[Fields]:
    """One table of the catalogue; the fields are those of its TOML files.

    A flow has its berichtsoorten besides.

    Args:
        table: one of `CATALOGUE_TABLES`.
    """
    rows: Mapping[str, Any] = getattr(catalogue, table)
    if table == "flows":
        return [
            {**_toml_fields(row), "berichtsoorten": list(catalogue.of_flow(key))} for key, row in rows.items()
        ]
    return [_toml_fields(row) for row in rows.values()]


def _toml_fields(row: DataclassInstance) -> Fields:
    return dataclasses.asdict(row)
