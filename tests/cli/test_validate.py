"""``validate``: its exit codes, its JSON, what people see, and what it takes."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.cli.main import main
from digipoort_sim.cli.verdicts import Verdict
from digipoort_sim.register.messages import render_mandate_message
from digipoort_sim.validation.findings import NOT_CHECKED, ValidationReport
from tests.cli.program import environment
from tests.validation.business.returns import good
from tests.validation.samples import mandate

Output = pytest.CaptureFixture[str]

SCRIPT = Path(sys.executable).with_name("digipoort-sim")
BAD = good("Omzetbelasting").replace('xml:lang="nl" ', "").replace(">135<", ">136<")
HAS_ARELLE = importlib.util.find_spec("arelle") is not None
NO_TAXONOMY = "XBRL-TAXONOMY" if HAS_ARELLE else "XBRL-ARELLE"
KEYS = ["file", "berichtsoort", "valid", "findings", "not_checked", "not_checked_texts"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A vendor's folder with a good and a bad return; no settings of this machine count."""
    for name in [name for name in os.environ if name.startswith("DIGIPOORT_SIM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.xbrl").write_text(good("Omzetbelasting"))
    (tmp_path / "bad.xbrl").write_text(BAD)
    return tmp_path


def validate(*arguments: str | Path) -> int:
    """The exit code of the program."""
    return main(["validate", *map(str, arguments)])


def objects(capsys: Output) -> list[dict[str, Any]]:
    """The JSON objects that were printed, one a line, and nothing else."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_console_script_in_ci(folder: Path) -> None:
    """As a pipeline runs it: 0, 1 and 2 by the script itself, one JSON object on stdout each time."""
    expected = {"good.xbrl": 0, "bad.xbrl": 1, "nowhere.xbrl": 2}
    for name, code in expected.items():
        command = [str(SCRIPT), "validate", name, "--berichtsoort", "Omzetbelasting", "--json"]
        env = environment(XDG_STATE_HOME=str(folder / "home"))
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, env=env, check=False)
        assert ran.returncode == code, (name, ran.stderr)
        (line,) = ran.stdout.splitlines()
        told = json.loads(line)
        assert (told["file"], told["valid"]) == (name, code == 0)
        assert ("error" in told) is (code == 2) is bool(ran.stderr)
    assert not (folder / "home").exists()


def test_the_object_of_a_file(capsys: Output) -> None:
    """Each finding has its seven fields; checks that were not made have a key, texts and what to do."""
    assert validate("bad.xbrl", "--berichtsoort", "Omzetbelasting", "--json") == 1
    (told,) = objects(capsys)
    assert list(told) == KEYS
    assert [(f["rule"], f["severity"], f["line"]) for f in told["findings"]] == [
        ("FR-NL-2.03", "error", 2),
        ("BR-OB-5A", "warning", 26),
    ]
    fields = ["rule", "severity", "line", "column", "text_nl", "text_en", "provenance"]
    assert all(list(finding) == fields for finding in told["findings"])
    assert told["not_checked"] == [NO_TAXONOMY, "XBRL-FORMULA", "IDENTITEIT"]
    assert list(told["not_checked_texts"]) == told["not_checked"]
    mend = told["not_checked_texts"][NO_TAXONOMY]["mend_en"]
    assert ("digipoort-sim/taxonomies" if HAS_ARELLE else "pip install") in mend
    assert "--identity" in told["not_checked_texts"]["IDENTITEIT"]["mend_nl"]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "EMPTY"),
        (b"no XML at all", "MIMETYPE"),
        (good("Omzetbelasting").encode()[:-9], "XML-WELL-FORMED"),
        (b"\xff\xfe<\x00", "FR-NL-1.05"),
        (b'<!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>', "FR-NL-1.03"),
    ],
)
def test_what_is_no_message_is_an_error(content: bytes, rule: str, capsys: Output) -> None:
    """An empty or broken file has findings, and exit code 1; nothing raises."""
    Path("odd.xml").write_bytes(content)
    assert validate("odd.xml", "--berichtsoort", "Omzetbelasting", "--json") == 1
    (told,) = objects(capsys)
    assert rule in {finding["rule"] for finding in told["findings"]}


def test_endless_files_are_refused(capsys: Output) -> None:
    """A file without an end, and one of 3 GB, are read up to the limit: a finding."""
    with Path("large.xml").open("wb") as file:
        file.truncate(3 * 1024**3)
    for name in ("/dev/zero", "large.xml"):
        assert validate(name, "--berichtsoort", "TEST", "--json") == 1
        (told,) = objects(capsys)
        assert [finding["rule"] for finding in told["findings"]] == ["XML-SIZE"]


def test_files_that_cannot_be_opened(folder: Path, capsys: Output) -> None:
    """Missing, a directory, a loop of links: 2 with the reason; the other files are judged all the same."""
    (folder / "loop").symlink_to("loop")
    names = ["nowhere", ".", "loop", "bad.xbrl"]
    assert validate(*names, "--berichtsoort", "Omzetbelasting", "--json") == 2
    out, err = capsys.readouterr()
    told = [json.loads(line) for line in out.splitlines()]
    assert [one["file"] for one in told] == names
    assert [one.get("error") for one in told][:2] == ["No such file or directory", "Is a directory"]
    assert "error" not in told[3]
    assert err.startswith("digipoort-sim: nowhere: No such file or directory\n")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--berichtsoort", "omzetbelastng"], "did you mean Omzetbelasting?"),
        (["--berichtsoort", "Q"], "known are: Omzetbelasting, OBSUP"),
        (["--berichtsoort", "TEST", "--config", "nowhere.toml"], "nowhere.toml"),
        (["--berichtsoort", "TEST", "--name", "x.xml", "second.xbrl"], "one FILE only"),
        (["--berichtsoort", "Omzetbelasting", "--identity", "123"], "--identity: '123' is not"),
        (["--berichtsoort", "Omzetbelasting", "--identity", "1:Q"], "'Q'"),
        (["--berichtsoort", "TEST", "--bijlage", "nowhere.pdf"], "No such file"),
    ],
)
def test_wrong_use_is_told(options: list[str], told: str, capsys: Output) -> None:
    """A wrong option or berichtsoort is exit code 2 with one line, and with --json one object per file."""
    assert validate("good.xbrl", *options, "--json") == 2
    out, err = capsys.readouterr()
    for line in out.splitlines():
        assert told in json.loads(line)["error"]
    assert len(out.splitlines()) == 1 + ("second.xbrl" in options)
    assert told in err
    assert validate("good.xbrl", *options) == 2
    assert capsys.readouterr().out == ""


def test_two_forms_at_once_are_wrong_use(capsys: Output) -> None:
    """--json and --result-document exclude each other; no FILE at all is wrong use too."""
    assert validate("good.xbrl", "--json", "--result-document") == 2
    assert validate() == 2
    assert "FILE" in capsys.readouterr().err


def test_what_people_see(capsys: Output) -> None:
    """Place, severity, rule and text; the line with a caret; the summary and what was not checked."""
    assert validate("bad.xbrl", "--berichtsoort", "Omzetbelasting") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("bad.xbrl:2:1: error FR-NL-2.03 (published) The element xbrli:xbrl must have")
    assert lines[1].startswith("     2 | <xbrli:xbrl xmlns:d=")
    assert lines[2] == "       | ^"
    assert lines[3] == '    mend: Add xml:lang="nl" to the root element.'
    assert lines[4] == (
        "bad.xbrl:26:3: warning BR-OB-5A (inferred) Box 5a (d:ValueAddedTaxOwed) is 3300, but the taxes of "
        "1a to 4b add up to 3301."
    )
    assert lines[7] == "bad.xbrl: not valid as Omzetbelasting (1 error, 1 warning)"
    assert lines[8].startswith(f"  not checked: {NO_TAXONOMY}: ")
    assert lines[9].startswith("    to have it made: ")


def test_the_same_in_dutch(capsys: Output) -> None:
    """--lang nl tells all of it in Dutch."""
    assert validate("bad.xbrl", "--lang", "nl") == 1
    out = capsys.readouterr().out
    assert "warning BR-OB-5A (inferred) Rubriek 5a" in out
    assert "bad.xbrl: niet goed als Omzetbelasting (1 fout, 1 waarschuwing)\n  niet gecontroleerd:" in out
    assert "not checked" not in out


def test_nothing_in_a_file_commands_the_terminal(capsys: Output) -> None:
    """Escape characters in names and contents are written out; wide and tabbed text keeps its caret."""
    name = "\x1b[31m.xbrl"
    text = good("Omzetbelasting").replace(
        "  <d:ValueAddedTaxOwed ", "\t<!--\u4e2d\x9b\u202e--><d:ValueAddedTaxOwed "
    )
    Path(name).write_text(text.replace(">3300<", ">3301<"))
    assert validate(name) == 1
    out = capsys.readouterr().out
    assert not {"\x1b", "\x9b", "\u202e"} & set(out)
    assert "\\x1b[31m.xbrl:2" in out
    lines = out.splitlines()
    number = next(n for n, line in enumerate(lines) if "BR-OB-5A" in line)
    before = " <!--\u4e2d\\x9b\\u202e-->"
    assert lines[number + 1].startswith(f"    26 | {before}<d:ValueAddedTaxOwed ")
    assert lines[number + 2] == "       | " + " " * (len(before) + 1) + "^"


def test_long_lines_are_shown_around_the_place(capsys: Output) -> None:
    """Of a message on one line only the part around each finding is shown."""
    Path("one.xbrl").write_text(BAD.replace("\n", " "))
    assert validate("one.xbrl") == 1
    lines = capsys.readouterr().out.splitlines()
    number = next(n for n, line in enumerate(lines) if "BR-OB-5A" in line)
    assert lines[number + 1].startswith("     1 | ...")
    assert lines[number + 1].endswith("...")
    assert lines[number + 1][lines[number + 2].index("^") :].startswith("<d:ValueAddedTaxOwed ")
    assert max(map(len, lines[number + 1 : number + 3])) < 120


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    """FILE may be a dash; the berichtsoort's first mimeType counts, and --name gives it a bestandsnaam."""
    for arguments, code in ((["--json"], 0), (["--json", "--name", "a b.xbrl"], 1)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(good("Omzetbelasting").encode())))
        assert validate("-", *arguments) == code
        (told,) = objects(capsys)
        assert told["file"] == "-"
        assert [finding["rule"] for finding in told["findings"]] == ["FR-NL-1.06"] * code


