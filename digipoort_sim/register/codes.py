"""Activation codes: 3 digits, 3 capitals, 3 digits, such as ``385-ABE-355`` (inferred from one example)."""

from __future__ import annotations

import re

from digipoort_sim.ids import IdSource

_CAPITALS = "ABCDEFGHJKLMNPRSTUVWXYZ"  # without I, O and Q, which are misread on paper
_FILLING = re.compile(r"[\s\-‐‑‒–—]+")  # people copy codes with all sorts of hyphens
_FORM = re.compile(r"([0-9]{3})([A-Z]{3})([0-9]{3,4})", re.ASCII)


def new_code(ids: IdSource) -> str:
    """A new activation code, with hyphens."""
    letters = "".join(_CAPITALS[ids.below(len(_CAPITALS))] for _ in range(3))
    return f"{ids.below(1000):03d}-{letters}-{ids.below(1000):03d}"


def tidy_code(text: str) -> str | None:
    """A code as a person wrote it, in the form of `new_code`; None if it cannot be a code.

    Any case, with or without hyphens and blanks, the last group three or four long (s).
    """
    match = _FORM.fullmatch(_FILLING.sub("", text).upper())
    return "-".join(match.groups()) if match else None
