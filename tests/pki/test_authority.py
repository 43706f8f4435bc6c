"""The authority in its state directory: layout, shape of its certificates, two processes at once."""

from __future__ import annotations

import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from digipoort_sim.clock import Clocks, FixedClock, RealClock, parse_time
from digipoort_sim.errors import ConfigError
from digipoort_sim.ids import SeededIds, SystemIds
from digipoort_sim.pki import Authority, IssuedCertificate, Oin
from digipoort_sim.pki.build import names_of
from digipoort_sim.pki.certificate import load_certificates
from tests.pki.conftest import CLOCKS

KVK = Oin.from_kvk("12345678")


def openssl(*arguments: object) -> str:
    """What the real OpenSSL says, on both its outputs."""
    done = subprocess.run(
        ["openssl", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=30
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def client(authority: Authority) -> IssuedCertificate:
    """A client certificate of the shared authority."""
    return authority.issue_client(KVK, "Testbedrijf Één B.V.")


@pytest.fixture
def out(authority: Authority, client: IssuedCertificate, tmp_path: Path) -> Path:
    """The folder with that client's files."""
    authority.write_client_files(client, tmp_path / "out")
    return tmp_path / "out"


def test_private_keys_are_for_the_owner_only(authority: Authority) -> None:
    """The folder has mode 0700 and every key and ledger 0600; nothing half-made is left."""
    folder = authority.paths.folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    secret = {path.name for path in folder.iterdir() if stat.S_IMODE(path.stat().st_mode) == 0o600}
    keys = {f"{stem}.key" for stem in ("root", "intermediate", "tsp", "server", "service")}
    assert secret == keys | {"issued.jsonl"} | ({"revoked.jsonl"} & secret)
    assert not list(folder.rglob(".*"))
    assert not (folder.parent / ".pki.making").exists()


def test_every_name_says_that_it_is_a_trial(authority: Authority, client: IssuedCertificate) -> None:
    """TRIAL or SIMULATOR stands in each subject, and no name is that of the real authority."""
    own = [
        load_certificates(path)[0]
        for path in (authority.paths.server_chain, authority.paths.service_certificate)
    ]
    for certificate in (*authority.ca_certificates, *own, client.certificate):
        name = certificate.subject.rfc4514_string()
        assert "TRIAL" in name or "SIMULATOR" in name
        assert "Staat der Nederlanden" not in name


def test_openssl_verifies_the_chains_strictly_with_crls(authority: Authority, out: Path) -> None:
    """Client, server and service certificate pass every check that OpenSSL has, with all CRLs."""
    paths = authority.paths
    for certificate in (out / "client.pem", paths.server_chain, paths.service_certificate):
        said = openssl(
            "verify", "-x509_strict", "-policy_check", "-crl_check_all", "-purpose", "sslclient",
            "-CAfile", paths.ca_file, "-CRLfile", paths.crl_file, certificate,
        )  # fmt: skip
        assert said.strip().endswith(": OK"), said


def test_a_client_certificate_has_the_shape_of_a_real_one(out: Path) -> None:
    """Subject, usages, policy, pointers and their criticality are those of PKIoverheid G1 private."""
    said = openssl("x509", "-in", out / "client.pem", "-noout", "-text", "-nameopt", "utf8,sep_comma_plus")
    for line in (
        "Version: 3 (0x2)",
        "sha256WithRSAEncryption",
        "Public-Key: (2048 bit)",
        "C=NL,ST=Zuid-Holland,L=Den Haag,O=Testbedrijf Één B.V.,OU=TRIAL SIMULATOR,"
        "serialNumber=00000003123456780000,CN=Testbedrijf Één B.V. (TRIAL)",
        "Basic Constraints: critical\n                CA:FALSE",
        "Key Usage: critical\n                Digital Signature, Key Encipherment",
        "Extended Key Usage: critical\n                "
        "TLS Web Client Authentication, TLS Web Server Authentication",
        "Policy: 2.16.528.1.1003.1.2.8.6",
        "CPS: https://",
        "Explicit Text: ",
        "URI:http://crl.trial-pki.invalid/tsp.crl",
        "OCSP - URI:http://ocsp.trial-pki.invalid/",
        "Subject Key Identifier",
        "Authority Key Identifier",
    ):
        assert line in said
    assert "Alternative Name" not in said


def test_the_tsp_ca_has_the_shape_of_a_real_one(authority: Authority) -> None:
    """Path length 0, keyCertSign and cRLSign, and the three policies."""
    said = openssl("x509", "-in", authority.paths.ca_certificate("tsp"), "-noout", "-text")
    assert "CA:TRUE, pathlen:0" in said
    assert "Certificate Sign, CRL Sign" in said
    assert [f"2.16.528.1.1003.1.2.8.{last}" in said for last in (4, 5, 6)] == [True] * 3


def test_the_server_certificate_has_all_names(authority: Authority) -> None:
    """Local names and addresses and the names of Digipoort stand in it, so that users can map hosts."""
    assert set(names_of(load_certificates(authority.paths.server_chain)[0])) == {
        "localhost",
        "127.0.0.1",
        "::1",
        "wus.preproductie.digipoort.logius.nl",
        "wus.digipoort.logius.nl",
        "cs-bedrijven.procesinfrastructuur.nl",
    }


def test_a_client_gets_exactly_five_files(authority: Authority, out: Path) -> None:
    """Leaf with chain, PKCS#8 key, PKCS#12, CAs and signing certificate; again writing replaces them."""
    other = authority.issue_client(KVK, "Ander")
    authority.write_client_files(other, out)
    assert {path.name for path in out.iterdir()} == {
        "client.pem", "client.key", "client.p12", "ca.pem", "service.pem",
    }  # fmt: skip
    chain = load_certificates(out / "client.pem")
    assert [one.subject for one in chain[1:]] == [one.subject for one in authority.ca_certificates[:0:-1]]
    assert chain[0] == other.certificate
    assert (out / "client.key").read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert stat.S_IMODE((out / "client.key").stat().st_mode) == 0o600
    assert load_certificates(out / "ca.pem") == authority.ca_certificates
    assert load_certificates(out / "service.pem") == (authority.service_identity().certificate,)


def test_openssl_opens_the_pkcs12_file(out: Path) -> None:
    """It is encrypted with AES-256 under PBES2, guarded with SHA-256, and has leaf, chain and key."""
    said = openssl("pkcs12", "-in", out / "client.p12", "-passin", "pass:trial", "-nodes", "-info")
    assert said.count("BEGIN CERTIFICATE") == 3
    assert said.count("BEGIN PRIVATE KEY") == 1
    assert "MAC: sha256" in said
    assert "AES-256-CBC" in said
    assert "invalid password" in openssl("pkcs12", "-in", out / "client.p12", "-passin", "pass:x", "-noout")


def test_fingerprints_are_those_of_openssl(client: IssuedCertificate, out: Path) -> None:
    """SHA-1 and SHA-256 fingerprints and the serial number agree with OpenSSL's."""
    for algorithm, own in (("sha1", client.sha1), ("sha256", client.sha256)):
        said = openssl("x509", "-in", out / "client.pem", "-noout", "-fingerprint", f"-{algorithm}")
        assert said.strip().split("=")[1].replace(":", "").lower() == own
    assert (
        openssl("x509", "-in", out / "client.pem", "-noout", "-serial").strip() == f"serial={client.serial}"
    )


@pytest.mark.parametrize("name", ["", "  ", "a" * 65, "a\nb", "a\x00b"])
def test_a_name_that_cannot_stand_in_a_certificate_is_refused(authority: Authority, name: str) -> None:
    """Empty, too long and unprintable names are the user's error."""
    with pytest.raises(ConfigError):
        authority.issue_client(KVK, name)


def test_a_name_is_measured_in_octets(authority: Authority) -> None:
    """32 letters of two octets are the longest name: the common name is cut to fit, a 33rd is refused."""
    subject = authority.issue_client(KVK, "é" * 32).certificate.subject
    assert subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)[0].value == "é" * 32
    assert 60 < len(str(subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value).encode()) <= 64
    with pytest.raises(ConfigError):
        authority.issue_client(KVK, "é" * 33)


def test_certificates_are_good_by_real_and_by_simulated_time(tmp_path: Path) -> None:
    """A certificate starts a day before the earlier clock and lasts three years from the later one."""
    real = RealClock().now()
    for moved in (timedelta(days=-900), timedelta(days=900)):
        simulated = FixedClock(real + moved)
        authority = Authority.open(tmp_path / "state", Clocks(simulated, RealClock()), SystemIds())
        certificate = authority.issue_client(KVK, "Testbedrijf").certificate
        first, last = sorted((real, simulated.now()))
        assert abs(certificate.not_valid_before_utc - (first - timedelta(days=1))) < timedelta(minutes=1)
        assert abs(certificate.not_valid_after_utc - (last + timedelta(days=1094))) < timedelta(minutes=1)
        ca = authority.ca_certificates[-1]
        assert ca.not_valid_before_utc < certificate.not_valid_before_utc
        assert certificate.not_valid_after_utc < ca.not_valid_after_utc


def test_a_second_opening_changes_nothing(authority: Authority, state: Path) -> None:
    """An existing state directory is used as it is."""
    before = {path: path.read_bytes() for path in authority.paths.folder.iterdir()}
    Authority.open(state, CLOCKS, SystemIds())
    assert {path: path.read_bytes() for path in authority.paths.folder.iterdir()} == before


def test_the_server_certificate_is_renewed_when_it_must_be(tmp_path: Path) -> None:
    """A missing name, a near end, a crash between key and certificate, a revocation: each renews it."""
    state = tmp_path / "state"
    paths = Authority.open(state, CLOCKS, SystemIds()).paths
    seen = [load_certificates(paths.server_chain)[0]]

    def open_again(clocks: Clocks = CLOCKS, names: tuple[str, ...] = ()) -> Authority:
        authority = Authority.open(state, clocks, SystemIds(), names)
        seen.append(load_certificates(paths.server_chain)[0])
        assert {"digipoort.test", "10.0.0.1", "localhost"} <= set(names_of(seen[-1]))
        return authority

    open_again(names=("Digipoort.Test", "10.0.0.1"))
    open_again(Clocks(FixedClock(RealClock().now() + timedelta(days=1080)), RealClock()))
    paths.server_key.write_bytes(paths.service_key.read_bytes())
    open_again().revoke(paths.server_chain)
    open_again()
    assert len({one.serial_number for one in seen}) == len(seen) == 5


def test_a_name_that_is_no_host_name_is_refused(tmp_path: Path) -> None:
    """A server name with blanks or odd characters is the user's error, before anything is made."""
    with pytest.raises(ConfigError, match="host name"):
        Authority.open(tmp_path / "state", CLOCKS, SystemIds(), ["not a name"])


def test_a_state_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A file in the place of the directory, or a damaged folder, gives a clear error."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="file"):
        Authority.open(tmp_path / "file", CLOCKS, SystemIds())
    (tmp_path / "state" / "pki").mkdir(parents=True)
    with pytest.raises(ConfigError, match=r"ca\.pem"):
        Authority.open(tmp_path / "state", CLOCKS, SystemIds())


def test_serial_numbers_never_repeat(tmp_path: Path) -> None:
    """An id source that starts its row again does not give two certificates one serial number."""
    for _ in range(2):
        authority = Authority.open(tmp_path / "state", CLOCKS, SeededIds(1))
        authority.issue_client(KVK, "Testbedrijf")
    serials = [row.serial for row in authority.list_certificates()]
    assert len(serials) == len(set(serials)) == 4


_OPEN_AND_ISSUE = """
import sys
from pathlib import Path
from digipoort_sim.clock import Clocks, RealClock
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki import Authority, Oin
authority = Authority.open(Path(sys.argv[1]), Clocks(RealClock(), RealClock()), SystemIds())
authority.issue_client(Oin.from_kvk("12345678"), "Testbedrijf")
print(authority.ca_certificates[0].serial_number)
"""


def test_two_processes_that_start_at_once_share_one_authority(tmp_path: Path) -> None:
    """Only one of them makes it, and both issue from it."""
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", _OPEN_AND_ISSUE, str(tmp_path / "state")],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [run.communicate(timeout=60)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert said[0] == said[1]
    rows = Authority.open(tmp_path / "state", CLOCKS, SystemIds()).list_certificates()
    assert sorted(row.kind for row in rows) == ["client", "client", "server", "service"]


def test_what_a_crash_left_behind_is_cleared(tmp_path: Path) -> None:
    """A folder that was half made by a killed process is made again from the start."""
    making = tmp_path / "state" / ".pki.making"
    making.mkdir(parents=True)
    (making / "root.key").write_text("half")
    authority = Authority.open(tmp_path / "state", CLOCKS, SystemIds())
    assert not making.exists()
    assert isinstance(authority.service_identity().certificate, x509.Certificate)


def test_the_ledger_survives_a_line_that_was_cut_off(tmp_path: Path) -> None:
    """A row that a crash cut off is passed over, and the next one is whole."""
    authority = Authority.open(tmp_path / "state", CLOCKS, SystemIds())
    with authority.paths.issued.open("ab") as file:
        file.write(b'{"serial": "12')
    issued = authority.issue_client(KVK, "Testbedrijf")
    rows = Authority.open(tmp_path / "state", CLOCKS, SystemIds()).list_certificates()
    assert [row.kind for row in rows] == ["server", "service", "client"]
    row = rows[-1]
    assert (row.serial, row.subject, row.oin, row.sha1, row.sha256, row.revoked_at) == (
        issued.serial, "Testbedrijf", KVK.value, issued.sha1, issued.sha256, None,
    )  # fmt: skip
    assert parse_time(row.not_after) == issued.certificate.not_valid_after_utc
