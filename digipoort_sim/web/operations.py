"""One row per operation of the web door: what it is asked, who answers, and what OpenAPI says of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from digipoort_sim.errors import ConfigError
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.store.payloads import Payload

LONGEST_PARAMETER = 400
DEFAULT_LIMIT = 100
HIGHEST_LIMIT = 1000

Method = Literal["GET", "POST", "DELETE"]


@dataclass(frozen=True)
class Parameter:
    """A parameter of the query or a field of the body.

    Attributes:
        kind: ``amount`` is a text or a number, ``array`` a list of objects or of texts; ``boolean`` is
            the text ``true`` or ``false`` too, as forms and queries have nothing else.
        choices: the only values that are good; empty if any is.
        longest: of a text, in characters.
    """

    name: str
    description: str
    kind: Literal["string", "integer", "amount", "array", "boolean"] = "string"
    choices: tuple[str, ...] = ()
    required: bool = False
    longest: int = LONGEST_PARAMETER

    def read(self, value: object) -> Any:
        """The value as it is used.

        Raises:
            ConfigError: it is of the wrong kind, too long or no choice.
        """
        if self.kind == "integer":
            return self._integer(value)
        if self.kind == "array":
            return self._array(value)
        if self.kind == "boolean":
            return self._boolean(value)
        if self.kind == "amount" and isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if not isinstance(value, str) or len(value) > self.longest or "\x00" in value:
            raise self._wrong(f"a text of at most {self.longest} characters, none of them NUL")
        if self.choices and value not in self.choices:
            raise self._wrong(f"one of {', '.join(self.choices)}")
        return value

    def _integer(self, value: object) -> int:
        text = str(value)
        if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise self._wrong("a whole number from 0, of at most 18 digits")
        return int(text)

    def _boolean(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        if value not in ("true", "false"):
            raise self._wrong("true or false")
        return value == "true"

    def _array(self, value: object) -> list[Any]:
        if not isinstance(value, list) or not all(isinstance(item, dict | str) for item in value):
            raise self._wrong("a list of objects or texts")
        return value

    def _wrong(self, must_be: str) -> ConfigError:
        return ConfigError(f"{self.name} must be {must_be}", rule="PARAMETER")


@dataclass(frozen=True)
class Asked:
    """One call, taken apart and checked against its row.

    Attributes:
        path: the variable parts of the path.
        query: parameters of the query; those not given are absent.
        body: fields of the JSON body or of the form.
        headers: of the request, by their names in lower case.
        content: the body of an upload, as it came; empty where it is large and lies in a file.
        payload: that file.
    """

    rooms: Rooms
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = field(default=b"", repr=False)
    payload: Payload | None = None

    def limit(self) -> int:
        """How many rows to give."""
        return min(int(self.query.get("limit", DEFAULT_LIMIT)), HIGHEST_LIMIT)


@dataclass(frozen=True)
class Reply:
    """What goes back.

    Attributes:
        payload: a file that goes out in place of `content`, piece by piece.
    """

    content: bytes
    media_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    payload: Payload | None = None


Handler = Callable[[Asked], Reply]


@dataclass(frozen=True)
class Operation:
    """A row of the table.

    Attributes:
        path: with its variable parts in braces.
        handler: answers, in a thread; None for the stream, which the door itself serves.
        returns: name of the schema of its JSON, or a media type.
        many: whether it gives an array of those.
        pages: whether it takes ``limit`` and ``after``.
        upload: whether its body is a file as it is, and not JSON or a form.
        conflict: name of the schema of its refusals with status 409; empty if it has none.
    """

    method: Method
    path: str
    summary: str
    handler: Handler | None
    returns: str = "Object"
    many: bool = False
    pages: bool = False
    query: tuple[Parameter, ...] = ()
    body: tuple[Parameter, ...] = ()
    upload: bool = False
    conflict: str = ""

    def parameters(self) -> tuple[Parameter, ...]:
        """All parameters of its query."""
        return (*self.query, *PAGE) if self.pages else self.query

    def read_query(self, given: Mapping[str, str]) -> dict[str, Any]:
        """The parameters of a query; empty ones count as not given.

        Raises:
            ConfigError: one is unknown or wrong.
        """
        return _read(self.parameters(), {name: value for name, value in given.items() if value})

    def read_body(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a body.

        Raises:
            ConfigError: one is unknown, wrong or missing.
        """
        return _read(self.body, given)


PAGE = (
    Parameter("limit", f"at most so many rows; default {DEFAULT_LIMIT}, highest {HIGHEST_LIMIT}", "integer"),
    Parameter("after", "go on behind this row, as the Link header of the page before says"),
)


def _read(rows: tuple[Parameter, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    known = {row.name: row for row in rows}
    unknown = sorted(set(given) - set(known))
    if unknown:
        listed = ", ".join(known) or "none"
        raise ConfigError(
            f"there is no parameter {unknown[0][:80]!r} here; known: {listed}", rule="PARAMETER"
        )
    for row in rows:
        if row.required and given.get(row.name) is None:
            raise ConfigError(f"{row.name} is missing: {row.description}", rule="PARAMETER")
    return {name: known[name].read(value) for name, value in given.items() if value is not None}


def row_number(after: str | None) -> int | None:
    """The row behind which a listing goes on, where its ``after`` is a number.

    Raises:
        ConfigError: it is not.
    """
    if after is None:
        return None
    if not (after.isascii() and after.isdigit() and len(after) <= 18):
        raise ConfigError("after must be a number from a Link header", rule="PARAMETER")
    return int(after)


def as_json(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A reply with a JSON document."""
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(content, "application/json", status, headers or {})


def as_page(
    path: str, asked: Asked, rows: list[dict[str, Any]], last: object, parameter: str = "after"
) -> Reply:
    """A reply with rows, and with a ``Link`` to the next page when this one is full.

    Args:
        path: of the listing, below ``/api/v1/``.
        last: what the parameter takes to go on behind the last row.
        parameter: of the listing.
    """
    headers = {}
    if rows and len(rows) >= asked.limit():
        query = {**asked.query, "limit": asked.limit(), parameter: last}
        headers["Link"] = f'</api/v1/{path}?{urlencode(query)}>; rel="next"'
    return as_json(rows, headers=headers)
