"""The generated pictures in the documentation."""

from __future__ import annotations

import runpy
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "lifecycles.md"


def test_lifecycle_pictures_are_those_of_the_tables() -> None:
    """`docs/lifecycles.md` is what its generator makes of the tables today."""
    generator = runpy.run_path(str(PAGE.with_suffix(".py")))
    assert PAGE.read_text() == generator["page"]()
