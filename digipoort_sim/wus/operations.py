"""What each operation asks of the post office, and the body of its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digipoort_sim.exchange.agency_desk import StatusSetting
from digipoort_sim.exchange.values import Call, Delivery
from digipoort_sim.wus import responses
from digipoort_sim.wus.names import STATUSINFORMATIE, Operation
from digipoort_sim.wus.requests import Question

if TYPE_CHECKING:
    from digipoort_sim.exchange import PostOffice, Staged


@dataclass(frozen=True)
class Outcome:
    """What an operation gives.

    Attributes:
        body: the body element of the answer, in canonical form.
        staged: a delivery that is not yet committed; the answer must wait for it.
    """

    body: bytes
    staged: Staged | None = None


def deliver(office: PostOffice, call: Call, delivery: Delivery) -> Outcome:
    """Run aanleveren, inside a running loop.

    Raises:
        Refusal: the post office does not take it.
    """
    staged = office.stage(call, delivery)
    return Outcome(responses.aanlever_response(staged.receipt), staged)


def ask(office: PostOffice, call: Call, operation: Operation, question: Question | StatusSetting) -> Outcome:
    """Run an operation that gives no receipt: one that reads, or an agency's zetStatus.

    Raises:
        Refusal: such as a MessageID that was seen before.
    """
    if isinstance(question, StatusSetting):
        office.agency_desk.set_status(call, question)
        return Outcome(responses.zet_status_response(question.kenmerk, question.status.statuscode))
    if operation.service == STATUSINFORMATIE.name:
        office.check_requester(
            call, question.kenmerk or None, question.identiteit_belanghebbende, question.autorisatie_adres
        )
    return Outcome(_READS[operation.name](office, call, operation.name, question))


Read = Callable[["PostOffice", Call, str, Question], bytes]


def _berichtsoorten(office: PostOffice, call: Call, name: str, q: Question) -> bytes:
    return responses.berichtsoorten(name, office.berichtsoorten(call, q.identiteit_belanghebbende))


def _processen(office: PostOffice, call: Call, name: str, q: Question) -> bytes:
    found = office.processen(call, q.berichtsoort or "", q.identiteit_belanghebbende)
    return responses.processen(name, found)


def _statussen_proces(office: PostOffice, call: Call, name: str, q: Question) -> bytes:
    return responses.statussen(name, office.statussen_proces(call, q.kenmerk, q.period))


def _nieuwe_statussen_proces(office: PostOffice, call: Call, name: str, q: Question) -> bytes:
    return responses.statussen(name, office.nieuwe_statussen_proces(call, q.kenmerk, q.period))


def _nieuwe_statussen(office: PostOffice, call: Call, name: str, q: Question) -> bytes:
    found = office.nieuwe_statussen(call, q.berichtsoort or "", q.identiteit_belanghebbende, q.period)
    return responses.statussen(name, found)


def _berichten(nieuw: bool) -> Read:
    def read(office: PostOffice, call: Call, name: str, q: Question) -> bytes:
        found = office.berichten(call, q.berichtsoort, q.identiteit_belanghebbende, q.period, nieuw=nieuw)
        return responses.berichten(name, found)

    return read


def _berichten_lijst(nieuw: bool) -> Read:
    def read(office: PostOffice, call: Call, name: str, q: Question) -> bytes:
        found = office.berichten_lijst(call, q.berichtsoort, q.period, nieuw=nieuw)
        return responses.berichten_lijst(name, found)

    return read


def _berichten_kenmerk(nieuw: bool) -> Read:
    def read(office: PostOffice, call: Call, name: str, q: Question) -> bytes:
        found = office.berichten_kenmerk(call, q.kenmerk, q.period, nieuw=nieuw)
        return responses.berichten(name, found)

    return read


_READS: dict[str, Read] = {
    "getBerichtsoorten": _berichtsoorten,
    "getProcessen": _processen,
    "getStatussenProces": _statussen_proces,
    "getNieuweStatussenProces": _nieuwe_statussen_proces,
    "getNieuweStatussen": _nieuwe_statussen,
    "getBerichten": _berichten(nieuw=False),
    "getNieuweBerichten": _berichten(nieuw=True),
    "getBerichtenLijst": _berichten_lijst(nieuw=False),
    "getNieuweBerichtenLijst": _berichten_lijst(nieuw=True),
    "getBerichtenKenmerk": _berichten_kenmerk(nieuw=False),
    "getNieuweBerichtenKenmerk": _berichten_kenmerk(nieuw=True),
}
