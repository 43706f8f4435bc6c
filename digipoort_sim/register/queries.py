"""Reading the register's tables; every query here goes by an index, and sees what the ledger keeps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, func, literal_column, select

from digipoort_sim.clock import from_epoch_milliseconds
from digipoort_sim.errors import NotFoundError
from digipoort_sim.register.ledger import ledger_of, settle
from digipoort_sim.register.rows import MANDATE, Statement, mandate_of
from digipoort_sim.register.rules import same_kind_of_number, tidy_number
from digipoort_sim.register.states import Event, State
from digipoort_sim.register.values import HistoryEntry, Letter, Mandate
from digipoort_sim.store.register_tables import history, letters, mandates

MAXIMUM_ROWS = 1000
"""No listing gives more at a time."""

# Made once: building a statement costs more than running it.
_BY_ID = select(mandates).where(mandates.c.id == bindparam("which"))
_BY_ID_LOCKED = _BY_ID.with_for_update()
_BY_OPEN_KEY = Statement(
    select(*MANDATE).where(mandates.c.open_key == bindparam("which")).with_for_update(), ("which",)
)
_BY_EXCLUSIVE_KEY = Statement(
    select(*MANDATE).where(mandates.c.exclusive_key == bindparam("which")), ("which",)
)
_REFUSED = mandates.c.toestand == literal_column(f"'{State.AFGEKEURD}'")


def _latest(which: ColumnElement[bool]) -> Statement:
    # Not by LIMIT, whose form and parameters differ from database to database.
    newest = select(func.max(mandates.c.nr)).where(
        mandates.c.id_vertegenwoordigde == bindparam("client"),
        mandates.c.gemachtigde_oin == bindparam("oin"),
        mandates.c.dienst == bindparam("full_code"),
        # Not "open_key is null": SQLite takes that for a key of few rows, and it is that of all ended ones.
        mandates.c.geeindigd.is_not(None),
        which,
    )
    names = ("client", "oin", "full_code")
    return Statement(select(*MANDATE).where(mandates.c.nr == newest.scalar_subquery()), names)


_LATEST_ENDED, _LATEST_REFUSED = _latest(~_REFUSED), _latest(_REFUSED)
_LETTERS = select(
    letters,
    mandates.c.dienst,
    mandates.c.code,
    mandates.c.jaar,
    mandates.c.type_vertegenwoordigde,
    mandates.c.id_gemachtigde,
    mandates.c.gemachtigde_oin,
    mandates.c.herkomst,
).join_from(letters, mandates, letters.c.mandate_id == mandates.c.id)


def find_mandate(tx: Connection, mandate_id: str, *, lock: bool = False) -> Mandate:
    """The mandate with this id.

    Args:
        lock: keep other transactions from changing it until this one ends.

    Raises:
        NotFoundError: there is none.
    """
    ledger = ledger_of(tx)
    known = None if ledger is None else ledger.find(mandate_id)
    if known is not None:
        return known
    row = tx.execute(_BY_ID_LOCKED if lock else _BY_ID, {"which": mandate_id}).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no mandate {mandate_id[:40]!r}.", rule="MANDATE")
    return to_mandate(row)


def open_mandate(tx: Connection, key: str) -> Mandate | None:
    """The registration with this open key, locked until the transaction ends."""
    settle(tx, key.split("|")[1])
    row = _BY_OPEN_KEY.ask(tx, key)
    return None if row is None else mandate_of(row)


def holder_of(tx: Connection, exclusive_key: str) -> Mandate | None:
    """The registration that keeps others out."""
    settle(tx, exclusive_key.split("|")[1])
    row = _BY_EXCLUSIVE_KEY.ask(tx, exclusive_key)
    return None if row is None else mandate_of(row)


def registrations_for(tx: Connection, dienst: str, client: str, *, ended: bool) -> list[Mandate]:
    """The registrations of one service of one client, of any party, newest first, at most 1000.

    Args:
        ended: those that have ended, refused requests too; else those that have not.
    """
    settle(tx)
    conditions = (
        mandates.c.id_vertegenwoordigde == client,
        mandates.c.dienst == dienst,
        mandates.c.geeindigd.is_not(None) if ended else mandates.c.geeindigd.is_(None),
    )
    query = select(mandates).where(*conditions).order_by(mandates.c.nr.desc()).limit(MAXIMUM_ROWS)
    return [to_mandate(row) for row in tx.execute(query)]


def latest_ended(
    tx: Connection, dienst: str, client: str, gemachtigde_oin: str, *, refused: bool = False
) -> Mandate | None:
    """The last registration that this party had for this client and service and that has ended.

    Args:
        refused: a request that the register refused is looked for instead.
    """
    settle(tx, client)
    statement = _LATEST_REFUSED if refused else _LATEST_ENDED
    row = statement.ask(tx, client, gemachtigde_oin, dienst)
    return None if row is None else mandate_of(row)


def mandates_of_client(
    tx: Connection, gemachtigde_oin: str, client: str, code: str | None, jaar: int | None
) -> list[Mandate]:
    """All registrations that this party asked for this client: the last 1000, newest first."""
    settle(tx)
    conditions = [mandates.c.gemachtigde_oin == gemachtigde_oin, mandates.c.id_vertegenwoordigde == client]
    if code is not None:
        conditions.append(mandates.c.code == code)
    if jaar is not None:
        conditions.append(mandates.c.jaar == jaar)
    query = select(mandates).where(*conditions).order_by(mandates.c.nr.desc()).limit(MAXIMUM_ROWS)
    return [to_mandate(row) for row in tx.execute(query)]


def accessible(
    gemachtigde_oin: str, codes: tuple[str, ...] | None, client: tuple[str, str] | None
) -> Select[tuple[Any, ...]]:
    """The query for the active mandates of a party, without its columns being chosen yet."""
    conditions = [mandates.c.gemachtigde_oin == gemachtigde_oin, mandates.c.toestand == State.ACTIEF]
    if codes is not None:
        conditions.append(mandates.c.code.in_(codes))
    if client is not None:
        number, type_ = client
        conditions.append(mandates.c.id_vertegenwoordigde == tidy_number(number))
        types = [t for t in ("BSN", "RSIN", "Fi", "KvK", "LHnr") if same_kind_of_number(t, type_)]
        conditions.append(mandates.c.type_vertegenwoordigde.in_(types))
    return select(mandates).where(and_(*conditions)).order_by(mandates.c.nr)


def active_mandates(
    tx: Connection, gemachtigde_oin: str, codes: tuple[str, ...] | None, client: tuple[str, str] | None
) -> list[Mandate]:
    """The active mandates of a party, all of them."""
    settle(tx)
    return [to_mandate(row) for row in tx.execute(accessible(gemachtigde_oin, codes, client))]


def find_letter(tx: Connection, letter_id: str) -> Letter:
    """The letter with this id.

    Raises:
        NotFoundError: there is none.
    """
    settle(tx)
    row = tx.execute(_LETTERS.where(letters.c.id == letter_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no letter {letter_id[:40]!r}.", rule="LETTER")
    return to_letter(row)


def letter_of(tx: Connection, mandate_id: str) -> Letter | None:
    """The letter about a mandate; None while it has not been sent."""
    settle(tx)
    row = tx.execute(_LETTERS.where(letters.c.mandate_id == mandate_id)).one_or_none()
    return None if row is None else to_letter(row)


def list_letters(
    tx: Connection, *, vertegenwoordigde: str | None, limit: int, after: str | None
) -> list[Letter]:
    """Letters in the order in which they were sent, from the one behind `after` on."""
    settle(tx)
    query = _LETTERS.order_by(letters.c.nr).limit(_rows(limit))
    if vertegenwoordigde is not None:
        query = query.where(letters.c.id_vertegenwoordigde == tidy_number(vertegenwoordigde))
    if after is not None:
        query = query.where(letters.c.nr > _row_number(tx, letters, after))
    return [to_letter(row) for row in tx.execute(query)]


def letters_to(
    tx: Connection, numbers: tuple[str, ...], types: tuple[str, ...], *, limit: int, after: str | None
) -> list[Letter]:
    """Letters to the clients with these numbers and types, newest first."""
    settle(tx)
    query = _LETTERS.where(
        letters.c.id_vertegenwoordigde.in_(numbers), mandates.c.type_vertegenwoordigde.in_(types)
    )
    if after is not None:
        query = query.where(letters.c.nr < _row_number(tx, letters, after))
    query = query.order_by(letters.c.nr.desc()).limit(_rows(limit))
    return [to_letter(row) for row in tx.execute(query)]


def history_of(tx: Connection, mandate_id: str) -> list[HistoryEntry]:
    """Every change of a mandate, in order.

    Raises:
        NotFoundError: there is no such mandate.
    """
    settle(tx)
    find_mandate(tx, mandate_id)
    rows = tx.execute(select(history).where(history.c.mandate_id == mandate_id).order_by(history.c.nr))
    return [_to_entry(row) for row in rows]


def to_mandate(row: Row[Any]) -> Mandate:
    """A row of the table as a value."""
    return Mandate(
        id=row.id,
        dienst=row.dienst,
        code=row.code,
        jaar=row.jaar,
        id_vertegenwoordigde=row.id_vertegenwoordigde,
        type_vertegenwoordigde=row.type_vertegenwoordigde,
        id_gemachtigde=row.id_gemachtigde,
        gemachtigde_oin=row.gemachtigde_oin,
        toestand=State(row.toestand),
        ontvangen=from_epoch_milliseconds(row.ontvangen),
        reden=row.reden,
        reden_code=row.reden_code,
        herkomst=row.herkomst,
        in_behandeling=_moment(row.in_behandeling),
        brief=_moment(row.brief),
        actief_sinds=_moment(row.actief_sinds),
        geeindigd=_moment(row.geeindigd),
        onjuiste_codes=row.onjuiste_codes,
    )


def to_letter(row: Row[Any]) -> Letter:
    """A row of letter and mandate together as a value."""
    return Letter(
        id=row.id,
        mandate_id=row.mandate_id,
        dienst=row.dienst,
        code=row.code,
        jaar=row.jaar,
        id_vertegenwoordigde=row.id_vertegenwoordigde,
        type_vertegenwoordigde=row.type_vertegenwoordigde,
        id_gemachtigde=row.id_gemachtigde,
        gemachtigde_oin=row.gemachtigde_oin,
        datum=from_epoch_milliseconds(row.datum),
        activatie_token=row.activatie_token,
        geldig_tot=_moment(row.geldig_tot),
        ingangsdatum=_moment(row.ingangsdatum),
        herkomst=row.herkomst,
    )


def _to_entry(row: Row[Any]) -> HistoryEntry:
    return HistoryEntry(
        mandate_id=row.mandate_id,
        van=None if row.van is None else State(row.van),
        naar=State(row.naar),
        event=Event(row.event),
        tijd=from_epoch_milliseconds(row.tijd),
        door=row.door,
        reden=row.reden,
    )


def _moment(value: int | None) -> datetime | None:
    return None if value is None else from_epoch_milliseconds(value)


def _rows(limit: int) -> int:
    return max(1, min(limit, MAXIMUM_ROWS))


def _row_number(tx: Connection, table: Any, row_id: str) -> int:
    found: Sequence[int] = tx.execute(select(table.c.nr).where(table.c.id == row_id)).scalars().all()
    if not found:
        raise NotFoundError(f"There is no row {row_id[:40]!r} to continue after.", rule="PAGE")
    return found[0]
