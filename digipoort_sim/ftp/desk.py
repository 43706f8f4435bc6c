"""What a session is given to work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from digipoort_sim.clock import Clocks
from digipoort_sim.exchange.accounts import Account, Accounts
from digipoort_sim.exchange.values import Event
from digipoort_sim.ftp.file_name import NameRule
from digipoort_sim.ftp.folders import Homes
from digipoort_sim.ftp.interface import Interface
from digipoort_sim.ftp.ledger import Entry, Ledger
from digipoort_sim.ftp.loop import LoopThread
from digipoort_sim.ftp.profile import Profile
from digipoort_sim.ftp.tls.contexts import TlsContexts
from digipoort_sim.ftp.tls.peer import Peer
from digipoort_sim.ftp.transfers.hashing import Sums
from digipoort_sim.ids import IdSource


class Session(Protocol):
    """What the door and other sessions may do with an open session."""

    account: Account | None
    data_channel: Any
    authenticated: bool
    remote_ip: str

    def still_good(self) -> bool:
        """Whether its certificate is good; a session whose certificate is not is ended."""
        ...

    def end(self, code: int, text: str, rule: str) -> None:
        """Say why and end it."""
        ...

    def lose_upload(self, why: str, rule: str) -> None:
        """Give up its upload, also one whose data connection has not come yet."""
        ...

    def make_way(self) -> None:
        """End it in favour of a newer one."""
        ...

    def close_at_once(self) -> None:
        """End it without waiting for what is under way."""
        ...


@dataclass(frozen=True)
class Desk:
    """Everything that the sessions of one interface share.

    Attributes:
        place: the name of this server's state directory.
        judge: the OIN of a client certificate; raises AuthenticationRefusal if it is not good, or not
            any more. Cheap the second time: asked at every command.
        record: keeps an event; does not block.
        wake: tells the courier that there is something to deliver.
        find_out: has the courier find out whether a file became a delivery, and then makes a call.
        sessions: the open sessions, the oldest first; only the loop's thread touches them.
        writing: which session writes to which path; likewise.
        taking: paths in ``/in`` that are on their way out of it; likewise.
        sums: what is known of the contents of files that came in.
    """

    interface: Interface
    ledger: Ledger
    accounts: Accounts
    contexts: TlsContexts
    clocks: Clocks
    ids: IdSource
    loop: LoopThread
    place: str
    judge: Callable[[Peer], str]
    record: Callable[[Event], None]
    wake: Callable[[], None]
    find_out: Callable[[Entry, Callable[[], None]], None]
    sessions: dict[Session, None] = field(default_factory=dict)
    writing: dict[str, Session] = field(default_factory=dict)
    taking: set[str] = field(default_factory=set)
    sums: Sums = field(default_factory=Sums)

    @property
    def profile(self) -> Profile:
        """The rules of the interface."""
        return self.interface.profile

    @property
    def names(self) -> NameRule:
        """How its files are named."""
        return self.interface.names

    @property
    def homes(self) -> Homes:
        """Where its files lie."""
        return self.interface.homes
