"""Files that take long are worked on beside the others, few at a time."""

from __future__ import annotations

import threading

from digipoort_sim.ftp.road.beside import Beside


def test_no_more_is_made_than_is_collected() -> None:
    """Two files are worked on; the third begins when the first was collected, whoever asks."""
    told: list[str] = []
    some = threading.Condition()

    def done(key: str) -> None:
        with some:
            told.append(key)
            some.notify_all()

    def wait_for(count: int) -> None:
        with some:
            assert some.wait_for(lambda: len(told) >= count, 10)

    beside: Beside[str] = Beside(done)
    begun: list[str] = []

    def make(key: str) -> str:
        begun.append(key)
        return key.upper()

    keys = ("a", "b", "c")
    assert [beside.collect(key, lambda key=key: make(key)) for key in keys] == [[], [], []]  # type: ignore[misc]
    wait_for(2)
    assert sorted(begun) == ["a", "b"]
    assert beside.collect("a", lambda: make("never")) == ["A"]
    wait_for(3)
    assert beside.collect("c", lambda: make("never")) == ["C"]
    assert beside.collect("b", lambda: make("never")) == ["B"]
    assert beside.collect("a", lambda: make("again")) == []
    wait_for(4)
    assert beside.collect("a", lambda: make("never")) == ["AGAIN"]
