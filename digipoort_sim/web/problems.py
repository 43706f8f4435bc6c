"""Errors as problem documents (RFC 9457): the one place where the web door turns one into the other."""

from __future__ import annotations

import http
import json
from typing import Any

from digipoort_sim.errors import (
    AuthenticationRefusal,
    ConfigError,
    ConflictError,
    DigipoortSimError,
    NotFoundError,
    PermissionRefusal,
    Refusal,
    SizeRefusal,
    TechnicalError,
)
from digipoort_sim.exchange.foreign_office import ForeignRefused
from digipoort_sim.exchange.mandate_office import MandateRefused
from digipoort_sim.web.fields import answer_fields, outcome_fields
from digipoort_sim.web.operations import Reply

MEDIA_TYPE = "application/problem+json"

_STATUS: tuple[tuple[type[DigipoortSimError], int], ...] = (
    (NotFoundError, 404),
    (ConflictError, 409),
    (ConfigError, 400),
    (AuthenticationRefusal, 401),
    (PermissionRefusal, 403),
    (SizeRefusal, 413),
    (Refusal, 400),
    (TechnicalError, 503),
)
"""First match counts."""


def problem(error: DigipoortSimError) -> Reply:
    """The problem document of an error."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return problem_reply(status, error.detail, error.rule, headers, _words_of(error))


def _words_of(error: DigipoortSimError) -> dict[str, Any] | None:
    """The catalogue's words for what the register refuses, in both languages."""
    if isinstance(error, MandateRefused):
        return answer_fields(error.answer)
    if isinstance(error, ForeignRefused):
        return {"outcome": error.row.key, **outcome_fields(error.row)}
    return None


def problem_reply(
    status: int,
    detail: str,
    rule: str,
    headers: dict[str, str] | None = None,
    more: dict[str, Any] | None = None,
) -> Reply:
    """A problem document for an HTTP status.

    Args:
        more: what else the document tells, by its own names.
    """
    document = {
        **(more or {}),
        "type": f"urn:digipoort-sim:rule:{rule}" if rule else "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "rule": rule,
    }
    return Reply(json.dumps(document, ensure_ascii=False).encode(), MEDIA_TYPE, status, headers or {})
