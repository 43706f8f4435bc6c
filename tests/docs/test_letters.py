"""What `docs/letters.md` says can be done, can."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from digipoort_sim.register.names_file import load_names
from tests.cli.test_mandates import Run, house, inner, run
from tests.web.conftest import House

__all__ = ["house", "inner", "run"]

PAGE = (Path(__file__).parents[2] / "docs" / "letters.md").read_text("utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_every_command_of_the_page_works(
    run: Run, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command ends well beside a simulator with a letter, and makes the files that it names."""
    monkeypatch.chdir(tmp_path)
    for line in "".join(_blocks("sh")).splitlines():
        program, *arguments = shlex.split(line)
        assert program == "digipoort-sim"
        ran = run(*(house.letter if word == "ID" else word for word in arguments))
        assert ran.code == 0, (line, ran.err)
    assert {file.name for file in tmp_path.iterdir()} == {"letter.pdf", "letter.html", "qr.svg"}


def test_both_files_of_names_are_good(tmp_path: Path) -> None:
    """The page's TOML and CSV are files of names as the simulator takes them."""
    for suffix, names in (("toml", {"30216247", "111222333"}), ("csv", {"30216247"})):
        path = tmp_path / f"names.{suffix}"
        path.write_text(_blocks(suffix)[0], "utf-8")
        assert set(load_names(path)) == names
