"""Writing what became of messages: statuses, states, next jobs and notices, many at a time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, update

from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange import notices
from digipoort_sim.exchange.jobs import JobTable
from digipoort_sim.exchange.progress import Progress
from digipoort_sim.exchange.records import STATUS_COLUMNS
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import messages, statuses, validations
from digipoort_sim.validation.findings import ValidationReport
from digipoort_sim.validation.report_json import packed

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

    def __init__(self, store: Store, jobs: JobTable) -> None:
        self._jobs = jobs
        self._move = store.prepared(_MOVE, ("new_state", "code", "moment", "last", "message", "before"))
        self._statuses = store.inserter(statuses, STATUS_COLUMNS)
        self._validations = store.inserter(validations, ("message_id", "report"))

    def write(self, tx: Connection, group: Sequence[Progress]) -> None:
        """Write what several messages went through.

        Raises:
            TechnicalError: somebody else moved one of them on meanwhile; roll back.
        """
        moved = [progress for progress in group if progress.lines]
        if moved:
            rows = [_move(progress) for progress in moved]
            if self._move.run(tx, rows) != len(rows):
                raise TechnicalError("a message was moved on by somebody else", rule="LIFECYCLE")
            self._statuses.run(tx, [line.row() for progress in moved for line in progress.lines])
            self._validations.run(tx, [_validation(one) for one in moved if one.judged is not None])
            notices.tell(tx, [(progress.message.id, progress) for progress in moved])
        self._jobs.add(tx, [job for progress in group for job in progress.next_jobs])


def _validation(progress: Progress) -> tuple[int, str]:
    return progress.message.id, packed(progress.judged or ValidationReport(()))


def _move(progress: Progress) -> tuple[str, str, int, int, int, int]:
    return (
        progress.state.value,
        progress.last_code,
        progress.last_at,
        progress.last_position,
        progress.message.id,
        progress.message.status_position,
    )
