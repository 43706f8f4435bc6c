"""The form for parties outside the Netherlands, which comes before an FTP account (published)."""

from __future__ import annotations

from sqlalchemy import insert, select

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.clock import Clocks, epoch_milliseconds
from digipoort_sim.exchange.foreign_office import ForeignRefused
from digipoort_sim.pki import is_number
from digipoort_sim.store import Store
from digipoort_sim.store.foreign_tables import foreign_ftp_forms as forms

_LOCK = "foreign forms"


class ForeignForms:
    """The forms that are on record, by OIN."""

    def __init__(self, store: Store, catalogue: Catalogue, clocks: Clocks) -> None:
        self._store = store
        self._catalogue = catalogue
        self._clocks = clocks

    def check(self, oin: str, *, is_handed_in: bool) -> None:
        """Let a party have an account: it is not foreign, or its form is on record or handed in now.

        A text that is no OIN passes; whoever makes the account says so.

        Raises:
            ForeignRefused: the form is missing.
        """
        if not (is_number("OIN", oin) and self._catalogue.is_foreign(oin)):
            return
        with self._store.begin() as tx:
            self._store.lock(tx, _LOCK)
            if tx.execute(select(forms.c.oin).where(forms.c.oin == oin)).first() is not None:
                return
            if not is_handed_in:
                detail = (
                    f"OIN {oin} is that of a foreign party and its form is not on record: hand it in with "
                    "--non-nl-form (control API: nonNlForm)."
                )
                raise ForeignRefused(self._catalogue.outcomes["buitenland-ftp-formulier"], detail)
            received = epoch_milliseconds(self._clocks.simulator.now())
            tx.execute(insert(forms).values(oin=oin, received=received))
