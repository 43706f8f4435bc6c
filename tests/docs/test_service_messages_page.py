"""What `docs/service-messages.md` says can be done, can."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from tests.cli.test_mandates import Run, good, house, inner, run

__all__ = ["house", "inner", "run"]

PAGE = (Path(__file__).parents[2] / "docs" / "service-messages.md").read_text("utf-8")


def test_every_command_of_the_page_works(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is put in, listed and shown by the page's commands, one after the other; an account is made."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "aanslag.xml").write_text("<aanslag/>")
    block, account = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines():
        arguments = shlex.split(line)[1:]
        if "KENMERK" in arguments:
            kenmerk = good(run, "servicemessages", "list")[0]["kenmerk"]
            arguments[arguments.index("KENMERK")] = kenmerk
        ran = run(*arguments)
        assert ran.code == 0, (line, ran.err)
    assert ran.out == "<aanslag/>"
    made = run(*shlex.split(account)[1:])
    assert (made.code, "password" in made.out) == (0, True), made.err


def test_the_page_tells_the_form_of_every_service() -> None:
    """Each service with messages stands in the row of the form that the catalogue gives it."""
    rows = dict(re.findall(r"^\| (`[A-Z].*?`) \| (XBRL|XML|PDF)", PAGE, re.MULTILINE))
    told = {name: form.lower() for names, form in rows.items() for name in re.findall(r"`(.+?)`", names)}
    for dienst in load_catalogue().diensten.values():
        if dienst.berichtsoort:
            row = next(name for name in told if re.fullmatch(name.replace("*", ".*"), dienst.code))
            assert told[row] == dienst.message_form, dienst.code
