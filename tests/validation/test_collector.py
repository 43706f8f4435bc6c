"""Holding back the collector of cycles: for as long as anybody wants it, and no longer."""

from __future__ import annotations

import gc
import threading

import pytest

from digipoort_sim.validation.collector import held_back


def test_it_runs_again_when_the_last_thread_is_done() -> None:
    """Two threads hold it back; the first to end does not set it going."""
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with held_back(True):
            inside.set()
            leave.wait(10)

    with held_back(True):
        other = threading.Thread(target=hold)
        other.start()
        assert inside.wait(10)
    assert not gc.isenabled()
    leave.set()
    other.join()
    assert gc.isenabled()


def test_it_runs_again_after_an_error() -> None:
    """Nothing leaves it held back."""
    with pytest.raises(ValueError, match="x"), held_back(True):
        raise ValueError("x")
    assert gc.isenabled()


def test_who_had_stopped_it_finds_it_stopped() -> None:
    """A process that runs without it goes on without it; small contents do not touch it."""
    with held_back(False):
        assert gc.isenabled()
    gc.disable()
    try:
        with held_back(True):
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
