"""The life of a permit: request, security, clients, end, release."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from digipoort_sim.errors import ConfigError, ConflictError, NotFoundError
from digipoort_sim.register.fiscal.permit_records import (
    history_of,
    list_permits,
    put_up_of,
    read_sum,
)
from digipoort_sim.register.fiscal.permit_states import LAST_STATES, TRANSITIONS, PermitEvent, PermitState
from digipoort_sim.register.fiscal.permits import MOST_CLIENTS
from digipoort_sim.register.fiscal.reading import read_figures
from tests.register.desk import OFFICE, OTHER
from tests.register.fiscal.counter import DEPOSIT, GENERAL, GUARANTEE, INSPECTOR, LIMITED, ONE, TWO, Counter


def test_permit_is_given_only_after_security_was_put_up(counter: Counter) -> None:
    """Requested, security set, a part put up: not active; all of it put up: active, and dated then."""
    permit = counter.request()
    assert permit.state is PermitState.REQUESTED
    assert counter.set(permit, 8_000).state is PermitState.SECURITY_SET
    part = counter.put_up(permit, "7999.99")
    assert (part.state, part.granted) == (PermitState.SECURITY_SET, None)
    given = counter.put_up(permit, "0.01", GUARANTEE)
    assert (given.state, given.granted) == (PermitState.ACTIVE, counter.desk.now)
    assert counter.now(permit) == given
    forms = [(row.form, row.amount) for row in counter.do(put_up_of, permit.id)]
    assert forms == [(DEPOSIT, Decimal("7999.99")), (GUARANTEE, Decimal("0.01"))]


def test_security_is_not_put_up_before_it_is_set(counter: Counter) -> None:
    """Without an amount that was set nothing can be put up, and an active permit takes no more."""
    permit = counter.request()
    with pytest.raises(ConflictError, match="set it first"):
        counter.put_up(permit)
    assert counter.do(put_up_of, permit.id) == []
    counter.put_up(counter.set(permit))
    with pytest.raises(ConflictError, match="active"):
        counter.put_up(permit)


def test_security_is_set_by_figures_and_the_sum_is_kept(counter: Counter) -> None:
    """Figures that come to 50,000 (paid 1,000,000 a quarter) set 50,000; the permit keeps the sum."""
    permit = counter.request()
    figures = read_figures({"category": "2", "paid": 4_000_000}, GENERAL)
    permit = counter.do(counter.permits.calculate, permit.id, figures, counter.desk.now)
    assert permit.security_set == Decimal(50_000)
    steps = counter.do(read_sum, permit.id)
    assert steps[-1].amount == Decimal(50_000)
    assert counter.set(permit, 60_000).security_set == Decimal(60_000)
    assert counter.do(read_sum, permit.id) == ()
    limited = read_figures({"category": "2"}, LIMITED)
    with pytest.raises(ConfigError, match="limited"):
        counter.do(counter.permits.calculate, permit.id, limited, counter.desk.now)


def test_security_has_its_minimum_however_it_is_set(counter: Counter) -> None:
    """Less than 5,000 is not set by hand either; amounts that cannot be are refused."""
    permit = counter.request()
    for amount in ("4999.99", "-1", "1e13", "NaN"):
        with pytest.raises(ConfigError):
            counter.set(permit, amount)
    counter.set(permit)
    for amount in (0, -1, "0.001", "1e13"):
        with pytest.raises(ConfigError):
            counter.put_up(permit, amount)


def test_setting_less_than_is_there_gives_the_permit(counter: Counter) -> None:
    """9,000 set, 6,000 put up; set anew at 6,000 the permit is given at once."""
    permit = counter.set(counter.request(), 9_000)
    counter.put_up(permit, 6_000)
    assert counter.set(permit, 6_000).state is PermitState.ACTIVE


def test_general_permit_has_one_client_and_a_limited_one_several(counter: Counter) -> None:
    """Two clients do not fit a general permit, at its request or later; they fit a limited one."""
    with pytest.raises(ConfigError, match="exactly one"):
        counter.request(GENERAL, (ONE, TWO))
    general = counter.active()
    with pytest.raises(ConflictError, match="one client"):
        counter.do(counter.permits.add_client, general.id, TWO, counter.desk.now)
    limited = counter.active(LIMITED)
    added = counter.do(counter.permits.add_client, limited.id, f"{TWO}B01", counter.desk.now)
    assert added == counter.now(limited)
    assert added.clients == (ONE, TWO)
    assert added.security_set == limited.security_set
    with pytest.raises(ConflictError, match="already"):
        counter.do(counter.permits.add_client, limited.id, TWO, counter.desk.now)


@pytest.mark.parametrize("clients", [(), ("",), ("123456789",), ("12345678",), ("x" * 500,)])
def test_wrong_clients_are_refused(counter: Counter, clients: tuple[str, ...]) -> None:
    """A permit needs clients, each with a fiscaal nummer that passes the 11-test."""
    with pytest.raises(ConfigError):
        counter.request(LIMITED, clients)


def test_representative_is_an_oin(counter: Counter) -> None:
    """A KvK number alone is no OIN."""
    with pytest.raises(ConfigError, match="representative"):
        counter.request(representative="30216247")


def test_limited_permit_has_a_limit_of_clients(counter: Counter) -> None:
    """More than 1000 clients do not fit one permit."""
    numbers = [f"{n:09d}" for n in range(8 * 10**8, 8 * 10**8 + 12_000)]
    good = [n for n in numbers if _passes(n)][: MOST_CLIENTS + 1]
    with pytest.raises(ConfigError, match="1000"):
        counter.request(LIMITED, tuple(good))
    permit = counter.request(LIMITED, tuple(good[:MOST_CLIENTS]))
    with pytest.raises(ConflictError, match="1000"):
        counter.do(counter.permits.add_client, permit.id, good[-1], counter.desk.now)


def _passes(number: str) -> bool:
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(w * int(d) for w, d in zip(weights, number, strict=True)) % 11 == 0


def test_client_has_one_active_general_permit(counter: Counter) -> None:
    """A second general permit for a client is not given, and nothing is taken in, until the first ends."""
    first = counter.active()
    second = counter.set(counter.request(representative=OTHER))
    with pytest.raises(ConflictError) as refused:
        counter.put_up(second)
    assert refused.value.rule == "FISCAL-ONE-GENERAL"
    assert counter.now(second).put_up == 0
    assert counter.active(LIMITED, (ONE,), OTHER).state is PermitState.ACTIVE
    counter.end(first)
    assert counter.put_up(second).state is PermitState.ACTIVE


def test_request_is_withdrawn_without_a_term(counter: Counter) -> None:
    """A request that was never granted is withdrawn at once and holds no security back."""
    for permit in (counter.request(), counter.set(counter.request())):
        gone = counter.end(permit)
        assert (gone.state, gone.release_from) == (PermitState.WITHDRAWN, None)
        with pytest.raises(ConflictError):
            counter.set(permit)


def test_security_is_given_back_five_years_after_the_financial_year(counter: Counter) -> None:
    """A permit that ends on 2 March 2026, with a year to 30 June: not on 30 June 2031, but on 1 July."""
    permit = counter.put_up(counter.set(counter.request(year_end="06-30")))
    with pytest.raises(ConflictError):
        counter.release(permit)
    ended = counter.end(permit, INSPECTOR)
    assert ended.release_from == date(2031, 7, 1)
    counter.go_to(2031, 6, 30)
    with pytest.raises(ConflictError) as refused:
        counter.release(permit)
    assert refused.value.rule == "FISCAL-TOO-EARLY"
    counter.go_to(2031, 7, 1)
    assert counter.release(permit).released == counter.desk.now
    with pytest.raises(ConflictError):
        counter.release(permit)


def test_end_counts_by_the_dutch_day(counter: Counter) -> None:
    """23:30 UTC on 31 December 2026 is the next year in the Netherlands: one financial year later."""
    permit = counter.active()
    counter.go_to(2026, 12, 31)
    counter.desk.advance(hours=11.5)
    assert counter.desk.now.year == 2026
    assert counter.end(permit).release_from == date(2033, 1, 1)


def test_history_has_every_change(counter: Counter) -> None:
    """The history tells what happened, in order, each with the states before and after."""
    permit = counter.active(LIMITED)
    counter.do(counter.permits.add_client, permit.id, TWO, counter.desk.now)
    counter.end(permit, INSPECTOR)
    changes = counter.do(history_of, permit.id)
    assert [change.event for change in changes] == [
        PermitEvent.REQUESTED,
        PermitEvent.SECURITY_SET,
        PermitEvent.PUT_UP,
        PermitEvent.CLIENT_ADDED,
        PermitEvent.ENDED_BY_INSPECTOR,
    ]
    assert [change.before for change in changes][1:] == [change.after for change in changes][:-1]


def test_permits_are_listed_by_whose_they_are(counter: Counter) -> None:
    """Filters by representative, client and state, and pages, give exactly those."""
    mine, other = counter.active(), counter.request(LIMITED, (ONE, TWO), representative=OTHER)
    everything = counter.do(list_permits)
    assert everything == [mine, other]
    assert counter.do(list_permits, representative=OFFICE) == [mine]
    assert counter.do(list_permits, client=TWO) == [other]
    assert counter.do(list_permits, state=PermitState.ACTIVE) == [mine]
    assert counter.do(list_permits, limit=1, after=mine.id) == [other]
    with pytest.raises(NotFoundError):
        counter.do(list_permits, after="x")
    with pytest.raises(NotFoundError):
        counter.do(counter.permits.release, "x", counter.desk.now)


def test_every_state_is_reached_and_leads_on() -> None:
    """The table reaches every state, and every state but the last two leads somewhere."""
    assert set(TRANSITIONS.values()) == set(PermitState)
    assert {state for state, _ in TRANSITIONS} == {None, *PermitState} - set(LAST_STATES)
    assert {event for _, event in TRANSITIONS} == set(PermitEvent)
