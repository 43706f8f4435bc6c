"""Events tell what to do."""

from __future__ import annotations

import html

from digipoort_sim.exchange.values import Event
from tests.web.conftest import House


def test_an_event_tells_what_to_do(house: House) -> None:
    """What its rule expects and how to mend it stand with an event, of the file door as of the SOAP door."""
    with house.client() as client:
        for rule in ("FTP-PROT-REQUIRED", "WSS-DIGEST"):
            event = house.inner.office.record(Event(kind="x-refused", detail="no", rule=rule))
            row = house.inner.catalogue.rules[rule]
            shown = client.get(f"{house.base}/api/v1/events/{event}").json()
            assert (shown["expected"], shown["mend"]) == (row.summary, row.mend)
            page = html.unescape(client.get(f"{house.base}/events/{event}", follow_redirects=True).text)
            assert row.mend in page
        other = house.inner.office.record(Event(kind="x", detail="y", rule="NOBODY-KNOWS"))
        assert client.get(f"{house.base}/api/v1/events/{other}").json()["mend"] is None
