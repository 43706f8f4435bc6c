"""The service messages that agencies make for mandates."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pypdfium2
import pytest
from lxml import etree

from digipoort_sim.agencies import Agencies, ServiceMessage
from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.errors import ConflictError
from digipoort_sim.register import Mandate, State
from digipoort_sim.resources import schemas
from digipoort_sim.validation.content_rules import ContentRules
from tests.validation.samples import validated

CATALOGUE = load_catalogue()
AGENCIES = Agencies(CATALOGUE)
DOCUMENTS = etree.XMLSchema(file=str(schemas() / "servicebericht" / "servicebericht.xsd"))
ASKED = datetime(2026, 3, 2, 10, tzinfo=UTC)
CLIENTS = {"BSN": "111222333", "RSIN": "123456782", "Fi": "123456782", "LHnr": "123456782L01"}
WITH_MESSAGES = [d for d in CATALOGUE.diensten.values() if d.berichtsoort]


def mandate(code: str, jaar: int | None = 2025, **more: object) -> Mandate:
    """An active mandate for a service."""
    dienst = CATALOGUE.diensten[code]
    jaar = jaar if dienst.term == "year" else None
    made = Mandate(
        id=f"id-{code}",
        dienst=code if jaar is None else f"{code}_{jaar}",
        code=code,
        jaar=jaar,
        id_vertegenwoordigde=CLIENTS[dienst.client_types[0]],
        type_vertegenwoordigde=dienst.client_types[0],
        id_gemachtigde="30216247",
        gemachtigde_oin="00000003302162470000",
        toestand=State.ACTIEF,
        ontvangen=ASKED,
        actief_sinds=ASKED + timedelta(days=40),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def _messages(subject: Mandate) -> list[ServiceMessage]:
    """What there is after some months, made by itself or on request."""
    later = ASKED + timedelta(days=120)
    requested = AGENCIES.requested_message(subject, later)
    return [*AGENCIES.service_messages(subject, None, later), *([requested] if requested else [])]


def _content(subject: Mandate, message: ServiceMessage) -> bytes:
    return AGENCIES.content(subject, message.number, message.at)


def _readable(form: str, content: bytes) -> str:
    """The text of a message, once it is good for its form."""
    if form == "pdf":
        document = pypdfium2.PdfDocument(content)
        text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
        assert "UWV - SIMULATIE" in text
        return text
    root = etree.fromstring(content)
    if form == "xml":
        DOCUMENTS.assertValid(root)
        assert "(SIMULATIE)" in content.decode()
    else:
        assert root.tag.endswith("}xbrl")
    return content.decode()


def _values(subject: Mandate, message: ServiceMessage) -> dict[str, str]:
    """The facts of a message by their names, those of lines left out."""
    root = etree.fromstring(_content(subject, message))
    return {etree.QName(e).localname: e.text or "" for e in root.iter("{*}*") if len(e) == 0}


@pytest.mark.parametrize("dienst", WITH_MESSAGES, ids=lambda d: d.code)
def test_every_service_has_messages(dienst) -> None:  # type: ignore[no-untyped-def]
    """Each service makes well-formed messages of its form for its client, the same at every making."""
    subject = mandate(dienst.code)
    messages = _messages(subject)
    assert len(messages) >= 1
    assert messages == _messages(subject)
    assert len({m.key for m in messages}) == len(messages)
    for message in messages:
        assert (message.berichtsoort, message.nummer) == (dienst.berichtsoort, subject.id_vertegenwoordigde)
        assert message.agency_oin == CATALOGUE.agency_of(dienst).oin
        assert re.fullmatch(rf"[0-9A-Za-z_-]{{1,70}}\.{dienst.message_form}", message.bestandsnaam)
        content = _content(subject, message)
        assert content == _content(subject, message)
        assert subject.id_vertegenwoordigde in _readable(dienst.message_form, content)


@pytest.mark.parametrize(
    ("code", "entrypoint"),
    [
        ("SBA_IB", "bd-rpt-ihz-sba-2025.xsd"),
        ("SBA_VPB", "bd-rpt-vpb-sba-2025.xsd"),
        ("SBA_OB", "bd-rpt-ob-sba-2025.xsd"),
        ("VIA", "bd-rpt-ihz-via-2025.xsd"),
    ],
)
def test_xbrl_keeps_the_filing_rules(code: str, entrypoint: str) -> None:
    """The XBRL messages pass our own filing rules, and refer to an entry point of the simulator's."""
    subject = mandate(code)
    message = _messages(subject)[0]
    content = _content(subject, message)
    rules = ContentRules(code, "xbrl")
    report = validated(content, message.mime_type, message.bestandsnaam, rules, None)
    assert report.findings == ()
    assert b"nltaxonomie" not in content
    assert re.search(rf'href="http://digipoort-sim.example/[^"]*/{re.escape(entrypoint)}"', content.decode())


