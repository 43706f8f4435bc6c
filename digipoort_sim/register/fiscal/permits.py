"""The permits' inner door: requesting, setting and putting up security, clients, the end, the release.

Every method works in the transaction that it is given, at the moment that it is told, and the caller holds
the register's lock: a mandate request looks at permits, and two permits must not be given for one client.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.clock import AMSTERDAM
from digipoort_sim.errors import AuthenticationRefusal, ConfigError, ConflictError, IdentityRefusal
from digipoort_sim.ids import IdSource
from digipoort_sim.pki.numbers import check_number
from digipoort_sim.pki.oin import Oin
from digipoort_sim.register.fiscal import permit_records as records
from digipoort_sim.register.fiscal.money import LARGEST, checked_amount, euros_en
from digipoort_sim.register.fiscal.permit_states import PermitEvent, PermitState, next_state
from digipoort_sim.register.fiscal.permit_values import (
    EndedBy,
    Permit,
    PermitApplication,
    PutUp,
    SecurityForm,
)
from digipoort_sim.register.fiscal.release import release_date
from digipoort_sim.register.fiscal.security import calculate_security
from digipoort_sim.register.fiscal.sums import Rules
from digipoort_sim.register.fiscal.values import Figures, PermitKind

MOST_CLIENTS = 1000

_ENDINGS = {
    EndedBy.REPRESENTATIVE: PermitEvent.ENDED_BY_REPRESENTATIVE,
    EndedBy.INSPECTOR: PermitEvent.ENDED_BY_INSPECTOR,
}


class Permits:
    """The permits of fiscal representatives.

    Args:
        ids: gives the ids of permits.
    """

    def __init__(self, catalogue: Catalogue, ids: IdSource) -> None:
        self._rules = Rules(catalogue.fiscal)
        self._ids = ids

    def request(self, tx: Connection, application: PermitApplication, now: datetime) -> Permit:
        """Take in a request; its security is still to be set.

        Raises:
            ConfigError: the OIN or a client's number is not good, or the number of clients is not.
        """
        permit = Permit(
            id=self._ids.uuid(),
            representative=_checked_oin(application.representative),
            kind=application.kind,
            state=next_state(None, PermitEvent.REQUESTED),
            clients=_checked_clients(application),
            year_end=application.year_end,
            requested=now,
        )
        records.add_permit(tx, permit, f"{permit.kind} permit for {', '.join(permit.clients[:10])}")
        return permit

    def calculate(self, tx: Connection, permit_id: str, figures: Figures, now: datetime) -> Permit:
        """Set the security to what the figures come to, and keep the sum.

        Raises:
            NotFoundError: there is no such permit.
            ConfigError: the figures cannot be, or are of another kind of permit.
            ConflictError: the permit is active or has ended.
        """
        permit = records.find_permit(tx, permit_id)
        if figures.kind is not permit.kind:
            raise ConfigError(
                f"the figures are of a {figures.kind} permit, this one is {permit.kind}", rule="FISCAL-KIND"
            )
        security = calculate_security(self._rules, figures)
        permit = self._set(tx, permit, security.amount, now)
        records.keep_sum(tx, permit.id, security.steps)
        return permit

    def set_amount(self, tx: Connection, permit_id: str, amount: Decimal, now: datetime) -> Permit:
        """Set the security to an amount that the tax administration names.

        Raises:
            NotFoundError: there is no such permit.
            ConfigError: it is below the minimum per permit.
            ConflictError: the permit is active or has ended.
        """
        minimum = self._rules.number("minimum")
        if checked_amount(amount, "amount") < minimum:
            raise ConfigError(
                f"the security is at least {euros_en(minimum)} per permit", rule="FISCAL-MINIMUM"
            )
        permit = self._set(tx, records.find_permit(tx, permit_id), amount, now)
        records.keep_sum(tx, permit.id, ())
        return permit

    def _set(self, tx: Connection, permit: Permit, amount: Decimal, now: datetime) -> Permit:
        detail = f"security set at {euros_en(amount)}"
        permit = records.change_permit(tx, permit, PermitEvent.SECURITY_SET, now, detail, security_set=amount)
        if permit.put_up >= amount:
            return self._grant(tx, permit, now)
        return permit

    def put_up(
        self, tx: Connection, permit_id: str, form: SecurityForm, amount: Decimal, now: datetime
    ) -> Permit:
        """Put up security; the permit is given once all of what was set is there.

        Raises:
            NotFoundError: there is no such permit.
            ConfigError: the amount is no amount above zero.
            ConflictError: no security is set, the permit is active or has ended, or another active
                general permit serves its client.
        """
        permit = records.find_permit(tx, permit_id)
        if checked_amount(amount, "amount") == 0:
            raise ConfigError("amount must be above zero", rule="FISCAL-AMOUNT")
        total = permit.put_up + amount
        if total >= LARGEST:
            raise ConfigError(f"more than EUR {LARGEST:,} of security for one permit", rule="FISCAL-AMOUNT")
        if permit.state is PermitState.REQUESTED:
            raise ConflictError("no security is set for this permit yet; set it first", rule="FISCAL-NOT-SET")
        # Asked before the money is taken in: in which states it may be is the table's business.
        next_state(permit.state, PermitEvent.PUT_UP_IN_PART)
        records.add_put_up(tx, permit.id, PutUp(form, amount, now))
        detail = f"{form} of {euros_en(amount)}"
        if permit.security_set is None or total < permit.security_set:
            return records.change_permit(tx, permit, PermitEvent.PUT_UP_IN_PART, now, detail, put_up=total)
        return self._grant(tx, permit, now, detail=detail, put_up=total)

    def _grant(
        self,
        tx: Connection,
        permit: Permit,
        now: datetime,
        *,
        detail: str = "",
        put_up: Decimal | None = None,
    ) -> Permit:
        """The permit is given, unless its client has an active general one already (i)."""
        client = permit.clients[0]
        if permit.kind is PermitKind.GENERAL and (other := records.general_of(tx, client)) is not None:
            raise ConflictError(
                f"client {client} has an active general permit already ({other}); it must end first",
                rule="FISCAL-ONE-GENERAL",
            )
        total = permit.put_up if put_up is None else put_up
        detail = detail or f"{euros_en(total)} was put up already"
        return records.change_permit(tx, permit, PermitEvent.PUT_UP, now, detail, granted=now, put_up=total)

    def add_client(self, tx: Connection, permit_id: str, client: str, now: datetime) -> Permit:
        """Let a limited permit cover one more client; its security stays as set (i).

        Raises:
            NotFoundError: there is no such permit.
            ConfigError: the number is not good.
            ConflictError: the permit is general or has ended, or covers the client already.
        """
        permit = records.find_permit(tx, permit_id)
        client = _checked_client(client)
        if permit.kind is PermitKind.GENERAL:
            raise ConflictError(
                "a general permit serves one client; request another", rule="FISCAL-ONE-CLIENT"
            )
        if client in permit.clients:
            raise ConflictError(f"the permit covers client {client} already", rule="FISCAL-CLIENT-THERE")
        if len(permit.clients) >= MOST_CLIENTS:
            raise ConflictError(f"a permit covers at most {MOST_CLIENTS} clients", rule="FISCAL-TOO-MANY")
        covered = (*permit.clients, client)
        changed = records.change_permit(tx, permit, PermitEvent.CLIENT_ADDED, now, client, clients=covered)
        records.add_client(tx, permit.id, client, now)
        return changed

    def end(self, tx: Connection, permit_id: str, by: EndedBy, now: datetime) -> Permit:
        """End a permit; one that was never given is withdrawn, and what was put up for it goes back.

        Raises:
            NotFoundError: there is no such permit.
            ConflictError: it has ended already.
        """
        permit = records.find_permit(tx, permit_id)
        if permit.state in (PermitState.REQUESTED, PermitState.SECURITY_SET):
            return records.change_permit(tx, permit, PermitEvent.WITHDRAWN, now, f"by {by}", ended=now)
        next_state(permit.state, _ENDINGS[by])
        today = now.astimezone(AMSTERDAM).date()
        first = release_date(self._rules, today, permit.year_end)
        detail = f"security is given back from {first} at the earliest"
        return records.change_permit(tx, permit, _ENDINGS[by], now, detail, ended=now, release_from=first)

    def release(self, tx: Connection, permit_id: str, now: datetime) -> Permit:
        """Give back the security of a permit that ended.

        Raises:
            NotFoundError: there is no such permit.
            ConflictError: it goes on, or it is too early.
        """
        permit = records.find_permit(tx, permit_id)
        next_state(permit.state, PermitEvent.RELEASED)
        first = permit.release_from
        if first is not None and now.astimezone(AMSTERDAM).date() < first:
            years = self._rules.number("teruggave")
            raise ConflictError(
                f"the security is given back from {first} at the earliest: {years} years after the end of "
                "the financial year in which the permit ended",
                rule="FISCAL-TOO-EARLY",
            )
        detail = f"{euros_en(permit.put_up)} given back"
        return records.change_permit(tx, permit, PermitEvent.RELEASED, now, detail, released=now)


def _checked_oin(text: str) -> str:
    try:
        return Oin.parse(text.strip()).value
    except AuthenticationRefusal as refusal:
        raise ConfigError(f"representative: {refusal.detail}", rule="FISCAL-REPRESENTATIVE") from None


def _checked_clients(application: PermitApplication) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(_checked_client(client) for client in application.clients))
    if application.kind is PermitKind.GENERAL and len(found) != 1:
        raise ConfigError("a general permit serves exactly one client", rule="FISCAL-ONE-CLIENT")
    if not 1 <= len(found) <= MOST_CLIENTS:
        raise ConfigError(f"a permit covers 1 to {MOST_CLIENTS} clients", rule="FISCAL-CLIENTS")
    return found


def _checked_client(text: str) -> str:
    """The FInr of a client: 9 digits, also where it was written as an omzetbelastingnummer."""
    number = "".join(text.split()).upper()
    try:
        check_number("Fi", number)
    except IdentityRefusal as refusal:
        raise ConfigError(f"client: {refusal.detail}", rule="FISCAL-CLIENT") from None
    return number[:9]
