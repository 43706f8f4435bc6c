"""A client of the control API of a running simulator, on the standard library because it starts fast."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode, urlsplit

from digipoort_sim.client.endpoints import read_endpoints, unreachable
from digipoort_sim.errors import (
    ConfigError,
    ConflictError,
    DigipoortSimError,
    NotFoundError,
    TechnicalError,
)

_NEXT = re.compile(r'</api/v1/([^<>]+)>; rel="next"')
_PAGE = 500
_TIMEOUT_SECONDS = 30.0
_FILE_SECONDS = 600.0
_PIECE = 1024 * 1024
_PROBLEMS: dict[int, type[DigipoortSimError]] = {404: NotFoundError, 409: ConflictError}


class RegisterRefusal(ConflictError):
    """The register refused; `document` is the problem document with its code and its texts."""

    def __init__(self, detail: str, rule: str, document: Mapping[str, Any]) -> None:
        super().__init__(detail, rule=rule)
        self.document = document


@dataclass(frozen=True)
class Control:
    """The control API of one running simulator.

    Attributes:
        state: its state directory.
        base: URL of its web door.
        token: what the web door wants to see when it is open to other machines.
    """

    state: Path
    base: str
    token: str | None = None
    timeout: float | None = _TIMEOUT_SECONDS

    @classmethod
    def find(cls, state: Path, *, timeout: float | None = _TIMEOUT_SECONDS) -> Control:
        """The simulator that serves from a state directory.

        Args:
            timeout: seconds to wait for an answer; None waits as long as it takes.

        Raises:
            UnreachableError: none does.
        """
        base = str(read_endpoints(state)["web"])
        try:
            token = (state / "web-token").read_text("ascii").strip()
        except (OSError, ValueError):
            token = None
        return cls(state, base, token, timeout)

    def get(self, path: str, **query: object) -> Any:
        """The JSON behind a path such as ``messages``; see `call` for what it raises."""
        return self.call("GET", _with_query(path, query))

    def text(self, path: str) -> str:
        """The text behind a path; see `call` for what it raises."""
        return self.octets(path).decode("utf-8", "replace")

    def octets(self, path: str) -> bytes:
        """The octets behind a path; see `call` for what it raises."""
        status, content, _ = self._exchange("GET", path, None)
        if status >= 400:
            raise self._problem(status, _json(content))
        return content

    def post(self, path: str, body: Mapping[str, object] | None = None) -> Any:
        """The JSON of the answer to a POST; see `call` for what it raises."""
        return self.call("POST", path, body or {})

    def copy(self, path: str, target: BinaryIO) -> None:
        """Write the octets behind a path to a file, piece by piece; see `call` for what it raises."""
        with self._answered("GET", path, None) as answer:
            if answer.status >= 400:
                raise self._problem(answer.status, _json(answer.read()))
            shutil.copyfileobj(answer, target, _PIECE)

    def upload(self, path: str, file: Path, **query: object) -> Any:
        """The JSON of the answer to a POST whose body is a file; see `call` for what it raises."""
        status, answer, _ = self._exchange("POST", _with_query(path, query), file)
        document = _json(answer)
        if status >= 400:
            raise self._problem(status, document)
        return document

    def rows(self, path: str, limit: int | None = None, **query: object) -> Iterator[Any]:
        """All rows of a listing, or so many of them, page after page (``Link: ...; rel="next"``)."""
        left = limit
        following: str | None = _with_query(path, {**query, "limit": min(limit or _PAGE, _PAGE)})
        while following is not None:
            page, following = self._answer("GET", following)
            if left is not None and len(page) >= left:
                yield from page[:left]
                return
            left = None if left is None else left - len(page)
            yield from page

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """Ask the control API.

        Raises:
            UnreachableError: nobody answers.
            NotFoundError: there is no such thing (404).
            RegisterRefusal: the mandate register refuses (409).
            ConflictError: it cannot be done now (other 409).
            ConfigError: the server does not accept what was asked (other 4xx).
            TechnicalError: trouble in the server (5xx).
        """
        return self._answer(method, path, body)[0]

    def _answer(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> tuple[Any, str | None]:
        status, content, following = self._exchange(method, path, body)
        document = _json(content)
        if status >= 400:
            raise self._problem(status, document)
        return document, following

    def _problem(self, status: int, document: Any) -> DigipoortSimError:
        fields = document if isinstance(document, dict) else {}
        detail = str(fields.get("detail") or fields.get("title") or f"the server answered HTTP {status}")
        if status == 409 and "outcome" in fields:
            return RegisterRefusal(detail, str(fields.get("rule", "")), fields)
        kind = _PROBLEMS.get(status, TechnicalError if status >= 500 else ConfigError)
        return kind(detail, rule=str(fields.get("rule", "")))

    def _exchange(
        self, method: str, path: str, body: Mapping[str, object] | Path | None
    ) -> tuple[int, bytes, str | None]:
        with self._answered(method, path, body) as answer:
            return answer.status, answer.read(), _next(answer.headers.get("Link"))

    @contextlib.contextmanager
    def _answered(
        self, method: str, path: str, body: Mapping[str, object] | Path | None
    ) -> Iterator[http.client.HTTPResponse]:
        """The answer to a request, while its connection is open."""
        address = urlsplit(self.base)
        timeout = _FILE_SECONDS if isinstance(body, Path) else self.timeout
        connection = http.client.HTTPConnection(
            address.hostname or "localhost", address.port, timeout=timeout, blocksize=_PIECE
        )
        headers = {"Accept": "application/json"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            if isinstance(body, Path):
                with body.open("rb") as file:
                    size = str(os.fstat(file.fileno()).st_size)
                    kind = {"Content-Type": "application/octet-stream", "Content-Length": size}
                    connection.request(method, f"/api/v1/{path}", file, {**headers, **kind})
            else:
                content = None if body is None else json.dumps(body).encode()
                kind = {} if body is None else {"Content-Type": "application/json"}
                connection.request(method, f"/api/v1/{path}", content, {**headers, **kind})
            yield connection.getresponse()
        except (OSError, http.client.HTTPException):
            raise unreachable(self.state) from None
        finally:
            connection.close()


def path_part(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")


def _with_query(path: str, query: Mapping[str, object]) -> str:
    given = {name: str(value) for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


def _json(content: bytes) -> Any:
    try:
        return json.loads(content) if content else {}
    except ValueError:
        raise TechnicalError("what answers there is no digipoort-sim", rule="NO-JSON") from None


def _next(link: str | None) -> str | None:
    found = _NEXT.match(link or "")
    return found.group(1) if found else None