def _whole(facts: dict[str, str], *names: str) -> list[int]:
    return [int(facts[name]) for name in names]


def test_an_income_tax_assessment_adds_up() -> None:
    """Tax is that of both boxes less the credits; what is left to pay is less what was paid before; the
    second assessment reckons with the first.
    """
    subject = mandate("SBA_IB")
    before = 0
    for message in AGENCIES.service_messages(subject, None, ASKED + timedelta(days=400)):
        facts = _values(subject, message)
        box_1, box_3, reduction, due = _whole(
            facts, "IncomeTaxWorkAndHome", "IncomeTaxSavings", "TaxCredits", "TaxDue"
        )
        assert box_1 + box_3 - reduction == due > 0
        withheld, earlier, left = _whole(facts, "TaxWithheld", "EarlierAssessments", "AmountToPay")
        assert earlier == before
        assert due - withheld - earlier == left
        before += left
        assert date.fromisoformat(facts["PaymentDueDate"]) > message.at.date()


def test_assessments_are_provisional_before_they_are_final() -> None:
    """The first assessments of a year are provisional, the third is final, later ones lower it; each has a
    number of its own.
    """
    subject = mandate("SBA_VPB")
    facts = [
        _values(subject, m) for m in AGENCIES.service_messages(subject, None, ASKED + timedelta(days=400))
    ]
    kinds = [fact["AssessmentType"] for fact in facts]
    assert kinds == ["voorlopig", "nader voorlopig", "definitief", "vermindering", "vermindering"]
    dues = [int(fact["TaxDue"]) for fact in facts]
    assert dues[0] < dues[1] < dues[2] > dues[3] > dues[4]
    assert len({fact["AssessmentNumber"] for fact in facts}) == len(facts)


def test_a_turnover_tax_assessment_adds_up() -> None:
    """What is to be paid is the tax of both rates less input tax and what was declared."""
    subject = mandate("SBA_OB")
    facts = _values(subject, AGENCIES.service_messages(subject, None, ASKED)[0])
    general, reduced, tax = _whole(facts, "TurnoverGeneralRate", "TurnoverReducedRate", "TurnoverTax")
    assert tax == general * 21 // 100 + reduced * 9 // 100
    names = ("InputTax", "TaxDue", "TaxDeclared", "AmountToPay")
    input_tax, due, declared, left = _whole(facts, *names)
    assert tax - input_tax == due
    assert due - declared == left > 0


def test_lines_add_up_to_their_total() -> None:
    """The lorries of an invoice, the allowances of an award and the employees of a statement add up."""
    for code, amount, total in (
        ("GWH", "factuurregel/{*}bedrag", "teBetalen"),
        ("SBT", "toeslag/{*}bedragPerJaar", "totaalPerJaar"),
        ("UWV-FI-ZWWA", "specificatieregel/{*}bedrag", "totaalbedrag"),
        ("UWV-ERZW-ID", "inkoopregel/{*}bedrag", "totaalbedrag"),
    ):
        subject = mandate(code)
        for message in _messages(subject):
            data = etree.fromstring(_content(subject, message)).find("{*}gegevens")
            lines = [Decimal(e.text) for e in data.iterfind("{*}" + amount)]
            assert lines
            assert sum(lines) == Decimal(data.findtext("{*}" + total))


def test_the_wage_of_an_assessment_is_that_of_the_prefilled_data() -> None:
    """Messages about the same client and year tell the same story."""
    prefilled = _values(mandate("VIA"), _messages(mandate("VIA"))[0])
    assessed = _values(mandate("SBA_IB"), _messages(mandate("SBA_IB"))[0])
    assert prefilled["WageTaxWithheld"] == assessed["TaxWithheld"]


def test_windows_join_without_gap_or_overlap() -> None:
    """Asking window after window gives every message once, those of the reaction term included."""
    subject = mandate("SBA_IB")
    end = ASKED + timedelta(days=400)
    whole = AGENCIES.service_messages(subject, None, end)
    assert whole[0].at == ASKED
    parts, since = [], None
    while since is None or since < end:
        until = ASKED if since is None else AGENCIES.next_service_message(subject, since) or end
        parts += AGENCIES.service_messages(subject, since, until)
        since = until
    assert [m.key for m in parts if m.at <= end] == [m.key for m in whole]
    assert len(whole) == 5


def test_nothing_after_the_end() -> None:
    """No message is made after the mandate ended."""
    ended = mandate("SBA_IB", geeindigd=ASKED + timedelta(days=90))
    assert len(AGENCIES.service_messages(ended, None, ASKED + timedelta(days=900))) == 1
    assert AGENCIES.next_service_message(ended, ASKED) is None


