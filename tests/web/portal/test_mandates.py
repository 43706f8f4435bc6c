"""What a login sees of the register, and revoking."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest

from digipoort_sim.register import State
from digipoort_sim.register.messages import MandateMessage, MessageKind
from tests.browser.population import OFFICE, ORGANISATION, PERSON, REASON
from tests.web.portal.conftest import Office, Visitor, open_office

NEWS = {"shows": "2024-11"}
_RSIN_OFFICE = "00000001123456782000"
_LINK = re.compile(r'href="/portal/\w+/machtigingen/([0-9a-f-]{36})"')


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A populated register with clients and intermediaries of all sorts besides."""
    with open_office(tmp_path_factory.mktemp("portal")) as opened:
        for dienst, number, type_, oin in (
            ("SBA_OB_2026", "123456782B01", "Fi", OFFICE),
            ("SBU", "87654321", "KvK", OFFICE),
            ("SBU", PERSON, "Fi", OFFICE),
            ("GWH", PERSON, "BSN", _RSIN_OFFICE),
            ("NIETS", PERSON, "BSN", OFFICE),
            ("VIA_2013", PERSON, "BSN", OFFICE),
        ):
            _request(opened, dienst, number, type_, oin)
        yield opened


def _request(office: Office, dienst: str, number: str, type_: str, oin: str) -> None:
    message = MandateMessage(MessageKind.OPVOEREN, dienst, number, type_, oin)
    with office.rooms.store.begin() as tx:
        now = office.rooms.clocks.simulator.now()
        office.rooms.register.handle(tx, message, oin, now)


def _services(visitor: Visitor, *, past: bool = False, query: str = "") -> set[str]:
    """The codes of the services in the overview, from the pages of their mandates; of all its pages."""
    path = f"/portal/en/{'eerdere-machtigingen' if past else 'machtigingen'}{query}"
    found: set[str] = set()
    while path:
        text = visitor.get(path).text
        for id_ in _LINK.findall(text):
            detail = visitor.get(f"/portal/en/machtigingen/{id_}").text
            found |= set(re.findall(r"<dt>Code of the service</dt><dd><code>([^<]+)", detail))
        following = re.search(r'href="([^"]+)" rel="next"', text)
        path = html.unescape(following[1]) if following else ""
    return found


def test_a_person_sees_own_mandates_current_and_past(office: Office) -> None:
    """With DigiD: those on the BSN and the person's own fiscaal nummer, of all intermediaries."""
    visitor = office.visitor().digid()
    current = {"VIA_2022", "VIA_2025", "SBA_IB_2025", "SBA_IB_2026", "SBT_2026", "DM_IB", "GWH", "SBU"}
    assert _services(visitor) == current
    # NIETS and VIA_2013 were refused at once, so they never were the client's.
    assert _services(visitor, past=True) == {"VIA_2023", "VIA_2024", "SBU"}


@pytest.mark.parametrize(
    ("kind", "number", "shown", "shown_by_news"),
    [
        ("RSIN", ORGANISATION, {"SBA_VPB_2026"}, {"SBA_VPB_2026", "SBA_OB_2026"}),
        ("Fi", ORGANISATION, set(), {"SBA_OB_2026"}),
        ("Fi", "123456782B01", set(), {"SBA_OB_2026"}),
        ("KvK", "87654321", set(), {"SBU"}),
    ],
)
def test_an_organisation_sees_what_the_switch_says(
    office: Office, kind: str, number: str, shown: set[str], shown_by_news: set[str]
) -> None:
    """Mandates on a fiscaal nummer or KvK number are shown by the switch only; those of UWV never."""
    for settings, expected in (({}, shown), ({"portal": NEWS}, shown_by_news)):
        visitor = office.visitor(**settings).eherkenning("vertegenwoordigde", kind, number)
        assert _services(visitor) == expected
        note = visitor.get("/portal/nl/machtigingen").text
        assert "Wat dit portaal niet toont" in note
        assert "loonheffingennummer" in note
        assert ("KvK-nummer van een organisatie" in note) == (not settings)


