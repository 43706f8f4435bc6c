"""Templates of the web door: one environment for console and portal; everything that is put in is escaped."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from digipoort_sim.web.operations import Reply

if TYPE_CHECKING:
    from jinja2 import Environment

HTML = "text/html; charset=utf-8"
_FOLDER = Path(__file__).resolve().parent


def render(template: str, values: dict[str, object], status: int = 200) -> Reply:
    """A page.

    Args:
        template: its path below ``templates``, without ``.html``.
    """
    text = environment().get_template(f"{template}.html").render(values)
    return Reply(text.encode(), HTML, status)


def static_file(name: str, media_type: str) -> Reply:
    """A file that comes with the pages."""
    return Reply((_FOLDER / "static" / name).read_bytes(), media_type)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Where the templates come from; rooms add their filters."""
    # Jinja2 costs 40 ms to import; a simulator that nobody looks at does not need it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
