"""Made-up figures for service messages: plausible, and the same for the same client, service and year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from digipoort_sim.catalogue import Dienst
from digipoort_sim.ids import IdSource, SeededIds
from digipoort_sim.register import Mandate
from digipoort_sim.register.trade_names import name_of

Kind = Literal["amount", "text", "date"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One fact of a service message: an amount in whole euros, a text or a date."""

    english: str
    dutch: str
    kind: Kind
    value: str


def figures(mandate: Mandate, dienst: Dienst, day: date, number: int) -> tuple[Figure, ...]:
    """The facts of a message.

    Args:
        day: the date of the message.
        number: how many messages came before it.
    """
    chance = SeededIds(f"figures:{mandate.id_vertegenwoordigde}:{mandate.dienst}")
    maker = _MAKERS.get(dienst.code) or (_benefit_statement if dienst.agency == "uwv" else _notice)
    return maker(chance, mandate, day, number)


def _amount(english: str, dutch: str, value: int) -> Figure:
    return Figure(english, dutch, "amount", str(value))


def _text(english: str, dutch: str, value: str) -> Figure:
    return Figure(english, dutch, "text", value)


def _date(english: str, dutch: str, value: date) -> Figure:
    return Figure(english, dutch, "date", value.isoformat())


def _heading(mandate: Mandate, letter: str, day: date, number: int) -> tuple[Figure, ...]:
    """Number, kind and dates of an assessment: the first is provisional, later ones are final."""
    core = mandate.id_vertegenwoordigde[:9]
    year = (mandate.jaar or day.year) % 10
    return (
        _text("AssessmentNumber", "aanslagnummer", f"{core}{letter}{year}{number}"),
        _text("AssessmentType", "soortAanslag", "definitief" if number else "voorlopig"),
        _date("AssessmentDate", "dagtekening", day),
        _date("PaymentDueDate", "uitersteBetaaldatum", day + timedelta(days=42)),
    )


def _settled(due: int, paid: int) -> tuple[Figure, ...]:
    return (
        _amount("TaxDue", "verschuldigdeBelasting", due),
        _amount("TaxPaidInAdvance", "eerderBetaald", paid),
        _amount("AmountToPay", "teBetalen", due - paid),
    )


def _income_tax(chance: IdSource, mandate: Mandate, day: date, number: int) -> tuple[Figure, ...]:
    income = 18_000 + chance.below(77_000)
    due = income * 36 // 100 - 3_000
    return (
        *_heading(mandate, "H", day, number),
        _amount("TaxableIncomeWorkAndHome", "belastbaarInkomenWerkEnWoning", income),
        *_settled(due, max(0, due - 1_500 + chance.below(3_000))),
    )


