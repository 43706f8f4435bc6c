"""What the client prints of others' texts cannot command the terminal."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from digipoort_sim.client import fetching, polling
from digipoort_sim.client.faults import FaultError
from digipoort_sim.client.options import FetchOptions, PollOptions
from digipoort_sim.client.running import Running
from digipoort_sim.terminal import visible

HERE = Path("/nowhere")
HOSTILE = "a\x1b]0;x\x07\x9b31m\r\u202eb"


@pytest.fixture(autouse=True)
def running(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulator that is found, with a client that is not asked anything."""
    found = SimpleNamespace(client=lambda *_, **__: None)
    monkeypatch.setattr(Running, "find", lambda *_: found)


@pytest.mark.parametrize("as_json", [False, True])
def test_statuses_and_messages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    """Statuses that are polled and messages that are fetched are shown with their hostile characters
    written out.
    """
    status = {
        "tijdstempelStatus": "t",
        "statuscode": "510",
        "statusomschrijving": HOSTILE,
        "statusFoutcode": {"foutcode": HOSTILE, "foutbeschrijving": HOSTILE},
        "statusdetails": f'<msg level="error" id="X">{HOSTILE[-6:]}</msg>',
    }
    message = {"kenmerk": HOSTILE, "berichtsoort": HOSTILE, "bestandsnaam": HOSTILE}
    monkeypatch.setattr(polling, "statuses", lambda *_, **__: [status])
    monkeypatch.setattr(fetching, "fetched", lambda *_: [message])
    monkeypatch.setattr(fetching, "_row", lambda one: one)
    assert polling.poll(PollOptions(state=HERE, cert=HERE, kenmerk="k", as_json=as_json)) == 0
    assert fetching.fetch(FetchOptions(state=HERE, cert=HERE, as_json=as_json)) == 0
    printed = capsys.readouterr().out
    assert printed == visible(printed)
    assert "b" in printed


@pytest.mark.parametrize("ask", [polling.poll, fetching.fetch])
def test_faults(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ask: Any) -> None:
    """A fault's text is shown with its hostile characters written out."""

    def refuse(*_: object, **__: object) -> None:
        raise FaultError("ALS100", HOSTILE)

    monkeypatch.setattr(polling, "statuses", refuse)
    monkeypatch.setattr(fetching, "fetched", refuse)
    poll, fetch = PollOptions(state=HERE, cert=HERE, kenmerk="k"), FetchOptions(state=HERE, cert=HERE)
    assert ask(poll if ask is polling.poll else fetch) == 4
    printed = capsys.readouterr().err
    assert visible(" ".join(HOSTILE.split())) in printed
