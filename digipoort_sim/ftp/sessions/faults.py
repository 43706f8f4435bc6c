"""Faults on demand in a session: what is to go wrong, does; and an event says that it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from OpenSSL import SSL
from pyftpdlib.log import logger

from digipoort_sim.exchange.file_fault_kinds import Moment
from digipoort_sim.exchange.file_fault_values import Fault, Target
from digipoort_sim.exchange.file_faults import RULE
from digipoort_sim.ftp.fault_targets import EVENT, FaultTargets, told
from digipoort_sim.ftp.folders import Folders
from digipoort_sim.ftp.sessions.control import ControlChannel

_COMMANDS = {"APPE": "STOR", "NLST": "LIST", "MLSD": "LIST"} | {
    command: command for command in ("STOR", "RETR", "RNTO", "DELE", "LIST")
}
"""Commands that a fault can be put on, and the one that stands for them."""

_TEXTS: Mapping[str, str] = {
    "421": "too many connections; try again later",
    "452": "there is no room at the moment; try again later",
    "530": "authentication failed: account, password and client certificate must belong together",
    "550": "there is no such file",
    "552": "there is no room for the file",
    "553": "the name is not allowed",
    "no-tls": "there is no TLS here",
}


class Troubled(ControlChannel):
    """Comes before a session's own class, and lets the faults strike that were asked for.

    Attributes:
        targets: the faults of its interface.
        spoiling: the fault that is to strike in the transfer that comes next.
    """

    targets: ClassVar[FaultTargets]
    spoiling: Fault | None = None
    spoiled: Target | None = None
    _without_tls: Fault | None = None

    # --- before the login

    def on_connect(self) -> None:
        """Refuse the connection, or greet late, or offer no TLS."""
        super().on_connect()
        target = self.targets.connection()
        busy = self._struck("connect", target, "421")
        if busy is not None:
            self.refuse_as_asked(busy, "421", _TEXTS["421"])
            self.close_when_done()
            return
        slow = self._struck("connect", target, "slow-greeting")
        if slow is not None:
            self.note_fault(slow, f"the greeting comes after {slow.seconds:g} seconds")
            self._greet_late(slow.seconds or 0.0)
        if not self._ssl_established:
            self._without_tls = self.targets.faults.find("auth", target)
            if self._without_tls is not None:
                self._extra_feats = [feat for feat in self._extra_feats if not feat.startswith("AUTH")]

    def _greet_late(self, seconds: float) -> None:
        """Have the next reply, which is the greeting, wait."""

        def late(resp: str, logfun: Any = logger.debug) -> None:
            del self.__dict__["respond"]
            self.hold(seconds, lambda: self.respond(resp, logfun))

        self.__dict__["respond"] = late

    def ftp_AUTH(self, line: str) -> None:  # noqa: N802
        """Begin TLS, unless there is to be none."""
        fault = self._without_tls
        if fault is not None and self.targets.faults.hit(fault, self.targets.connection()):
            self.refuse_as_asked(fault, fault.code, _TEXTS["no-tls"])
        else:
            super().ftp_AUTH(line)

    def begin_tls(self) -> None:
        """Begin the handshake, with the certificate that was asked for."""
        fault = self._struck("tls", self.targets.connection())
        if fault is not None and fault.certificate is not None:
            context = self.desk.contexts.presenting(fault.certificate)
            self.note_fault(fault, "the server shows a certificate that is bad on purpose")

            def given() -> SSL.Context:
                return context

            self.__dict__["get_ssl_context"] = given
        super().begin_tls()

    def ftp_PASS(self, line: str) -> None:  # noqa: N802
        """Log in, unless that is to be refused whoever it is."""
        if self.authenticated or not self.username:
            super().ftp_PASS(line)
            return
        oin = self.peer.claimed_oin if self.peer is not None else ""
        fault = self._struck("login", self.targets.account(self.username, oin))
        if fault is None:
            super().ftp_PASS(line)
        else:
            self.refuse_as_asked(fault, "530", _TEXTS["530"])
            self.username = ""

    # --- data channels

    def ftp_PASV(self, line: str) -> None:  # noqa: N802
        """Open a port, and perhaps give another address, or close it again."""
        fault = self._struck("passive", self._mine(), "wrong-passive-address")
        if fault is not None:
            self.note_fault(fault, f"PASV gives the address {fault.address}")
            self.masquerade_address = fault.address
        try:
            self._open_port(super().ftp_PASV, line)
        finally:
            self.masquerade_address = None

    def ftp_EPSV(self, line: str) -> None:  # noqa: N802
        """Likewise; as its reply has no address to be wrong in, it is refused then."""
        fault = self.targets.faults.find("passive", self._mine(), ("wrong-passive-address",))
        if fault is None:
            self._open_port(super().ftp_EPSV, line)
        else:
            self.refuse_as_asked(fault, "502", "EPSV is not offered; use PASV")

    def _open_port(self, command: Callable[[str], None], line: str) -> None:
        """Open a port; one that is to be closed is so before the client hears of it."""
        fault = self.targets.faults.find("passive", self._mine(), ("closed-passive-port",))
        if fault is None:
            command(line)
            return
        replies: list[str] = []
        self.__dict__["respond"] = lambda resp, logfun=logger.debug: replies.append(resp)
        try:
            command(line)
        finally:
            del self.__dict__["respond"]
        if self._dtp_acceptor is not None and self.targets.faults.hit(fault, self._mine()):
            self.note_fault(fault, "nobody listens at the port that was given")
            self._dtp_acceptor.close()
            self._dtp_acceptor = None
        for reply in replies:
            self.respond(reply)

    # --- commands on files

    def process_command(self, cmd: str, *args: Any, **kwargs: Any) -> None:
        """Do what is asked, unless it is to be refused; transfers may be spoiled later on."""
        command = _COMMANDS.get(cmd)
        is_watched = command is not None and self.authenticated and args
        if not (is_watched and self._is_refused(str(command), Path(args[0]).name)):
            super().process_command(cmd, *args, **kwargs)

    def _is_refused(self, command: str, name: str) -> bool:
        target = self._target(command, name)
        fault = self._struck("command", target)
        if fault is not None:
            self._restart_position, self._rnfr = 0, None
            self.refuse_as_asked(fault, fault.code, _TEXTS[fault.code], f"{command} {name}")
            return True
        self.spoiling = self.targets.faults.find("transfer", target)
        self.spoiled = target
        return False

    def _target(self, command: str, name: str) -> Target:
        if command == "LIST":
            return replace(self._mine(), command=command)
        return self.my_file(name, command)

    def _mine(self) -> Target:
        return self.targets.account(self.username, self._oin())

    def my_file(self, name: str, command: str) -> Target:
        """A file of this session's account."""
        return self.targets.file(self.username, self._oin(), name, command)

    def _oin(self) -> str:
        return self.account.oin if self.account is not None else ""

    def cut_off(self) -> None:
        """Break the control connection off, without a word."""
        self._error = True  # so pyftpdlib says no goodbye of TLS
        self.close()

    # --- saying so

    def _struck(self, moment: Moment, target: Target, kind: str = "") -> Fault | None:
        """The fault that strikes now."""
        faults = self.targets.faults
        fault = faults.find(moment, target, (kind,)) if kind else faults.find(moment, target)
        return fault if fault is not None and faults.hit(fault, target) else None

    def refuse_as_asked(self, fault: Fault, code: str, usual: str, about: str = "") -> None:
        """Answer no, because that was asked for."""
        text = told(fault, usual, marks=self.targets.faults.marks_replies)
        self.refuse(int(code), text, RULE, f"{fault} struck{f' on {about}' if about else ''}: {text}")

    def note_fault(self, fault: Fault, what: str) -> None:
        """Keep an event of a fault that makes no reply."""
        self.desk.record(self.event_of(EVENT, fault.code, RULE, f"{fault} struck: {what}"))

    def _note_refusal(self, code: str, text: str) -> None:
        """What was asked for is an event of its own kind, and is not held against the client."""
        if self._rule != RULE:
            super()._note_refusal(code, text)
            return
        detail, self._rule, self._detail = self._detail or text, "", ""
        self.desk.record(self.event_of(EVENT, code, RULE, detail))


class HidingFolders(Folders):
    """The account's files, of which listings do not show all."""

    def listdir(self, path: str) -> list[str]:
        """The names in a folder, without those that are hidden for a while."""
        names = super().listdir(path)
        session = self.cmd_channel
        targets: FaultTargets = session.targets
        if not targets.faults.standing("listing") or Path(path) != session.desk.homes.outgoing(
            session.username
        ):
            return names
        return [name for name in names if not self._is_hidden(session, Path(path, name))]

    def _is_hidden(self, session: Troubled, path: Path) -> bool:
        target = session.my_file(path.name, "LIST")
        fault = session.targets.faults.find("listing", target)
        if fault is None:
            return False
        try:
            age = session.desk.clocks.simulator.now().timestamp() - path.stat().st_mtime
        except OSError:
            return False
        if age >= (fault.seconds or 0.0) or not session.targets.faults.hit(fault, target):
            return False
        session.note_fault(fault, f"{path.name} is not in the listing yet")
        return True
