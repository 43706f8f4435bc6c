"""The other half of the interface over real sockets: messages out to an agency, statuses in by zetStatus."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import zeep
from lxml import etree

from digipoort_sim.clock import RealClock, wire_time
from digipoort_sim.exchange.values import Fout
from digipoort_sim.pki import Oin, client_context
from digipoort_sim.resources import schemas
from digipoort_sim.testing.simulator import Simulator
from digipoort_sim.wus import names, structure
from tests.wus.agency_kit import Agency, Answer, Received, refusing, simulator_with, taken
from tests.wus.door_kit import KV, delivery, path_of, signed, verify_answer
from tests.wus.door_kit import Answer as HttpAnswer

AANLEVEREN = names.OPERATIONS["aanleveren"]
STATUSSEN = names.OPERATIONS["getStatussenProces"]
ZET_STATUS = names.ZETSTATUS.operations["zetStatus"]
UWV = "00000099000000003000"


class Outside:
    """A simulator with an agency outside, and a party that delivers."""

    def __init__(self, simulator: Simulator, agency: Agency) -> None:
        self.simulator = simulator
        self.agency = agency
        self.party = self.folder("00000003302162470000", "party")

    def folder(self, oin: str, name: str) -> Path:
        """The folder of a new certificate."""
        out = self.agency.folder.with_name(name)
        self.simulator.certificate(Oin.parse(oin), f"TRIAL {name}", out)
        return out

    def post(self, operation: names.Operation, raw: bytes, folder: Path) -> HttpAnswer:
        """POST a message to the simulator."""
        port = self.simulator.endpoints.wus_port
        connection = http.client.HTTPSConnection(
            "localhost", port, context=client_context(folder), timeout=30
        )
        connection.request("POST", path_of(operation), raw, {"Content-Type": "text/xml; charset=utf-8"})
        response = connection.getresponse()
        answer = HttpAnswer(response.status, dict(response.getheaders()), response.read())
        connection.close()
        return answer

    def deliver(self) -> str:
        """Deliver a message and wait until its courier is back; gives its kenmerk."""
        answer = self.post(AANLEVEREN, signed(AANLEVEREN, delivery(), self.party), self.party)
        kenmerk = answer.text("kenmerk") or ""
        self.simulator.inner.scheduler.drain()
        return kenmerk

    def set_status(
        self, kenmerk: str, more: str = "", code: str = "500", folder: Path | None = None, **how: Any
    ) -> HttpAnswer:
        """Call zetStatus as the agency."""
        folder = folder or self.agency.folder
        inside = (
            f"<kenmerk>{kenmerk}</kenmerk><statuscode>{code}</statuscode>"
            f"<tijdstempelStatus>{wire_time(RealClock().now())}</tijdstempelStatus>{more}"
        )
        return self.post(ZET_STATUS, signed(ZET_STATUS, inside, folder, **how), folder)

    def codes(self, kenmerk: str) -> list[str]:
        """The statuscodes of a message."""
        return [status.statuscode for status in self.simulator.inner.office.message(kenmerk).statuses]


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """A simulator with an agency outside that takes all messages."""
    with simulator_with(tmp_path_factory.mktemp("outside")) as (simulator, agency):
        yield Outside(simulator, agency)


def test_a_status_by_zet_status_reaches_the_deliverer(outside: Outside) -> None:
    """The agency's answer is signed and valid; the statusinformatieservice tells status, foutcode and details
    as the agency gave them, line ends included.
    """
    kenmerk = outside.deliver()
    assert outside.codes(kenmerk)[-1] == "400"
    more = (
        "<statusFoutcode><foutcode>VB1</foutcode><foutbeschrijving>Regel 1&#10;regel 2</foutbeschrijving>"
        "</statusFoutcode><statusdetails>&lt;a&gt;\n  &lt;b/&gt;&lt;/a&gt;</statusdetails>"
    )
    answer = outside.set_status(kenmerk, more, "510")
    assert answer.status == 200, answer.body
    verify_answer(answer, Path(outside.simulator.endpoints.service_certificate))
    body = answer.root[1][0]
    structure.check(body)
    assert body.tag == ZET_STATUS.response_tag
    assert (answer.text("kenmerk"), answer.text("statuscode")) == (kenmerk, "510")
    assert answer.text("Action") == ZET_STATUS.response_action
    raw = signed(STATUSSEN, f"<kenmerk>{kenmerk}</kenmerk>", outside.party)
    told = outside.post(STATUSSEN, raw, outside.party)
    structure.check(told.root[1][0])
    assert [one.text for one in told.root.iter(f"{KV}statuscode")][-2:] == ["400", "510"]
    assert told.fault == ("VB1", "Regel 1\nregel 2")
    assert told.text("statusdetails") == "<a>\n  <b/></a>"


def test_details_of_the_largest_size_pass(outside: Outside) -> None:
    """statusdetails of 1,048,576 characters are stored and shown; one more is refused by the XSD."""
    kenmerk = outside.deliver()
    text = "x" * 1_048_576
    assert outside.set_status(kenmerk, f"<statusdetails>{text}x</statusdetails>").fault[0] == "ZSS100"
    assert outside.set_status(kenmerk, f"<statusdetails>{text}</statusdetails>").status == 200
    assert outside.simulator.inner.office.message(kenmerk).statuses[-1].statusdetails == text


def unsign_action(root: etree._Element) -> None:
    """Take the Reference to wsa:Action out of the signature."""
    target = next(root.iter(f"{{{names.WSA}}}Action")).get(f"{{{names.WSU}}}Id")
    reference = next(one for one in root.iter(f"{{{names.DS}}}Reference") if one.get("URI") == f"#{target}")
    parent = reference.getparent()
    assert parent is not None
    parent.remove(reference)


def test_the_guard_of_all_requests_guards_zet_status(outside: Outside) -> None:
    """Unsigned headers, an old Timestamp, a replay, another Action, a body against the XSD and a time of no
    world are refused with the codes of this service, and change nothing.
    """
    kenmerk = outside.deliver()
    old = RealClock().now() - timedelta(hours=1)
    refused = [
        (outside.set_status(kenmerk, spoil=unsign_action), "ZSS110", "wsa:Action"),
        (outside.set_status(kenmerk, created=old), "ZSS100", "Timestamp"),
        (outside.set_status(kenmerk, action=AANLEVEREN.action), "ZSS100", "wsa:Action"),
        (outside.set_status(kenmerk, "<more/>"), "ZSS100", "more"),
        (outside.set_status(kenmerk, code="x" * 21), "ZSS100", "statuscode"),
        (outside.set_status(kenmerk, code="105"), "ZSS100", "105"),
    ]
    strange = (
        f"<kenmerk>{kenmerk}</kenmerk><statuscode>500</statuscode><tijdstempelStatus>%s</tijdstempelStatus>"
    )
    for moment in ("-0044-03-15T00:00:00Z", "123456-01-01T00:00:00Z"):
        raw = signed(ZET_STATUS, strange % moment, outside.agency.folder)
        refused.append((outside.post(ZET_STATUS, raw, outside.agency.folder), "ZSS100", "tijdstempelStatus"))
    for answer, code, word in refused:
        assert answer.status == 500
        assert answer.fault[0] == code, answer.fault
        assert word in (answer.fault[1] or "")
        assert b"<fault:zetStatusFault" in answer.body
    assert outside.codes(kenmerk)[-1] == "400"
    again = "urn:uuid:zet-status-1"
    other = outside.deliver()
    assert outside.set_status(kenmerk, message_id=again).status == 200
    assert outside.set_status(other, message_id=again).fault[0] == "ZSS100"
    assert outside.codes(other)[-1] == "400"


def test_who_is_not_the_agency_learns_nothing(outside: Outside) -> None:
    """Another agency gets the same answer for this message as for one that does not exist; a party is told
    that it is no agency; each refusal is an event.
    """
    kenmerk = outside.deliver()
    uwv = outside.folder(UWV, "uwv")
    texts = [outside.set_status(asked, folder=uwv).fault for asked in (kenmerk, "0" * 36)]
    assert texts[0][1] == (texts[1][1] or "").replace("0" * 36, kenmerk)
    assert {code for code, _ in texts} == {"ZSS100"}
    assert outside.set_status(kenmerk, folder=outside.party).fault[0] == "ZSS130"
    event = outside.simulator.inner.office.events(limit=1)[0].event
    assert (event.kind, event.rule, event.code) == ("wus-refused", "STATUS-SENDER", "ZSS130")
    assert outside.codes(kenmerk)[-1] == "400"


@pytest.mark.parametrize("service", [names.AFLEVEREN, names.ZETSTATUS], ids=lambda service: service.name)
def test_the_wsdls_say_what_the_program_does(service: names.Service) -> None:
    """zeep reads the WSDLs of both services; operation, elements and Actions are those of the program."""
    client = zeep.Client(str(schemas() / "wus" / service.wsdl), transport=_Beside())
    (binding,) = client.wsdl.bindings.values()
    (operation,) = service.operations.values()
    found = binding.get(operation.name)
    assert binding.name.namespace == service.namespace
    assert found.soapaction == operation.action
    assert found.input.body.qname.text == operation.request_tag
    assert found.output.body.qname.text == operation.response_tag
    assert found.abstract.output_message.parts
    (fault,) = found.faults.values()
    tree = etree.parse(schemas() / "wus" / service.wsdl)
    actions = tree.xpath("//@*[local-name()='Action']")
    assert actions == [operation.response_action, operation.fault_action]
    assert fault.abstract.parts["fault"].element.name == service.fault_element


class _Beside(zeep.Transport):  # type: ignore[misc]
    def load(self, url: str) -> bytes:
        return (schemas() / "wus" / Path(url).name).read_bytes()


def test_the_wsdl_of_zet_status_is_served(outside: Outside) -> None:
    """The WSDL stands at ?wsdl with the address at which it was asked for; the stub has no such path."""
    port = outside.simulator.endpoints.wus_port
    connection = http.client.HTTPSConnection(
        "localhost", port, context=client_context(outside.agency.folder), timeout=30
    )
    connection.request("GET", f"{path_of(ZET_STATUS)}?wsdl")
    text = connection.getresponse().read().decode()
    assert f'location="https://localhost:{port}{path_of(ZET_STATUS)}"' in text
    connection.request("GET", "/cpl/zetstatusservice/1.2?wsdl")
    assert connection.getresponse().status == 404
    connection.close()


def test_an_agency_sets_a_status_from_within_its_answer(outside: Outside) -> None:
    """zetStatus that is called before the afleverResponse is given works, and the statuses come once."""
    seen = []

    def eager(agency: Agency, request: Received) -> bytes:
        seen.append(outside.set_status(request.text("kenmerk")).status)
        return taken(agency, request)

    outside.agency.answer, plain = eager, outside.agency.answer
    kenmerk = outside.deliver()
    outside.agency.answer = plain
    outside.simulator.inner.scheduler.drain()
    assert seen == [200]
    assert outside.codes(kenmerk)[-3:] == ["405", "400", "500"]


def test_an_agency_goes_away_and_comes_back(tmp_path: Path) -> None:
    """Over real sockets: an agency that is down is tried each hour; once it listens again it gets the
    message. One that stays down for 72 hours is given up with AFS600; each failed call is an event.
    """
    with simulator_with(tmp_path) as (simulator, agency):
        outside = Outside(simulator, agency)
        agency.close()
        first = outside.deliver()
        assert outside.codes(first)[-1] == "420"
        simulator.advance(timedelta(hours=5.5))
        assert outside.codes(first)[-1] == "420"
        returned = Agency(agency.folder, port=agency.port)
        simulator.advance(timedelta(hours=1))
        assert outside.codes(first)[-3:] == ["405", "420", "400"]
        assert len(returned.received) == 1
        returned.close()
        second = outside.deliver()
        simulator.advance(timedelta(hours=73))
        last = simulator.inner.office.message(second).statuses[-1]
        assert last.statuscode == "420"
        assert last.status_foutcode is not None
        assert last.status_foutcode.foutcode == "AFS600"
        events = [one.event for one in simulator.inner.office.events(limit=200, kind="agency-trouble")]
        assert [event.kenmerk for event in events] == [second] * 73 + [first] * 6
        assert all("no connection (Connection refused)" in event.detail for event in events)
        agency.close = lambda: None  # type: ignore[method-assign]


def test_a_refusal_of_the_agency_is_410(outside: Outside) -> None:
    """AFO100 over the wire becomes 410 with the catalogue's text around the agency's words."""
    refuse: Answer = refusing("AFO100", "Niet voor ons.")
    outside.agency.answer, plain = refuse, outside.agency.answer
    kenmerk = outside.deliver()
    outside.agency.answer, outside.agency.status = plain, 200
    last = outside.simulator.inner.office.message(kenmerk).statuses[-1]
    text = "De uitvragende partij heeft het bericht geweigerd.\n\nNiet voor ons."
    assert (last.statuscode, last.status_foutcode) == ("410", Fout("AFO100", text))
