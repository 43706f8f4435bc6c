"""The one place where an error becomes an FTP reply."""

from __future__ import annotations

from digipoort_sim.errors import (
    AuthenticationRefusal,
    ConflictError,
    DigipoortSimError,
    NotFoundError,
    Refusal,
    SizeRefusal,
)

_CODES: tuple[tuple[type[DigipoortSimError], int], ...] = (
    (SizeRefusal, 552),
    (AuthenticationRefusal, 530),
    (Refusal, 553),
    (ConflictError, 553),
    (NotFoundError, 550),
)
_BY_RULE = {"FTP-BUSY": 450, "FTP-DISK": 452}
_LONGEST = 400


def reply_to(error: BaseException) -> tuple[int, str, str]:
    """Code, text and rule of the reply for an error; our own trouble is 451 and tells nothing."""
    if isinstance(error, DigipoortSimError) and error.rule in _BY_RULE:
        return _BY_RULE[error.rule], error.detail, error.rule
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code, error.detail, error.rule
    return 451, "a technical fault occurred here; try again later", "FTP-TECHNICAL"


def one_line(text: str) -> str:
    """A text as it may stand in a reply: one line, printable, not too long, no full stop at its end."""
    plain = " ".join(text.split())
    shown = "".join(character if character.isprintable() else "?" for character in plain)
    return shown[:_LONGEST].rstrip(".")
