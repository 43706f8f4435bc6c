"""The Belastingdienst's Responsemessage, which stands in the statusdetails of 500 and 510."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digipoort_sim.clock import AMSTERDAM
from digipoort_sim.ids import SeededIds


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a Responsemessage says of the message (the texts of a rejection are the simulator's)."""

    response_type: str
    class_: str
    code: str
    description: str


PROCESSABLE = Verdict("acknowledgement", "A", "0001", "Status: Verwerkbaar")
NOT_PROCESSABLE = Verdict("error", "E", "0002", "Status: Niet verwerkbaar")

_STUB_NAMES = ("BERICHTKENMERK-VAN-AANLEVERING", "PROCESKENMERK-VAN-AANLEVERING", "BERICHTID-VANUIT-BD")
_STUB_TIME = "2009-08-19T19:44:13+02:00"


def responsemessage(
    kenmerk: str, berichtkenmerk: str, received: datetime, verdict: Verdict = PROCESSABLE
) -> str:
    """The text with the values of one delivery, as on the pre-production paths (s).

    Args:
        kenmerk: of the process; RefersToMessageId.
        berichtkenmerk: of the delivery; MessageId.
        received: when the agency got it.
    """
    local = received.astimezone(AMSTERDAM).isoformat(timespec="seconds")
    return _text((berichtkenmerk, kenmerk, _agency_id(kenmerk)), local, verdict)


def stub_responsemessage(verdict: Verdict = PROCESSABLE) -> str:
    """The text of the Aansluit Suite, literally, capitals and the date of 2009 included."""
    return _text(_STUB_NAMES, _STUB_TIME, verdict)


def _agency_id(kenmerk: str) -> str:
    """The Belastingdienst's own id of the message: twenty digits that follow from the kenmerk."""
    return f"{SeededIds(f'bd:{kenmerk}').below(10**20):020d}"


def _text(ids: tuple[str, str, str], received: str, verdict: Verdict) -> str:
    message_id, refers_to, agency_id = (_escaped(value) for value in ids)
    return "\n".join(
        (
            '<Responsemessage version="2006.1">',
            "<Identification>",
            f"<MessageId>{message_id}</MessageId>",
            f"<RefersToMessageId>{refers_to}</RefersToMessageId>",
            f"<MessageIdBd>{agency_id}</MessageIdBd>",
            f"<DatumTijdOntvangst>{received}</DatumTijdOntvangst>",
            f"<ResponseType>{verdict.response_type}</ResponseType>",
            "</Identification>",
            "<Specification>",
            f"<Class>{verdict.class_}</Class>",
            f"<Code>{verdict.code}</Code>",
            f"<Description>{verdict.description}</Description>",
            "</Specification>",
            "</Responsemessage>",
        )
    )


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;")
