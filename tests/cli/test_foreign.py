"""The foreign route from the command line: from a registration to a real delivery."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import Ran, run
from tests.cli.test_running import serving
from tests.wages import wage_return

pytestmark = pytest.mark.heavy

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "omzetbelasting.xbrl"
SAMPLE_NUMBER = "001000044B37"
BUSINESS = ("--name", "ACME GmbH", "--country", "DE", "--address", "Teststrasse 1", "--city", "10115 Berlin")
PAPERS = ("--chamber-proof", "--deed", "de")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The state directory of a running server."""
    folder = tmp_path_factory.mktemp("state")
    with serving(folder):
        yield folder


def register(state: Path, number: str, *more: str | Path) -> Ran:
    """Register a foreign business with this number in its own country."""
    return run("foreign", "register", *BUSINESS, "--number", number, *more, "--state", state)


def send(state: Path, file: Path, berichtsoort: str, number: str, type_: str, *more: str | Path) -> Ran:
    """Deliver a file with the reference client and follow it to its end."""
    return run(
        *("send", file, "--berichtsoort", berichtsoort, "--belanghebbende", number, "--type", type_),
        *(*more, "--wait", "--state", state),
    )


def test_from_registration_to_delivery_and_revocation(state: Path, tmp_path: Path) -> None:
    """A foreign business registers, delivers btw, is refused UWV and the GIR, and loses its certificate."""
    cert = tmp_path / "acme"
    made = register(state, "HRB 1", *PAPERS, "--all", "--out", cert, "--json")
    assert made.code == 0, made.err
    party = made.json
    assert party["oin"] == f"00000002{party['finr']}000"
    assert "DigiCert (QuoVadis Private Services)" in party["certificate"]["issuerRule"]
    assert (cert / "client.key").stat().st_mode & 0o077 == 0

    btw, melding = tmp_path / "btw.xbrl", tmp_path / "melding.xml"
    btw.write_text(EXAMPLE.read_text().replace(SAMPLE_NUMBER, f"{party['finr']}B01"))
    melding.write_text("<melding/>")
    good = send(state, btw, "Omzetbelasting", f"{party['finr']}B01", "Fi", "--cert", cert)
    assert (good.code, "500" in good.out) == (0, True), good.err
    uwv = send(state, melding, "UWV-ZZ-melding", "000000000L01", "LHnr", "--cert", cert)
    assert uwv.code == 4
    assert "ALS130" in uwv.err
    gir = send(state, melding, "GIR", party["finr"], "Fi", "--cert", cert)
    assert gir.code == 4
    assert "ALS130" in gir.err
    asked = run(
        *("mandate", "request", "--dienst", "UWV-ZZ-ZW", "--client", "123456782L01", "--wait"),
        *("--cert", cert, "--state", state),
    )
    assert (asked.code, "MR655" in asked.err) == (3, True), asked.out + asked.err
    events = run("events", "list", "--json", "--kind", "wus-refused", "--limit", "2", "--state", state).json
    assert [row["rule"] for row in events] == ["FOREIGN-DOMESTIC-ONLY", "FOREIGN-ROUTE"]

    assert run("certs", "revoke", cert / "client.pem", "--state", state).code == 0
    late = send(state, btw, "Omzetbelasting", f"{party['finr']}B01", "Fi", "--cert", cert)
    assert late.code != 0
    assert "revoked" in late.err


def test_nobody_submits_a_gir_for_a_foreign_entity(state: Path, tmp_path: Path) -> None:
    """A Dutch office's GIR about a Dutch entity is taken, about a foreign one it ends in 220."""
    party = register(state, "HRB 2", *PAPERS, "--json").json
    office, gir = tmp_path / "kantoor", tmp_path / "gir.xml"
    gir.write_text("<GLOBE_OECD/>")
    run("certs", "issue", "--kvk", "30216247", "--out", office, "--state", state)
    good = send(state, gir, "GIR", "123456782", "RSIN", "--cert", office)
    assert (good.code, "500" in good.out) == (0, True), good.err
    refused = send(state, gir, "GIR", party["finr"], "RSIN", "--cert", office)
    assert refused.code == 3
    assert "220" in refused.out
    assert party["finr"] in refused.err
    assert "groepsentiteiten" in refused.err


