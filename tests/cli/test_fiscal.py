"""``fiscal``: the two sums without a server, permits through the control API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.cli.main import main
from digipoort_sim.config import Settings
from digipoort_sim.server import open_inner
from tests.web.conftest import endpoints_file, open_door

ROWS = [
    {"kind": "import", "amount": 1000000, "rate": "exempt", "goods": "lot 7"},
    {"kind": "supply", "amount": "1000000.00", "rate": 21, "goods": "lot 7"},
]
CSV = "kind,amount,rate,goods\nimport,1000000,exempt,lot 7\nsupply,1000000,21,lot 7\n"
TOML = """kind = "limited"
months = 1
category = "1"
[[transactions]]
kind = "import"
amount = 1000000
rate = "exempt"
goods = "lot 7"
[[transactions]]
kind = "supply"
amount = "1000000.00"
rate = 21
goods = "lot 7"
"""
LIMITED = ("--kind", "limited", "--months", "1", "--category", "1")


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DIGIPOORT_SIM_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("DIGIPOORT_SIM_CONFIG", raising=False)


def fiscal(*arguments: str) -> int:
    """Run a command of the group; gives its exit code."""
    return main(["fiscal", *arguments])


@pytest.mark.parametrize("form", ["options", "csv", "json", "toml"])
def test_security_from_options_and_files(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same figures by options, CSV, JSON and TOML: 210,000 once, 5 % = 10,500, and no server runs."""
    file = tmp_path / f"figures.{form}"
    document = {"kind": "limited", "months": 1, "category": 1, "transactions": ROWS}
    file.write_text({"csv": CSV, "json": json.dumps(document), "toml": TOML}.get(form, ""))
    options = ("--transaction", "import,1000000,exempt,,lot 7", "--transaction", "supply,1000000,21,,lot 7")
    given = (*LIMITED, *options) if form == "options" else ("--file", str(file))
    if form == "csv":
        given = (*LIMITED, *given)
    assert fiscal("security", *given, "--json") == 0
    assert json.loads(capsys.readouterr().out)["amount"] == "10500.00"
    assert not (tmp_path / "state").exists()


def test_sums_are_written_out_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """Each line has its rule and provenance, in English or in Dutch."""
    assert fiscal("security", *LIMITED) == 0
    shown = capsys.readouterr().out
    assert "minimum              published   at least EUR 5,000.00: EUR 5,000.00" in shown
    given = ("--kind", "general", "--security", "5000", "--assessment", "2018,2000")
    assert fiscal("liability", *given, "--assessment", "2019,10000", "--language", "nl") == 0
    assert "aansprakelijk voor € 7.000,00 van € 12.000,00" in capsys.readouterr().out


def test_options_come_before_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Months of an option replace those of the file; transactions of options are added to the file's."""
    file = tmp_path / "f.toml"
    file.write_text(TOML)
    more = ("--months", "2", "--transaction", "supply,1000000,21", "--json")
    assert fiscal("security", "--file", str(file), *more) == 0
    assert json.loads(capsys.readouterr().out)["base"] == "210000.00"


def test_own_catalogue_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user's own minimum in his catalogue folder is the minimum of the sum."""
    (tmp_path / "fiscal.toml").write_text('[minimum]\nvalue = "7500"\n')
    monkeypatch.setenv("DIGIPOORT_SIM_CATALOGUE", str(tmp_path))
    assert fiscal("security", *LIMITED, "--json") == 0
    assert json.loads(capsys.readouterr().out)["amount"] == "7500.00"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("security",), "kind must be one of"),
        (("security", "--kind", "both"), "--kind"),
        (("security", "--kind", "general"), "category is missing"),
        (("security", "--file", "/nowhere.csv"), "/nowhere.csv"),
        (("security", "--file", "x.pdf"), "x.pdf"),
        (("security", *LIMITED, "--transaction", "gift,1,21"), "transaction 1: kind"),
        (("liability", "--kind", "general"), "security must be"),
        (("permit", "list"), "no simulator answers"),
        (("permit", "secure", "x", "--form", "deposit"), "--amount"),
    ],
)
def test_what_is_wrong_is_one_line(
    arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Exit code 2 and one line that names the option, field or file."""
    assert fiscal(*arguments) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("f.json", b"[1]"),
        ("f.json", b"{"),
        ("f.json", b"[" * 60_000),
        ("f.toml", b"a = "),
        ("f.csv", b"\xff"),
    ],
)
def test_broken_files_are_told(
    name: str, content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is broken, or no object, is told by its name."""
    (tmp_path / name).write_bytes(content)
    assert fiscal("security", *LIMITED, "--file", str(tmp_path / name)) == 2
    assert name in capsys.readouterr().err


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """The state directory of a simulator whose web door answers."""
    rooms = open_inner(Settings(state=tmp_path / "state", web_port=0))
    with open_door(rooms) as base:
        endpoints_file(rooms).write_text(json.dumps({"web": base, "wus": "", "ftp_port": 0, "pid": 0}))
        yield rooms.settings.state
    rooms.close()


def test_permit_goes_through_its_life(
    state: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """request, set, secure, add-client, list, show, end and release do what the control API does."""

    def told(*arguments: str, code: int = 0) -> Any:
        assert fiscal("permit", *arguments, "--state", str(state), "--json") == code
        captured = capsys.readouterr()
        return json.loads(captured.out) if code == 0 else captured.err

    asked = ("--representative", "00000003302162470000", "--kind", "limited", "--client", "999991772")
    id_ = told("request", *asked, "--year-end", "06-30")["id"]
    assert "set it first" in told("secure", id_, "--form", "deposit", "--amount", "1", code=3)
    file = tmp_path / "f.toml"
    file.write_text(TOML)
    assert told("set", id_, "--file", str(file))["securitySet"] == "10500.00"
    assert told("secure", id_, "--form", "guarantee", "--amount", "10500")["state"] == "active"
    assert len(told("add-client", id_, "--client", "123456782")["clients"]) == 2
    assert [row["id"] for row in told("list", "--client", "123456782")] == [id_]
    assert told("show", id_)["sum"][-1]["amount"] == "10500.00"
    assert told("end", id_, "--by", "inspector")["releaseFrom"].endswith("-07-01")
    assert "5 years" in told("release", id_, code=3)
    assert told("request", *asked, "--file", str(file))["securitySet"] == "10500.00"
    general = (*asked[:2], "--kind", "general", *asked[4:])
    assert "limited permit" in told("request", *general, "--file", str(file), code=2)
