"""The clients' letter box: a tester reads a letter, and may send it back."""

from __future__ import annotations

from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.register import Letter
from digipoort_sim.web.fields import answer_fields, letter_fields
from digipoort_sim.web.operations import Asked, Reply, as_json, as_page

_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)


def list_letters(asked: Asked) -> Reply:
    """The letters, oldest first."""
    with asked.rooms.store.read() as tx:
        found = asked.rooms.register.letters(tx, **{**asked.query, "limit": asked.limit()})
    return as_page(
        "letters", asked, [letter_fields(letter) for letter in found], found[-1].id if found else None
    )


def show_letter(asked: Asked) -> Reply:
    """One letter: its fields, or as its reader sees it."""
    letter = find_letter(asked.rooms, asked.path["id"])
    match asked.query.get("format", "json"):
        case "html":
            content = asked.rooms.letters.html(letter).encode()
            headers = {"Content-Security-Policy": _LETTER_POLICY, "X-Frame-Options": "SAMEORIGIN"}
            return Reply(content, "text/html; charset=utf-8", headers=headers)
        case "text":
            return Reply(asked.rooms.letters.text(letter).encode(), "text/plain; charset=utf-8")
        case _:
            return as_json(letter_fields(letter))


def return_letter(asked: Asked) -> Reply:
    """The client sends the letter back, and so refuses."""
    return as_json(answer_fields(asked.rooms.mandates.return_letter(asked.path["id"])))


def find_letter(rooms: Rooms, letter_id: str) -> Letter:
    """The letter with this id.

    Raises:
        NotFoundError: there is none.
    """
    with rooms.store.read() as tx:
        return rooms.register.letter(tx, letter_id)