def test_via_from_the_first_of_march() -> None:
    """A VIA is not there before 1 March after its year, Dutch time; it is refreshed for two years and then
    stays as it is.
    """
    subject = mandate("VIA", 2026)
    first = datetime(2027, 2, 28, 23, tzinfo=UTC)
    assert AGENCIES.requested_message(subject, first - timedelta(seconds=1)) is None
    made = [AGENCIES.requested_message(subject, first + timedelta(days=days)) for days in range(0, 2000, 10)]
    days = {message.bestandsnaam[-13:-5] for message in made if message is not None}
    assert None not in made
    assert min(days) == "20270301"
    assert "20281101" < max(days) <= "20290301"
    assert 6 <= len(days) <= 11
    assert len({message.key for message in made if message is not None}) == len(days)


def test_via_is_the_same_for_every_gemachtigde() -> None:
    """Two that have a mandate for the same client and year get the same data at the same time."""
    mine, theirs = mandate("VIA"), mandate("VIA", id="other", gemachtigde_oin="00000001002220647000")
    now = ASKED + timedelta(days=200)
    one, other = AGENCIES.requested_message(mine, now), AGENCIES.requested_message(theirs, now)
    assert one is not None
    assert other is not None
    assert one.key != other.key
    assert _content(mine, one) == _content(theirs, other)


def test_a_refresh_brings_what_was_reported_late() -> None:
    """The statement of the second bank comes later, then the interest is mended; the rest stays."""
    subject = mandate("VIA")
    first, second, third = (_versions(subject)[number] for number in range(3))
    assert "SavingsBalance" not in first
    assert first["TotalBalance"] == first["BankBalance"]
    assert int(second["TotalBalance"]) == int(second["BankBalance"]) + int(second["SavingsBalance"])
    assert second["MortgageInterestPaid"] == first["MortgageInterestPaid"] != third["MortgageInterestPaid"]
    assert first["Wage"] == second["Wage"] == third["Wage"]


def _versions(subject: Mandate) -> list[dict[str, str]]:
    now = ASKED + timedelta(days=900)
    last = AGENCIES.requested_message(subject, now)
    assert last is not None
    return [_values(subject, replace(last, number=number)) for number in range(last.number + 1)]


def test_via_is_never_made_by_itself() -> None:
    """No VIA is made for all clients at once: without being asked for there is none."""
    subject = mandate("VIA", 2024)
    assert AGENCIES.service_messages(subject, None, ASKED + timedelta(days=900)) == []
    assert AGENCIES.next_service_message(subject, ASKED) is None


def test_via_on_request() -> None:
    """Asking makes the present version, and the same one until there is a newer; other services are not
    made on request.
    """
    subject = mandate("VIA", 2025)
    monday, later = ASKED + timedelta(days=10), ASKED + timedelta(days=10, hours=3)
    first, second = AGENCIES.requested_message(subject, monday), AGENCIES.requested_message(subject, later)
    assert first is not None
    assert second is not None
    assert first.key == second.key
    assert first.replaces
    refreshed = AGENCIES.requested_message(subject, monday + timedelta(days=60))
    assert refreshed is not None
    assert refreshed.key != first.key
    assert b"2026-03-01" in _content(subject, first)
    assert AGENCIES.requested_message(mandate("SBA_IB"), monday) is None


def test_on_demand_every_service_makes_one_more() -> None:
    """What a tester asks for has a name and number of its own; a VIA is the present version."""
    for dienst in WITH_MESSAGES:
        subject = mandate(dienst.code)
        now = ASKED + timedelta(days=30)
        made = [AGENCIES.demanded_message(subject, now, before) for before in range(2)]
        assert _readable(dienst.message_form, _content(subject, made[0]))
        if dienst.code == "VIA":
            assert made[0] == made[1] == AGENCIES.requested_message(subject, now)
        else:
            scheduled = AGENCIES.service_messages(subject, None, now + timedelta(days=400))
            assert len({m.key for m in (*made, *scheduled)}) == 2 + len(scheduled)
            assert made[0].bestandsnaam != made[1].bestandsnaam


def test_on_demand_there_is_no_via_before_its_time() -> None:
    """A VIA cannot be had before 1 March, nor a message of a service that has none."""
    for subject in (mandate("VIA", 2026), mandate("DM_IB")):
        with pytest.raises(ConflictError):
            AGENCIES.demanded_message(subject, ASKED, 0)


def test_continuous_mandates_have_no_messages() -> None:
    """A continuous mandate opens no messages of its own."""
    assert AGENCIES.service_messages(mandate("DM_IB"), None, ASKED + timedelta(days=900)) == []
    assert AGENCIES.next_service_message(mandate("DM_IB"), ASKED) is None
    assert AGENCIES.requested_message(mandate("DM_IB"), ASKED) is None
