"""The command line at the register's counter: asking, activating, revoking, refusals in two languages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.cli.main import main
from tests.cli.program import Ran
from tests.web.conftest import ANN, House, house, inner

__all__ = ["house", "inner"]

CLIENT = "111222333"

Run = Callable[..., Ran]


@pytest.fixture
def run(house: House, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Runs the program in this process beside an open web door."""
    state = house.inner.settings.state
    (state / "endpoints.json").write_text(json.dumps({"wus": {}, "ftp_port": 0, "web": house.base, "pid": 0}))

    def runs(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        code = main([*map(str, arguments), "--state", str(state)])
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    yield runs
    (state / "endpoints.json").unlink()


def good(run: Run, *arguments: str) -> Any:
    """The JSON of a command that must be good."""
    ran = run(*arguments, "--json")
    assert ran.code == 0, ran.err
    return ran.json


def asked(run: Run, dienst: str, client: str = CLIENT) -> str:
    """Ask for a mandate and let its letter go out; gives its id."""
    said = good(run, "mandates", "request", "--gemachtigde", ANN.oin, "--client", client, "--dienst", dienst)
    assert run("clock", "advance", "14d").code == 0
    return str(said["mandate"])


def code_of(run: Run, mandate: str) -> str:
    """The activation code that the client reads in the letter."""
    letter = good(run, "mandates", "show", mandate)["letter"]
    return str(good(run, "letters", "show", letter)["activatieToken"])


def test_a_mandate_is_asked_for_activated_and_revoked(run: Run) -> None:
    """The three commands lead a mandate through its life, in plain words and with exit code 0."""
    ran = run("mandates", "request", "--gemachtigde", ANN.oin, "--client", CLIENT, "--dienst", "VIA_2024")
    text, subject, name = ran.out.splitlines()
    assert (ran.code, text) == (0, "The claim is registered and waits for activation.")
    assert subject == f"VIA_2024 for {CLIENT}: IN_BEHANDELING"
    mandate = name.removeprefix("id ")
    assert run("clock", "advance", "14d").code == 0
    code = code_of(run, mandate)
    ran = run("mandates", "activate", mandate, "--code", code.lower().replace("-", " "), "--lang", "nl")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "Activeren machtiging gelukt.")
    ran = run("mandates", "revoke", mandate, "--side", "vertegenwoordigde", "--reden", "klaar")
    assert (ran.code, ran.out.splitlines()[1]) == (0, f"VIA_2024 for {CLIENT}: INGETROKKEN")
    assert good(run, "mandates", "show", mandate)["historie"][-1]["reden"] == "klaar"


def test_a_refusal_is_told_in_either_language(run: Run) -> None:
    """A refusal is exit code 3 and one line with code and reason; --json gives the whole document."""
    mandate = asked(run, "VIA_2023")
    wrong = ("mandates", "activate", mandate, "--code", "000-XXX-000")
    ran = run(*wrong)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("digipoort-sim: MR210 The activation code is wrong. (")
    ran = run(*wrong, "--lang", "nl")
    assert ran.err.startswith("digipoort-sim: MR210 De activatiecode is niet juist. (")
    ran = run(*wrong, "--json")
    assert ran.code == 3
    document = ran.json
    assert (document["code"], document["mandate"], document["provenance"]) == ("MR210", mandate, "simulator")


def test_a_locked_claim_says_so(run: Run) -> None:
    """After five wrong codes the list, the registration and the refusal of a new request say that it is
    locked and what to do.
    """
    client = "999993653"
    mandate = asked(run, "VIA_2019", client)
    for _ in range(5):
        assert "locked" not in run("mandates", "list", "--client", client).out
        assert run("mandates", "activate", mandate, "--code", "000-XXX-000").code == 3
    assert "IN_BEHANDELING (locked)" in run("mandates", "list", "--client", client).out
    assert good(run, "mandates", "show", mandate)["geblokkeerd"] is True
    assert "revoke it and ask anew" in run("mandates", "show", mandate).out
    assert "trek haar in en vraag" in run("mandates", "show", mandate, "--lang", "nl").out
    again = ("mandates", "request", "--gemachtigde", ANN.oin, "--client", client, "--dienst", "VIA_2019")
    refused = run(*again)
    assert refused.err.startswith("digipoort-sim: MR170 ")
    assert "locked after too many wrong codes; revoke it and ask anew" in refused.err
    assert run("mandates", "revoke", mandate).code == 0
    assert run(*again).code == 0


def test_the_form_of_the_client_ends_a_mandate(run: Run) -> None:
    """`mandates form` does what the client's paper form does, once."""
    asked(run, "SBA_IB_2026")
    form = ("mandates", "form", "--client", CLIENT, "--gemachtigde", ANN.oin, "--dienst", "SBA_IB_2026")
    assert run(*form).code == 0
    ran = run(*form)
    assert (ran.code, ran.err.split()[1]) == (3, "MR270")


def test_mandates_are_listed_by_what_one_looks_for(run: Run) -> None:
    """--client, --gemachtigde, --dienst, --year and --toestand each narrow the list."""
    client = "123456782"
    for dienst in ("VIA_2022", "VIA_2021", "SBU"):
        asked(run, dienst, client)

    def found(*filters: str) -> list[str]:
        return [row["dienst"] for row in good(run, "mandates", "list", "--client", client, *filters)]

    assert found() == ["VIA_2022", "VIA_2021", "SBU"]
    assert found("--gemachtigde", "00000001002220647000") == []
    assert found("--gemachtigde", ANN.oin) == found()
    assert found("--dienst", "VIA_2022") == found("--year", "2022") == ["VIA_2022"]
    assert found("--dienst", "VIA") == ["VIA_2022", "VIA_2021"]
    assert (found("--toestand", "IN_BEHANDELING"), found("--toestand", "ACTIEF")) == (found(), [])
    assert run("mandates", "list", "--toestand", "BOOS").code == 2


def test_a_registration_is_shown_in_words(run: Run) -> None:
    """Without --json a person reads what the state means, what comes next, and the refusal if any."""
    mandate = asked(run, "VIA_2020")
    shown = run("mandates", "show", mandate).out
    assert "The letter to the client is under way" in shown
    assert "code-expires 20" in shown
    assert "De brief aan de cliënt" in run("mandates", "show", mandate, "--lang", "nl").out
    refused = ("mandates", "request", "--gemachtigde", ANN.oin, "--client", CLIENT, "--dienst", "VIA_1999")
    again = run(*refused, "--json").json["mandate"]
    assert "MR130 The year is not allowed" in run("mandates", "show", again).out


def test_unknown_mandates_and_parties_are_bad_options(run: Run) -> None:
    """Nothing by that name is exit code 2, and so is a party that is no OIN."""
    assert run("mandates", "revoke", "unknown").code == 2
    assert run("mandates", "activate", "unknown", "--code", "123-ABC-123").code == 2
    ran = run("mandates", "request", "--gemachtigde", "1", "--client", CLIENT, "--dienst", "SBU")
    assert (ran.code, "OIN" in ran.err) == (2, True)
