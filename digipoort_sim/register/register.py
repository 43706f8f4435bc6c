"""The register's inner door: everything that others ask of it.

Every method works in the transaction that it is given and at the moment that it is told; the register
knows no kenmerken, no SOAP and no HTML. What it wants to do later it hands over as due dates.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from sqlalchemy import Connection, Select

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.config import RegisterSettings
from digipoort_sim.errors import NotFoundError
from digipoort_sim.ids import IdSource
from digipoort_sim.register import due_dates, paper, queries, revocation
from digipoort_sim.register.activation import activate_by_code, activate_by_id
from digipoort_sim.register.continuous import run_reference_date
from digipoort_sim.register.extension import extend
from digipoort_sim.register.listing import MandateFilter, list_mandates
from digipoort_sim.register.messages import MandateMessage, MessageKind
from digipoort_sim.register.outlook import Expected, Meaning, expected, is_locked, meaning
from digipoort_sim.register.overview import render_overview
from digipoort_sim.register.paper import PaperForm
from digipoort_sim.register.requests import checked_request, record_refusal, register_request
from digipoort_sim.register.rules import (
    Refused,
    check_own_number,
    check_storable,
    split_dienst,
    tidy_number,
)
from digipoort_sim.register.services import check_services
from digipoort_sim.register.states import State
from digipoort_sim.register.values import Consequences, Due, HistoryEntry, Letter, Mandate, Outcome
from digipoort_sim.store.register_tables import mandates as mandate_table


class Register:
    """The mandate register.

    Args:
        ids: gives the ids of mandates and letters, and the activation codes.

    Raises:
        ConfigError: a service in the catalogue names what does not exist.
    """

    def __init__(self, catalogue: Catalogue, settings: RegisterSettings, ids: IdSource) -> None:
        check_services(catalogue)
        self._catalogue = catalogue
        self._settings = settings
        self._ids = ids

    def handle(self, tx: Connection, message: MandateMessage, sender_oin: str, now: datetime) -> Outcome:
        """Do what a mandate message asks, or say why not.

        Args:
            sender_oin: OIN in the certificate of who sent it.

        Raises:
            SpecificationRefusal: a field has text that cannot have come through validation.
        """
        check_storable(message)
        try:
            return self._handle(tx, message, sender_oin, now)
        except Refused as refused:
            mandate_id = refused.mandate_id
            if message.kind is MessageKind.OPVOEREN:
                mandate_id = record_refusal(tx, self._catalogue, self._ids, message, sender_oin, now, refused)
            return Outcome(refused.key, refused.detail, mandate_id)

    def _handle(self, tx: Connection, message: MandateMessage, sender: str, now: datetime) -> Outcome:
        match message.kind:
            case MessageKind.OPVOEREN:
                request = checked_request(self._catalogue, message, sender, now)
                return register_request(tx, request, self._settings, self._ids)
            case MessageKind.ACTIVEREN:
                return activate_by_code(tx, self._catalogue, self._settings, message, sender, now)
            case MessageKind.INTREKKEN:
                return revocation.revoke_by_message(tx, self._catalogue, message, sender, now)
            case MessageKind.OPVRAGEN:
                return self._overview(tx, message, sender, now)
            case _:
                assert_never(message.kind)

    def _overview(self, tx: Connection, message: MandateMessage, sender: str, now: datetime) -> Outcome:
        check_own_number(message.id_gemachtigde, sender)
        service = split_dienst(self._catalogue, message.dienst) if message.dienst else None
        client = tidy_number(message.id_vertegenwoordigde)
        code, jaar = (service.dienst.code, service.jaar) if service else (None, message.jaar)
        found = queries.mandates_of_client(tx, sender, client, code, jaar)
        detail = f"{len(found)} registrations for {client}."
        return Outcome("overzicht-gemaakt", detail, overview=render_overview(found, now))

    def fall_due(self, tx: Connection, due: Due, now: datetime) -> Consequences:
        """Do what falls due; nothing where the registration has gone another way since.

        What happens is dated at the due moment, so that terms follow each other exactly however late
        the call comes.
        """
        try:
            mandate = queries.find_mandate(tx, due.mandate_id, lock=True)
        except NotFoundError:
            return Consequences()
        at = min(due.at, now)
        match due.kind:
            case "take-up":
                return due_dates.take_up(tx, mandate, at, self._settings)
            case "letter":
                return due_dates.send_letter(tx, self._catalogue, self._settings, self._ids, mandate, at)
            case "code-expires":
                return due_dates.expire_code(tx, mandate, at)
            case "opt-out-ends":
                return due_dates.end_opt_out(tx, self._catalogue, self._settings, mandate, at)
            case "year-ends":
                return due_dates.end_year(tx, mandate, at)
            case "reference-date":
                return run_reference_date(tx, self._catalogue, self._settings, self._ids, mandate, at)
            case "extension":
                return extend(tx, self._catalogue, self._settings, self._ids, mandate, at)
            case _:
                assert_never(due.kind)

    def refuse_by_letter(self, tx: Connection, letter_id: str, now: datetime) -> Outcome:
        """The client returns the letter: a refusal in the reaction term, a revocation afterwards.

        Raises:
            NotFoundError: there is no such letter.
        """
        try:
            return paper.end_by_letter(tx, letter_id, now)
        except Refused as refused:
            return Outcome(refused.key, refused.detail, refused.mandate_id)

    def end_by_form(self, tx: Connection, form: PaperForm, now: datetime) -> Outcome:
        """The client sends the form "Afwijzen/intrekken machtigingsregistratie", which needs no letter.

        It does what the returned letter of that registration would do, also to one that has no letter
        because a continuous mandate made it.
        """
        try:
            return paper.end_by_form(tx, self._catalogue, form, now)
        except Refused as refused:
            return Outcome(refused.key, refused.detail, refused.mandate_id)

    def activate(self, tx: Connection, mandate_id: str, token: str, now: datetime) -> Outcome:
        """Activate one registration with the code of its letter; whose it is, is for the caller to see.

        Raises:
            NotFoundError: there is no such mandate.
        """
        try:
            return activate_by_id(tx, self._catalogue, self._settings, mandate_id, token, now)
        except Refused as refused:
            return Outcome(refused.key, refused.detail, refused.mandate_id)

    def revoke(
        self,
        tx: Connection,
        mandate_id: str,
        now: datetime,
        *,
        door: revocation.Side,
        reden: str | None = None,
    ) -> Outcome:
        """Either side revokes one registration, as in the portal; whose it is, is for the caller to see.

        Raises:
            NotFoundError: there is no such mandate.
        """
        try:
            return revocation.revoke_by_id(tx, mandate_id, door, reden, now)
        except Refused as refused:
            return Outcome(refused.key, refused.detail, refused.mandate_id)

    def access(
        self,
        tx: Connection,
        gemachtigde_oin: str,
        now: datetime,
        *,
        berichtsoort: str | None = None,
        client: tuple[str, str] | None = None,
    ) -> list[Mandate]:
        """The mandates under which this party may fetch service messages now: its active ones.

        Args:
            berichtsoort: only those that open messages of this kind.
            client: number and type; only those for this client.
        """
        codes = None if berichtsoort is None else self._codes(berichtsoort)
        return queries.active_mandates(tx, gemachtigde_oin, codes, client)

    def accessible_ids(
        self, gemachtigde_oin: str, *, berichtsoort: str | None = None, client: tuple[str, str] | None = None
    ) -> Select[tuple[str]]:
        """The same as `access` as a subquery of mandate ids, for a party with very many mandates."""
        codes = None if berichtsoort is None else self._codes(berichtsoort)
        query = queries.accessible(gemachtigde_oin, codes, client)
        return query.order_by(None).with_only_columns(mandate_table.c.id)

    def _codes(self, berichtsoort: str) -> tuple[str, ...]:
        return tuple(d.code for d in self._catalogue.diensten.values() if d.berichtsoort == berichtsoort)

    def mandates(
        self,
        tx: Connection,
        *,
        gemachtigde: str | None = None,
        vertegenwoordigde: str | None = None,
        vertegenwoordigde_prefix: str | None = None,
        type_vertegenwoordigde: str | None = None,
        toestand: State | None = None,
        ended: bool | None = None,
        dienst: str | None = None,
        code: str | None = None,
        jaar: int | None = None,
        newest_first: bool = False,
        limit: int = 100,
        after: str | None = None,
    ) -> list[Mandate]:
        """Mandates, ended ones too, in the order in which they came; at most 1000 at a time.

        Args:
            gemachtigde: OIN of the party that asked for them.
            vertegenwoordigde: number of the client.
            vertegenwoordigde_prefix: how the client's number begins; listed by number then.
            type_vertegenwoordigde: type of the client's number.
            ended: only past ones (True) or only current ones (False).
            dienst: the service code with its year; `code` is the one without.
            after: id of the last one of the page before.

        Raises:
            NotFoundError: there is no mandate `after`.
        """
        wanted = MandateFilter(
            gemachtigde,
            vertegenwoordigde,
            vertegenwoordigde_prefix,
            type_vertegenwoordigde,
            toestand,
            ended,
            dienst,
            code,
            jaar,
        )
        return list_mandates(tx, wanted, limit=limit, after=after, newest_first=newest_first)

    def find(
        self,
        tx: Connection,
        wanted: MandateFilter,
        *,
        limit: int = 100,
        after: str | None = None,
    ) -> list[Mandate]:
        """The mandates that a filter lets through, newest first; at most 1000 at a time.

        Raises:
            NotFoundError: there is no mandate `after`.
        """
        return list_mandates(tx, wanted, limit=limit, after=after, newest_first=True)

    def mandate(self, tx: Connection, mandate_id: str) -> Mandate:
        """The mandate with this id.

        Raises:
            NotFoundError: there is none.
        """
        return queries.find_mandate(tx, mandate_id)

    def letters(
        self,
        tx: Connection,
        *,
        vertegenwoordigde: str | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> list[Letter]:
        """Letters, of one client or all, in the order in which they were sent; at most 1000 at a time.

        Raises:
            NotFoundError: there is no letter `after`.
        """
        return queries.list_letters(tx, vertegenwoordigde=vertegenwoordigde, limit=limit, after=after)

    def letters_to(
        self,
        tx: Connection,
        numbers: tuple[str, ...],
        types: tuple[str, ...],
        *,
        limit: int = 100,
        after: str | None = None,
    ) -> list[Letter]:
        """Letters to a client that has several numbers, newest first; at most 1000 at a time.

        Raises:
            NotFoundError: there is no letter `after`.
        """
        return queries.letters_to(tx, numbers, types, limit=limit, after=after)

    def letter(self, tx: Connection, letter_id: str) -> Letter:
        """The letter with this id.

        Raises:
            NotFoundError: there is none.
        """
        return queries.find_letter(tx, letter_id)

    def letter_of(self, tx: Connection, mandate_id: str) -> Letter | None:
        """The letter about a mandate; None while it has not been sent."""
        return queries.letter_of(tx, mandate_id)

    def expected(self, mandate: Mandate, letter: Letter | None, now: datetime) -> Expected | None:
        """What falls due next for a registration; None if nothing does."""
        return expected(self._catalogue, self._settings, mandate, letter, now)

    def meaning(self, mandate: Mandate) -> Meaning:
        """What the state of a registration means, in two languages."""
        return meaning(self._settings, mandate)

    def is_locked(self, mandate: Mandate) -> bool:
        """Whether a claim is locked after too many wrong codes."""
        return is_locked(self._settings, mandate)

    def history(self, tx: Connection, mandate_id: str) -> list[HistoryEntry]:
        """Every change of a mandate, in order.

        Raises:
            NotFoundError: there is no such mandate.
        """
        return queries.history_of(tx, mandate_id)
