"""``taxonomy``: the taxonomy packages at hand; none of it needs a server, and a running one sees changes.

Exit codes: 0 good, 1 a package is not, 2 a file cannot be opened or an option is wrong, 3 it is there
already, 4 a check could not be made for technical reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digipoort_sim.cli.choices import AsJson, ConfigFile, StateIfGiven
from digipoort_sim.cli.refusals import Lang, Language

if TYPE_CHECKING:
    from digipoort_sim.config import Settings
    from digipoort_sim.validation.packages.package import Package
    from digipoort_sim.validation.taxonomy.package_checking import TaxonomyProblem

_COLUMNS = ("package", "name", "version", "publicationDate", "entrypoints", "usable")
_ENTRYPOINT_COLUMNS = ("entrypoint", "present", "package", "name")
_BAD = 1

Problems = list[dict[str, str]]

_Entrypoint = Annotated[
    list[str] | None, typer.Option("--entrypoint", metavar="URI", help="Only this one (repeatable).")
]


def register(group: typer.Typer) -> None:
    """Add ``taxonomy list|add|check``."""
    group.command("list")(_list)
    group.command("add")(_add)
    group.command("check")(_check)


def _list(
    ctx: typer.Context,
    state: StateIfGiven = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
    lang: Lang = "en",
    entrypoints: Annotated[
        bool, typer.Option("--entrypoints", help="List entry points in place of packages.")
    ] = False,
) -> None:
    """List the taxonomy packages in the folder (setting validation.taxonomies) and those built in."""
    from digipoort_sim.cli.printing import print_json, print_rows
    from digipoort_sim.validation.packages.folder import packages_at_hand
    from digipoort_sim.web.taxonomy_fields import package_fields

    settings = _settings(ctx, state, config)
    packages = packages_at_hand(settings.taxonomies_folder()).packages()
    if entrypoints:
        rows = [row for package in packages for row in _entrypoint_rows(package)]
        print_rows(rows, _ENTRYPOINT_COLUMNS, as_json=as_json, empty="There are no entry points.")
    elif as_json:
        print_json([package_fields(package) for package in packages])
    else:
        rows = [_row(package) for package in packages]
        print_rows(rows, _COLUMNS, as_json=False, empty="There are no packages.")
        _print_problems(packages, lang)


def _add(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Zip of a taxonomy package, or the folder of one.")
    ],
    state: StateIfGiven = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
    lang: Lang = "en",
    force: Annotated[bool, typer.Option("--force", help="Replace a package of the same file name.")] = False,
) -> None:
    """Put a taxonomy package into the folder, if nothing is wrong with it; a running server uses it then."""
    from digipoort_sim.cli.printing import print_json, print_rows
    from digipoort_sim.validation.packages.adding import add_package
    from digipoort_sim.web.taxonomy_fields import package_fields

    addition = add_package(file, _settings(ctx, state, config).taxonomies_folder(), replace_it=force)
    if as_json:
        print_json({**package_fields(addition.package), "new": addition.new})
    else:
        print_rows([_row(addition.package)], _COLUMNS, as_json=False, empty="")
        _print_problems([addition.package], lang)
        for document in addition.new:
            print(f"new: {document}")
    if not addition.package.usable:
        raise typer.Exit(_BAD)


def _check(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A package, in the folder or elsewhere [all packages]."),
    ] = None,
    state: StateIfGiven = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
    lang: Lang = "en",
    entrypoint: _Entrypoint = None,
) -> None:
    """Load the entry points of packages in Arelle, and tell all that it has against them.

    Exit codes: 0 no errors (warnings allowed), 1 errors, 2 a file cannot be opened, 4 technical trouble.
    """
    from digipoort_sim.cli.printing import print_json

    settings = _settings(ctx, state, config)
    _needs_arelle()
    wanted, all_packages = _wanted(file, settings)
    tell = _silent if as_json else _print_checked
    verdicts = _verdicts(wanted, all_packages, settings, entrypoint or (), tell)
    valid = all(_is_good(verdict) for verdict in verdicts)
    if as_json:
        print_json({"valid": valid, "packages": verdicts})
    else:
        _print_problems(wanted, lang)
    if not valid:
        raise typer.Exit(_BAD)


def _settings(ctx: typer.Context, state: Path | None, config: Path | None) -> Settings:
    from digipoort_sim.config_loading import load_settings

    return load_settings({"state": state or ctx.obj}, config_file=config)


def _needs_arelle() -> None:
    import importlib.util

    from digipoort_sim.errors import ConfigError

    if importlib.util.find_spec("arelle") is None:
        raise ConfigError(
            "taxonomies are loaded by Arelle, which is not installed: pip install 'digipoort-sim[xbrl]'",
            rule="XBRL-ARELLE",
        )


def _wanted(file: Path | None, settings: Settings) -> tuple[Sequence[Package], Sequence[Package]]:
    """The packages to check, and those and all others: a taxonomy may build upon that of another package."""
    from digipoort_sim.errors import ConfigError
    from digipoort_sim.validation.packages.folder import packages_at_hand
    from digipoort_sim.validation.packages.reading import read_package

    folder = settings.taxonomies_folder()
    at_hand = packages_at_hand(folder).packages()
    if file is None:
        return at_hand, at_hand
    path = file if file.exists() else folder / file
    if not path.exists():
        raise ConfigError(f"{file}: there is no such file, nor is it in {folder}", rule="TAXONOMY-FILE")
    package = read_package(path.resolve())
    return [package], [*(one for one in at_hand if one.identifier != package.identifier), package]


def _verdicts(
    wanted: Sequence[Package],
    packages: Sequence[Package],
    settings: Settings,
    only: Sequence[str],
    tell: Callable[[Package, str, Problems], None],
) -> list[dict[str, Any]]:
    """What is said of each package, told of each entry point as soon as it is known."""
    from digipoort_sim.validation.taxonomy.package_checking import PackageChecker
    from digipoort_sim.web.taxonomy_fields import package_fields

    chosen = {package.path: _chosen(package, only) for package in wanted if package.usable}
    _none_is_missing(only, chosen.values())
    verdicts = []
    with PackageChecker([one for one in packages if one.usable], settings.validation) as checker:
        for package in wanted:
            checked = []
            for uri in chosen.get(package.path, ()):
                problems = _plain(checker.problems(uri))
                tell(package, uri, problems)
                checked.append({"entrypoint": uri, "problems": problems})
            verdicts.append({**package_fields(package), "entrypoints": checked})
    return verdicts


def _chosen(package: Package, only: Sequence[str]) -> list[str]:
    """The entry points that are asked for, also those that the package does not list."""
    listed = [entry.document for entry in package.entrypoints if entry.present]
    return [uri for uri in only if package.has(uri)] if only else list(dict.fromkeys(listed))


def _none_is_missing(only: Sequence[str], chosen: Iterable[Sequence[str]]) -> None:
    from digipoort_sim.errors import ConfigError

    found = {uri for uris in chosen for uri in uris}
    for uri in only:
        if uri not in found:
            raise ConfigError(f"no usable package that was asked for has {uri}", rule="TAXONOMY-FILE")


def _plain(problems: Sequence[TaxonomyProblem]) -> Problems:
    return [{"severity": one.severity, "code": one.code, "text": one.text} for one in problems]


def _is_good(verdict: dict[str, Any]) -> bool:
    problems = [one for checked in verdict["entrypoints"] for one in checked["problems"]]
    return bool(verdict["usable"]) and all(one["severity"] != "error" for one in problems)


def _silent(package: Package, uri: str, problems: Problems) -> None:
    """JSON is printed when all is known."""


def _print_checked(package: Package, uri: str, problems: Problems) -> None:
    from digipoort_sim.terminal import visible

    if not problems:
        print(visible(f"{package.path.name}  good  {uri}"), flush=True)
    for problem in problems:
        where = f"{package.path.name}  {problem['severity']}  {uri}"
        print(visible(f"{where}\n    [{problem['code']}] {problem['text']}"), flush=True)


def _print_problems(packages: Sequence[Package], lang: Language) -> None:
    from digipoort_sim.terminal import visible

    for package in packages:
        for problem in package.problems:
            text = problem.text_nl if lang == "nl" else problem.text_en
            print(visible(f"{package.path.name}: {text}"))


def _row(package: Package) -> dict[str, Any]:
    """A package as a line for people."""
    from digipoort_sim.web.taxonomy_fields import package_fields

    present = sum(entry.present for entry in package.entrypoints)
    listed = len(package.entrypoints)
    counted = str(present) if present == listed else f"{present} of {listed}"
    return {**package_fields(package), "entrypoints": counted}


def _entrypoint_rows(package: Package) -> list[dict[str, Any]]:
    return [
        {
            "entrypoint": entry.document,
            "name": entry.name,
            "present": entry.present,
            "package": package.path.name,
            "usable": package.usable,
        }
        for entry in package.entrypoints
    ]
