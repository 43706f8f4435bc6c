"""The counter for agencies outside: they set statuses of messages that were delivered to them (zetStatus).

An agency sees its own messages only; an unknown kenmerk and another agency's look the same. Which status may
follow which is the business of the table of a message's life.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.clock import Clocks, epoch_milliseconds
from digipoort_sim.errors import PermissionRefusal, SpecificationRefusal, TechnicalError
from digipoort_sim.exchange.delivering import set_agency_status
from digipoort_sim.exchange.external import AgencyLine, AgencyStatus
from digipoort_sim.exchange.jobs import JobTable
from digipoort_sim.exchange.lifecycle import ANSWERS, State
from digipoort_sim.exchange.progress import Progress
from digipoort_sim.exchange.records import MESSAGE, Message
from digipoort_sim.exchange.replay import ReplayGuard
from digipoort_sim.exchange.values import Call
from digipoort_sim.exchange.writing import StatusWriter
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import messages

_UNDER_WAY = (State.DELIVERING, State.DELIVERY_TROUBLE)


@dataclass(frozen=True)
class StatusSetting:
    """A zetStatusRequest.

    Attributes:
        berichtkenmerk: if given, must be that of the message.
        tijdstempel_status: the agency's own time. Statuses are told with the simulator's, which may stand
            in another year.
    """

    kenmerk: str
    status: AgencyStatus
    tijdstempel_status: datetime
    berichtkenmerk: str | None = None


class AgencyDesk:
    """Takes statuses from agencies.

    Args:
        lines: the agencies outside, by their key.
    """

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        clocks: Clocks,
        jobs: JobTable,
        replays: ReplayGuard,
        lines: Mapping[str, AgencyLine],
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._clocks = clocks
        self._jobs = jobs
        self._replays = replays
        self._lines = lines
        self._writer = StatusWriter(store, jobs)

    def set_status(self, call: Call, setting: StatusSetting) -> None:
        """Set a status of a message; it is committed on return.

        Raises:
            PermissionRefusal: the caller is no agency.
            SpecificationRefusal: the message is not one of this agency, or the status may not follow.
            TechnicalError: it could not be stored.
        """
        try:
            self._set_status(call, setting)
        except TechnicalError as error:
            if error.rule != "LIFECYCLE":
                raise
            # A courier came back with this very message in between; it does so only once.
            self._set_status(call, setting)

    def _set_status(self, call: Call, setting: StatusSetting) -> None:
        with self._store.begin() as tx:
            self._replays.check(tx, call, epoch_milliseconds(self._clocks.security.now()))
            message = self._message(tx, call.caller.oin, setting)
            progress = Progress(self._catalogue, message, epoch_milliseconds(self._clocks.simulator.now()))
            self._check(message, setting)
            if progress.state in _UNDER_WAY:
                # It knows the kenmerk, so it has the message, whatever became of its answer.
                progress.set("400")
                self._jobs.drop_outgoing(tx, message.id)
            set_agency_status(progress, setting.status)
            self._writer.write(tx, (progress,))

    def _message(self, tx: Connection, oin: str, setting: StatusSetting) -> Message:
        mine = {key for key, line in self._lines.items() if oin in line.oins}
        if not mine and oin not in {agency.oin for agency in self._catalogue.agencies.values()}:
            raise PermissionRefusal(
                f"OIN {oin} is not that of an agency; only agencies set statuses", rule="STATUS-SENDER"
            )
        # Locked first, so that of two calls the second one sees what the first one did.
        self._store.lock(tx, f"zetStatus {setting.kenmerk}")
        row = tx.execute(select(*MESSAGE).where(messages.c.kenmerk == setting.kenmerk)).first()
        message = None if row is None else Message(*row)
        if message is None or message.stub or self._agency(message) not in mine:
            raise SpecificationRefusal(
                f"kenmerk {setting.kenmerk[:40]!r} is not that of a message for this agency, or its statuses "
                "come from the built-in stand-in",
                rule="KENMERK-UNKNOWN",
            )
        return message

    def _agency(self, message: Message) -> str | None:
        row = self._catalogue.berichtsoorten.get(message.berichtsoort)
        return None if row is None or not row.answers else self._setter(row.agency)

    def _setter(self, agency: str) -> str | None:
        line = self._lines.get(agency)
        return agency if line is not None and line.sets_status else None

    def _check(self, message: Message, setting: StatusSetting) -> None:
        if setting.berichtkenmerk is not None and setting.berichtkenmerk != message.berichtkenmerk:
            raise SpecificationRefusal(
                f"berichtkenmerk {setting.berichtkenmerk[:80]!r} is not that of the message of this kenmerk",
                rule="BERICHTKENMERK",
            )
        state, code = State(message.state), setting.status.statuscode
        if code in ANSWERS and (state is State.DELIVERED or state in _UNDER_WAY):
            return
        name = self._catalogue.status(message.statuscode).omschrijving
        raise SpecificationRefusal(
            f"status {code!r} may not follow {message.statuscode} ({name}); an agency sets "
            f"{', '.join(sorted(ANSWERS))}, once, on a message that was delivered to it",
            rule="STATUS-ORDER",
        )
