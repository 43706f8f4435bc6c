"""Pages from templates; everything that is put in is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from digipoort_sim.web.operations import Reply
from digipoort_sim.web.templating import HTML, environment

if TYPE_CHECKING:
    from jinja2 import Environment

_ENGLISH_NAMES = (
    "id kind door code rule detail event octets position mimeType user oin created via state stub "
    "certificate summary version wus ftp ftp_gb web wus_port ftp_port ftp_gb_port "
    "ftp_implicit ftp_implicit_port web_port ca service_certificate pid peer"
)
_UNCOUNTED = ("fiscal", "foreign")
_ENGLISH = frozenset(_ENGLISH_NAMES.split())


def page(template: str, *, status: int = 200, **values: object) -> Reply:
    """A page.

    Args:
        template: its name without ``.html``.
    """
    values["section"] = _section(template)
    text = _environment().get_template(f"{template}.html").render(values)
    return Reply(text.encode(), HTML, status)


def _section(template: str) -> str:
    """The part of the console that a template belongs to: ``mandate`` and ``mandates`` to ``/mandates``."""
    if template == "overview":
        return "/"
    name = template.partition("_")[0] if template.startswith("fiscal") else template.replace("_", "-")
    return f"/{name}" if name.endswith("s") or name in _UNCOUNTED else f"/{name}s"


def see_other(path: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Go on with a GET of another page, as one does after a form."""
    return Reply(b"", HTML, 303, {"Location": path, **(headers or {})})


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = environment()
    made.filters["shown"] = _shown
    made.filters["language"] = _language
    return made


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
