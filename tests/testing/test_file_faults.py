"""A vendor's test suite asks for faults, and uses the Aansluit Suite's scenarios for files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from digipoort_sim.client.endpoints import UnreachableError
from digipoort_sim.client.file_box import FileBox
from digipoort_sim.client.files import ReplyError
from digipoort_sim.pki.oin import Oin
from digipoort_sim.testing.simulator import Simulator
from tests.ftp.conftest import LOON, loon_name

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """A simulator in which names of scenarios mean something on all paths."""
    with Simulator(wus={"scenarios_on_preproduction": True}) as running:
        yield running


@pytest.fixture(scope="module")
def files(simulator: Simulator) -> FileBox:
    """An account's files."""
    oin = Oin.from_kvk("30216247")
    return simulator.files(simulator.certificate(oin), simulator.file_account(oin))


def test_a_fault_strikes_the_reference_client_and_then_it_delivers(
    simulator: Simulator, files: FileBox
) -> None:
    """The client tells the reply with its mark; the second delivery is accepted."""
    simulator.faults.add("552")
    with pytest.raises(ReplyError, match="asked for: fault f-1"):
        files.put(loon_name(), LOON)
    assert files.put(loon_name(), LOON).kenmerk
    assert [one.hits for one in simulator.faults.list()] == [1]


@pytest.mark.parametrize(
    ("kind", "says", "is_folder_in_question"),
    [
        ("certificate-expired", "not valid now", False),
        ("certificate-wrong-host", "is for another host", False),
        ("certificate-self-signed", "signed itself", False),
        ("certificate-unknown-ca", "does not vouch for", True),
    ],
)
def test_what_is_wrong_with_the_servers_certificate_is_told(
    simulator: Simulator, files: FileBox, kind: str, says: str, is_folder_in_question: bool
) -> None:
    """The client's folder is asked about only where another CA vouches for the server."""
    simulator.faults.add(kind)
    with pytest.raises(UnreachableError, match=says) as refused:
        files.names()
    assert ("folder of another simulator?" in str(refused.value)) is is_folder_in_question
    assert files.names() is not None


def test_scenarios_of_the_aansluit_suite_hold_for_files_where_they_are_switched_on(files: FileBox) -> None:
    """With wus.scenarios_on_preproduction a file named Afleverfout ends in 410 with AFS400."""
    files.put(loon_name("Afleverfout"), LOON)
    status = files.wait_for(f"{loon_name('Afleverfout')}.status.xml")
    assert b"<ftp:statuscode>410<" in status
    assert b"AFS400" in status
