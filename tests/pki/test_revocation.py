"""Revocation: at once, in every process, and in the CRLs."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from digipoort_sim.clock import Clocks, FixedClock, RealClock, parse_time
from digipoort_sim.errors import ConflictError, NotFoundError
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki import Authority, IssuedCertificate, Oin
from digipoort_sim.pki import crl as crl_file
from tests.pki.conftest import CLOCKS

_REVOKE = """
import sys
from pathlib import Path
from digipoort_sim.clock import Clocks, RealClock
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki import Authority
Authority.open(Path(sys.argv[1]), Clocks(RealClock(), RealClock()), SystemIds()).revoke(sys.argv[2])
"""


@pytest.fixture
def client(authority: Authority) -> IssuedCertificate:
    """A new client certificate."""
    return authority.issue_client(Oin.from_kvk("12345678"), "Testbedrijf")


def test_another_process_revokes_and_this_one_sees_it(
    authority: Authority, state: Path, client: IssuedCertificate
) -> None:
    """The next question after the other process is done has the new answer, and so have listing and CRL."""
    number = client.certificate.serial_number
    assert not authority.revocations.is_revoked(number)
    subprocess.run([sys.executable, "-c", _REVOKE, str(state), client.serial], check=True, timeout=60)
    assert authority.revocations.is_revoked(number)
    row = next(row for row in authority.list_certificates() if row.serial == client.serial)
    assert row.revoked_at is not None
    assert abs(parse_time(row.revoked_at) - RealClock().now()) < timedelta(minutes=1)
    assert crl_file.load(authority.paths.crl_file)[-1].get_revoked_certificate_by_serial_number(number)


@pytest.mark.parametrize("form", ["hex", "colons", "pem", "der"])
def test_a_certificate_is_named_by_serial_number_or_file(
    authority: Authority, client: IssuedCertificate, tmp_path: Path, form: str
) -> None:
    """Hex with or without colons, in any case, a PEM file with the chain, and a DER file all do."""
    named: dict[str, str | Path] = {
        "hex": client.serial.lower(),
        "pem": tmp_path / "a.pem",
        "der": tmp_path / "a.der",
    }
    named["colons"] = ":".join(client.serial[at : at + 2] for at in range(0, len(client.serial), 2))
    (tmp_path / "a.pem").write_bytes(client.chain_pem())
    (tmp_path / "a.der").write_bytes(client.der)
    assert authority.revoke(named[form]).serial == client.serial
    assert authority.revocations.is_revoked(client.certificate.serial_number)


def test_a_second_revocation_and_an_unknown_certificate_are_refused(
    authority: Authority, client: IssuedCertificate, tmp_path: Path
) -> None:
    """Twice is a conflict; what was not issued here is not found, whatever it looks like."""
    authority.revoke(client.serial)
    with pytest.raises(ConflictError):
        authority.revoke(client.serial)
    (tmp_path / "empty").touch()
    for unknown in (
        "1234",
        "no such file.pem",
        "",
        "-5",
        "0x",
        str(tmp_path),
        tmp_path / "empty",
        authority.paths.ca_file,
    ):
        with pytest.raises(NotFoundError):
            authority.revoke(unknown)


def test_the_question_is_cheap(authority: Authority) -> None:
    """A question without news reads no file: the ledger may be unreadable meanwhile."""
    assert not authority.revocations.is_revoked(5)
    opened: list[str] = []
    sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
    for _ in range(100):
        authority.revocations.is_revoked(5)
    assert not [path for path in opened if path.endswith("revoked.jsonl")]


def test_crls_are_made_anew_after_a_day(tmp_path: Path) -> None:
    """By the later clock, with a later thisUpdate each time, and with the revocations kept."""
    state, clock = tmp_path / "state", FixedClock(RealClock().now())
    clocks = Clocks(clock, RealClock())
    authority = Authority.open(state, clocks, SystemIds())
    client = authority.issue_client(Oin.from_kvk("12345678"), "Testbedrijf")
    authority.revoke(client.serial)
    starts = []
    for days, anew in ((0, True), (0, False), (2, True), (400, True)):
        clock.advance(timedelta(days=days))
        Authority.open(state, clocks, SystemIds())
        last = crl_file.load(authority.paths.crl_file)[-1]
        assert last.next_update_utc is not None
        assert last.next_update_utc - clock.now() > timedelta(days=5)
        assert last.get_revoked_certificate_by_serial_number(client.certificate.serial_number)
        assert (last.last_update_utc not in starts) == anew
        starts.append(last.last_update_utc)
    assert starts == sorted(starts)
    assert starts[-1] < RealClock().now()


def test_damaged_or_stale_crls_are_made_anew(tmp_path: Path) -> None:
    """A missing or cut-off CRL file, or one that a crash left behind the ledger, is repaired at opening."""
    authority = Authority.open(tmp_path / "state", CLOCKS, SystemIds())
    path = authority.paths.crl_file
    client = authority.issue_client(Oin.from_kvk("12345678"), "Testbedrijf")
    stale = path.read_bytes()
    authority.revoke(client.serial)
    for content in (b"", stale[:100], stale):
        path.write_bytes(content)
        Authority.open(tmp_path / "state", CLOCKS, SystemIds())
        found = crl_file.load(path)
        assert len(found) == 3
        assert found[-1].get_revoked_certificate_by_serial_number(client.certificate.serial_number)
