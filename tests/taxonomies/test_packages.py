"""How the instances are made to fit a real taxonomy."""

from __future__ import annotations

import pytest

from digipoort_sim.validation.taxonomy.package_zipping import zip_folder
from tests.taxonomies.faults import SAMPLES
from tests.taxonomies.generator import BASE, files
from tests.taxonomies.packages import Packages

OTHER = "http://taxonomy.example/nt77/bd/20301209/"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """A package like one of the NT: other namespaces, other years, and no corporate income tax."""
    folder = tmp_path_factory.mktemp("real")
    for path, text in files().items():
        if "vpb-aangifte" not in path:
            target = folder / "source" / "nt77" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text.replace(BASE, OTHER).replace("-2027.xsd", "-2077.xsd"))
    zip_folder(folder / "source" / "nt77", folder / "nt77.zip")
    return Packages("real", folder)


@pytest.mark.parametrize("sample", SAMPLES.values())
def test_an_instance_gets_the_names_of_the_package(real: Packages, sample: str) -> None:
    """Entry point and namespaces are those of the package, the last year's; none without a report."""
    instance = real.instance(sample)
    if sample.startswith("vpb"):
        assert instance is None
    else:
        assert instance is not None
        assert BASE not in instance
        assert f'"{OTHER}entrypoints/bd-rpt-{sample.replace("2026", "2077")}.xsd"' in instance
        assert f'xmlns:bd-i="{OTHER}dictionary/bd-data"' in instance
