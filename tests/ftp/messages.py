"""A post office with accounts that want messages in ``/out``, and what puts them there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lxml import etree

from digipoort_sim.catalogue import Catalogue, load_catalogue
from digipoort_sim.clock import Clocks
from digipoort_sim.config import Settings
from digipoort_sim.exchange.accounts import Accounts
from digipoort_sim.exchange.service_desk import OwnMessage
from digipoort_sim.exchange.values import Caller, Content
from digipoort_sim.exchange.wants import parse
from digipoort_sim.ftp.interface import Interface, open_interfaces
from digipoort_sim.ftp.outbox.messages import Messages
from digipoort_sim.ftp.profile import load_profile
from digipoort_sim.ids import SystemIds
from digipoort_sim.register.messages import MessageKind
from digipoort_sim.store import Store
from tests.exchange.office import ANN, CLIENT, Office, mandate_delivery, open_office

SUFFIX = ".bericht.xml"
EVERYTHING = 12
"""Ticks that are enough for all that a test has."""


@dataclass
class Scene:
    """A store, a post office, accounts, and the worker of the file door."""

    state: Path
    office: Office
    catalogue: Catalogue
    accounts: Accounts
    interfaces: Mapping[str, Interface]
    messages: Messages

    @classmethod
    def open(cls, store: Store, state: Path, **rules: Any) -> Scene:
        """Open all of it; `rules` are rows of the profile that are to differ."""
        catalogue, settings = load_catalogue(), Settings(state=state)
        office = open_office(store, settings=settings)
        accounts = Accounts(store, SystemIds(), Clocks(office.clock, office.security))
        first, second = load_profile(settings.ftp), load_profile(settings.ftp_gb)
        profiles = {"ftp": replace(first, **rules), "ftp_gb": second}
        interfaces = open_interfaces(state, catalogue, profiles)
        for interface in interfaces.values():
            interface.homes.prepare()
        scene = cls(state, office, catalogue, accounts, interfaces, None)  # type: ignore[arg-type]
        scene.restart()
        return scene

    def restart(self) -> None:
        """Forget what was in memory, as a new process would."""
        clocks = Clocks(self.office.clock, self.office.security)
        post = self.office.post
        self.messages = Messages(post, self.catalogue, clocks, self.accounts, self.interfaces, "here")

    def account(self, wants: str = "all", caller: Caller = ANN, interface: str = "ftp") -> str:
        """Make an account; gives its name."""
        return self.accounts.add(caller.oin, wants=parse(wants, interface, self.catalogue))[0]

    def mandate(self, dienst: str = "SBA_IB_2026", caller: Caller = ANN) -> str:
        """Have a mandate asked for; gives its id. It is active after 40 days and a day."""
        self.office.run(mandate_delivery(MessageKind.OPVOEREN, dienst, caller), caller)
        with self.office.post.store.read() as tx:
            return self.office.register.mandates(tx, gemachtigde=caller.oin)[0].id

    def put(self, text: str = "<eigen/>", **more: Any) -> str:
        """Put in a message for the client of the mandate; gives its kenmerk."""
        content = more.pop("content", Content("text/xml", "eigen.xml", text.encode()))
        own = OwnMessage("SBA_IB", CLIENT.nummer, content, CLIENT.type, 2026, **more)
        return self.office.post.service_messages.put(own).kenmerk

    def ask_for_overview(self, caller: Caller = ANN) -> None:
        """Have the register asked for what it knows of the client."""
        self.office.run(mandate_delivery(MessageKind.OPVRAGEN, "", caller), caller)

    def tick(self, times: int = EVERYTHING) -> None:
        """Let the worker do what there is to do."""
        for _ in range(times):
            self.messages.tick()

    def out(self, user: str, interface: str = "ftp") -> Path:
        """``/out`` of an account."""
        return self.interfaces[interface].homes.outgoing(user)

    def names(self, user: str, interface: str = "ftp") -> list[str]:
        """What lies in ``/out``, hidden or not."""
        folder = self.out(user, interface)
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def given(self, user: str, interface: str = "ftp") -> dict[str, dict[str, str]]:
        """The messages in ``/out`` by their kenmerk: the fields of their documents."""
        found = {}
        for path in self.out(user, interface).glob(f"*{SUFFIX}"):
            fields = fields_of(path)
            found[fields["kenmerk"]] = fields
        return found


def fields_of(path: Path) -> dict[str, str]:
    """The fields of a document about a message; the parts of the identity by their own names."""
    root = etree.fromstring(path.read_bytes())
    assert root.tag == "{urn:digipoort-sim:ftp:2026}bericht"
    return {etree.QName(tag).localname: tag.text or "" for tag in root.iter() if not len(tag)}
