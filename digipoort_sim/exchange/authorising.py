"""Is the sender who it says, and may it do this? The step before validation (statuses 200 to 230).

No source says by which register Digipoort decides this; so settings name who is not authenticated (210) or
not authorised (220), which authorisation service providers (AuSPs) are registered, and which of those have
trouble (230). An autorisatieAdres is compared and never fetched. What is not open to foreign businesses
is refused here too (220), where the sender was not told so by a fault.
"""

from __future__ import annotations

from collections.abc import Iterable

from digipoort_sim.catalogue import Berichtsoort, Catalogue
from digipoort_sim.config import ExchangeSettings
from digipoort_sim.exchange.foreign_route import refusal_for_foreign_party, refusal_of_foreign
from digipoort_sim.exchange.lifecycle import Step
from digipoort_sim.exchange.progress import Progress, Trouble
from digipoort_sim.exchange.values import Event
from digipoort_sim.exchange.work import Work

_NO_AUSP = frozenset({"", "http://geenausp.nl"})
"""Addresses that mean: no authorisation service provider."""

_SHOWN = 200


def ausp_of(autorisatie_adres: str | None) -> str | None:
    """The address in the form in which addresses are compared; None if it means that there is no AuSP."""
    address = (autorisatie_adres or "").strip().rstrip("/").lower()
    return None if address in _NO_AUSP else address


class Authorising:
    """The step that authenticates and authorises the sender, under some settings."""

    def __init__(self, catalogue: Catalogue, settings: ExchangeSettings) -> None:
        self._catalogue = catalogue
        self._not_authenticated = frozenset(settings.not_authenticated)
        self._not_authorised = frozenset(settings.not_authorised)
        self._unreachable = frozenset(filter(None, map(ausp_of, settings.unreachable_ausps)))
        self._known = self._unreachable.union(filter(None, map(ausp_of, settings.known_ausps)))

    def authorise(self, work: Work) -> Step | None:
        """Set 200 where the berichtsoort has that step, or 210, 220 or 230 and end the process."""
        progress, row = work.progress, work.row
        sender = progress.message.sender_oin
        self._warn_of_door(work)
        if row.authenticates and _names(self._not_authenticated, sender, row):
            return _end(progress, "210", "AUS100", f"De afzender {sender} is niet geauthenticeerd.")
        if row.authenticates:
            progress.set("200")
        if _names(self._not_authorised, sender, row):
            melding = f"De afzender {sender} is niet geautoriseerd voor {row.name}."
            return _end(progress, "220", "AUS110", melding)
        if self._is_closed_to_foreign(work):
            return None
        return self._ask_ausp(progress, row)

    def _is_closed_to_foreign(self, work: Work) -> bool:
        """Refuse what a foreign business may not do, or nobody on its behalf; False if it is open."""
        message = work.progress.message
        refusal = refusal_of_foreign(self._catalogue, work.row, message.sender_oin)
        if refusal is None and work.foreign_party:
            refusal = refusal_for_foreign_party(work.row, message.belanghebbende_nummer)
        if refusal is None:
            return False
        _end(work.progress, "220", "AUS110", refusal.text)
        work.events.append(_event(work, "foreign-refused", refusal.text_en, rule=refusal.rule, code="AUS110"))
        return True

    def _warn_of_door(self, work: Work) -> None:
        via = work.progress.message.via
        if self._catalogue.is_unusual(work.row, via):
            flow = self._catalogue.flows[work.row.flow]
            detail = (
                f"berichtsoort {work.row.name} came by {via}; the table of flows names {flow.interface} for "
                f"{flow.flow} ({flow.provenance}), so the real Digipoort may refuse it"
            )
            work.events.append(_event(work, "unusual-interface", detail, rule="FLOW-INTERFACE"))

    def _ask_ausp(self, progress: Progress, row: Berichtsoort) -> Step | None:
        address = ausp_of(progress.message.autorisatie_adres)
        if address is None and row.requires_ausp:
            melding = f"Voor {row.name} is het autorisatieAdres van een AuSP verplicht."
            return _end(progress, "220", "AUS110", melding)
        if address is not None and address not in self._known:
            melding = f"Het autorisatieAdres {address[:_SHOWN]} is niet bekend bij Digipoort."
            return _end(progress, "230", "AUS400", melding)
        if address in self._unreachable:
            return _end(progress, "230", "AUS400", f"De AuSP {(address or '')[:_SHOWN]} is niet bereikbaar.")
        return Step.VALIDATE


def _names(entries: Iterable[str], sender: str, row: Berichtsoort) -> bool:
    """Whether one of the entries ``OIN``, ``OIN:berichtsoort`` and ``*:berichtsoort`` is about this."""
    return not {sender, f"{sender}:{row.name}", f"*:{row.name}"}.isdisjoint(entries)


def _event(work: Work, kind: str, detail: str, *, rule: str, code: str = "") -> Event:
    message = work.progress.message
    return Event(
        kind,
        detail,
        door=message.via,
        oin=message.sender_oin,
        rule=rule,
        code=code,
        kenmerk=message.kenmerk,
    )


def _end(progress: Progress, statuscode: str, foutcode: str, melding: str) -> Step | None:
    """The last status of the process: no step follows."""
    progress.set(statuscode, final=True, trouble=Trouble(foutcode, melding))
    return None