@pytest.mark.parametrize(
    ("identity", "code"),
    [("001000044B37", 0), ("001000044:BTW", 0), ("001000044B37:Fi", 0), ("123456782B01", 1)],
)
def test_identity(identity: str, code: int, capsys: Output) -> None:
    """--identity is compared with the number in the content; its type follows from the berichtsoort."""
    assert validate("good.xbrl", "--identity", identity, "--json") == code
    (told,) = objects(capsys)
    assert "IDENTITEIT" not in told["not_checked"]
    assert [finding["rule"] for finding in told["findings"]] == ["IDENTITEIT"] * code


def test_mime_type(capsys: Output) -> None:
    """--mime-type is what the sender would say; without it the ending of the name tells."""
    assert validate("good.xbrl", "--mime-type", "application/pdf", "--json") == 1
    Path("good.pdf").write_text(good("Omzetbelasting"))
    assert validate("good.pdf", "--json") == 1
    assert all("MIMETYPE" in {f["rule"] for f in one["findings"]} for one in objects(capsys))


def test_bijlagen(capsys: Output) -> None:
    """--bijlage counts and checks what the berichtsoort takes; one that is no PDF is told by its name."""
    Path("scan.pdf").write_bytes(b"%PDF-1.7")
    Path("brief.pdf").write_text("geen PDF")
    assert validate("good.xbrl", "--berichtsoort", "TEST", "--bijlage", "scan.pdf", "--json") == 0
    assert validate("good.xbrl", "--bijlage", "scan.pdf", "--bijlage", "brief.pdf", "--json") == 1
    findings = objects(capsys)[1]["findings"]
    assert {"BIJLAGEN", "MIMETYPE"} <= {finding["rule"] for finding in findings}
    assert any("brief.pdf" in finding["text_en"] for finding in findings)


