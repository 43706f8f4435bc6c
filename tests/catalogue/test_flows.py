"""The table of flows, and the doors that follow from it; who is foreign by an OIN."""

from __future__ import annotations

from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.pki.oin import PREFIXES

CATALOGUE = load_catalogue(profiles=("biv",))


def test_every_berichtsoort_belongs_to_a_flow() -> None:
    """Each berichtsoort names a flow of the table, and each flow that is simulated has berichtsoorten."""
    assert {row.flow for row in CATALOGUE.berichtsoorten.values()} <= set(CATALOGUE.flows)
    empty = {key for key in CATALOGUE.flows if not CATALOGUE.of_flow(key)}
    assert empty == {"douane"}  # goes by SMTP


@pytest.mark.parametrize(
    ("key", "interface", "doors"),
    [
        ("loonaangifte", "WUS 1.2; large ones FTP GB 3.0", {"wus", "ftp"}),
        ("fiscaal", "WUS 1.2", {"wus"}),
        ("machtigingen", "WUS 1.2 or FTP", {"wus", "ftp"}),
        ("psp-cesop", "FTP 1.6.1", {"ftp"}),
        ("dac7", "WUS 1.2", {"wus"}),
        ("ciot", "FTP 1.6.1", {"ftp"}),
        ("douane", "SMTP (not simulated)", set()),
    ],
)
def test_which_flow_goes_by_which_interface(key: str, interface: str, doors: set[str]) -> None:
    """The interface of each flow is that of the table Berichtenstromen."""
    flow = CATALOGUE.flows[key]
    assert (flow.interface, set(flow.interfaces)) == (interface, doors)


def test_only_a_flow_that_is_not_published_tolerates_another_door() -> None:
    """What is published is honoured exactly; where it is inferred another door is let through."""
    tolerant = {row.provenance for row in CATALOGUE.flows.values() if row.tolerated}
    assert tolerant == {"inferred", "simulator"}
    doors = {name: set(CATALOGUE.doors_of(row)) for name, row in CATALOGUE.berichtsoorten.items()}
    assert (doors["PSP-CESOP"], doors["DAC7"], doors["CIOT"]) == ({"ftp"}, {"wus"}, {"ftp"})
    assert doors["Omzetbelasting"] == doors["Aangifte_LH"] == doors["MachtigingOpvoeren"] == {"wus", "ftp"}
    unusual = {name for name, row in CATALOGUE.berichtsoorten.items() if CATALOGUE.is_unusual(row, "ftp")}
    assert {"Omzetbelasting", "GIR", "UWV-ZZ-melding"} <= unusual
    assert unusual.isdisjoint({"Aangifte_LH", "MachtigingOpvoeren", "PSP-CESOP", "DAC7"})


def test_a_berichtsoort_of_the_users_own_may_go_by_any_door(tmp_path: Path) -> None:
    """Without a flow every door is open; its own interfaces go before those of its flow."""
    own = '[Eigen]\nagency = "stub"\nprovenance = "simulator"\n[DAC7]\ninterfaces = ["ftp"]\n'
    (tmp_path / "berichtsoorten.toml").write_text(own)
    catalogue = load_catalogue(tmp_path)
    assert catalogue.doors_of(catalogue.berichtsoort("Eigen")) == ("wus", "ftp")
    assert catalogue.doors_of(catalogue.berichtsoort("DAC7")) == ("ftp",)
    assert not catalogue.is_unusual(catalogue.berichtsoort("DAC7"), "ftp")


def test_the_registers_of_oins_are_those_that_are_parsed() -> None:
    """Every prefix that an OIN may have has a line that says what it means; two are foreign."""
    kinds = {prefix: row.kind for prefix, row in CATALOGUE.oin_registers.items()}
    assert kinds == {prefix: row.kind for prefix, row in PREFIXES.items()}
    foreign = {prefix for prefix in kinds if CATALOGUE.is_foreign(f"{prefix}111222333000")}
    assert foreign == {"00000002", "00000008"}


def test_only_the_tax_administration_is_open_to_foreign_businesses() -> None:
    """Of the agencies only the Belastingdienst is open; the register and the test stub are no agencies."""
    is_open = {key for key, row in CATALOGUE.agencies.items() if row.open_to_foreign}
    assert is_open == {"belastingdienst", "register", "stub"}
