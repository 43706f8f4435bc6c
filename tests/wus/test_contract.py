"""The service contract: spyne, the WSDLs and the table of names say the same."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref

import pytest
from lxml import etree

from digipoort_sim.resources import schemas
from digipoort_sim.wus import contract, names, structure
from digipoort_sim.wus.names import KOPPELVLAK, Operation

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP_BINDING = "{http://schemas.xmlsoap.org/wsdl/soap/}"
ACTION = "{http://www.w3.org/2006/05/addressing/wsdl}Action"
XS = "{http://www.w3.org/2001/XMLSchema}"
POLICY = "{http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702}"


def test_spyne_knows_every_operation() -> None:
    """spyne's contract has exactly the operations of the table of names."""
    expected = {
        name: {names.local_name(tag) for tag in service.by_request_tag}
        for name, service in names.SERVICES.items()
    }
    assert contract.operations() == expected


def test_dispatch_passes_on_what_is_returned_or_raised() -> None:
    """A function gets its operation and the very body element; what it raises comes out as it is."""
    body = etree.fromstring(f'<getProcessenRequest xmlns="{KOPPELVLAK}"/>')

    def perform(operation: Operation, element: etree._Element) -> str:
        assert element is body
        return operation.name

    assert contract.dispatch(names.STATUSINFORMATIE, body, perform) == "getProcessen"

    def fail(operation: Operation, element: etree._Element) -> str:
        raise LookupError(operation.name)

    with pytest.raises(LookupError, match="getProcessen"):
        contract.dispatch(names.STATUSINFORMATIE, body, fail)
    with pytest.raises(contract.Fault):
        contract.dispatch(names.OPHALEN, body, perform)


def test_dispatch_lets_the_message_go() -> None:
    """After a call nothing holds the message, without the collector of cycles coming round."""

    class Message:
        """What a function that is performed holds on to."""

    message = Message()
    held = weakref.ref(message)
    body = etree.fromstring(f'<getProcessenRequest xmlns="{KOPPELVLAK}"/>')
    gc.disable()
    try:
        contract.dispatch(names.STATUSINFORMATIE, body, lambda operation, element, held=message: held)
        del message
        assert held() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("service", names.SERVICES.values(), ids=lambda service: service.name)
def test_wsdl_agrees_with_names(service: names.Service) -> None:
    """Each WSDL has the operations, Actions and elements of the table of names."""
    root = etree.parse(schemas() / "wus" / service.wsdl).getroot()
    bound = {
        one.get("name"): one[0].get("soapAction") for one in root.iterfind(f"{WSDL}binding/{WSDL}operation")
    }
    assert bound == {name: operation.action for name, operation in service.operations.items()}
    for one in root.iterfind(f"{WSDL}portType/{WSDL}operation"):
        operation = service.operations[one.get("name") or ""]
        assert one.find(f"{WSDL}output").get(ACTION) == operation.response_action
        assert one.find(f"{WSDL}fault").get(ACTION) == operation.fault_action
    elements = {one.get("element") for one in root.iterfind(f"{WSDL}message/{WSDL}part")}
    tags = {tag for one in service.operations.values() for tag in (one.request_tag, one.response_tag)}
    expected = {f"k:{names.local_name(tag)}" for tag in tags} | {f"k:{service.fault_element}"}
    assert elements == expected
    (suite,) = root.iter(f"{POLICY}AlgorithmSuite")
    assert [one.tag for one in suite[0]] == [f"{POLICY}Basic128Rsa15"], "CXF takes one suite only"


def test_xsd_has_every_element() -> None:
    """The XSD has the request, response and fault elements of the table of names."""
    root = etree.parse(schemas() / "wus" / structure.SCHEMA_FILE).getroot()
    declared = {f"{{{KOPPELVLAK}}}{one.get('name')}" for one in root.iterfind(f"{XS}element")}
    for service in names.SERVICES.values():
        assert f"{{{KOPPELVLAK}}}{service.fault_element}" in declared
        for operation in service.operations.values():
            assert {operation.request_tag, operation.response_tag} <= declared


def test_the_door_is_loaded_when_asked_for_only() -> None:
    """Who needs the names or the signing of this room does not load spyne and uvicorn."""
    code = (
        "import sys, digipoort_sim.wus.names, digipoort_sim.wus.signing;"
        "sys.exit('spyne' in sys.modules or 'uvicorn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
