"""The rules on their own: profiles, file names, roles, folders, documents, CRLs."""

from __future__ import annotations

from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.clock import parse_time
from digipoort_sim.config import FtpSettings
from digipoort_sim.errors import ConfigError, PermissionRefusal
from digipoort_sim.exchange.values import Content, Fout, Identity, Status
from digipoort_sim.ftp import load_profile, profile_names
from digipoort_sim.ftp.file_name import NameRule
from digipoort_sim.ftp.folders import Homes
from digipoort_sim.ftp.ledger import Entry
from digipoort_sim.ftp.road.delivery import bestandsnaam_of, delivery_of, is_party
from digipoort_sim.ftp.road.receipts import status_document, write_document
from digipoort_sim.pki.oin import Oin
from digipoort_sim.register.messages import MandateMessage, MessageKind, render_mandate_message
from tests.ftp.conftest import BELASTINGDIENST


def test_every_value_of_every_profile_has_a_provenance() -> None:
    """No value stands in a profile without saying how sure we are of it."""
    for name in profile_names():
        profile = load_profile(FtpSettings(profile=name))
        assert {row.key for row in profile.rows()} == set(vars(profile)) - {"name", "sources"}
        assert {row.provenance for row in profile.rows()} <= {"published", "simulator"}


def test_settings_go_before_the_profile_only_where_they_are_given() -> None:
    """A setting that the user gave replaces the profile's value; a default does not."""
    profile = load_profile(FtpSettings(retention_days=3))
    assert (profile.retention_days, profile.max_file_bytes) == (3, 2 * 1024**3)


def test_an_unknown_profile_is_a_wrong_setting() -> None:
    """The error names the profiles that there are."""
    with pytest.raises(ConfigError, match=r"ftp-1\.6\.1"):
        load_profile(FtpSettings(profile="ftp-9"))


def rule_with(tmp_path: Path, toml: str) -> NameRule:
    """The naming rule with more berichtsoorten."""
    (tmp_path / "berichtsoorten.toml").write_text(toml)
    return NameRule(load_profile(FtpSettings()), load_catalogue(tmp_path))


def test_the_longest_known_berichtsoort_wins(tmp_path: Path) -> None:
    """Where one berichtsoort begins another, the longer one is meant."""
    rule = rule_with(
        tmp_path, '["Aangifte"]\nagency = "belastingdienst"\nprovenance = "simulator"\nform = "any"\n'
    )
    assert rule.parse(f"Aangifte_LH_ref-1.a_{BELASTINGDIENST}.XML").berichtsoort == "Aangifte_LH"
    short = rule.parse(f"Aangifte_ref_{BELASTINGDIENST}.xml")
    assert (short.berichtsoort, short.aanleverkenmerk) == ("Aangifte", "ref")


def test_a_berichtsoort_that_goes_by_soap_only_is_refused(tmp_path: Path) -> None:
    """The catalogue says by which door a berichtsoort comes."""
    rule = rule_with(tmp_path, '[ICP]\ninterfaces = ["wus"]\n')
    with pytest.raises(PermissionRefusal):
        rule.parse(f"ICP_ref_{BELASTINGDIENST}.xbrl")


def test_the_extension_decides_the_mime_type() -> None:
    """The first of the extension's types that the berichtsoort allows."""
    rule = NameRule(load_profile(FtpSettings()), load_catalogue())
    assert rule.parse(f"ICP_ref_{BELASTINGDIENST}.xbrl").mime_type == "application/xbrl+xml"
    assert rule.parse(f"ICP_ref_{BELASTINGDIENST}.xml").mime_type == "text/xml"


@pytest.mark.parametrize(
    ("berichtsoort", "aanleverkenmerk", "bestandsnaam"),
    [
        ("Aangifte_LH", "K1", f"Aangifte_LH_K1_{BELASTINGDIENST}.xml"),
        ("Aangifte_LH", "2026.01-a", f"Aangifte_LH_2026_01-a_{BELASTINGDIENST}.xml"),
        ("Aangifte_LH", "x." * 20, f"Aangifte_LH_{'x_' * 20}_{BELASTINGDIENST}.xml"),
        ("Aangifte_LH_" + "y" * 30, "x." * 20, "x_" * 20 + ".xml"),
    ],
)
def test_the_bestandsnaam_of_a_file_is_plain(
    tmp_path: Path, berichtsoort: str, aanleverkenmerk: str, bestandsnaam: str
) -> None:
    """Dots of an aanleverkenmerk become ``_``, as FR-NL-1.06 wants it; 80 characters are the most."""
    row = f'[{berichtsoort}]\nagency = "belastingdienst"\nform = "any"\nidentity_types = []\n'
    (tmp_path / "berichtsoorten.toml").write_text(row + 'provenance = "simulator"\n')
    catalogue = load_catalogue(tmp_path)
    name = f"{berichtsoort}_{aanleverkenmerk}_{BELASTINGDIENST}.xml"
    parsed = NameRule(load_profile(FtpSettings()), catalogue).parse(name)
    assert parsed.aanleverkenmerk == aanleverkenmerk
    assert bestandsnaam_of(parsed) == bestandsnaam


