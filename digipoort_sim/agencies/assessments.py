"""Facts of the tax messages: assessments (SBA), prefilled data (VIA), postponement (SBU), invoices (GWH).

Rates and thresholds are like those of recent years, kept the same for all years; nobody should learn tax
law from them, but the sums are right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from digipoort_sim.agencies import figures as f
from digipoort_sim.agencies.figures import Figure, Line, Maker, Part, Subject
from digipoort_sim.agencies.profiles import Household, business, household
from digipoort_sim.ids import IdSource

_STAGES = ("voorlopig", "nader voorlopig", "definitief")
_ESTIMATES = (93, 98, 100)
_WOZ_PER_10_000 = 35
_BOX_1_LIMIT, _BOX_1_LOW, _BOX_1_HIGH = 75_500, 3_697, 4_950
_BOX_3_FREE, _BOX_3_YIELD, _BOX_3_RATE = 57_000, 137, 36
_VPB_LIMIT, _VPB_LOW, _VPB_HIGH = 200_000, 190, 258
_QUARTERS = 4
_TRUCKS = "BDFGHJKLNPRSTVXZ"


def _heading(subject: Subject, letter: str) -> Iterator[Figure]:
    """Number, kind and dates of an assessment; its number names client, tax, year and sequence."""
    stage = _STAGES[subject.stage] if subject.stage < len(_STAGES) else "vermindering"
    number = f"{subject.client[:9]}{letter}{subject.year % 100:02d}{subject.sequence:02d}"
    yield f.text("AssessmentNumber", "aanslagnummer", number)
    yield f.text("AssessmentType", "soortAanslag", stage)
    yield f.day("AssessmentDate", "dagtekening", subject.day)
    yield f.day("PaymentDueDate", "uitersteBetaaldatum", subject.day + timedelta(days=42))


def _estimated(value: int, stage: int) -> int:
    """A figure as it is known at a stage: an estimate first, less than the truth."""
    return value * _ESTIMATES[min(stage, len(_ESTIMATES) - 1)] // 100


def _mended(stage: int) -> int:
    """What turned out to be deductible after the final assessment, in euros."""
    return 100 * max(0, min(stage, 20) - len(_STAGES) + 1)


def _settled(due: int, withheld: int, before: int | None) -> Iterator[Figure]:
    """What is left to pay: the tax less what was withheld and what earlier assessments asked for."""
    earlier = 0 if before is None else before - withheld
    yield f.amount("TaxDue", "verschuldigdeBelasting", due)
    yield f.amount("TaxWithheld", "voorheffingen", withheld)
    yield f.amount("EarlierAssessments", "eerdereAanslagen", earlier)
    yield f.amount("AmountToPay", "teBetalen", due - withheld - earlier)


@dataclass(frozen=True, slots=True)
class _IncomeTax:
    """The sum of an income tax assessment."""

    income: int
    savings_income: int
    box_1: int
    box_3: int
    credits: int

    @property
    def due(self) -> int:
        return self.box_1 + self.box_3 - self.credits


def _income_tax(home: Household, stage: int) -> _IncomeTax:
    own_home = home.dwelling * _WOZ_PER_10_000 // 10_000 - home.interest
    income = max(0, _estimated(home.wage, stage) + own_home - _mended(stage))
    low, high = min(income, _BOX_1_LIMIT), max(0, income - _BOX_1_LIMIT)
    box_1 = (low * _BOX_1_LOW + high * _BOX_1_HIGH) // 10_000
    savings_income = max(0, home.account + home.savings - _BOX_3_FREE) * _BOX_3_YIELD // 10_000
    box_3 = savings_income * _BOX_3_RATE // 100
    reduction = min(box_1 + box_3, max(0, 7_400 - income * 6 // 100))
    return _IncomeTax(income, savings_income, box_1, box_3, reduction)


def income_tax(subject: Subject) -> Iterator[Part]:
    """An income tax assessment; the wage is that of the VIA of the same year."""
    home, stage = household(subject.client, subject.year), subject.stage
    tax = _income_tax(home, stage)
    yield from _heading(subject, "H")
    yield f.amount("TaxableIncomeWorkAndHome", "belastbaarInkomenWerkEnWoning", tax.income)
    yield f.amount("TaxableIncomeSavings", "belastbaarInkomenSparenEnBeleggen", tax.savings_income)
    yield f.amount("IncomeTaxWorkAndHome", "inkomstenbelastingBox1", tax.box_1)
    yield f.amount("IncomeTaxSavings", "inkomstenbelastingBox3", tax.box_3)
    yield f.amount("TaxCredits", "heffingskortingen", tax.credits)
    before = _income_tax(home, stage - 1).due if stage else None
    yield from _settled(tax.due, home.withheld, before)


def corporate_tax(subject: Subject) -> Iterator[Part]:
    """A corporate income tax assessment."""
    year, stage = business(subject.client, subject.year), subject.stage
    yield from _heading(subject, "V")
    yield f.amount("TaxableProfit", "belastbareWinst", _profit(year.profit, stage))
    before = _corporate_tax(year.profit, stage - 1) if stage else None
    yield from _settled(_corporate_tax(year.profit, stage), 0, before)


def _profit(profit: int, stage: int) -> int:
    return max(0, _estimated(profit, stage) - _mended(stage))


def _corporate_tax(profit: int, stage: int) -> int:
    taxable = _profit(profit, stage)
    low, high = min(taxable, _VPB_LIMIT), max(0, taxable - _VPB_LIMIT)
    return (low * _VPB_LOW + high * _VPB_HIGH) // 1_000


def turnover_tax(subject: Subject) -> Iterator[Part]:
    """An additional assessment of the btw of one quarter after the other."""
    year, quarter = business(subject.client, subject.year), subject.number % _QUARTERS
    general = year.turnover_general // _QUARTERS
    reduced = year.turnover_reduced // _QUARTERS
    due = general * 21 // 100 + reduced * 9 // 100
    input_tax = year.input_tax // _QUARTERS
    declared = (due - input_tax) * (90 + subject.chance(str(subject.number)).below(10)) // 100
    heading = tuple(_heading(subject, "F"))
    yield heading[0]
    yield f.text("AssessmentType", "soortAanslag", "naheffing")
    yield from heading[2:]
    yield f.text("TaxPeriod", "tijdvak", f"{subject.year}-K{quarter + 1}")
    yield f.amount("TurnoverGeneralRate", "omzetAlgemeenTarief", general)
    yield f.amount("TurnoverReducedRate", "omzetVerlaagdTarief", reduced)
    yield f.amount("TurnoverTax", "omzetbelasting", due)
    yield f.amount("InputTax", "voorbelasting", input_tax)
    yield f.amount("TaxDue", "verschuldigdeBelasting", due - input_tax)
    yield f.amount("TaxDeclared", "aangegevenBelasting", declared)
    yield f.amount("AmountToPay", "teBetalen", due - input_tax - declared)


def prefilled(subject: Subject) -> Iterator[Part]:
    """The prefilled data as they were known at a version: banks are late, and mend their figures."""
    home, version = household(subject.client, subject.year), subject.number
    bank_knows, interest_is_mended, all_is_known = version > 0, version > 1, version > 2
    savings = home.savings if bank_knows else 0
    yield f.day("DataAsOfDate", "peildatumGegevens", subject.day)
    yield f.number("DataVersion", "versieGegevens", version + 1)
    yield f.text("EmployerName", "naamWerkgever", home.employer)
    yield f.amount("Wage", "loon", home.wage)
    yield f.amount("WageTaxWithheld", "ingehoudenLoonheffing", home.withheld)
    yield f.text("BankName", "naamBank", home.bank)
    yield f.amount("BankBalance", "saldoBankrekening", home.account)
    if bank_knows:
        yield f.text("SavingsBankName", "naamSpaarbank", home.savings_bank)
        yield f.amount("SavingsBalance", "saldoSpaarrekening", savings)
    yield f.amount("TotalBalance", "totaalSaldi", home.account + savings)
    yield f.amount("DwellingValue", "wozWaarde", home.dwelling)
    yield f.amount("MortgageDebt", "hypotheekschuld", home.mortgage)
    interest = home.interest if interest_is_mended else home.interest * 96 // 100
    yield f.amount("MortgageInterestPaid", "betaaldeHypotheekrente", interest)
    if all_is_known:
        yield f.amount("DividendTaxWithheld", "ingehoudenDividendbelasting", subject.chance().below(120))


def postponement(subject: Subject) -> Iterator[Part]:
    """A decision that the return of the year before may be filed later."""
    year = subject.day.year - 1
    tax = (
        "inkomstenbelasting" if subject.mandate.type_vertegenwoordigde == "BSN" else "vennootschapsbelasting"
    )
    yield f.day("DecisionDate", "dagtekening", subject.day)
    yield f.text("Tax", "belastingmiddel", tax)
    yield f.number("TaxYear", "belastingjaar", year)
    yield f.text("Decision", "beslissing", "toegekend")
    yield f.day("OriginalDueDate", "oorspronkelijkeInleverdatum", date(year + 1, 5, 1))
    yield f.day("FilingDueDate", "uitersteInleverdatum", date(year + 2, 5, 1))


def lorry_invoice(subject: Subject) -> Iterator[Part]:
    """An invoice with a line for each lorry of the fleet, and their sum."""
    chance = subject.chance()
    lorries = [_lorry(chance) for _ in range(5 + chance.below(20))]
    yield f.text("InvoiceNumber", "factuurnummer", f"{subject.client[:9]}M{subject.sequence:02d}")
    yield f.day("InvoiceDate", "factuurdatum", subject.day)
    yield f.day("PeriodStart", "beginTijdvak", subject.day)
    yield f.day("PeriodEnd", "eindeTijdvak", subject.day + timedelta(days=90))
    for plate, weight, euros in lorries:
        yield Line(
            "factuurregel",
            (
                f.text("Registration", "kenteken", plate),
                f.number("Weight", "toegestaneMaximumMassa", weight),
                f.amount("Tax", "bedrag", euros),
            ),
        )
    yield f.number("NumberOfVehicles", "aantalVoertuigen", len(lorries))
    yield f.amount("AmountToPay", "teBetalen", sum(euros for _, _, euros in lorries))


def _lorry(chance: IdSource) -> tuple[str, int, int]:
    """Registration, mass in kilograms and tax of a quarter."""
    letters = "".join(_TRUCKS[chance.below(len(_TRUCKS))] for _ in range(3))
    weight = 12_000 + 500 * chance.below(77)
    # No real lorry has a registration that begins with 00.
    return f"00-{letters}-{chance.below(10)}", weight, 40 + weight // 150


TAX_MAKERS: dict[str, Maker] = {
    "SBA_IB": income_tax,
    "SBA_VPB": corporate_tax,
    "SBA_OB": turnover_tax,
    "VIA": prefilled,
    "SBU": postponement,
    "GWH": lorry_invoice,
}
