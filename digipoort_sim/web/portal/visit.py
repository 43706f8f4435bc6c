"""One request to the portal: in which language, by whom, and how its page is made."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from digipoort_sim.clock import Clock
from digipoort_sim.config import Settings
from digipoort_sim.errors import NotFoundError
from digipoort_sim.ids import IdSource
from digipoort_sim.web.operations import Asked, Handler, Reply
from digipoort_sim.web.portal.sessions import Session, Sessions, is_given
from digipoort_sim.web.portal.sight import Sight, sight_of
from digipoort_sim.web.portal.texts import LANGUAGES, Language, Texts, date_in, moment_in, texts_in
from digipoort_sim.web.templating import HTML, render
from digipoort_sim.web.token import PORTAL_KEY, read_or_make_token

PATH = "/portal"
_PROBLEMS = {400: "bad_request", 403: "forbidden", 404: "not_found", 405: "not_found", 413: "bad_request"}

Crumb = tuple[str, str]
"""A step on the way to a page: where it leads (below the language), and what it is called."""


@dataclass(frozen=True)
class Portal:
    """What all visits have in common."""

    sessions: Sessions
    clock: Clock

    @classmethod
    def open(cls, settings: Settings, ids: IdSource, clock: Clock) -> Portal:
        """The portal of a state directory.

        Raises:
            ConfigError: the key in the state directory cannot be used.
        """
        return cls(Sessions(read_or_make_token(settings.state, ids, PORTAL_KEY), ids), clock)


@dataclass(frozen=True)
class Visit:
    """One request, with what its page needs.

    Attributes:
        path: below the language, without a slash in front; ``machtigingen``.
        session: who is logged in; None if nobody is.
    """

    portal: Portal
    asked: Asked
    language: Language
    path: str
    session: Session | None

    @property
    def texts(self) -> Texts:
        """The texts in the visitor's language."""
        return texts_in(self.language)

    @property
    def sight(self) -> Sight:
        """What the visitor sees of the register; only for visits that are logged in."""
        return sight_of(self.who, self.asked.rooms.settings, self.asked.rooms.catalogue)

    @property
    def who(self) -> Session:
        """Who is logged in; only for visits that are."""
        assert self.session is not None
        return self.session

    def date(self, moment: Any) -> str:
        """A day as the visitor reads it."""
        return date_in(self.language, moment)

    def moment(self, moment: Any) -> str:
        """Day and time as the visitor reads them."""
        return moment_in(self.language, moment)

    def name(self, number: str, type_: str = "KvK") -> str:
        """What the trade register calls a party."""
        return self.asked.rooms.names.name_of(number, type_)

    def to(self, path: str, **query: object) -> str:
        """The address of a page of the portal in the visitor's language."""
        given = {name: value for name, value in query.items() if value not in (None, "")}
        return f"{PATH}/{self.language}/{path}" + (f"?{urlencode(given)}" if given else "")

    def go(self, path: str, cookie: str | None = None, **query: object) -> Reply:
        """Go on with another page of the portal, as one does after a form."""
        headers = {"Location": self.to(path, **query)}
        if cookie is not None:
            headers["Set-Cookie"] = cookie
        return Reply(b"", HTML, 303, headers)

    def page(
        self,
        template: str,
        title: str,
        *,
        crumbs: tuple[Crumb, ...] = (),
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> Reply:
        """A page of the portal.

        Args:
            template: its name in ``templates/portal``.
            crumbs: the steps between the start page and this one.
        """
        page = _page(self.language, self.path, self.asked.query, self.portal.clock)
        shown = {"visit": self, "session": self.session, "title": title, "crumbs": crumbs, **values}
        return replace(render(f"portal/{template}", page | shown, status), headers=headers or {})


PageHandler = Callable[[Visit], Reply]


def handler(portal: Portal, language: Language, path: str, page: PageHandler, *, is_open: bool) -> Handler:
    """A handler of the web door that shows a page of the portal.

    Args:
        path: below the language, with its variable parts in braces.
        is_open: whether it is there for visitors that are not logged in, too.
    """

    def answer(asked: Asked) -> Reply:
        cookies = asked.headers.get("cookie", "")
        session = portal.sessions.read(cookies)
        here = path.format_map({name: quote(value, safe="") for name, value in asked.path.items()})
        visit = Visit(portal, asked, language, here, session)
        if session is None and not is_open:
            return visit.go("", melding="sessie" if is_given(cookies) else "inloggen")
        try:
            return page(visit)
        except NotFoundError:
            # What is another's looks exactly like what is not there.
            words = visit.texts["problems"]["not_found"]
            return visit.page("problem", words["title"], status=404, words=words, detail="")

    return answer


def failure_in_portal(portal: Portal, reply: Reply, path: str) -> Reply:
    """What a visitor sees in place of a problem document."""
    language, _, rest = path.removeprefix(f"{PATH}/").partition("/")
    known: Language = "en" if language == "en" else "nl"
    words = texts_in(known)["problems"][_PROBLEMS.get(reply.status, "trouble")]
    here = quote(rest if language in LANGUAGES else "")
    answer = json.loads(reply.content)
    values = {
        "session": None,
        "title": words["title"],
        "crumbs": (),
        "words": words,
        # What HTTP itself refuses is said by the words already.
        "detail": "" if answer["rule"].startswith("HTTP-") else answer["detail"],
    }
    shown = render("portal/problem", _page(known, here, {}, portal.clock) | values, reply.status)
    return replace(shown, headers=reply.headers)


def _page(language: Language, path: str, query: Mapping[str, Any], clock: Clock) -> dict[str, object]:
    """What the frame of every page needs."""
    other: Language = "nl" if language == "en" else "en"
    asked = f"?{urlencode(query)}" if query else ""
    return {
        "language": language,
        "other": other,
        "switch": f"{PATH}/{other}/{path}{asked}",
        "t": texts_in(language),
        "base": f"{PATH}/{language}",
        "here": path,
        "now": moment_in(language, clock.now()),
    }
