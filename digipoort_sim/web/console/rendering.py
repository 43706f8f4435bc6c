"""Pages from templates; everything that is put in is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digipoort_sim.web.operations import Reply

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).resolve().parent.parent
_ENGLISH_NAMES = (
    "id kind door code rule detail event octets position mimeType user oin created via state stub "
    "certificate version wus ftp web wus_port ftp_port web_port ca service_certificate pid peer"
)
_ENGLISH = frozenset(_ENGLISH_NAMES.split())
_HTML = "text/html; charset=utf-8"


def page(template: str, *, status: int = 200, **values: object) -> Reply:
    """A page.

    Args:
        template: its name without ``.html``.
    """
    text = _environment().get_template(f"{template}.html").render(values)
    return Reply(text.encode(), _HTML, status)


def see_other(path: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Go on with a GET of another page, as one does after a form."""
    return Reply(b"", _HTML, 303, {"Location": path, **(headers or {})})


def static_file(name: str, media_type: str) -> Reply:
    """A file that comes with the console."""
    return Reply((_FOLDER / "static" / name).read_bytes(), media_type)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # Jinja2 costs 40 ms to import; a simulator that nobody looks at does not need it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = _shown
    environment.filters["language"] = _language
    return environment


def _language(name: str) -> str:
    """The language of a field's name: Dutch for the words of the wire."""
    return "en" if name in _ENGLISH else "nl"


def _shown(value: Any) -> str:
    """A value as a person reads it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return " ".join(_shown(part) for part in value.values())
    return str(value)
