"""Facts of the messages of Dienst Toeslagen and of UWV."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from digipoort_sim.agencies import figures as f
from digipoort_sim.agencies.figures import Figure, Line, Maker, Part, Subject
from digipoort_sim.agencies.profiles import Household, household
from digipoort_sim.ids import IdSource
from digipoort_sim.register.trade_names import name_of

_SERVICES = ("arbeidsdeskundig onderzoek", "re-integratiebegeleiding", "scholing", "werkvoorziening")
_FINAL = 2


def allowances(subject: Subject) -> Iterator[Part]:
    """An award of the allowances of a year: an advance first, the final sum later."""
    awards = list(_awards(household(subject.client, subject.year)))
    final = subject.stage >= _FINAL
    yield f.text("DecisionNumber", "beschikkingsnummer", f"{subject.client}T{subject.sequence:02d}")
    kind = "definitieve berekening" if final else "voorschotbeschikking"
    yield f.text("DecisionType", "soortBeschikking", kind)
    yield f.day("DecisionDate", "dagtekening", subject.day)
    yield f.number("Year", "toeslagjaar", subject.year)
    for name, month in awards:
        yield Line(
            "toeslag",
            (
                f.text("Allowance", "soortToeslag", name),
                f.amount("PerMonth", "bedragPerMaand", month),
                f.amount("PerYear", "bedragPerJaar", 12 * month),
            ),
        )
    total = 12 * sum(month for _, month in awards)
    advance = total if not final else total + 60
    yield f.amount("TotalPerYear", "totaalPerJaar", total)
    if final:
        yield f.amount("PaidInAdvance", "uitbetaaldeVoorschotten", advance)
        yield f.amount("ToRepay", "terugTeBetalen", advance - total)


def _awards(home: Household) -> Iterator[tuple[str, int]]:
    """Allowance and amount per month; everybody has at least the first."""
    yield "zorgtoeslag", max(5, 131 - home.wage // 500)
    if home.rent > 500:
        yield "huurtoeslag", (home.rent - 250) * 6 // 10
    if home.children:
        yield "kinderopvangtoeslag", 210 * home.children
        yield "kindgebonden budget", 95 * home.children


def _employee(subject: Subject, which: int) -> tuple[Figure, ...]:
    """Name and number of one of the client's employees; they are the same in all its messages."""
    seed = f"{subject.client}:werknemer:{which}"
    return (
        f.text("Employee", "werknemer", name_of(seed, "BSN")),
        f.text("EmployeeNumber", "personeelsnummer", f"{1_000 + 7 * which}"),
    )


def _reference(subject: Subject, letter: str) -> Iterator[Figure]:
    yield f.text("Reference", "kenmerk", f"{subject.client[:9]}{letter}{subject.sequence:02d}")
    yield f.day("Date", "dagtekening", subject.day)


def sickness(subject: Subject) -> Iterator[Part]:
    """A decision about the benefit of one ill employee."""
    yield from _decision(subject, "Ziektewetuitkering", 70, 14)


def pregnancy(subject: Subject) -> Iterator[Part]:
    """A decision about the benefit of one employee on maternity leave."""
    yield from _decision(subject, "zwangerschapsuitkering (WAZO)", 100, 112)


def insurer_decision(subject: Subject) -> Iterator[Part]:
    """A decision about a former employee of one who bears the risk of the Ziektewet himself."""
    yield from _decision(subject, "Ziektewetuitkering, eigenrisicodrager", 70, 28)


def _decision(subject: Subject, benefit: str, percentage: int, days: int) -> Iterator[Part]:
    chance = subject.chance(str(subject.number))
    daily_wage = 9_000 + chance.below(13_000)
    first = subject.day - timedelta(days=3 + chance.below(20))
    yield from _reference(subject, "B")
    yield from _employee(subject, subject.number)
    yield f.text("Benefit", "soortUitkering", benefit)
    yield f.text("Decision", "beslissing", "toegekend")
    yield f.day("FirstDay", "eersteDag", first)
    yield f.day("LastDay", "laatsteDag", first + timedelta(days=days - 1))
    yield f.cents("dagloon", daily_wage)
    yield f.number("Percentage", "uitkeringspercentage", percentage)
    yield f.cents("uitkeringPerDag", daily_wage * percentage // 100)


def purchased_services(subject: Subject) -> Iterator[Part]:
    """What UWV bought for one who bears the risk of the Ziektewet himself."""
    chance = subject.chance(str(subject.number))
    yield from _reference(subject, "I")
    total = 0
    for which in range(1 + chance.below(4)):
        price = 15_000 + chance.below(180_000)
        total += price
        service = f.text("Service", "dienstverlening", _SERVICES[chance.below(len(_SERVICES))])
        yield Line("inkoopregel", (*_employee(subject, which), service, f.cents("bedrag", price)))
    yield f.cents("totaalbedrag", total)


def statement(subject: Subject) -> Iterator[Part]:
    """What UWV paid to an employer in four weeks, per employee and together."""
    chance = subject.chance(str(subject.number))
    yield from _reference(subject, "F")
    yield f.day("PeriodStart", "beginPeriode", subject.day - timedelta(days=28))
    yield f.day("PeriodEnd", "eindePeriode", subject.day - timedelta(days=1))
    lines = [_paid(subject, chance, which) for which in range(1 + chance.below(12))]
    for line, _ in lines:
        yield line
    yield f.number("NumberOfEmployees", "aantalWerknemers", len(lines))
    yield f.cents("totaalbedrag", sum(paid for _, paid in lines))


def _paid(subject: Subject, chance: IdSource, which: int) -> tuple[Line, int]:
    days, per_day = 1 + chance.below(20), 7_000 + chance.below(9_000)
    figures = (
        *_employee(subject, which),
        f.number("Days", "aantalDagen", days),
        f.cents("bedragPerDag", per_day),
        f.cents("bedrag", days * per_day),
    )
    return Line("specificatieregel", figures), days * per_day


BENEFIT_MAKERS: dict[str, Maker] = {
    "SBT": allowances,
    "UWV-ERZW-AB": insurer_decision,
    "UWV-ERZW-ID": purchased_services,
    "UWV-FI-WWOW": statement,
    "UWV-FI-WWWTV": statement,
    "UWV-FI-ZWWA": statement,
    "UWV-ZZ-ZW": sickness,
    "UWV-ZZ-WAZO": pregnancy,
}
