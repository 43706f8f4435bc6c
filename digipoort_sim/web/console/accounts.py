"""The console's page on accounts of the file door: the list, one of them, and what can be done with it."""

from __future__ import annotations

from urllib.parse import quote

from digipoort_sim.errors import DigipoortSimError
from digipoort_sim.exchange.wants import INTERFACES
from digipoort_sim.web.api import accounts as api
from digipoort_sim.web.console.rendering import page, see_other
from digipoort_sim.web.operations import Asked, Operation, Parameter, Reply
from digipoort_sim.web.problems import problem

_HTML = "text/html"
_SETTINGS = tuple(Parameter(row.name, row.description) for row in api.SETTINGS)
_FORM = (Parameter("oin", "the party"), api.FORM, *_SETTINGS)
"""What is left open or wrong is told beside the form."""


def account_pages() -> tuple[Operation, ...]:
    """The page and its forms."""
    shown = Parameter("user", "show this one")
    one = "/accounts/{user}"
    return (
        Operation("GET", "/accounts", "Accounts", accounts, _HTML, query=(shown,)),
        Operation("POST", "/accounts", "Make an account", add, _HTML, body=_FORM),
        Operation("POST", f"{one}/set", "Change an account", change, _HTML, body=_SETTINGS),
        Operation("POST", f"{one}/unlock", "Unlock an account", unlock, _HTML),
        Operation("POST", f"{one}/password", "New password", new_password, _HTML),
        Operation("POST", f"{one}/remove", "Remove an account", remove, _HTML),
    )


def accounts(asked: Asked) -> Reply:
    """The list, one of them in detail, and the form with which one is made."""
    return _page(asked, asked.query.get("user"))


def add(asked: Asked) -> Reply:
    """Make an account and show it with its password, once; what is wrong is told beside the form."""
    try:
        made = api.make_account(_with_oin(asked))
    except DigipoortSimError as error:
        return _page(asked, None, error=error)
    return _page(asked, made["user"], password=made["password"])


def change(asked: Asked) -> Reply:
    """Change an account and show it."""
    user = asked.path["user"]
    try:
        api.set_account(asked)
    except DigipoortSimError as error:
        return _page(asked, user, error=error)
    return _show(user)


def unlock(asked: Asked) -> Reply:
    """Unlock an account and show it."""
    api.unlock_account(asked)
    return _show(asked.path["user"])


def new_password(asked: Asked) -> Reply:
    """Give an account another password and show that, once."""
    return _page(asked, asked.path["user"], password=api.made_password(asked)["password"])


def remove(asked: Asked) -> Reply:
    """Remove an account and show the list."""
    api.remove_account(asked)
    return see_other("/accounts")


def _with_oin(asked: Asked) -> Asked:
    """The form with an OIN, be it an empty one, of which the account's rules say what is wrong."""
    return Asked(asked.rooms, asked.path, asked.query, {"oin": "", **asked.body})


def _show(user: str) -> Reply:
    return see_other(f"/accounts?user={quote(user, safe='')}")


def _page(
    asked: Asked, user: str | None, *, password: str = "", error: DigipoortSimError | None = None
) -> Reply:
    rows = api.account_rows(asked)
    return page(
        "accounts",
        status=200 if error is None else problem(error).status,
        title="Accounts of the file door",
        rows=rows,
        account=next((row for row in rows if row["user"] == user), None),
        password=password,
        interfaces=INTERFACES,
        form={} if password else asked.body,
        error=error,
    )
