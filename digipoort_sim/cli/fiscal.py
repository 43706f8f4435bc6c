"""``fiscal security|liability``: the sums about fiscal representatives, which need no server."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digipoort_sim.cli.choices import AsJson, ConfigFile, StateIfGiven

if TYPE_CHECKING:
    from digipoort_sim.register.fiscal import Rules

_LARGEST_FILE = 4 * 1024 * 1024


class Language(StrEnum):
    """The language of a sum that is written out."""

    EN = "en"
    NL = "nl"


class Kind(StrEnum):
    """The two permits."""

    GENERAL = "general"
    LIMITED = "limited"


KindIfGiven = Annotated[Kind | None, typer.Option("--kind", help="Kind of permit.")]
Months = Annotated[int | None, typer.Option(metavar="N", help="Months that the figures cover [default: 12].")]
Category = Annotated[str | None, typer.Option(metavar="C", help="1, 2 or 1+2.")]
Paid = Annotated[
    str | None, typer.Option(metavar="EUR", help="VAT paid over these months, after deduction of input tax.")
]
Inspector = Annotated[
    str | None, typer.Option(metavar="EUR", help="Higher amount of the inspector, at a risk of fraud.")
]
Transactions = Annotated[
    list[str] | None,
    typer.Option(
        "--transaction",
        metavar="KIND,AMOUNT,RATE[,ORDINARY,GOODS,CATEGORY,RESPONSIBLE]",
        help="A supply, service, acquisition or import; RATE in percent or 'exempt'. May be repeated.",
    ),
]
FiguresFile = Annotated[
    Path | None,
    typer.Option("--file", metavar="FILE", help="TOML or JSON with the same names, or CSV of transactions."),
]
Words = Annotated[Language, typer.Option("--language", help="Language of the sum.")]


def register(group: typer.Typer) -> None:
    """Add ``fiscal security|liability``."""
    group.command("security")(_security)
    group.command("liability")(_liability)


def _security(
    ctx: typer.Context,
    kind: KindIfGiven = None,
    months: Months = None,
    category: Category = None,
    paid: Paid = None,
    inspector: Inspector = None,
    transaction: Transactions = None,
    file: FiguresFile = None,
    language: Words = Language.EN,
    state: StateIfGiven = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Calculate how much security a permit needs, with the sum written out."""
    from digipoort_sim.register.fiscal import calculate_security
    from digipoort_sim.register.fiscal.reading import read_figures
    from digipoort_sim.web.fiscal_fields import security_fields

    document = figures_document(file, transaction, months, category, paid, inspector)
    figures = read_figures(document | ({} if kind is None else {"kind": kind}))
    found = security_fields(calculate_security(_rules(ctx, state, config), figures))
    _print_sum(found, "security", language, as_json)


def _liability(
    ctx: typer.Context,
    kind: KindIfGiven = None,
    security: Annotated[str | None, typer.Option(metavar="EUR", help="The security as set.")] = None,
    assessment: Annotated[
        list[str] | None,
        typer.Option(
            metavar="YEAR,TAX[,INTEREST,FINES,CLIENT]", help="An assessment, in euros. May be repeated."
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", metavar="FILE", help="TOML or JSON with the same names, or CSV of assessments."
        ),
    ] = None,
    language: Words = Language.EN,
    state: StateIfGiven = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Calculate for how much a representative is liable, with the sum written out."""
    from digipoort_sim.register.fiscal import calculate_liability
    from digipoort_sim.register.fiscal.liability import MOST_ASSESSMENTS
    from digipoort_sim.register.fiscal.reading import ASSESSMENT_COLUMNS, read_liability
    from digipoort_sim.web.fiscal_fields import liability_fields

    rows = ("assessments", ASSESSMENT_COLUMNS, MOST_ASSESSMENTS)
    document = _with_rows(_document(file, *rows), assessment, *rows)
    given = {"kind": kind, "security": security}
    document |= {name: value for name, value in given.items() if value is not None}
    found = calculate_liability(_rules(ctx, state, config), *read_liability(document))
    _print_sum(liability_fields(found), "liability", language, as_json)


def figures_document(
    file: Path | None,
    transaction: list[str] | None,
    months: int | None,
    category: str | None,
    paid: str | None,
    inspector: str | None,
) -> dict[str, Any]:
    """The figures of a file and of options; options come first.

    Raises:
        ConfigError: the file cannot be read, or is none of TOML, JSON and CSV.
    """
    from digipoort_sim.register.fiscal.reading import TRANSACTION_COLUMNS
    from digipoort_sim.register.fiscal.security import MOST_TRANSACTIONS

    rows = ("transactions", TRANSACTION_COLUMNS, MOST_TRANSACTIONS)
    document = _with_rows(_document(file, *rows), transaction, *rows)
    given = {"months": months, "category": category, "paid": paid, "inspector": inspector}
    return document | {name: value for name, value in given.items() if value is not None}


def _document(file: Path | None, name: str, columns: tuple[str, ...], most: int) -> dict[str, Any]:
    import json
    import tomllib

    from digipoort_sim.errors import ConfigError
    from digipoort_sim.register.fiscal.reading import read_csv

    if file is None:
        return {}
    try:
        text = _text_of(file)
        match file.suffix.lower():
            case ".csv":
                return {name: read_csv(text, columns, most)}
            case ".json":
                found = json.loads(text)
            case ".toml":
                found = tomllib.loads(text)
            case _:
                raise ConfigError(f"{file} must end in .toml, .json or .csv", rule="FISCAL-FILE")
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file} cannot be read: {error}", rule="FISCAL-FILE") from None
    if not isinstance(found, dict):
        raise ConfigError(f"{file} must hold one object", rule="FISCAL-FILE")
    return found


def _text_of(file: Path) -> str:
    from digipoort_sim.errors import ConfigError

    with file.open("rb") as stream:
        content = stream.read(_LARGEST_FILE + 1)
    if len(content) > _LARGEST_FILE:
        raise ConfigError(f"{file} is larger than {_LARGEST_FILE} octets", rule="FISCAL-FILE")
    return content.decode("utf-8")


def _with_rows(
    document: dict[str, Any], given: list[str] | None, name: str, columns: tuple[str, ...], most: int
) -> dict[str, Any]:
    """A document with rows that came as options behind its own."""
    from digipoort_sim.errors import ConfigError
    from digipoort_sim.register.fiscal.reading import read_csv

    if not given:
        return document
    present = document.get(name, [])
    if not isinstance(present, list):
        raise ConfigError(f"{name} must be a list of objects", rule="FISCAL-LIST")
    return {**document, name: [*present, *read_csv("\n".join(given), columns, most)]}


def _rules(ctx: typer.Context, state: Path | None, config: Path | None) -> Rules:
    """The rules as the catalogue in force has them."""
    from digipoort_sim.catalogue import load_catalogue
    from digipoort_sim.config_loading import load_settings
    from digipoort_sim.register.fiscal import Rules

    settings = load_settings({"state": state or ctx.obj}, config_file=config)
    return Rules(load_catalogue(settings.catalogue, settings.profiles).fiscal)


def _print_sum(found: Mapping[str, Any], title: str, language: Language, as_json: bool) -> None:
    from digipoort_sim.cli.printing import print_fields, print_json, print_rows

    if as_json:
        print_json(found)
        return
    print_fields({name: value for name, value in found.items() if name != "sum"}, as_json=False)
    print(f"\nThe {title} written out, with the rule of each line and how sure it is:")
    print_rows(found["sum"], ("rule", "provenance", language), as_json=False, empty="")