def _corporate_tax(chance: IdSource, mandate: Mandate, day: date, number: int) -> tuple[Figure, ...]:
    profit = 20_000 + chance.below(880_000)
    due = min(profit, 200_000) * 19 // 100 + max(0, profit - 200_000) * 258 // 1000
    return (
        *_heading(mandate, "V", day, number),
        _amount("TaxableProfit", "belastbareWinst", profit),
        *_settled(due, due * (80 + chance.below(30)) // 100),
    )


def _turnover_tax(chance: IdSource, mandate: Mandate, day: date, number: int) -> tuple[Figure, ...]:
    turnover = 40_000 + chance.below(960_000)
    input_tax = turnover * (4 + chance.below(12)) // 100
    due = turnover * 21 // 100 - input_tax
    return (
        *_heading(mandate, "F", day, number),
        _amount("TurnoverGeneralRate", "omzetAlgemeenTarief", turnover),
        _amount("InputTax", "voorbelasting", input_tax),
        *_settled(due, due - 500 + chance.below(1_000)),
    )


def _prefilled(chance: IdSource, mandate: Mandate, day: date, number: int) -> tuple[Figure, ...]:
    wage = 22_000 + chance.below(60_000)
    value = 180_000 + 1_000 * chance.below(500)
    return (
        _date("DataAsOfDate", "peildatumGegevens", day),
        _text("EmployerName", "naamWerkgever", name_of(f"{mandate.id_vertegenwoordigde}:werkgever")),
        _amount("Wage", "loon", wage),
        _amount("WageTaxWithheld", "ingehoudenLoonheffing", wage * (18 + chance.below(14)) // 100),
        _amount("BankBalance", "saldoBankrekeningen", chance.below(80_000)),
        _amount("DwellingValue", "wozWaarde", value),
        _amount("MortgageInterestPaid", "betaaldeHypotheekrente", value * (5 + chance.below(20)) // 1000),
    )


def _allowances(chance: IdSource, mandate: Mandate, day: date, number: int) -> tuple[Figure, ...]:
    kind = ("zorgtoeslag", "huurtoeslag", "kinderopvangtoeslag", "kindgebonden budget")[chance.below(4)]
    month = 40 + chance.below(400)
    return (
        _text("Allowance", "toeslag", kind),
        _text("DecisionType", "soortBeschikking", "definitief" if number else "voorschot"),
        _date("DecisionDate", "dagtekening", day),
        _amount("AmountPerMonth", "bedragPerMaand", month),
        _amount("AmountPerYear", "bedragPerJaar", 12 * month),
    )


def _postponement(chance: IdSource, mandate: Mandate, day: date, number: int) -> tuple[Figure, ...]:
    return (
        _date("DecisionDate", "dagtekening", day),
        _text("TaxYear", "belastingjaar", str(day.year - 1)),
        _text("Decision", "beslissing", "toegekend"),
        _date("FilingDueDate", "uitersteInleverdatum", date(day.year + 1, 5, 1)),
    )


def _lorry_invoice(chance: IdSource, mandate: Mandate, day: date, number: int) -> tuple[Figure, ...]:
    lorries = 5 + chance.below(60)
    each = 90 + chance.below(240)
    return (
        _text("InvoiceNumber", "factuurnummer", f"{mandate.id_vertegenwoordigde[:9]}{number:03d}"),
        _date("InvoiceDate", "factuurdatum", day),
        _text("NumberOfVehicles", "aantalVoertuigen", str(lorries)),
        _amount("AmountToPay", "teBetalen", lorries * each),
    )


def _sickness(chance: IdSource, mandate: Mandate, day: date, number: int) -> tuple[Figure, ...]:
    daily_wage = 80 + chance.below(170)
    employee = name_of(f"{mandate.id_vertegenwoordigde}:{number}", "BSN")
    return (
        _text("Employee", "werknemer", employee),
        _date("FirstDay", "eersteDag", day - timedelta(days=5 + chance.below(25))),
        _date("DecisionDate", "dagtekening", day),
        _amount("DailyWage", "dagloon", daily_wage),
        _text("BenefitPercentage", "uitkeringspercentage", "70"),
        _amount("BenefitPerDay", "uitkeringPerDag", daily_wage * 70 // 100),
    )


def _benefit_statement(chance: IdSource, mandate: Mandate, day: date, number: int) -> tuple[Figure, ...]:
    return (
        _text("StatementNumber", "specificatienummer", f"{mandate.id_vertegenwoordigde[:9]}-{number + 1}"),
        _date("StatementDate", "dagtekening", day),
        _date("PeriodStart", "beginPeriode", day - timedelta(days=28)),
        _date("PeriodEnd", "eindePeriode", day - timedelta(days=1)),
        _text("NumberOfEmployees", "aantalWerknemers", str(1 + chance.below(20))),
        _amount("AmountPaid", "uitbetaaldBedrag", 1_000 + chance.below(30_000)),
    )


def _notice(chance: IdSource, mandate: Mandate, day: date, number: int) -> tuple[Figure, ...]:
    return (
        _text("NoticeNumber", "berichtnummer", f"{mandate.id_vertegenwoordigde[:9]}{number:03d}"),
        _date("NoticeDate", "dagtekening", day),
        _amount("Amount", "bedrag", 100 + chance.below(10_000)),
    )


_MAKERS = {
    "SBA_IB": _income_tax,
    "SBA_VPB": _corporate_tax,
    "SBA_OB": _turnover_tax,
    "VIA": _prefilled,
    "SBT": _allowances,
    "SBU": _postponement,
    "GWH": _lorry_invoice,
    "UWV-ZZ-ZW": _sickness,
    "UWV-ZZ-WAZO": _sickness,
}
