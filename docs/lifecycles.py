"""Writes ``docs/lifecycles.md`` from the tables: ``python docs/lifecycles.py``."""

from __future__ import annotations

from pathlib import Path

from digipoort_sim.exchange import lifecycle
from digipoort_sim.register import states
from digipoort_sim.register.fiscal import permit_states

TARGET = Path(__file__).with_name("lifecycles.md")
_PAGE = """# The lives

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

## The life of a fiscal representative's permit

Each arrow is an event (`register/fiscal/permit_states.py`). That a permit is given after its
security was put up, and the term before the release, are published; the rest is the simulator's.

```mermaid
{permit}```
"""


def page() -> str:
    """The page as it should be."""
    return _PAGE.format(message=lifecycle.mermaid(), mandate=states.diagram(), permit=permit_states.diagram())


if __name__ == "__main__":
    TARGET.write_text(page())
