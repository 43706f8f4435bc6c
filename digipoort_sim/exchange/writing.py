"""Writing what became of messages: statuses, states, next jobs and notices, many at a time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, update

from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange import jobs as job_table
from digipoort_sim.exchange.progress import Progress
from digipoort_sim.exchange.records import STATUS_COLUMNS
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import messages, notices, statuses

_MOVE = (
    update(messages)
    .where((messages.c.id == bindparam("message")) & (messages.c.status_position == bindparam("before")))
    .values(
        state=bindparam("new_state"),
        statuscode=bindparam("code"),
        status_at=bindparam("moment"),
        status_position=bindparam("last"),
    )
)


class StatusWriter:
    """Writes the progress of messages."""

    def __init__(self, store: Store) -> None:
        self._statuses = store.inserter(statuses, STATUS_COLUMNS)

    def write(self, tx: Connection, group: Sequence[Progress]) -> None:
        """Write what several messages went through.

        Raises:
            TechnicalError: somebody else moved one of them on meanwhile; roll back.
        """
        moved = [progress for progress in group if progress.lines]
        if moved:
            rows = [_move(progress) for progress in moved]
            if tx.execute(_MOVE, rows).rowcount != len(rows):
                raise TechnicalError("a message was moved on by somebody else", rule="LIFECYCLE")
            self._statuses.run(tx, [line.row() for progress in moved for line in progress.lines])
            self._add_notices(tx, moved)
        job_table.add(tx, [job for progress in group for job in progress.next_jobs])

    def _add_notices(self, tx: Connection, group: Sequence[Progress]) -> None:
        rows = [
            {
                "door": progress.message.via,
                "message_id": progress.message.id,
                "position": progress.last_position,
                "reference": progress.message.door_reference,
            }
            for progress in group
            if progress.is_done and progress.message.door_reference is not None
        ]
        if rows:
            tx.execute(insert(notices), rows)


def _move(progress: Progress) -> dict[str, object]:
    return {
        "message": progress.message.id,
        "before": progress.message.status_position,
        "new_state": progress.state.value,
        "code": progress.last_code,
        "moment": progress.last_at,
        "last": progress.last_position,
    }
