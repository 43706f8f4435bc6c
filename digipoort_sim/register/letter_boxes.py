"""Who has letters: one letter box per client's number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from digipoort_sim.clock import from_epoch_milliseconds
from digipoort_sim.register.rules import tidy_number
from digipoort_sim.store.register_tables import letters, mandates


@dataclass(frozen=True, slots=True)
class LetterBox:
    """A client's letter box.

    Attributes:
        letters: how many lie in it.
        laatste: date of the newest.
    """

    id_vertegenwoordigde: str
    type_vertegenwoordigde: str
    letters: int
    laatste: datetime


def letter_boxes(tx: Connection, *, limit: int, after: str | None = None) -> list[LetterBox]:
    """The clients who have letters, by number.

    Args:
        limit: at most so many.
        after: a client's number; only those behind it.
    """
    number = letters.c.id_vertegenwoordigde
    page = select(
        number.label("client"), func.count().label("aantal"), func.max(letters.c.nr).label("newest")
    )
    if after is not None:
        page = page.where(number > tidy_number(after))
    found = page.group_by(number).order_by(number).limit(limit).subquery()
    query = (
        select(found.c.client, found.c.aantal, letters.c.datum, mandates.c.type_vertegenwoordigde)
        .select_from(found)
        .join(letters, letters.c.nr == found.c.newest)
        .join(mandates, mandates.c.id == letters.c.mandate_id)
        .order_by(found.c.client)
    )
    return [
        LetterBox(row.client, row.type_vertegenwoordigde, row.aantal, from_epoch_milliseconds(row.datum))
        for row in tx.execute(query)
    ]
