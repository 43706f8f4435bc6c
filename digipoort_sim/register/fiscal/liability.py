"""For how much a fiscal representative is liable, with the sum written out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext

from digipoort_sim.errors import ConfigError
from digipoort_sim.register.fiscal.money import checked_amount, rounded
from digipoort_sim.register.fiscal.sums import Rules, WrittenSum
from digipoort_sim.register.fiscal.values import Assessment, Liability, PermitKind

MOST_ASSESSMENTS = 1000
YEARS = range(1900, 2501)
LONGEST_CLIENT = 40


def calculate_liability(
    rules: Rules, kind: PermitKind, security: Decimal, assessments: Sequence[Assessment]
) -> Liability:
    """For how much of these assessments a representative is jointly liable.

    Args:
        security: the amount of the security as set, in euros.

    Raises:
        ConfigError: a figure cannot be, there are too many, or a general permit would have two clients.
    """
    _check(kind, security, assessments)
    with localcontext(prec=60):
        written = WrittenSum(rules)
        due = rounded(sum((_write_assessment(written, row) for row in assessments), Decimal(0)))
        if kind is PermitKind.GENERAL:
            liable = _per_year(written, security, assessments)
            written.write("liable", "hoofdelijk", liable, due=due)
        else:
            liable = due
            written.write("whole", "aansprakelijk-beperkt", liable)
        covered = min(liable, rounded(security))
        if kind is PermitKind.LIMITED:
            written.write("covered", "zekerheid-voor-alle", covered, security=security)
    return Liability(kind, rounded(security), due, liable, covered, written.steps())


def _write_assessment(written: WrittenSum, row: Assessment) -> Decimal:
    total = rounded(row.total)
    written.write(
        "assessment",
        "hoofdelijk",
        total,
        year=row.year,
        whose="" if row.client is None else f", {row.client}",
        tax=row.tax,
        interest=row.interest,
        fines=row.fines,
    )
    return total


def _per_year(written: WrittenSum, security: Decimal, assessments: Sequence[Assessment]) -> Decimal:
    """Per calendar year at most the security as set."""
    years: dict[int, Decimal] = {}
    for row in assessments:
        years[row.year] = years.get(row.year, Decimal(0)) + row.total
    liable = Decimal(0)
    for year in sorted(years):
        part = rounded(min(years[year], security))
        written.write("year", "aansprakelijk-algemeen", part, year=year, security=security, due=years[year])
        liable += part
    return rounded(liable)


def _check(kind: PermitKind, security: Decimal, assessments: Sequence[Assessment]) -> None:
    checked_amount(security, "security")
    if len(assessments) > MOST_ASSESSMENTS:
        raise ConfigError(f"more than {MOST_ASSESSMENTS} assessments", rule="FISCAL-TOO-MANY")
    for nr, row in enumerate(assessments, 1):
        _check_assessment(row, f"assessment {nr}")
    clients = {row.client for row in assessments} - {None}
    if kind is PermitKind.GENERAL and len(clients) > 1:
        raise ConfigError(
            "a general permit serves one client, but the assessments name several", rule="FISCAL-ONE-CLIENT"
        )


def _check_assessment(row: Assessment, name: str) -> None:
    if row.year not in YEARS:
        raise ConfigError(f"{name}: year must be from {YEARS[0]} to {YEARS[-1]}", rule="FISCAL-YEAR")
    for part in ("tax", "interest", "fines"):
        checked_amount(getattr(row, part), f"{name}: {part}")
    client = row.client
    if client is not None and not (0 < len(client) <= LONGEST_CLIENT and client.isprintable()):
        raise ConfigError(
            f"{name}: client must be 1 to {LONGEST_CLIENT} printable characters", rule="FISCAL-CLIENT"
        )