def test_colours_are_for_terminals_only(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    """A terminal sees the severity in colour, unless NO_COLOR says otherwise; a pipe never does."""
    monkeypatch.setenv("TERM", "xterm")
    for tty, no_color, coloured in ((True, "", True), (True, "1", False), (False, "", False)):
        monkeypatch.setattr(sys.stdout, "isatty", lambda tty=tty: tty)
        monkeypatch.setenv("NO_COLOR", no_color)
        assert validate("bad.xbrl") == 1
        assert ("\x1b[31m" in capsys.readouterr().out) is coloured


def test_what_is_not_checked_can_be_helped() -> None:
    """Each check that was not made says what to do about it, where anything can be done."""
    report = ValidationReport((), tuple(NOT_CHECKED))
    verdict = Verdict("f", b"", "TEST", "any", report, {"taxonomies": "T", "schemas": "S"}, {})
    helpless = {key for key in NOT_CHECKED if not all(verdict.mends(key))}
    assert helpless == {"XBRL-FORMULA", "XBRL-NT", "GROOT", "GROOT-XSD", "GROOT-REGELS"}


def test_result_document(capsys: Output) -> None:
    """--result-document prints the XML that statusdetails would have, with all that was found."""
    assert validate("bad.xbrl", "--result-document", "--identity", "123456782B01") == 1
    out = capsys.readouterr().out
    assert out.startswith('<results xmlns="http://nlvalidatie.nl/batavia"><xbrl><messages><msg line="2" ')
    for word in ('id="FR-NL-2.03"', 'id="IDENTITEIT"', 'level="warning"', f'id="{NO_TAXONOMY}"'):
        assert word in out


@pytest.mark.parametrize("berichtsoort", ["Omzetbelasting", "OBSUP", "ICP", "Aangifte_LH"])
def test_the_berichtsoort_is_recognised(berichtsoort: str, capsys: Output) -> None:
    """Without --berichtsoort the entry point or the root tells what it is."""
    Path("m.xml").write_text(good(berichtsoort))
    validate("m.xml", "--json")
    (told,) = objects(capsys)
    assert told["berichtsoort"] == berichtsoort
    assert "error" not in told


@pytest.mark.parametrize("form", ["xbrl", "xml"])
def test_mandate_messages_are_recognised(form: Any, capsys: Output) -> None:
    """Both forms of a mandate message are."""
    Path("m.xml").write_bytes(render_mandate_message(mandate(), form))
    assert validate("m.xml", "--json") == 0
    assert objects(capsys)[0]["berichtsoort"] == "MachtigingOpvoeren"


def test_what_is_not_recognised_must_be_named(capsys: Output) -> None:
    """A content that shows nothing is exit code 2, with the names that there are."""
    Path("m.xml").write_text("<onbekend/>")
    assert validate("m.xml", "--json") == 2
    (told,) = objects(capsys)
    assert "name it with --berichtsoort: Omzetbelasting, " in told["error"]


@pytest.mark.parametrize(
    ("content", "rule", "told"),
    [
        (b"", "EMPTY", "The message is empty."),
        (
            b'PK\x03\x04<link:schemaRef xlink:href="bd-rpt-ob-aangifte-2026.xsd"/>',
            "MIMETYPE",
            "is not XML; it looks like a zip.",
        ),
        (b"hallo", "MIMETYPE", "The content is not XML."),
        ("<a/>".encode("utf-16"), "FR-NL-1.05", "looks, UTF-16"),
        (b"<a><b>", "XML-WELL-FORMED", "it ends here"),
    ],
)
def test_what_no_berichtsoort_takes_has_findings(
    content: bytes, rule: str, told: str, capsys: Output
) -> None:
    """Empty, no XML, another encoding, cut off: errors and exit code 1, without --berichtsoort too."""
    Path("m.xml").write_bytes(content)
    assert validate("m.xml", "--json") == 1
    (one,) = objects(capsys)
    assert (one["berichtsoort"], one["valid"]) == (None, False)
    assert told in {finding["rule"]: finding["text_en"] for finding in one["findings"]}[rule]
    assert validate("m.xml") == 1
    assert "m.xml: not valid (" in capsys.readouterr().out


def test_what_is_no_text_is_not_shown(capsys: Output) -> None:
    """Of a zip or UTF-16 no line is printed, with --berichtsoort or without; a control character may be."""
    for content in (b"PK\x03\x04\x14\0\x08" * 9, "<a/>".encode("utf-16"), b"<a>" + b"\xff\xfe\x80" * 20):
        Path("m.xml").write_bytes(content)
        for options in ([], ["--berichtsoort", "Omzetbelasting"]):
            assert validate("m.xml", *options) == 1
            assert "     1 | " not in capsys.readouterr().out
    Path("m.xml").write_bytes(b"<abcdefghijklmn>\x01</abcdefghijklmn>")
    assert validate("m.xml") == 1
    assert "     1 | <abcdefghijklmn>\\x01</" in capsys.readouterr().out


def test_a_good_message_is_good_as_far_as_it_was_checked(capsys: Output) -> None:
    """Without its taxonomy the summary says so, in both languages; the object's valid is true as before."""
    assert validate("good.xbrl") == 0
    assert "good.xbrl: valid as Omzetbelasting, as far as checked (0 errors" in capsys.readouterr().out
    assert validate("good.xbrl", "--lang", "nl") == 0
    assert "good.xbrl: goed als Omzetbelasting, voor zover gecontroleerd (0 f" in capsys.readouterr().out
    assert validate("good.xbrl", "--json") == 0
    assert objects(capsys)[0]["valid"] is True
    Path("a.xml").write_text("<a/>")
    assert validate("a.xml", "--berichtsoort", "TEST") == 0
    assert "a.xml: valid as TEST (0 errors, 0 warnings)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "near"), [("OB", "Omzetbelasting or OBSUP"), ("LH", "Aangifte_LH"), ("sba", "no hint")]
)
def test_a_short_name_has_a_hint(given: str, near: str, capsys: Output) -> None:
    """An abbreviation finds what it is short for; kinds that are only fetched are not named."""
    assert validate("good.xbrl", "--berichtsoort", given) == 2
    err = capsys.readouterr().err
    assert f"did you mean {near}" in err or (near == "no hint" and "SBA" not in err)
    assert "VIA" not in err


def test_settings_count(folder: Path, capsys: Output) -> None:
    """A user's catalogue makes a rule an error; the state directory says where taxonomies are."""
    (folder / "catalogue").mkdir()
    (folder / "catalogue" / "bedrijfsregels.toml").write_text('[BR-OB-5G]\nseverity = "error"\n')
    (folder / "config.toml").write_text('catalogue = "catalogue"\n')
    Path("off.xbrl").write_text(good("Omzetbelasting").replace(">2000<", ">2001<"))
    assert validate("off.xbrl", "--config", "config.toml") == 1
    assert validate("off.xbrl", "--state", folder / "elsewhere") == 0
    assert not HAS_ARELLE or f"{folder}/elsewhere/taxonomies" in capsys.readouterr().out
