"""How the instances are made to fit a real taxonomy, and the NL plugin, which comes with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from digipoort_sim.validation.packages.zipping import zip_folder
from tests.taxonomies.bench import NEEDS_ARELLE, Bench
from tests.taxonomies.faults import FAULTS, ICP, OB, OBSUP, SAMPLES
from tests.taxonomies.generator import BASE, files
from tests.taxonomies.packages import Packages, sample

NT20 = "http://www.nltaxonomie.nl/nt20/bd/20301209/"
"""Of no package that there is; the trial taxonomy is put under it for the NT's own rules to hold."""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """A package like one of the NT: other namespaces, other years, and no corporate income tax."""
    folder = tmp_path_factory.mktemp("real")
    for path, text in files().items():
        if "vpb-aangifte" not in path:
            target = folder / "source" / "nt20" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(
                text.replace(BASE.rstrip("/"), NT20.rstrip("/")).replace("-2027.xsd", "-2077.xsd")
            )
    zip_folder(folder / "source" / "nt20", folder / "nt20.zip")
    return Packages("real", folder)


@pytest.mark.parametrize("name", SAMPLES.values())
def test_an_instance_gets_the_names_of_the_package(real: Packages, name: str) -> None:
    """Entry point, namespaces and year are those of the package; without a report there is none."""
    instance = real.adapted(sample(name))
    if name.startswith("vpb"):
        assert instance is None
    else:
        assert instance is not None
        assert BASE not in instance
        assert f'"{NT20}entrypoints/bd-rpt-{name.replace("2026", "2077")}.xsd"' in instance
        assert f'xmlns:bd-i="{NT20}dictionary/bd-data"' in instance
        assert ">2077-" in instance
        assert ">2026-" not in instance


@pytest.fixture(scope="module")
def bench(real: Packages) -> Iterator[Bench]:
    """A validator with that package."""
    with Bench.opened(real) as opened:
        yield opened


@pytest.mark.heavy
@NEEDS_ARELLE
@pytest.mark.parametrize("name", [OB, OBSUP, ICP])
def test_the_rules_of_the_nt_have_nothing_against_a_good_instance(bench: Bench, name: str) -> None:
    """With an entry point of NT20 Arelle's NL plugin takes part; no rule of it is broken."""
    report = bench.validator.check_all(bench.delivered(name))
    assert (report.findings, report.not_checked) == ((), ())


@pytest.mark.heavy
@NEEDS_ARELLE
def test_the_rules_of_the_nt_find_nothing_twice(bench: Bench) -> None:
    """A fault gives the same findings as without the plugin, whose rules the quick checks have too."""
    for fault in (one for one in FAULTS if one.sample == ICP or one.name == "contradiction"):
        report = bench.validator.check_taxonomy(bench.delivered(fault.sample, fault))
        assert {finding.rule for finding in report.findings} == fault.rules, fault.name
