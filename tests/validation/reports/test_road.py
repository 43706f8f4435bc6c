"""The whole road of jaarrekening_ixbrl_esd: delivered by the reference client."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from digipoort_sim.client.deliveries import Attachment, Parcel, deliver, wait_for_end
from digipoort_sim.pki.oin import Oin
from digipoort_sim.testing.simulator import Simulator
from digipoort_sim.validation.result_document import NS_RESULTS
from tests.validation.reports.made import DOCUMENT, NAME, NUMBER, SCHEMA, package
from tests.validation.taxonomy.test_reports import OWN, taxonomy_package

pytestmark = pytest.mark.heavy

GOOD = ["105", "100", "110", "200", "301", "301", "405", "400", "500"]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """A simulator with a taxonomy package in its folder."""
    with Simulator() as running:
        folder = running.state / "taxonomies"
        folder.mkdir(exist_ok=True)
        (folder / "own.zip").write_bytes(taxonomy_package(OWN))
        yield running


def delivered(simulator: Simulator, content: bytes, name: str, nummer: str = NUMBER) -> list[dict[str, Any]]:
    """All statuses of a report that a party delivers for itself."""
    client = simulator.client(simulator.certificate(Oin.from_kvk(NUMBER)))
    mime_type = "application/zip" if content.startswith(b"PK") else "application/xhtml+xml"
    part = Attachment(name, mime_type, content)
    parcel = Parcel("jaarrekening_ixbrl_esd", nummer, "KvK", "Bedrijf", part)
    kenmerk = deliver(client, parcel)
    return wait_for_end(client, simulator.inner.catalogue, parcel.berichtsoort, kenmerk)


def messages(status: dict[str, Any]) -> dict[str, str]:
    """Texts of the errors by their rule, in the result document of a status."""
    root = etree.fromstring(status["statusdetails"])
    found = root.iterfind(f"{{{NS_RESULTS}}}xbrl/{{{NS_RESULTS}}}messages/{{{NS_RESULTS}}}msg")
    return {message.get("id", ""): message.text or "" for message in found if message.get("level") == "error"}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (package(), "jaarrekening.xbri"),
        (package(), "jaarrekening.zip"),
        (DOCUMENT.encode(), "jaarrekening.xhtml"),
    ],
)
def test_a_good_report_is_accepted(simulator: Simulator, content: bytes, name: str) -> None:
    """A package, whatever its extension, and a lone document go the recorded good way to 500."""
    assert [status["statuscode"] for status in delivered(simulator, content, name)] == GOOD


def test_a_broken_report_is_refused_with_the_document_named(simulator: Simulator) -> None:
    """All that is wrong stands in the result document of 311; each text names the document in the package."""
    broken = DOCUMENT.replace(' unitRef="EUR"', "").replace("<title>", "<script/><title>")
    last = delivered(simulator, package(broken), "jaarrekening.xbri", "12345678")[-1]
    assert (last["statuscode"], last["statusFoutcode"]["foutcode"]) == ("311", "VAS500")
    found = messages(last)
    assert set(found) == {"INLINE-UNIT", "NL-KVK.3.5.1.1", "IDENTITEIT"}
    assert all(text.startswith(f"{NAME}: ") for text in found.values())


def test_a_damaged_zip_is_refused(simulator: Simulator) -> None:
    """A zip that is none ends in 311 at once, like any other broken content."""
    statuses = delivered(simulator, package()[:-20], "jaarrekening.xbri")
    assert [status["statuscode"] for status in statuses][-2:] == ["200", "311"]
    assert set(messages(statuses[-1])) == {"PACKAGE-ZIP"}


@pytest.mark.skipif(not importlib.util.find_spec("arelle"), reason="the extra [xbrl] is not installed")
def test_the_taxonomy_is_the_second_step(simulator: Simulator) -> None:
    """A report whose taxonomy is at hand passes both steps whole, or fails at the second with 311."""
    text = DOCUMENT.replace(SCHEMA, OWN)
    good = delivered(simulator, package(text), "jaarrekening.xbri")
    assert [status["statuscode"] for status in good] == GOOD
    assert [status["statusdetails"] for status in good if status["statuscode"] == "301"] == [None, None]
    bad = delivered(simulator, package(text.replace('"d:Name"', '"d:Nobody"')), "jaarrekening.xbri")
    assert [status["statuscode"] for status in bad][-2:] == ["301", "311"]
    assert messages(bad[-1])["ix11.12.1.2:missingReferences"].startswith(f"{NAME}: ")