def test_an_organisation_with_kvk_sees_the_mandates_on_its_rsin(office: Office) -> None:
    """eHerkenning passes on the RSIN with a KvK number, and so its mandates are shown."""
    visitor = office.visitor()
    fields = {"kant": "vertegenwoordigde", "soort": "KvK", "nummer": "87654321", "rsin": ORGANISATION}
    visitor.post("/portal/nl/eherkenning", **fields)
    assert _services(visitor) == {"SBA_VPB_2026"}


def test_an_intermediary_sees_all_services_of_all_clients(office: Office) -> None:
    """As gemachtigde: every mandate that this party asked for, UWV's and refused ones too."""
    visitor = office.visitor().eherkenning()
    first = visitor.get("/portal/nl/machtigingen").text
    assert len(_LINK.findall(first)) == 20
    current = {"UWV-ZZ-ZW", "SBA_VPB_2026", "SBA_OB_2026", "SBU", "VIA_2025", "DM_IB"}
    assert current <= _services(visitor)
    assert _services(visitor, past=True) == {"VIA_2023", "VIA_2024", "SBU", "NIETS", "VIA_2013"}


def test_an_intermediary_on_an_rsin_sees_nothing_until_the_switch_says_so(office: Office) -> None:
    """Intermediaries' mandates on an RSIN are not shown yet, and the page says so; by the switch they are."""
    hidden = office.visitor().eherkenning(kind="RSIN", number=ORGANISATION)
    assert _services(hidden) == set()
    assert "op een RSIN" in hidden.get("/portal/nl/machtigingen").text
    shown = office.visitor(portal=NEWS).eherkenning(kind="RSIN", number=ORGANISATION)
    assert _services(shown) == {"GWH"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"?nummer={ORGANISATION}", {"SBA_VPB_2026"}),
        ("?dienst=SBA_IB&jaar=2026", {"SBA_IB_2026"}),
        (f"?nummer={PERSON}&dienst=VIA", {"VIA_2022", "VIA_2025"}),
        ("?nummer=999999990", set()),
    ],
)
def test_an_intermediary_searches(office: Office, query: str, found: set[str]) -> None:
    """Number, service and year narrow the list down; nothing found is said."""
    visitor = office.visitor().eherkenning()
    assert _services(visitor, query=query) == found
    if not found:
        assert "no mandates that match" in visitor.get(f"/portal/en/machtigingen{query}").text


@pytest.mark.parametrize("query", ["?jaar=26", "?nummer='--", "?dienst=X", "?na=x", "?onzin=1", "?jaar=²⁰²⁶"])
def test_odd_searches_get_a_page(office: Office, query: str) -> None:
    """What cannot be searched for is said on a page of the portal, in its language."""
    answer = office.visitor().eherkenning().get(f"/portal/nl/machtigingen{query}")
    assert answer.status_code in (400, 404)
    assert '<html lang="nl">' in answer.text
    assert "SIMULATIE" in answer.text


def test_another_party_finds_nothing(office: Office) -> None:
    """Somebody else's mandate answers exactly like one that is not there, to every page and form."""
    mandate = office.population.mandates["VIA_2025"]
    strangers = (
        office.visitor().digid("100000010"),
        office.visitor().eherkenning(number="87654321"),
        office.visitor().eherkenning("vertegenwoordigde"),
    )
    for visitor in strangers:
        for page in ("", "/intrekken", "/ingetrokken"):
            answer = visitor.get(f"/portal/nl/machtigingen/{mandate}{page}")
            nothing = visitor.get(f"/portal/nl/machtigingen/{mandate[::-1]}{page}")
            assert (answer.status_code, nothing.status_code) == (404, 404)
            assert answer.text.replace(mandate, "") == nothing.text.replace(mandate[::-1], "")
        assert visitor.post(f"/portal/nl/machtigingen/{mandate}/intrekken").status_code == 404
        cursors = [visitor.get(f"/portal/nl/machtigingen?na={id_}") for id_ in (mandate, mandate[::-1])]
        assert len({answer.status_code for answer in cursors}) == 1
    with office.rooms.store.read() as tx:
        assert office.rooms.register.mandate(tx, mandate).toestand is State.ACTIEF


