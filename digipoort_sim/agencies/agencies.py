"""The agencies' inner door: what receivers answer, and what they make for parties."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from digipoort_sim.agencies import service_messages as making
from digipoort_sim.agencies.responsemessage import (
    NOT_PROCESSABLE,
    PROCESSABLE,
    Verdict,
    responsemessage,
)
from digipoort_sim.agencies.values import AgencyAnswer, ServiceMessage
from digipoort_sim.catalogue import Berichtsoort, Catalogue
from digipoort_sim.config import AgenciesSettings
from digipoort_sim.errors import ConfigError, TechnicalError
from digipoort_sim.register import Mandate

Condition = Literal["accepting", "rejecting", "refusing", "failing", "unreachable"]
Conditions = Callable[[str, datetime], Condition]
"""Says how the agency with this key is doing at that moment."""

_WITH_RESPONSEMESSAGE = ("belastingdienst", "stub")


def conditions_of(settings: AgenciesSettings, catalogue: Catalogue) -> Conditions:
    """The conditions that the settings name; the same at any time.

    Raises:
        ConfigError: the settings name an agency that is not in the catalogue.
    """
    listed: dict[Condition, tuple[str, ...]] = {
        "unreachable": settings.unreachable,
        "failing": settings.failing,
        "refusing": settings.refusing,
        "rejecting": settings.rejecting,
    }
    unknown = {name for names in listed.values() for name in names} - set(catalogue.agencies)
    if unknown:
        raise ConfigError(
            f"the settings 'agencies' name {', '.join(sorted(unknown))}; there are: "
            f"{', '.join(catalogue.agencies)}",
            rule="AGENCY",
        )

    def condition(agency: str, moment: datetime) -> Condition:
        return next((name for name, keys in listed.items() if agency in keys), "accepting")

    return condition


class Agencies:
    """The stand-ins of all receivers but the register.

    Args:
        conditions: how each agency is doing; by default all accept. Tests inject their own.
    """

    def __init__(self, catalogue: Catalogue, conditions: Conditions | None = None) -> None:
        self._catalogue = catalogue
        self._conditions = conditions or conditions_of(AgenciesSettings(), catalogue)

    def answer(
        self,
        berichtsoort: Berichtsoort,
        kenmerk: str,
        berichtkenmerk: str,
        received: datetime,
        content: bytes,
    ) -> AgencyAnswer:
        """What the receiver of this kind of message says of a delivery.

        Args:
            received: when it reaches the agency.
            content: not looked at by these stand-ins; Digipoort validated it.

        Raises:
            TechnicalError: the agency is unreachable now (rule AGENCY-UNREACHABLE).
        """
        agency = self._catalogue.agency_of(berichtsoort)
        condition = self._conditions(agency.key, received)
        if condition == "unreachable":
            raise TechnicalError(
                f"{agency.name} ({agency.key}) does not take deliveries now.", rule="AGENCY-UNREACHABLE"
            )
        if condition in ("refusing", "failing"):
            return self._no_delivery(berichtsoort, agency.name, condition)
        verdict = NOT_PROCESSABLE if condition == "rejecting" else PROCESSABLE
        details = self._details(agency.key, kenmerk, berichtkenmerk, received, verdict)
        if verdict is PROCESSABLE:
            return AgencyAnswer("500", details=details)
        return AgencyAnswer(berichtsoort.rejected_with, verdict.code, verdict.description, details)

    def _no_delivery(self, berichtsoort: Berichtsoort, agency: str, condition: Condition) -> AgencyAnswer:
        """An agency that does not want the message, or cannot take it; both are final."""
        if condition == "refusing":
            melding = f"{agency} neemt {berichtsoort.name} niet aan."
            return AgencyAnswer("410", "AFO100", self._catalogue.fault_text("AFO100", melding))
        return AgencyAnswer(berichtsoort.failed_with, "AFS400", self._catalogue.fault_text("AFS400"))

    def _details(
        self, agency: str, kenmerk: str, berichtkenmerk: str, received: datetime, verdict: Verdict
    ) -> str | None:
        if agency in _WITH_RESPONSEMESSAGE:
            return responsemessage(kenmerk, berichtkenmerk, received, verdict)
        return None

    def service_messages(
        self, mandate: Mandate, since: datetime | None, now: datetime
    ) -> list[ServiceMessage]:
        """The messages made for a mandate after `since` up to and including `now`, oldest first.

        Without `since` all from the day of the request on: those of the reaction term were kept. They are
        the same at every call; see `content`.
        """
        return making.scheduled_messages(self._catalogue, mandate, since, now)

    def content(self, mandate: Mandate, number: int, at: datetime) -> bytes:
        """The content of a message that was planned for that moment; the same at every call.

        Raises:
            TechnicalError: the catalogue has no messages for that service (any more).
        """
        return making.content(self._catalogue, mandate, number, at)

    def next_service_message(self, mandate: Mandate, after: datetime) -> datetime | None:
        """When the next message after that moment will be made; None if there is no more to come."""
        return making.next_moment(self._catalogue, mandate, after)

    def requested_message(self, mandate: Mandate, now: datetime) -> ServiceMessage | None:
        """What its receiver gets made by asking for it: the VIA as it is now; None if there is none yet."""
        return making.requested_message(self._catalogue, mandate, now)

    def demanded_message(self, mandate: Mandate, now: datetime, before: int) -> ServiceMessage:
        """A message that a tester wants now.

        Args:
            before: how many were made so for this mandate.

        Raises:
            ConflictError: the service has no messages of its own, or the VIA is not there yet.
        """
        return making.demanded_message(self._catalogue, mandate, now, before)
