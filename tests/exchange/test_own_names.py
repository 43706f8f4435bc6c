"""Names of the mandate messages: the simulator's own choice, so a user's catalogue may have others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.register.messages import MessageKind
from digipoort_sim.store import Store
from tests.exchange.office import ALWAYS, CLIENT, Office, mandate_delivery, open_office

NAMES = """
[MuMaOpvoeren]
agency = "register"
provenance = "simulator"
form = "mandate"
mandate = "opvoeren"

[MuMaOpvragen]
agency = "register"
provenance = "simulator"
form = "mandate"
mandate = "opvragen"

[MuMaOverzicht]
agency = "register"
provenance = "simulator"
form = "xml"
direction = "out"
"""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office whose catalogue has other names for mandate messages besides."""
    store = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    (tmp_path / "berichtsoorten.toml").write_text(NAMES)
    yield open_office(store, catalogue=load_catalogue(tmp_path))
    store.close()


def test_other_names_do_the_same(office: Office) -> None:
    """A request and a query under a user's own names are handled, and so is named what is fetched."""
    request = replace(mandate_delivery(MessageKind.OPVOEREN, "VIA_2025"), berichtsoort="MuMaOpvoeren")
    assert office.run(request)[-1].statusomschrijving == "Opvoeren machtigingsclaim gelukt."
    query = replace(mandate_delivery(MessageKind.OPVRAGEN, "", jaar=2025), berichtsoort="MuMaOpvragen")
    assert office.run(query)[-1].statuscode == "500"
    (overview,) = office.post.berichten(office.call(), "MuMaOverzicht", CLIENT, ALWAYS, nieuw=False)
    assert b"VIA_2025" in overview.inhoud.inhoud


def test_the_built_in_names_are_ours() -> None:
    """The four names and that of the answer are labelled as the simulator's choice."""
    rows = load_catalogue().berichtsoorten
    names = [name for name in rows if name.startswith("Machtiging")]
    assert len(names) == 5
    assert {rows[name].provenance for name in names} == {"simulator"}
    assert {rows[name].mandate for name in names} == {"", "opvoeren", "activeren", "intrekken", "opvragen"}


def test_the_register_answers_with_other_texts_and_numbers(tmp_path: Path) -> None:
    """A user's outcomes.toml changes what a good outcome says, and with which status a refusal ends."""
    (tmp_path / "outcomes.toml").write_text(
        '[claim-opgevoerd]\ntext = "Claim staat erin."\n[bestaat-al]\nstatuscode = "710"\ncode = "X1"\n'
    )
    store = Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    office = open_office(store, catalogue=load_catalogue(tmp_path))
    request = mandate_delivery(MessageKind.OPVOEREN, "VIA_2025")
    good, refused = office.run(request)[-1], office.run(request)[-1]
    assert (good.statuscode, good.statusomschrijving) == ("500", "Claim staat erin.")
    assert refused.statuscode == "710"
    assert refused.status_foutcode is not None
    assert refused.status_foutcode.foutcode == "X1"
    store.close()
