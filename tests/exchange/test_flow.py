"""A message on its way from acceptance to its final status."""

from __future__ import annotations

from itertools import pairwise

from tests.exchange.office import Office, any_delivery

GOOD = ["105", "100", "110", "200", "301", "301", "405", "400", "500"]


def test_the_good_flow_has_the_recorded_order(office: Office) -> None:
    """A good message goes through 105 100 110 200 301 301 405 400 500, at ever later times."""
    kenmerk = office.deliver(any_delivery()).kenmerk
    assert office.codes(kenmerk) == GOOD[:3]
    office.scheduler.drain()
    assert office.codes(kenmerk) == GOOD
    times = [status.tijdstempel_status for status in office.statuses(kenmerk)]
    assert times == sorted(set(times))


def test_the_stub_has_nine_statuses_ten_milliseconds_apart(office: Office) -> None:
    """On the stub's paths all nine statuses are there at once, exactly 10 ms apart (recorded)."""
    receipt = office.deliver(any_delivery("Happyflow"), stub=True)
    statuses = office.statuses(receipt.kenmerk)
    assert [status.statuscode for status in statuses] == GOOD
    gaps = {
        (later.tijdstempel_status - earlier.tijdstempel_status).total_seconds()
        for earlier, later in pairwise(statuses)
    }
    assert gaps == {0.01}
    assert statuses[0].tijdstempel_status == receipt.tijdstempel_aangeleverd
