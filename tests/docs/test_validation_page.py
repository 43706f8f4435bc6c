"""What `docs/validation.md` says: its lines work and print what it shows, its tables are the catalogue's."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.cli.main import main
from tests.cli.program import environment
from tests.validation.business.returns import WAGES, good

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "validation.md").read_text("utf-8")
Output = pytest.CaptureFixture[str]
WITH_ARELLE = pytest.mark.skipif(not find_spec("arelle"), reason="what is not checked differs without [xbrl]")


def blocks(language: str) -> list[str]:
    """The page's blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """All lines of shell, in one shell, in a folder with the project's examples."""
    folder = tmp_path_factory.mktemp("vendor")
    (folder / "docs").symlink_to(ROOT / "docs")
    paths = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", "set -euo pipefail\n" + "".join(blocks("sh"))],
        cwd=folder,
        env=environment(PATH=paths, HOME=str(folder), XDG_STATE_HOME=str(folder / ".local" / "state")),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.heavy
@WITH_ARELLE
def test_the_page_shows_what_is_printed(ran: subprocess.CompletedProcess[str]) -> None:
    """Every line of shell works, and the text and the result document come out as they are shown."""
    assert ran.returncode == 0, ran.stderr
    printed = re.sub(r"(?<= into )/\S+(?=/\.local/)", "~", ran.stdout)
    (text,) = blocks("text")
    assert text in printed
    (document,) = blocks("xml")
    assert document.replace("\n", "") in printed
    assert "['FR-NL-1.02', 'FR-NL-2.03', 'FR-NL-3.03']\n" in printed
    assert printed.endswith("</results>\n")
    assert (
        "omzetbelasting.xbrl: valid as Omzetbelasting, as far as checked (0 errors, 0 warnings)\n" in printed
    )


@pytest.mark.heavy
@WITH_ARELLE
def test_the_json_of_the_page_has_the_form_that_is_printed(capsys: Output) -> None:
    """The example has the fields of a real object, and its finding is the real one."""
    (shown,) = map(json.loads, blocks("json"))
    assert main(["validate", str(ROOT / shown["file"]), "--json"]) == 1
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert list(shown) == list(told)
    assert shown["findings"] == told["findings"][:1]
    assert shown["not_checked"] == told["not_checked"]
    assert {*map(tuple, shown["not_checked_texts"].values())} == {
        *map(tuple, told["not_checked_texts"].values())
    }


def test_own_rules_and_own_schemas(tmp_path: Path, capsys: Output) -> None:
    """The page's TOML makes a rule an error, adds one, and has a content checked by an XSD of one's own."""
    rules, schema = blocks("toml")
    (tmp_path / "catalogue").mkdir()
    (tmp_path / "catalogue" / "bedrijfsregels.toml").write_text(rules)
    (tmp_path / "catalogue" / "berichtsoorten.toml").write_text(schema)
    (tmp_path / "config.toml").write_text(f'catalogue = "{tmp_path}/catalogue"\n')
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "loonaangifte.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="Anders"/></xs:schema>'
    )
    (tmp_path / "ob.xbrl").write_text(good("Omzetbelasting").replace(">2000<", ">2001<"))
    (tmp_path / "lh.xml").write_text(WAGES)
    assert (
        main(["--state", str(tmp_path), "validate", f"{tmp_path}/ob.xbrl", f"{tmp_path}/lh.xml", "--json"])
        == 1
    )
    ob, lh = map(json.loads, capsys.readouterr().out.splitlines())
    found = {finding["rule"]: finding["severity"] for finding in ob["findings"]}
    assert found == {"BR-OB-5G": "error", "BR-EIGEN-KENMERK": "warning"}
    assert {finding["rule"] for finding in lh["findings"]} == {"XSD"}


def test_the_tables_are_those_of_the_catalogue() -> None:
    """`docs/validation.md` has the tables that its generator makes of the catalogue today."""
    generator = runpy.run_path(str(ROOT / "docs" / "validation.py"))
    assert generator["page"](PAGE) == PAGE, "run: python docs/validation.py"


def test_options_of_the_page_are_those_of_the_command(capsys: Output) -> None:
    """Each option that the page lists is in the command's help, and no other is left out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "200")
        assert main(["validate", "--help"]) == 0
    told = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out)) - {"--help"}
    table = PAGE.partition("| option |")[2].partition("\n\n")[0]
    assert set(re.findall(r"--[a-z][a-z-]+", table)) == told
