"""The portal's texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.register import Event, State
from digipoort_sim.register.values import DueKind
from digipoort_sim.web.portal.table import preferred_language
from digipoort_sim.web.portal.texts import date_in, moment_in, texts_in

_PLACE = re.compile(r"\{\w+\}")


def _flat(texts: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in texts.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield path + name, str(value)


def _all(language: Any) -> dict[str, str]:
    # The catalogue has the services' Dutch names, so only English has texts for them.
    return {path: text for path, text in _flat(texts_in(language)) if not path.startswith("services.")}


def test_both_languages_say_the_same_things() -> None:
    """Dutch and English have the same keys, none of them empty, and fill in the same words."""
    dutch, english = _all("nl"), _all("en")
    assert dutch.keys() == english.keys()
    for path, text in dutch.items():
        assert text.strip(), path
        assert english[path].strip(), path
        assert set(_PLACE.findall(text)) == set(_PLACE.findall(english[path])), path


def test_nothing_of_the_register_is_without_words() -> None:
    """Every service has an English name; every state, event and coming step is said in words."""
    english = texts_in("en")
    assert set(english["services"]) == set(load_catalogue().diensten)
    assert set(english["states"]) == set(State)
    assert set(english["events"]) == {str(event) for event in Event}
    assert set(DueKind.__args__) <= {*english["steps"], "extension"}


def test_dates_are_those_of_the_netherlands_in_both_languages() -> None:
    """Shortly before midnight UTC it is the next day there, written as each language writes it."""
    moment = datetime(2026, 2, 28, 23, 5, tzinfo=UTC)
    assert (date_in("nl", moment), date_in("en", moment)) == ("1 maart 2026", "1 March 2026")
    assert moment_in("nl", moment) == "1 maart 2026 om 00.05 uur"
    assert moment_in("en", moment) == "1 March 2026 at 00:05"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "nl"),
        ("de,fr;q=0.5", "nl"),
        ("en-GB,en;q=0.9,nl;q=0.8", "en"),
        ("nl,en;q=0.9", "nl"),
        ("en;q=0.1, nl-BE;q=0.2", "nl"),
        ("en;q=nonsense", "nl"),
        ("en;q=0", "nl"),
        (",;,en", "en"),
    ],
)
def test_the_language_that_the_browser_wants(accepted: str, language: str) -> None:
    """Accept-Language decides; Dutch if it names neither language, or both alike."""
    assert preferred_language(accepted) == language
