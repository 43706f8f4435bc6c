"""Who is logged in to the portal: a value in a signed cookie, so that every process and replica knows it.

The login is simulated, but not everything goes: nobody becomes somebody else by writing a cookie himself. A
session ends at logout or with the browser, never by a clock: who plays the client moves the clock by weeks.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Literal, get_args

from digipoort_sim.ids import IdSource
from digipoort_sim.pki.numbers import is_number
from digipoort_sim.register.revocation import Side

COOKIE = "digipoort_sim_portal"
_ATTRIBUTES = "HttpOnly; SameSite=Strict; Path=/portal"
_ENDED_KEPT = 10_000
_PARTS = 5

Login = Literal["digid", "eherkenning"]
NumberType = Literal["BSN", "KvK", "RSIN", "Fi"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number with which somebody logged in."""

    type: NumberType
    text: str


@dataclass(frozen=True, slots=True)
class Session:
    """Who is logged in.

    Attributes:
        numbers: the number of the login, and the RSIN that eHerkenning may give along with a KvK number.
        id: tells it from other sessions of the same person.
    """

    login: Login
    side: Side
    numbers: tuple[Number, ...]
    id: str

    @property
    def number(self) -> Number:
        """The number of the login."""
        return self.numbers[0]


class Sessions:
    """Makes and reads session cookies. Safe to share by threads.

    Args:
        key: signs the cookies; the same for all processes of a state directory.
    """

    def __init__(self, key: str, ids: IdSource) -> None:
        self._key = key.encode()
        self._ids = ids
        # Bounded; another process or a restart forgets it, and the browser has dropped the cookie anyway.
        self._ended: OrderedDict[str, None] = OrderedDict()

    def begin(self, login: Login, side: Side, numbers: tuple[Number, ...]) -> str:
        """The value of a Set-Cookie header that logs somebody in."""
        listed = "+".join(f"{number.type}:{number.text}" for number in numbers)
        content = f"{login}.{side}.{listed}.{self._ids.uuid()}"
        return f"{COOKIE}={content}.{self._mac(content)}; {_ATTRIBUTES}"

    def end(self, session: Session | None) -> str:
        """The value of a Set-Cookie header that logs out; the session is not good any more."""
        if session is not None:
            self._ended[session.id] = None
            while len(self._ended) > _ENDED_KEPT:
                self._ended.popitem(last=False)
        return f"{COOKIE}=; Max-Age=0; {_ATTRIBUTES}"

    def read(self, cookies: str) -> Session | None:
        """Who is logged in, by a Cookie header; None if nobody is, or the cookie is not one of ours."""
        parts = _value(cookies).split(".")
        if len(parts) != _PARTS or not hmac.compare_digest(self._mac(".".join(parts[:-1])), parts[-1]):
            return None
        login, side, listed, id_, _ = parts
        numbers = tuple(_number(text) for text in listed.split("+"))
        if login not in get_args(Login) or side not in get_args(Side) or id_ in self._ended:
            return None
        good = tuple(number for number in numbers if number is not None)
        if len(good) != len(numbers):
            return None
        return Session(login, side, good, id_)  # type: ignore[arg-type]

    def _mac(self, content: str) -> str:
        return hmac.digest(self._key, content.encode("utf-8", "surrogatepass"), "sha256").hex()


def is_given(cookies: str) -> bool:
    """Whether a browser shows a session at all, good or not."""
    return bool(_value(cookies))


def _number(text: str) -> Number | None:
    type_, _, number = text.partition(":")
    if type_ not in get_args(NumberType) or not is_number(type_, number):
        return None
    return Number(type_, number)  # type: ignore[arg-type]


def _value(cookies: str) -> str:
    try:
        found = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None or not found.value.isascii() else found.value