def test_step_by_step_each_says_what_happened(state: Path, tmp_path: Path) -> None:
    """Each step is a command of its own that tells its result; out of order it is refused."""
    first = register(state, "HRB 3", *PAPERS)
    assert first.code == 0, first.err
    assert "tax administration" in first.out
    finr = first.out.split()[-1]
    early = run("foreign", "certificate", finr, "-o", tmp_path / "x", "--state", state)
    assert (early.code, "needs an OIN" in early.err) == (3, True)
    entered = run("foreign", "oin", finr, "--state", state)
    assert f"OIN 00000002{finr}000" in entered.out
    issued = run("foreign", "certificate", finr, "-o", tmp_path / "x", "--state", state)
    assert "TRIAL" in issued.out
    assert "only DigiCert" in issued.out
    assert (tmp_path / "x" / "client.pem").is_file()
    shown = run("foreign", "show", finr, "--json", "--state", state).json
    assert [row["oin"] for row in shown["certificates"]] == [f"00000002{finr}000"]
    listed = run("foreign", "list", "--json", "--state", state).json
    assert finr in [row["finr"] for row in listed]
    entry = run("oin", "show", f"00000002{finr}000", "--json", "--state", state).json
    assert (entry["name"], entry["kind"]) == ("ACME GmbH", "Fi")


def test_refusals_have_exit_code_and_reason(state: Path, tmp_path: Path) -> None:
    """What the register refuses ends in exit code 3 with the reason, what it does not know in 2."""
    assert register(state, "HRB 4").code == 3
    assert "deed of incorporation is missing" in register(state, "HRB 4").err
    assert "KvK number" in register(state, "HRB 4", *PAPERS, "--kvk", "30216247").err
    french = register(state, "HRB 4", "--chamber-proof", "--deed", "fr")
    assert "not in Dutch, German or English" in french.err
    assert register(state, "HRB 4", *PAPERS, "--out", tmp_path).code == 2
    unknown = run("foreign", "oin", "111222333", "--state", state)
    assert (unknown.code, "111222333" in unknown.err) == (2, True)


def test_a_foreign_party_and_the_file_door(state: Path, tmp_path: Path) -> None:
    """Its account needs the form first; then loonaangifte goes in by FTP, and what is UWV's does not."""
    cert = tmp_path / "acme"
    party = register(state, "HRB 5", *PAPERS, "--all", "--out", cert, "--json").json
    account = ("ftp", "account", "add", "--oin", party["oin"], "--json", "--state", state)
    refused = run(*account)
    assert (refused.code, "--non-nl-form" in refused.err) == (3, True)
    made = run(*account, "--non-nl-form").json
    login = ("--via", "ftp", "--user", made["user"], "--password", made["password"], "--cert", cert)
    loon, melding = tmp_path / "loon.xml", tmp_path / "melding.xml"
    number = f"{party['finr']}L01"
    loon.write_text(wage_return(number))
    melding.write_text(f"<melding><LhNr>{number}</LhNr></melding>")
    good = send(state, loon, "Aangifte_LH", number, "LHnr", *login, "--aanleverkenmerk", "ok")
    assert (good.code, "500" in good.out) == (0, True), good.err
    bad = send(state, melding, "UWV-ZZ-melding", number, "LHnr", *login, "--aanleverkenmerk", "no")
    assert bad.code != 0
    assert "ALS130" in bad.out + bad.err


def test_the_form_counts_without_a_server_too(tmp_path: Path) -> None:
    """Beside no running server the account of a foreign party needs the form as well, once."""
    account = ("ftp", "account", "add", "--oin", "00000008123456789000", "--state", tmp_path)
    refused = run(*account)
    assert (refused.code, refused.err.split()[1]) == (3, "MR660")
    assert run(*account, "--json").json["code"] == "MR660"
    assert run(*account, "--non-nl-form").code == 0
    assert run(*account).code == 0
