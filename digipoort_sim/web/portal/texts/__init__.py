"""The portal's texts, Dutch and English, from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from digipoort_sim.clock import AMSTERDAM

Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

Texts = Mapping[str, Any]
"""Sections of texts by their names, as in the TOML files."""


@lru_cache(maxsize=len(LANGUAGES))
def texts_in(language: Language) -> Texts:
    """All texts in one language."""
    return tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text("utf-8"))


def date_in(language: Language, moment: datetime) -> str:
    """The day in the Netherlands, such as ``2 maart 2026`` and ``2 March 2026``."""
    local = moment.astimezone(AMSTERDAM)
    return f"{local.day} {texts_in(language)['site']['months'][local.month - 1]} {local.year}"


def moment_in(language: Language, moment: datetime) -> str:
    """Day and time in the Netherlands, such as ``2 maart 2026 om 14.05 uur``."""
    local = moment.astimezone(AMSTERDAM)
    day = date_in(language, moment)
    return f"{day} om {local:%H.%M} uur" if language == "nl" else f"{day} at {local:%H:%M}"
