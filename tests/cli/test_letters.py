"""The command line at the letter box, and names."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from pypdfium2 import PdfDocument

from digipoort_sim.cli.main import main
from digipoort_sim.register.trade_names import name_of
from tests.cli.test_mandates import Run, asked, good, house, inner, run

__all__ = ["house", "inner", "run"]

OTHER = "999990019"


def test_letters_of_one_client_are_listed_and_saved(run: Run, tmp_path: Path) -> None:
    """letters list --client gives its letters; save writes PDF, page, text or QR code by the file's name."""
    mandate = asked(run, "VIA_2024", OTHER)
    [letter] = good(run, "letters", "list", "--client", OTHER)
    assert letter["mandateId"] == mandate
    for suffix, begins in (
        (".pdf", b"%PDF-"),
        (".html", b"<!DOCTYPE"),
        (".txt", b"=== SIM"),
        (".svg", b"<?xml"),
    ):
        file = tmp_path / f"letter{suffix}"
        assert run("letters", "save", letter["id"], "-o", file).out.strip() == str(file)
        assert file.read_bytes().startswith(begins)
    with PdfDocument(tmp_path / "letter.pdf") as document:
        assert letter["activatieToken"] in document[0].get_textpage().get_text_range()
    boxes = good(run, "letters", "boxes")
    assert (OTHER, 1) in [(box["idVertegenwoordigde"], box["letters"]) for box in boxes]


def test_what_the_register_refuses_has_its_code_once(run: Run) -> None:
    """Letters, foreign businesses and accounts tell a refusal as mandates do: code, reason, detail once."""
    asked(run, "VIA_2021", OTHER)
    letter = good(run, "letters", "list", "--client", OTHER)[-1]["id"]
    shown = run("letters", "return", letter).out
    assert "\nregistratie\n  id " in shown
    finr = ["--name", "A", "--country", "DE", "--address", "Weg", "--city", "Bonn", "--deed", "de"]
    assert run("foreign", "register", *finr, "--lang", "nl").code == 0
    for command, code in (
        (("letters", "return", letter), "MR270"),
        (("foreign", "register", *finr), "MR635"),
        (("ftp", "account", "add", "--oin", "00000008123456782000"), "MR660"),
    ):
        ran, dutch = run(*command), run(*command, "--lang", "nl")
        assert (ran.code, ran.err.split()[:2]) == (3, ["digipoort-sim:", code])
        document = run(*command, "--json").json
        assert ran.err.count(document["textEn"]) == 1
        assert document["text"] in dutch.err
        assert document["textEn"] not in dutch.err


def test_what_cannot_be_saved_is_told(run: Run, tmp_path: Path) -> None:
    """A file of another kind or in no folder, or a letter that is not there: one line and exit code 2."""
    letter = good(run, "letters", "list")[0]["id"]
    for id_, file, says in (
        (letter, "a.doc", "must end in"),
        (letter, "none/a.pdf", "cannot be written"),
        ("x", "a.pdf", "no letter"),
    ):
        ran = run("letters", "save", id_, "-o", tmp_path / file)
        assert (ran.code, len(ran.err.splitlines())) == (2, 1)
        assert says in ran.err


def test_a_name_is_shown(run: Run) -> None:
    """names show gives the name that the running server has."""
    assert good(run, "names", "show", "30216247")["naam"] == name_of("30216247")
    assert good(run, "names", "show", OTHER, "--type", "BSN")["naam"] == name_of(OTHER, "BSN")
    assert name_of("30216247") in run("names", "show", "30216247").out
    ran = run("names", "show", "abc")
    assert (ran.code, "'abc' is no number" in ran.err) == (2, True)


@pytest.mark.parametrize("own", ["Kantoor Ann", "TRIAL Kantoor Ann", "Bureau " + 12 * "Langnaam"])
def test_own_names_need_no_server(tmp_path: Path, capsys: pytest.CaptureFixture[str], own: str) -> None:
    """Without a server names come from the settings' file; certificates have them too, marked as a trial."""
    state, file = tmp_path / "state", tmp_path / "names.toml"
    state.mkdir()
    file.write_text(f'30216247 = "{own}"\n')
    (state / "config.toml").write_text(f"[register]\nnames = '{file}'\n")
    assert main(["names", "show", "30216247", "--state", str(state)]) == 0
    assert own in capsys.readouterr().out
    assert main(["certs", "issue", "--kvk", "30216247", "--out", str(tmp_path), "--state", str(state)]) == 0
    subject = x509.load_pem_x509_certificates((tmp_path / "client.pem").read_bytes())[0].subject
    [organisation] = subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    [common_name] = subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    assert organisation.value == f"TRIAL {own.removeprefix('TRIAL ')}"[:64]
    assert "TRIAL" in str(common_name.value)


def test_a_wrong_file_of_names_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who asks for a name while the file is wrong reads which line is, with exit code 2."""
    (tmp_path / "names.csv").write_text("number,name\n1,A\n")
    (tmp_path / "config.toml").write_text(f"[register]\nnames = '{tmp_path / 'names.csv'}'\n")
    assert main(["names", "show", "30216247", "--state", str(tmp_path)]) == 2
    assert "names.csv, line 2: '1' is not a KvK number" in capsys.readouterr().err