@pytest.mark.parametrize(
    ("dienst", "nummer", "given", "kind"),
    [
        ("VIA_2025", "111222333", None, "BSN"),
        ("SBA_VPB_2026", "111222333", None, "RSIN"),
        ("SBA_VPB_2026", "111222333", "Fi", "Fi"),
        ("UWV-ZZ-ZW", "111222333L01", None, "LHnr"),
        ("SBA_OB_2026", "111222333B01", None, "Fi"),
        ("UNKNOWN", "111222333", None, "Fi"),
    ],
)
def test_the_type_of_a_clients_number_follows_from_the_service(
    dienst: str, nummer: str, given: str | None, kind: str
) -> None:
    """A mandate message without soortNummer is about the kind of number that its service takes."""
    message = MandateMessage(MessageKind.OPVOEREN, dienst, nummer, given, "00000003302162470000")
    content = render_mandate_message(message, "xml")
    catalogue = load_catalogue()
    name = f"MachtigingOpvoeren_K1_{catalogue.agencies['register'].oin}.xml"
    entry = Entry("ftp", "u", name, name, "w", "00000003302162470000", "0" * 64, parse_time("2026-03-02"))
    names = NameRule(load_profile(FtpSettings()), catalogue)
    delivery = delivery_of(entry, Content("text/xml", "a.xml", content), names, catalogue)
    assert delivery.identiteit_belanghebbende == Identity(nummer, kind)


@pytest.mark.parametrize(
    ("oin", "nummer", "kind", "own"),
    [
        ("00000003302162470000", "30216247", "kvk", True),
        ("00000003302162470000", "302162470", "Fi", False),
        ("00000001002220647000", "002220647B01", "BTW", True),
        ("00000001002220647000", "002220647L01", "LHnr", True),
        ("00000001002220647000", "123456782", "RSIN", False),
        ("00000099000000001000", "00000099000000001000", "OIN", True),
    ],
)
def test_the_accounts_party_is_the_belanghebbende_or_an_intermediary(
    oin: str, nummer: str, kind: str, own: bool
) -> None:
    """The number inside the OIN is compared with the identity, as far as they are of one kind."""
    assert is_party(Oin.parse(oin), Identity(nummer, kind)) is own


@pytest.mark.parametrize(
    ("path", "letters"),
    [
        ("/h/ftp/u", "el"),
        ("/h/ftp/u/in", "el"),
        ("/h/ftp/u/in/x", "adfwlT"),
        ("/h/ftp/u/out/x", "rdl"),
        ("/h/ftp/u/in/a/x", ""),
        ("/h/ftp/u/x", ""),
        ("/h/ftp/u/out/.x", ""),
        ("/h/ftp/user2/in/x", ""),
        ("/h/ftp_gb/u/in/x", ""),
        ("/", ""),
    ],
)
def test_permissions_follow_from_the_folder(path: str, letters: str) -> None:
    """Below /in and /out, one level deep, and nowhere else."""
    assert Homes(Path("/h"), "ftp").allowed("u", path) == letters


def test_texts_that_cannot_stand_in_xml_do_not_stop_a_receipt(tmp_path: Path) -> None:
    """Control characters in statusdetails become question marks; the file is there at once and whole."""
    status = Status(
        kenmerk="k",
        identiteit_belanghebbende=Identity("1", "Fi"),
        statuscode="510",
        tijdstempel_status=parse_time("2026-03-02T09:00:00Z"),
        statusomschrijving="x",
        status_foutcode=Fout("AFO100", "no"),
        statusdetails="a\x00b\x0b<c>\ud800",
    )
    write_document(tmp_path, "n.status.xml", status_document("n", status), 0.0)
    written = (tmp_path / "n.status.xml").read_text()
    assert "a?b?&lt;c&gt;?" in written
    assert "<ftp:foutcode>AFO100</ftp:foutcode>" in written
    assert [path.name for path in tmp_path.iterdir()] == ["n.status.xml"]
