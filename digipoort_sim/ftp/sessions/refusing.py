"""Every refusal of a session: one line for the client, and an event with its rule."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, ClassVar

from pyftpdlib.handlers import TLS_FTPHandler
from pyftpdlib.log import logger

from digipoort_sim.exchange.values import Event
from digipoort_sim.ftp.desk import Desk
from digipoort_sim.ftp.replies import one_line, reply_to
from digipoort_sim.ftp.sessions.known_replies import known
from digipoort_sim.ftp.tls.handshake import WatchedHandshake
from digipoort_sim.ftp.tls.peer import Peer, chain_of, offering
from digipoort_sim.pki import offered
from digipoort_sim.pki.tls_words import MEND

_LONGEST_USER = 40


_FOLDER = re.compile(r"(?<!\S)/(?:in|out)\b")


class Refusing(WatchedHandshake, TLS_FTPHandler):  # type: ignore[misc]
    """The part of a session that says no.

    Attributes:
        peer: the client certificate, once TLS is there.
    """

    desk: ClassVar[Desk]
    peer: Peer | None = None
    _rule = _detail = ""
    _refusals = 0

    def prepare_refusal(self, rule: str, detail: str = "") -> None:
        """Say by which rule the reply that comes next refuses."""
        self._rule, self._detail = rule, detail

    def refuse(self, code: int, text: str, rule: str, detail: str = "") -> None:
        """Answer no: the client sees the text, the event has the detail too."""
        self.prepare_refusal(rule, detail)
        self.respond(f"{code} {one_line(text)}.")

    def refuse_error(self, error: BaseException) -> None:
        """Answer no for an error."""
        code, text, rule = reply_to(error)
        self.refuse(code, text, rule, repr(error) if code == 451 else "")

    def end(self, code: int, text: str, rule: str) -> None:
        """Answer no and close the session."""
        if not self._closing:
            self.refuse(code, text, rule)
            self.close_when_done()

    def respond(self, resp: str, logfun: Any = logger.debug) -> None:
        """Send a reply; a refusal becomes an event as well."""
        if self._closed:
            return
        if resp[:1] not in ("4", "5"):
            super().respond(resp, logfun)
            return
        if not self._rule:
            resp, self._rule = known(resp)
        resp = self._with_folders(resp)
        super().respond(resp, logger.debug)  # an event tells more than a line in the log
        self._note_refusal(resp[:3], resp[4:])

    def _with_folders(self, text: str) -> str:
        """A reply with the folders as this interface calls them."""
        profile = self.desk.profile
        names = {"/in": f"/{profile.in_folder}", "/out": f"/{profile.out_folder}"}
        return _FOLDER.sub(lambda found: names[found.group()], text)

    def close_when_done(self) -> None:
        """Close once everything was said; a client that does not listen is cut off."""
        super().close_when_done()
        self.end_soon()

    def event_of(self, kind: str, code: str, rule: str, detail: str) -> Event:
        """An event about this session."""
        return Event(
            kind=kind,
            detail=f"{self.username[:_LONGEST_USER]}: {detail}" if self.username else detail,
            door="ftp",
            peer=f"{self.remote_ip}:{self.remote_port}",
            oin=self.peer.claimed_oin if self.peer else "",
            certificate=self.peer.sha256 if self.peer else "",
            rule=rule,
            code=code,
        )

    def refusal_event(self, code: str, rule: str, detail: str) -> Event:
        """The event of a reply that refuses; one about the client's certificate has its whole chain."""
        event = self.event_of("ftp-refused", code, rule, detail)
        if self.peer is None or not rule.startswith(("CERT-", "OIN-")):
            return event
        chain = chain_of(self.socket, self.peer)
        return offering(replace(event, detail=f"{event.detail}\n{MEND}\n{offered.describe(chain)}"), chain)

    def _note_refusal(self, code: str, text: str) -> None:
        rule, detail = self._rule, self._detail or text
        self._rule = self._detail = ""
        self.desk.record(self.refusal_event(code, rule, detail))
        self._refusals += 1
        if self._refusals == self.desk.profile.max_refusals:
            self.end(421, "too many refused commands in one session", "FTP-REFUSALS")
