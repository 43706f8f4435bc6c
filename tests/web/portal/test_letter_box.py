"""The client's letter box, the simulator's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from digipoort_sim.register import State
from tests.browser.population import OFFICE, OFFICE_KVK, ORGANISATION, PERSON
from tests.web.portal.conftest import Office, open_office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A populated register of this module's own, because letters are returned here."""
    with open_office(tmp_path_factory.mktemp("portal")) as opened:
        yield opened


def _state(office: Office, dienst: str) -> State:
    with office.rooms.store.read() as tx:
        return office.rooms.register.mandate(tx, office.population.mandates[dienst]).toestand


def test_a_letter_is_read_with_its_code(office: Office) -> None:
    """The client finds the letter, its code and its last day, and the letter as page and PDF."""
    visitor = office.visitor().digid()
    letter = office.population.letters["SBT_2026"]
    assert f"/portal/nl/postvak/{letter}" in visitor.get("/portal/nl/postvak").text
    page = visitor.get(f"/portal/nl/postvak/{letter}")
    code = re.search(r"<code>([0-9]{3}-[A-Z]{3}-[0-9]{3})</code>", page.text)
    assert code is not None
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    sheet = visitor.get(f"/portal/nl/postvak/{letter}/brief")
    assert code[1] in sheet.text
    assert visitor.get(f"/portal/nl/postvak/{letter}/brief.pdf").content.startswith(b"%PDF-")


def test_letters_about_hidden_mandates_are_there(office: Office) -> None:
    """UWV's letter on a loonheffingennummer is in the organisation's box, though its mandate is hidden."""
    visitor = office.visitor().eherkenning("vertegenwoordigde", "RSIN", ORGANISATION)
    box = visitor.get("/portal/nl/postvak").text
    assert "UWV" in box
    assert "Ziek en Zwanger" in box
    assert "Ziek en Zwanger" not in visitor.get("/portal/nl/machtigingen").text


def test_letters_of_others_are_not_there(office: Office) -> None:
    """Another client and the intermediary find no letter of this one by any address, nor return it."""
    letter = office.population.letters["SBT_2026"]
    for visitor in (office.visitor().digid("100000010"), office.visitor().eherkenning()):
        assert letter not in visitor.get("/portal/nl/postvak").text
        for page in ("", "/brief", "/brief.pdf", "/terugsturen", "/teruggestuurd"):
            assert visitor.get(f"/portal/nl/postvak/{letter}{page}").status_code == 404
        assert visitor.post(f"/portal/nl/postvak/{letter}/terugsturen").status_code == 404
    assert _state(office, "SBT_2026") is State.IN_BEHANDELING


def test_returning_a_letter_refuses_or_revokes(office: Office) -> None:
    """In the reaction term the registration is refused, an active one revoked; twice changes nothing."""
    visitor = office.visitor().digid()
    for dienst, state, words in (
        ("SBA_IB_2026", State.AFGEWEZEN, "afgewezen"),
        ("DM_IB", State.INGETROKKEN, "ingetrokken"),
    ):
        path = f"/portal/nl/postvak/{office.population.letters[dienst]}"
        assert "Ja, brief terugsturen" in visitor.get(f"{path}/terugsturen").text
        assert visitor.get(f"{path}/teruggestuurd").url.path == path
        done = visitor.post(f"{path}/terugsturen")
        assert done.url.path == f"{path}/teruggestuurd"
        assert f"De status van de machtiging is nu: {words}." in done.text
        assert _state(office, dienst) is state
        again = visitor.post(f"{path}/terugsturen")
        assert again.status_code == 409
        assert "verandert niets meer" in again.text


def test_the_form_ends_what_it_names(office: Office) -> None:
    """The form is checked, shown, may be changed, and then ends a registration without a letter."""
    visitor = office.visitor().digid()
    fields = {"eigen": PERSON, "dienst": "VIA", "jaar": "2022", "gemachtigde": OFFICE_KVK}
    checked = visitor.post("/portal/en/formulier", **fields)
    assert "Yes, send the form" in checked.text
    assert _state(office, "VIA_2022") is State.WACHTRIJ
    changed = visitor.post("/portal/en/formulier", **fields, bevestigd="nee")
    assert 'value="2022"' in changed.text
    done = visitor.post("/portal/en/formulier", **fields, bevestigd="ja")
    assert done.url.path == "/portal/en/formulier/verwerkt"
    assert "is now: revoked" in done.text
    assert _state(office, "VIA_2022") is State.INGETROKKEN
    again = visitor.post("/portal/en/formulier", **fields, bevestigd="ja")
    assert again.status_code == 400
    assert "The form cannot be handled." in again.text


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"eigen": "100000010"}, "#eigen"),
        ({"dienst": "NIETS"}, "#dienst"),
        ({"jaar": "26"}, "#jaar"),
        ({"gemachtigde": "<b>"}, "#gemachtigde"),
        ({"jaar": "", "bevestigd": "ja"}, "#dienst"),
    ],
)
def test_a_form_that_is_not_right_says_where(office: Office, changed: dict[str, Any], field: str) -> None:
    """Another's number, an unknown service, no year where one is needed: each is said at its field."""
    fields = {"eigen": PERSON, "dienst": "VIA", "jaar": "2025", "gemachtigde": OFFICE, **changed}
    answer = office.visitor().digid().post("/portal/nl/formulier", **fields)
    assert answer.status_code == 400
    assert re.findall(r'<li><a href="(#[^"]+)">', answer.text) == [field]


def test_only_clients_have_a_box(office: Office) -> None:
    """An intermediary gets no post and cannot send the client's form."""
    visitor = office.visitor().eherkenning()
    assert "Alleen cliënten krijgen post" in visitor.get("/portal/nl/postvak").text
    assert visitor.get("/portal/nl/formulier").status_code == 404
    done = f"/portal/nl/formulier/verwerkt?machtiging={office.population.mandates['VIA_2024']}"
    assert visitor.get(done).status_code == 404
