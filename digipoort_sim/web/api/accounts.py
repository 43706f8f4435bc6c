"""Accounts of the file door."""

from __future__ import annotations

from typing import Any

from digipoort_sim.exchange.account_desk import AccountDesk
from digipoort_sim.exchange.wants import INTERFACES
from digipoort_sim.web.fields import account_fields
from digipoort_sim.web.operations import Asked, Operation, Parameter, Reply, as_json

OIN = Parameter("oin", "the party; its certificates must carry this OIN", required=True)
FORM = Parameter(
    "nonNlForm", "whether a foreign party hands in the form for parties outside the Netherlands", "boolean"
)
SETTINGS = (
    Parameter("label", "the user's own words for it, at most 80 characters"),
    Parameter(
        "deliver",
        "what comes to /out besides receipts: none, all, or kinds (mededelingen, kennisgevingen) and "
        "berichtsoorten with commas between them",
    ),
    Parameter("interface", "the file interface in whose /out it comes", choices=INTERFACES),
)
_ACCOUNT: dict[str, tuple[str, ...]] = {
    "user": ("string",),
    "oin": ("string",),
    "label": ("string",),
    "created": ("string",),
    "deliver": ("string",),
    "interface": ("string",),
    "locked": ("boolean",),
    "failed": ("integer",),
    "lockedSince": ("string", "null"),
    "lockedUntil": ("string", "null"),
}
ACCOUNT_SCHEMAS: dict[str, dict[str, tuple[str, ...]]] = {
    "Account": _ACCOUNT,
    "NewAccount": {"user": ("string",), "password": ("string",), "oin": ("string",)},
}


def account_operations(base: str) -> tuple[Operation, ...]:
    """The operations on accounts."""
    path = f"{base}/ftp/accounts"
    one = f"{path}/{{user}}"
    return (
        Operation("GET", path, "Accounts of the file door", list_accounts, "Account", many=True),
        Operation(
            "POST",
            path,
            "Make an account",
            add_account,
            "NewAccount",
            body=(OIN, FORM, *SETTINGS),
            conflict="ForeignProblem",
        ),
        Operation("GET", one, "One account", show_account, "Account"),
        Operation("POST", one, "Change label, deliver or interface", set_account, "Account", body=SETTINGS),
        Operation("POST", f"{one}/unlock", "Unlock an account", unlock_account, "Account"),
        Operation("POST", f"{one}/password", "Give it another password", new_password, "NewAccount"),
        Operation("DELETE", one, "Remove an account; 204", remove_account, "Nothing"),
    )


def desk_of(asked: Asked) -> AccountDesk:
    """The counter for accounts."""
    rooms = asked.rooms
    return AccountDesk(rooms.store, rooms.catalogue, rooms.ids, rooms.clocks)


def list_accounts(asked: Asked) -> Reply:
    """The accounts, oldest first."""
    return as_json(account_rows(asked))


def account_rows(asked: Asked) -> list[dict[str, Any]]:
    """The accounts as the console shows them too."""
    desk = desk_of(asked)
    return [account_fields(one, is_locked=desk.is_locked(one)) for one in desk.accounts.list()]


def add_account(asked: Asked) -> Reply:
    """Make an account; its password is shown only now. A foreign party's form comes first."""
    return as_json(make_account(asked), status=201)


def make_account(asked: Asked) -> dict[str, str]:
    """Make what was asked for; gives user, password and oin."""
    body = {name: value for name, value in asked.body.items() if name != "nonNlForm"}
    user, password = desk_of(asked).add(**body, non_nl_form=asked.body.get("nonNlForm", False))
    return {"user": user, "password": password, "oin": asked.body["oin"]}


def show_account(asked: Asked) -> Reply:
    """One account."""
    return as_json(_shown(asked))


def set_account(asked: Asked) -> Reply:
    """Change what is given, and show the account."""
    desk_of(asked).change(asked.path["user"], **asked.body)
    return as_json(_shown(asked))


def unlock_account(asked: Asked) -> Reply:
    """Let it log in again, and show it."""
    desk_of(asked).accounts.unlock(asked.path["user"])
    return as_json(_shown(asked))


def new_password(asked: Asked) -> Reply:
    """Give it another password, which is shown only now and unlocks it too."""
    return as_json(made_password(asked))


def made_password(asked: Asked) -> dict[str, str]:
    """Give it another password; gives user, password and oin."""
    accounts, user = desk_of(asked).accounts, asked.path["user"]
    password = accounts.new_password(user)
    return {"user": user, "password": password, "oin": accounts.show(user).oin}


def remove_account(asked: Asked) -> Reply:
    """Remove an account; its sessions end."""
    desk_of(asked).accounts.remove(asked.path["user"])
    return Reply(b"", "application/json", 204)


def _shown(asked: Asked) -> dict[str, Any]:
    desk = desk_of(asked)
    account = desk.accounts.show(asked.path["user"])
    return account_fields(account, is_locked=desk.is_locked(account))
