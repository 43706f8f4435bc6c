"""The check at mandate requests for foreign clients."""

from __future__ import annotations

from pathlib import Path

import pytest

from digipoort_sim.config import RegisterSettings
from digipoort_sim.register import State
from tests.register.desk import BSN, OFFICE, OTHER, RSIN, Desk
from tests.register.fiscal.counter import GENERAL, LIMITED, Counter

SERVICE = "SBA_OB_2026"


def test_request_needs_an_active_permit_of_ones_own(counter: Counter) -> None:
    """Refused without a permit, while security is not set or not put up; accepted with it."""
    client = counter.foreign_client()
    desk = counter.desk
    assert desk.send("opvoeren", SERVICE, client).key == "geen-vergunning"
    permit = counter.request(GENERAL, (client,))
    assert desk.send("opvoeren", SERVICE, client).key == "zekerheid-ontbreekt"
    counter.set(permit, 8_000)
    counter.put_up(permit, 7_000)
    refused = desk.send("opvoeren", SERVICE, client)
    assert refused.key == "zekerheid-ontbreekt"
    assert "EUR 7,000.00 of the EUR 8,000.00" in refused.detail
    counter.put_up(permit, 1_000)
    assert desk.send("opvoeren", SERVICE, client, sender=OTHER).key == "geen-vergunning"
    assert desk.request(SERVICE, client).toestand is State.IN_BEHANDELING


def test_ended_permit_refuses_new_requests_and_leaves_mandates(counter: Counter) -> None:
    """After the end a new request is refused; the mandate that there is goes on (s)."""
    client = counter.foreign_client()
    permit = counter.active(LIMITED, (client,))
    mandate = counter.desk.request(SERVICE, client)
    counter.end(permit)
    refused = counter.desk.send("opvoeren", "SBA_OB_2025", client)
    assert refused.key == "vergunning-beeindigd"
    assert "2026-03-02" in refused.detail
    assert counter.desk.mandate(mandate.id).toestand is State.IN_BEHANDELING
    counter.desk.advance(days=60)
    assert counter.desk.mandate(mandate.id).toestand is State.ACTIEF


def test_new_permit_after_an_ended_one_counts(counter: Counter) -> None:
    """Of several permits for a client the active one counts."""
    client = counter.foreign_client()
    counter.end(counter.active(GENERAL, (client,)))
    counter.active(GENERAL, (client,))
    assert counter.desk.request(SERVICE, client).toestand is State.IN_BEHANDELING


def test_limited_permit_covers_the_clients_that_it_names(counter: Counter) -> None:
    """Another foreign client is refused until it is added."""
    first, second = counter.foreign_client(), counter.foreign_client("Autre")
    permit = counter.active(LIMITED, (first,))
    assert counter.desk.send("opvoeren", SERVICE, second).key == "client-niet-in-vergunning"
    counter.do(counter.permits.add_client, permit.id, second, counter.desk.now)
    assert counter.desk.request(SERVICE, second).id_gemachtigde == OFFICE


def test_withdrawn_request_is_no_permit(counter: Counter) -> None:
    """Who withdrew the request has no permit."""
    client = counter.foreign_client()
    counter.end(counter.request(GENERAL, (client,)))
    assert counter.desk.send("opvoeren", SERVICE, client).key == "geen-vergunning"


@pytest.mark.parametrize(
    ("dienst", "form", "type_"),
    [("SBA_OB_2026", "{}B01", None), ("SBA_VPB_2026", "{}", "RSIN"), ("UWV-ZZ-ZW", "{}L01", None)],
)
def test_foreign_client_is_known_by_its_number_in_any_form(
    counter: Counter, dienst: str, form: str, type_: str | None
) -> None:
    """The FInr counts in an omzetbelastingnummer, an RSIN and a loonheffingennummer too."""
    client = counter.foreign_client()
    assert counter.desk.send("opvoeren", dienst, form.format(client), type_=type_).key == "geen-vergunning"
    counter.active(GENERAL, (client,))
    accepted = counter.desk.send("opvoeren", dienst, form.format(client), type_=type_)
    assert counter.desk.catalogue.outcomes[accepted.key].statuscode == "500"


@pytest.mark.parametrize("dienst", ["SBU", "GWH"])
def test_nine_digits_without_a_type_are_a_foreign_client_too(counter: Counter, dienst: str) -> None:
    """Of a service that is for private persons too, an FInr without a type is taken for no BSN."""
    client = counter.foreign_client()
    assert counter.desk.send("opvoeren", dienst, client).key == "geen-vergunning"
    counter.active(GENERAL, (client,))
    assert counter.desk.request(dienst, client).type_vertegenwoordigde == "Fi"
    assert counter.desk.request(dienst, BSN).type_vertegenwoordigde == "BSN"


def test_others_need_no_permit(counter: Counter) -> None:
    """Clients that did not come by the foreign route are asked for as ever."""
    counter.foreign_client()
    assert counter.desk.request(SERVICE, RSIN).toestand is State.IN_BEHANDELING
    assert counter.desk.request("VIA_2025", BSN).toestand is State.IN_BEHANDELING


def test_the_check_can_be_switched_off(tmp_path: Path) -> None:
    """With `register.fiscal_check` off no permit is looked at."""
    counter = Counter(Desk(tmp_path, RegisterSettings(fiscal_check=False)))
    assert counter.desk.request(SERVICE, counter.foreign_client()).toestand is State.IN_BEHANDELING
    counter.desk.store.close()
