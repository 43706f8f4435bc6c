"""Words of the portal that come from elsewhere: pages that are not there, services of one's own."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.web.portal.texts import texts_in
from digipoort_sim.web.portal.visit import Visit
from digipoort_sim.web.portal.wording import service_words
from tests.web.portal.conftest import Office, Visitor


@pytest.mark.parametrize(("language", "says"), [("nl", "Deze pagina bestaat niet"), ("en", "does not exist")])
def test_an_address_that_is_not_there_is_told_in_ones_language(
    visitor: Visitor, language: str, says: str
) -> None:
    """A 404 has the portal's own words only, and names an icon, so that browsers ask for none."""
    page = visitor.get(f"/portal/{language}/nergens")
    assert page.status_code == 404
    assert says in page.text
    assert "nothing at this address" not in page.text
    assert 'rel="icon" href="data:,"' in page.text


def test_the_setting_is_told_in_words(office: Office) -> None:
    """What the portal does not show is said without the setting's own value."""
    page = office.visitor().digid().get("/portal/en/machtigingen").text
    assert "seed" not in page


@pytest.mark.parametrize(("language", "name"), [("nl", "Eigen dienst 2025"), ("en", "Own service 2025")])
def test_a_service_of_ones_own_has_an_english_name(language: Any, name: str) -> None:
    """The catalogue's `name_en` names it in the English portal, which has no words for it."""
    published = load_catalogue()
    own = replace(published.diensten["VIA"], code="EIGEN", name="Eigen dienst", name_en="Own service")
    catalogue = replace(published, diensten={**published.diensten, "EIGEN": own})
    rooms = SimpleNamespace(catalogue=catalogue)
    visit = SimpleNamespace(asked=SimpleNamespace(rooms=rooms), language=language, texts=texts_in(language))
    words = service_words(cast(Visit, visit), "EIGEN", "EIGEN_2025", 2025)
    assert (words.name, words.language) == (name, language)
