"""Writes ``docs/lifecycles.md`` from the two tables: ``python docs/lifecycles.py``."""

from __future__ import annotations

from pathlib import Path

from digipoort_sim.exchange import lifecycle
from digipoort_sim.register import states

TARGET = Path(__file__).with_name("lifecycles.md")
_PAGE = """# The two lives

Generated from the tables in the code by `python docs/lifecycles.py`; a test compares.

## The life of a message

Each arrow is a status that is set, with its code and the step that sets it (`exchange/lifecycle.py`).

```mermaid
{message}```

## The life of a mandate

Each arrow is an event (`register/states.py`). The names of the states are those of vendors and the
simulator's own, except ONTVANGEN; the transitions are inferred.

```mermaid
{mandate}```
"""


def page() -> str:
    """The page as it should be."""
    return _PAGE.format(message=lifecycle.mermaid(), mandate=states.diagram())


if __name__ == "__main__":
    TARGET.write_text(page())
