"""What was kept with an event: the running server gives it, else the database does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from digipoort_sim.config import Settings

_FIELDS = ("id", "tijdstip", "kind", "code", "rule", "detail")


@dataclass(frozen=True)
class KeptEvent:
    """An event and the octets that came in.

    Attributes:
        fields: id, tijdstip, kind, code, rule and detail, as the control API names them.
        judged: when the door judged it; None if an older version kept it.
    """

    fields: dict[str, Any]
    raw: bytes
    judged: datetime | None


def kept_with(event: int, settings: Settings) -> KeptEvent:
    """The event of that number.

    Raises:
        NotFoundError: it is not there (any more), or no octets were kept with it.
    """
    from digipoort_sim.client.endpoints import UnreachableError
    from digipoort_sim.errors import NotFoundError

    try:
        kept = _from_server(event, settings)
    except UnreachableError:
        kept = _in_database(event, settings)
    if not kept.raw:
        raise NotFoundError(
            f"nothing that came in was kept with it; it is {_said(kept.fields)}", rule="EVENT-RAW"
        )
    return kept


def no_request(kept: KeptEvent) -> str:
    """Says that what was kept is no request, with the command that shows it."""
    shown = f"digipoort-sim events show {kept.fields['id']}"
    return f"no request was kept with it, it is {_said(kept.fields)}; see: {shown}"


def _said(fields: dict[str, Any]) -> str:
    first = str(fields["detail"]).partition("\n")[0]
    return f"{fields['kind']}: {first}"


def _from_server(event: int, settings: Settings) -> KeptEvent:
    from digipoort_sim.client.control import Control

    control = Control.find(settings.state)
    fields = control.get(f"events/{event}")
    return _kept(fields, control.octets(f"events/{event}/raw"))


def _in_database(event: int, settings: Settings) -> KeptEvent:
    from digipoort_sim.clock import Clocks, RealClock
    from digipoort_sim.errors import NotFoundError
    from digipoort_sim.exchange.events import EventRing
    from digipoort_sim.store import Store
    from digipoort_sim.web.fields import event_fields

    if settings.database_url is None and not (settings.state / "digipoort.sqlite3").is_file():
        raise NotFoundError(
            f"no simulator answers for {settings.state}, and there is no database there either", rule="EVENT"
        )
    store = Store.open(settings.database())
    try:
        ring = EventRing(store, Clocks(RealClock(), RealClock()), settings.event_ring)
        return _kept(event_fields(ring.get(event)), ring.raw(event))
    finally:
        store.close()


def _kept(fields: dict[str, Any], raw: bytes) -> KeptEvent:
    from digipoort_sim.clock import parse_time

    judged = None if fields["security"] is None else parse_time(fields["security"])
    return KeptEvent({name: fields[name] for name in _FIELDS}, raw, judged)
