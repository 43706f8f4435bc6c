"""The clients' letter box: a tester reads a letter, and may send it back."""

from __future__ import annotations

import re

from digipoort_sim.errors import NotFoundError
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.register import Letter
from digipoort_sim.register.letter_boxes import letter_boxes
from digipoort_sim.web.api.names import names_of_parties
from digipoort_sim.web.fields import Fields, answer_fields, fields_of, letter_fields
from digipoort_sim.web.operations import Asked, Reply, as_json, as_page

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
FORMATS = ("json", "html", "pdf", "text", "svg")
_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)


def list_letters(asked: Asked) -> Reply:
    """The letters, oldest first."""
    with asked.rooms.store.read() as tx:
        found = asked.rooms.register.letters(tx, **{**asked.query, "limit": asked.limit()})
    rows = [named_letter(asked.rooms, letter) for letter in found]
    return as_page("letters", asked, rows, found[-1].id if found else None)


def list_letter_boxes(asked: Asked) -> Reply:
    """Who has letters, by number."""
    names = asked.rooms.names
    with asked.rooms.store.read() as tx:
        found = letter_boxes(tx, limit=asked.limit(), after=asked.query.get("after"))
    rows = [
        {**fields_of(box), "naam": names.name_of(box.id_vertegenwoordigde, box.type_vertegenwoordigde)}
        for box in found
    ]
    return as_page("letter-boxes", asked, rows, found[-1].id_vertegenwoordigde if found else None)


def show_letter(asked: Asked) -> Reply:
    """One letter: its fields, or as its reader sees it; ``svg`` is its QR code.

    Raises:
        NotFoundError: there is no such letter, or it has no QR code.
    """
    letter, letters = find_letter(asked.rooms, asked.path["id"]), asked.rooms.letters
    match asked.query.get("format", "json"):
        case "html":
            reply = _file(letter, "html", letters.html(letter).encode(), "text/html; charset=utf-8")
        case "pdf":
            reply = _file(letter, "pdf", letters.pdf(letter), "application/pdf")
        case "svg":
            reply = _file(letter, "svg", _qr(asked.rooms, letter), "image/svg+xml")
        case "text":
            reply = _file(letter, "txt", letters.text(letter).encode(), "text/plain; charset=utf-8")
        case _:
            reply = as_json({**named_letter(asked.rooms, letter), "toestand": _state(asked.rooms, letter)})
    return reply


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


def named_letter(rooms: Rooms, letter: Letter) -> Fields:
    """A letter's fields with the names of both parties."""
    return {**letter_fields(letter), **names_of_parties(rooms, letter)}


def _state(rooms: Rooms, letter: Letter) -> str:
    """What has become of the registration that the letter is about."""
    with rooms.store.read() as tx:
        return rooms.register.mandate(tx, letter.mandate_id).toestand


def _qr(rooms: Rooms, letter: Letter) -> bytes:
    code = rooms.letters.qr(letter)
    if code is None:
        raise NotFoundError(f"Letter {letter.id} has no activation code, so no QR code.", rule="LETTER-QR")
    return code.encode()


def _file(letter: Letter, suffix: str, content: bytes, media_type: str) -> Reply:
    """A form of the letter, to be shown; who saves it gets a name that says what it is."""
    name = _UNSAFE.sub("_", f"SIMULATIE-brief-{letter.dienst}-{letter.id}") + f".{suffix}"
    headers = {
        "Content-Disposition": f'inline; filename="{name}"',
        "Content-Security-Policy": _LETTER_POLICY,
        "X-Frame-Options": "SAMEORIGIN",
    }
    return Reply(content, media_type, headers=headers)
