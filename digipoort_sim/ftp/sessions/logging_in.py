"""USER and PASS: account, password and certificate are judged together, and the client is not told which."""

from __future__ import annotations

import time
from concurrent.futures import Future

from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.exchange.accounts import Account
from digipoort_sim.ftp.sessions.login import Login, log_in
from digipoort_sim.ftp.sessions.securing import Securing

_MOST_LOGINS = 3


class LoggingIn(Securing):
    """The part of a session that lets an account in.

    Attributes:
        account: the account, once it is logged in.
    """

    account: Account | None = None
    _asked: float = 0.0

    def ftp_USER(self, line: str) -> None:  # noqa: N802
        """The account's name; always welcome, so that nobody learns which ones there are."""
        if self.authenticated:
            self.refuse(503, "you are logged in already", "FTP-SEQUENCE")
        else:
            super().ftp_USER(line)

    def ftp_PASS(self, line: str) -> None:  # noqa: N802
        """The password: account, password and certificate are judged together."""
        if self.authenticated or not self.username:
            self.refuse(503, "send USER first, once", "FTP-SEQUENCE")
            return
        user, peer, self._asked = self.username, self.peer, time.monotonic()
        self.later(lambda: log_in(self.desk, user, line, peer), self._logged_in)

    def _logged_in(self, done: Future[Login]) -> None:
        try:
            login = done.result()
        except AuthenticationRefusal as refusal:
            self._refuse_login(refusal)
        except Exception as error:
            self.refuse_error(error)
        else:
            self._let_in(login)

    def _let_in(self, login: Login) -> None:
        user, most = login.account.user, self.desk.profile.max_sessions_per_account
        if sum(one.account is not None and one.account.user == user for one in self.desk.sessions) >= most:
            self.end(421, f"the account has {most} sessions already; close one of them", "FTP-CROWD")
            return
        self.account = login.account
        self.handle_auth_success(login.home, "", self._welcome())

    def _welcome(self) -> str:
        profile = self.desk.profile
        return f"Logged in; deliver in /{profile.in_folder}, fetch in /{profile.out_folder}."

    def _refuse_login(self, refusal: AuthenticationRefusal) -> None:
        """Let whoever guesses wait: as long whatever was wrong, so that the time does not tell either."""
        gone_by = time.monotonic() - self._asked
        delay = max(0.0, self.desk.profile.failed_login_delay_seconds - gone_by)
        self.hold(delay, lambda: self._login_refused(refusal))

    def _login_refused(self, refusal: AuthenticationRefusal) -> None:
        self.attempted_logins += 1
        text = "authentication failed: account, password and client certificate must belong together"
        self.refuse(530, text, refusal.rule, refusal.detail)
        self.username = ""
        if self.attempted_logins >= _MOST_LOGINS:
            self.close_when_done()

    def end_without_login(self) -> None:
        """End the session if nobody has logged in yet."""
        if not self.authenticated:
            self.end(421, "no login in time", "FTP-LOGIN-TIME")
