"""Who may call the web door: Host, Origin and token are checked on every call, before anything else.

A page of another site that a browser shows can send requests to localhost. DNS rebinding gives such a page
our address under its own name: the Host header tells. A form or script of another page shows in Origin.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from digipoort_sim.config import Settings
from digipoort_sim.errors import AuthenticationRefusal, PermissionRefusal

COOKIE = "digipoort_sim_token"
_ALWAYS = ("localhost", "127.0.0.1", "::1")
_LOGIN = "/login"
_STATIC = "/static/"
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every answer, unless the answer has its own."""


@dataclass(frozen=True)
class Guard:
    """The rules of one web door.

    Attributes:
        hosts: names and addresses under which it may be called, with any port.
        any_address: also under any IP address; they cannot be rebound.
        token: what callers must show; None if the door is open to this machine only.
    """

    hosts: frozenset[str]
    any_address: bool = False
    token: str | None = None

    @classmethod
    def of(cls, settings: Settings, token: str | None) -> Guard:
        """The guard for these settings."""
        hosts = {*_ALWAYS, *(name.lower() for name in settings.server_names)}
        if settings.web_host is not None:
            hosts.add(settings.web_host.lower())
        return cls(frozenset(hosts), settings.web_host in ("0.0.0.0", "::"), token)  # noqa: S104 (compared)

    def check(self, method: str, path: str, headers: Iterable[tuple[str, str]]) -> None:
        """Let a call pass or refuse it.

        Args:
            headers: names in lower case.

        Raises:
            PermissionRefusal: Host or Origin is not ours.
            AuthenticationRefusal: the token is missing or wrong.
        """
        found: dict[str, list[str]] = {}
        for name, value in headers:
            found.setdefault(name, []).append(value)
        host = self._host(found.get("host", []))
        self._origin(method, host, found)
        if self.token is not None and path != _LOGIN and not path.startswith(_STATIC):
            self._token(found)

    def _host(self, given: list[str]) -> str:
        if len(given) != 1:
            raise PermissionRefusal("a call needs exactly one Host header", rule="WEB-HOST")
        name = _name_of(given[0])
        if name not in self.hosts and not (self.any_address and _is_address(name)):
            raise PermissionRefusal(
                f"the Host header {given[0][:80]!r} is not a name of this web door", rule="WEB-HOST"
            )
        return given[0].lower()

    def _origin(self, method: str, host: str, found: Mapping[str, list[str]]) -> None:
        origins = found.get("origin", [])
        for origin in origins:
            if origin.lower() not in (f"http://{host}", f"https://{host}"):
                raise PermissionRefusal(
                    f"the call comes from a page of {origin[:80]!r}, not from this console",
                    rule="WEB-ORIGIN",
                )
        site = found.get("sec-fetch-site", ["none"])[-1]
        if not origins and method not in _SAFE_METHODS and site not in ("same-origin", "none"):
            raise PermissionRefusal("the call comes from a page of another site", rule="WEB-ORIGIN")

    def _token(self, found: Mapping[str, list[str]]) -> None:
        shown = [text[7:].strip() for text in found.get("authorization", []) if text[:7].lower() == "bearer "]
        shown += [value for text in found.get("cookie", []) if (value := _cookie(text)) is not None]
        if not any(self.is_token(text) for text in shown):
            raise AuthenticationRefusal(
                "the web door is open to other machines, so it wants the token of the file web-token in the "
                "state directory: 'Authorization: Bearer TOKEN'",
                rule="WEB-TOKEN",
            )

    def is_token(self, text: str) -> bool:
        """Whether a text is the token, in a time that does not tell how much of it is right."""
        return self.token is not None and hmac.compare_digest(
            text.encode("utf-8", "surrogatepass"), self.token.encode()
        )


def _name_of(host: str) -> str:
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return ""
    is_plain = parts.username is None and parts.netloc == host
    return (parts.hostname or "") if is_plain else ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _cookie(text: str) -> str | None:
    try:
        found = SimpleCookie(text).get(COOKIE)
    except CookieError:
        return None
    return None if found is None else found.value
