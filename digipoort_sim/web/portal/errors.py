"""What a visitor filled in wrong: a summary on top of the page, each line leading to its field."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that is not right.

    Attributes:
        field: its id on the page.
        text: what to do, in the visitor's language.
    """

    field: str
    text: str


Errors = tuple[FieldError, ...]
