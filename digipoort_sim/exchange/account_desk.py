"""The counter for accounts of the file door: what control API, console and command line ask of it."""

from __future__ import annotations

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.clock import Clocks
from digipoort_sim.exchange.accounts import Account, Accounts
from digipoort_sim.exchange.foreign_forms import ForeignForms
from digipoort_sim.exchange.wants import INTERFACES, NONE, parse
from digipoort_sim.ids import IdSource
from digipoort_sim.store import Store


class AccountDesk:
    """Makes, shows and changes accounts, as persons write what they want of them.

    Attributes:
        accounts: the accounts themselves.
    """

    def __init__(self, store: Store, catalogue: Catalogue, ids: IdSource, clocks: Clocks) -> None:
        self._catalogue = catalogue
        self._clock = clocks.simulator
        self._forms = ForeignForms(store, catalogue, clocks)
        self.accounts = Accounts(store, ids, clocks)

    def add(
        self,
        oin: str,
        *,
        label: str = "",
        deliver: str = NONE,
        interface: str = INTERFACES[0],
        non_nl_form: bool = False,
    ) -> tuple[str, str]:
        """Make an account and give its name and password; a foreign party's form comes first.

        Args:
            deliver: what is to come to ``/out`` besides receipts, see `wants.parse`.
            interface: key of the interface in whose ``/out``.
            non_nl_form: whether the form for parties outside the Netherlands is handed in now.

        Raises:
            ConfigError: a text is not what it must be.
            ForeignRefused: the form is missing (MR660).
        """
        wants = parse(deliver, interface, self._catalogue)
        self._forms.check(oin, is_handed_in=non_nl_form)
        return self.accounts.add(oin, label, wants)

    def change(
        self, user: str, *, label: str | None = None, deliver: str | None = None, interface: str | None = None
    ) -> Account:
        """Change what is given; what is not stays.

        Raises:
            NotFoundError: there is no such account.
            ConfigError: a text is not what it must be.
        """
        now = self.accounts.show(user).wants
        wants = parse(
            now.text if deliver is None else deliver,
            now.interface if interface is None else interface,
            self._catalogue,
        )
        return self.accounts.change(user, label=label, wants=wants)

    def is_locked(self, account: Account) -> bool:
        """Whether nobody can log in with it now."""
        return account.is_locked(self._clock.now())
