"""SECURITY.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_each_promise_names_a_test_that_exists() -> None:
    """Every row of the tables names at least one test, and each file and function named is there."""
    rows = [line for line in (_ROOT / "SECURITY.md").read_text().splitlines() if line.startswith("| ")]
    rows = [line for line in rows if line != "| promise | test |"]
    assert len(rows) > 10
    for row in rows:
        named = _NAMED.findall(row)
        assert named, row
        for path, function in named:
            assert (_ROOT / path).is_file(), path
            if function:
                assert re.search(rf"^(async )?def {function}\(", (_ROOT / path).read_text(), re.MULTILINE), (
                    row
                )
