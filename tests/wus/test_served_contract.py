"""The WSDLs and the XSD as clients fetch them over mutual TLS: addresses, imports, policies."""

from __future__ import annotations

import http.client
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import xmlschema
import zeep
from lxml import etree

from digipoort_sim.pki import client_context
from digipoort_sim.resources import schemas
from digipoort_sim.wus import names, wsdl
from tests.wus.component_model import SP, WSP, wsdl_model
from tests.wus.door_kit import RunningDoor, running_door

WSAM = "{http://www.w3.org/2007/05/addressing/metadata}"
INCLUDE = f"{SP}IncludeToken"
LOCATION = ".//{http://schemas.xmlsoap.org/wsdl/soap/}address"
SERVICES = pytest.mark.parametrize("service", names.SERVICES.values(), ids=lambda service: service.name)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A running door."""
    with running_door(tmp_path_factory.mktemp("state")) as running:
        yield running


def with_host(door: RunningDoor, path: str, host: str) -> bytes:
    """What is served at a path to a client that came by another name and port."""
    connection = http.client.HTTPSConnection("localhost", door.port, context=client_context(door.folder))
    connection.request("GET", path, headers={"Host": host})
    body = connection.getresponse().read()
    connection.close()
    return body


def zeep_client(door: RunningDoor, path: str) -> Any:
    """zeep on what the door serves, over mutual TLS."""
    session = requests.Session()
    session.cert = (str(door.folder / "client.pem"), str(door.folder / "client.key"))
    session.verify = str(door.folder / "ca.pem")
    session.trust_env = False  # REQUESTS_CA_BUNDLE would count for more than verify
    return zeep.Client(f"https://localhost:{door.port}{path}?wsdl", transport=zeep.Transport(session=session))


@SERVICES
@pytest.mark.parametrize("family", ["preproduction", "stub"])
def test_clients_load_it(door: RunningDoor, service: names.Service, family: str) -> None:
    """zeep reads WSDL and imported XSD over mutual TLS, finds the operations, and the port where it asked."""
    client = zeep_client(door, service.paths[family])
    ((_, found),) = client.wsdl.services.items()
    ((_, port),) = found.ports.items()
    assert set(port.binding._operations) == set(service.operations)
    assert port.binding_options["address"] == f"https://localhost:{door.port}{service.paths[family]}"
    assert client.get_type(f"{{{names.KOPPELVLAK}}}identiteitType")


@SERVICES
def test_behind_a_port_mapping(door: RunningDoor, service: names.Service) -> None:
    """The port's address is that of the Host header, and the import leads to the same host; a Host that is no
    name is not written into the document.
    """
    path = service.paths["preproduction"]
    for host in ("wus.digipoort.logius.nl", "localhost:9443", "[::1]:8443"):
        root = etree.fromstring(with_host(door, path + "?wsdl", host))
        assert root.find(LOCATION).get("location") == f"https://{host}{path}"
        assert root.find(".//{*}import").get("schemaLocation") == wsdl.XSD_PATH
    assert b"<b/>" not in with_host(door, path + "?wsdl", 'a"/><b/>')


def test_xmlschema_loads_the_xsd(door: RunningDoor) -> None:
    """The XSD that is served is valid for xmlschema too, and is the one that requests are checked with."""
    body = door.get(wsdl.XSD_PATH).body
    schema = xmlschema.XMLSchema(io.BytesIO(body))
    operations = names.OPERATIONS.values()
    tags = {tag for one in operations for tag in (one.request_tag, one.response_tag)}
    assert {names.local_name(tag) for tag in tags} <= {names.local_name(name) for name in schema.elements}
    assert body == (schemas() / "wus" / "digipoort-koppelvlak-1.2.xsd").read_bytes()


@SERVICES
def test_what_cxf_demands(service: names.Service) -> None:
    """CXF takes a policy with one algorithm suite, with AnonymousResponses in its namespace, and with every
    reference leading to a policy.
    """
    path: Path = schemas() / "wus" / service.wsdl
    root = etree.parse(path).getroot()
    (suite,) = root.iterfind(f".//{SP}AlgorithmSuite/{WSP}Policy")
    assert [one.tag for one in suite] == [f"{SP}Basic128Rsa15"]
    (addressing,) = root.iterfind(f".//{WSAM}Addressing/{WSP}Policy")
    assert [one.tag for one in addressing] == [f"{WSAM}AnonymousResponses"]
    model = wsdl_model(path)
    (binding,) = model["bindings"].values()
    (endpoint,) = binding["policies"]
    included = [token[INCLUDE].rpartition("/")[2] for _, token in endpoint["tokens"]]
    assert included == ["AlwaysToRecipient", "AlwaysToInitiator"]
    for _, _, uses in binding["operations"].values():
        for kind, _, _, policies in uses:
            assert len(policies) == (0 if kind == "fault" else 1)
            for policy in policies:
                assert [name for name, _ in policy["headers"]] == sorted(names.ADDRESSING_HEADERS)
                assert (policy["body"], len(policy["timestamp"])) == (1, 1)
    assert model["mtom"] == (["true"] if service is names.AANLEVEREN else [])


@SERVICES
def test_in_line_with_names(service: names.Service) -> None:
    """Actions, operations, elements and faults of the WSDL are those by which the door judges requests."""
    model = wsdl_model(schemas() / "wus" / service.wsdl)
    assert model["targetNamespace"] == service.namespace
    (port_type,) = model["portTypes"].values()
    (binding,) = model["bindings"].values()
    assert set(port_type) == set(binding["operations"]) == set(service.operations)
    for name, operation in service.operations.items():
        asked, given, fault = port_type[name]
        elements = [model["messages"][names.local_name(one[2])][0][1] for one in (asked, given, fault)]
        fault_tag = f"{{{names.KOPPELVLAK}}}{service.fault_element}"
        assert elements == [operation.request_tag, operation.response_tag, fault_tag]
        assert (asked[3], given[3], fault[3]) == (None, operation.response_action, operation.fault_action)
        assert binding["operations"][name][:2] == (operation.action, "document")
        (name_of_port_type,) = model["portTypes"]
        assert operation.wcf_action == f"{service.namespace}{name_of_port_type}/{asked[1]}"