def test_what_somebody_wrote_is_shown_not_obeyed(office: Office) -> None:
    """A reason with markup stands on the page as it was written, in the details and in the history."""
    shown = office.visitor().digid().get(f"/portal/nl/machtigingen/{office.population.mandates['VIA_2024']}")
    assert "<b>weg" not in shown.text
    assert html.unescape(shown.text).count(REASON) == 2


def test_what_happens_next_is_told_with_its_day(office: Office) -> None:
    """Letter expected, code valid until, active from, next reference date, end of a year: each says when."""
    visitor = office.visitor().digid()
    expected = {
        "GWH": "naar verwachting op",
        "SBT_2026": "geldig tot en met",
        "SBA_IB_2026": "gaat vanzelf in op",
        "DM_IB": "doorlopende machtiging weer",
        "VIA_2025": "1 januari 2031",
        "VIA_2022": "aan de beurt is",
    }
    for dienst, words in expected.items():
        page = visitor.get(f"/portal/nl/machtigingen/{office.population.mandates[dienst]}").text
        assert words in re.sub(r"\s+", " ", page), dienst


def test_revoking_takes_a_confirmation_and_works_at_once(office: Office) -> None:
    """The confirmation changes nothing; its form ends the mandate, with the reason, and tells it."""
    visitor = office.visitor().digid()
    mandate = office.population.mandates["SBA_IB_2025"]
    path = f"/portal/en/machtigingen/{mandate}"
    assert "You cannot undo it" in visitor.get(f"{path}/intrekken").text
    too_long = visitor.post(f"{path}/intrekken", reden="x" * 201)
    assert too_long.status_code == 400
    assert '<a href="#reden">' in too_long.text
    assert visitor.post(f"{path}/intrekken", reden="a\u0007b").status_code == 400
    assert visitor.get(f"{path}/ingetrokken").url.path == path
    done = visitor.post(f"{path}/intrekken", reden="Ander kantoor")
    assert done.url.path == f"{path}/ingetrokken"
    assert "Your intermediary gets no message" in done.text
    with office.rooms.store.read() as tx:
        found = office.rooms.register.mandate(tx, mandate)
    assert (found.toestand, found.reden) == (State.INGETROKKEN, "Ander kantoor")
    assert found.reden_code == "ingetrokken-door-vertegenwoordigde"
    assert "Ander kantoor" in visitor.get(path).text


def test_what_has_ended_is_said_kindly(office: Office) -> None:
    """Revoking what has ended already changes nothing and says so: 200 to who asks, 409 to who sends."""
    visitor = office.visitor().digid()
    path = f"/portal/nl/machtigingen/{office.population.mandates['VIA_2023']}/intrekken"
    asked, sent = visitor.get(path), visitor.post(path)
    assert (asked.status_code, sent.status_code) == (200, 409)
    for page in (asked, sent):
        assert "al beëindigd" in page.text
        assert "verlopen" in page.text


def test_an_intermediary_who_revokes_informs_the_client_himself(office: Office) -> None:
    """Before and after revoking the intermediary is told that the client gets no message."""
    visitor = office.visitor().eherkenning()
    path = f"/portal/nl/machtigingen/{office.population.mandates['SBT_2026']}/intrekken"
    assert "Informeer hem zelf" in visitor.get(path).text
    assert "Informeer uw cliënt zelf" in visitor.post(path).text
    assert "ingetrokken door de gemachtigde" in visitor.get(path.removesuffix("/intrekken")).text.lower()


def test_the_language_changes_and_the_page_stays(office: Office) -> None:
    """Every page leads to itself in the other language, with its search."""
    visitor = office.visitor().eherkenning()
    page = visitor.get("/portal/nl/machtigingen?dienst=VIA&jaar=2025")
    assert 'href="/portal/en/machtigingen?dienst=VIA&amp;jaar=2025" lang="en"' in page.text
    assert 'href="/portal/nl/nergens%3C" lang="nl"' in visitor.get("/portal/en/nergens<").text
