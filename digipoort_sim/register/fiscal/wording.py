"""The words of sums that are written out, Dutch and English side by side."""

from __future__ import annotations

from digipoort_sim.register.fiscal.values import TransactionKind

KINDS: dict[TransactionKind, tuple[str, str]] = {
    TransactionKind.SUPPLY: ("levering van goederen", "supply of goods"),
    TransactionKind.SERVICE: ("dienst", "service"),
    TransactionKind.ACQUISITION: ("intracommunautaire verwerving", "intra-Community acquisition"),
    TransactionKind.IMPORT: ("invoer", "import"),
}

LINES: dict[str, tuple[str, str]] = {
    "taxed": (
        "{nr}. {kind}: {taxable} × {rate}% = {amount}",
        "{nr}. {kind}: {taxable} × {rate}% = {amount}",
    ),
    "as-if-taxed": (
        "{nr}. {kind}, vrijgesteld of 0%: alsof belast, {taxable} × {rate}% = {amount}",
        "{nr}. {kind}, exempt or 0%: as if taxed, {taxable} × {rate}% = {amount}",
    ),
    "untaxed": (
        "{nr}. {kind}, vrijgesteld of 0%: over {taxable} telt {amount}",
        "{nr}. {kind}, exempt or 0%: on {taxable} counts {amount}",
    ),
    "not-responsible": (
        "{nr}. {kind} van {taxable}: niet onder de verantwoordelijkheid van de vertegenwoordiger, telt niet",
        "{nr}. {kind} of {taxable}: the representative is not responsible for it, not counted",
    ),
    "same-goods": (
        "{nr} telt niet: dezelfde goederen ({goods}) tellen al bij {counted}",
        "{nr} is not counted: the same goods ({goods}) count in {counted} already",
    ),
    "most-tax": (
        "goederen {goods}: {counted} telt, want daar is de belasting het hoogst, {amount}",
        "goods {goods}: {counted} counts, as it has the most tax, {amount}",
    ),
    "total": ("samen over {months} maanden: {amount}", "together over {months} months: {amount}"),
    "one-month": ("over 1 maand: {amount}", "over 1 month: {amount}"),
    "month": (
        "gemiddeld per maand: {total} ÷ {months} = {amount}",
        "on average per month: {total} ÷ {months} = {amount}",
    ),
    "quarter": (
        "betaald na aftrek van voorbelasting, gemiddeld per kwartaal: {total} × 3 ÷ {months} = {amount}",
        "paid after deduction of input tax, on average per quarter: {total} × 3 ÷ {months} = {amount}",
    ),
    "negative": (
        "{was} is minder dan nul en telt als {amount}",
        "{was} is below zero and counts as {amount}",
    ),
    "larger": (
        "grondslag: het hoogste van {quarter} (kwartaal) en {month} (maand) = {amount}",
        "base: the larger of {quarter} (quarter) and {month} (month) = {amount}",
    ),
    "base": ("grondslag: {amount}", "base: {amount}"),
    "percentage": ("{percent}% van {base} = {amount}", "{percent}% of {base} = {amount}"),
    "minimum": ("ten minste {minimum}: {amount}", "at least {minimum}: {amount}"),
    "mixed": (
        "categorie 1 en 2 in één vergunning: categorie 2",
        "category 1 and 2 in one permit: category 2",
    ),
    "maximum": (
        "ten hoogste {maximum} (categorie {category}): {amount}",
        "at most {maximum} (category {category}): {amount}",
    ),
    "inspector": (
        "verhoogd risico op fraude: de inspecteur stelt een hoger bedrag vast, {amount}",
        "heightened risk of fraud: the inspector sets a higher amount, {amount}",
    ),
    "no-maximum": (
        "het maximum is op dat hogere bedrag niet toegepast: {amount}",
        "the maximum is not applied to that higher amount: {amount}",
    ),
    "fraud-maximum": (
        "ook dan ten hoogste {maximum}: {amount}",
        "then too at most {maximum}: {amount}",
    ),
    "security": (
        "zekerheid: {amount} (elk bedrag hierboven is op hele centen afgerond)",
        "security: {amount} (every amount above is rounded to whole cents)",
    ),
    "assessment": (
        "{year}{whose}: belasting {tax} + rente {interest} + boeten {fines} = {amount}",
        "{year}{whose}: tax {tax} + interest {interest} + fines {fines} = {amount}",
    ),
    "year": (
        "{year}: aansprakelijk voor ten hoogste {security} van {due} = {amount}",
        "{year}: liable for at most {security} of {due} = {amount}",
    ),
    "liable": ("aansprakelijk voor {amount} van {due}", "liable for {amount} of {due}"),
    "whole": ("aansprakelijk voor het hele bedrag: {amount}", "liable for the whole amount: {amount}"),
    "covered": (
        "uit de zekerheid van {security} kan {amount} worden genomen, om welke cliënt het ook gaat",
        "of the security of {security}, {amount} can be used, whichever client it concerns",
    ),
}
"""By name: the line in Dutch and in English."""
