"""Accounts of the file door."""

from __future__ import annotations

from digipoort_sim.exchange.accounts import Accounts
from digipoort_sim.exchange.foreign_forms import ForeignForms
from digipoort_sim.web.fields import account_fields
from digipoort_sim.web.operations import Asked, Reply, as_json


def list_accounts(asked: Asked) -> Reply:
    """The accounts, oldest first."""
    return as_json([account_fields(account) for account in _accounts(asked).list()])


def add_account(asked: Asked) -> Reply:
    """Make an account; its password is shown only now. A foreign party's form comes first."""
    rooms = asked.rooms
    forms = ForeignForms(rooms.store, rooms.catalogue, rooms.clocks)
    forms.check(asked.body["oin"], is_handed_in=asked.body.get("nonNlForm", False))
    user, password = _accounts(asked).add(asked.body["oin"])
    return as_json({"user": user, "password": password, "oin": asked.body["oin"]}, status=201)


def remove_account(asked: Asked) -> Reply:
    """Remove an account; its sessions end."""
    _accounts(asked).remove(asked.path["user"])
    return Reply(b"", "application/json", 204)


def _accounts(asked: Asked) -> Accounts:
    rooms = asked.rooms
    return Accounts(rooms.store, rooms.ids, rooms.clocks)
