"""The fixed names of WUS 2.0, koppelvlak 1.2: namespaces, algorithms, services and operations.

All of them come from the official WSDLs, except the paths of the hosts (published separately), the
second form of wsa:Action, which WCF derives from the portType, and the services for agencies.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import dataclass, field, replace

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://www.w3.org/2005/08/addressing"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"
KOPPELVLAK = "http://logius.nl/digipoort/koppelvlakservices/1.2/"
XOP = "http://www.w3.org/2004/08/xop/include"

ANONYMOUS = WSA + "/anonymous"
NONE = WSA + "/none"
SOAP_FAULT_ACTION = WSA + "/soap/fault"
NEXT_ACTOR = "http://schemas.xmlsoap.org/soap/actor/next"

EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA_SHA1 = DS + "rsa-sha1"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA1 = DS + "sha1"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
BASE64_BINARY = (
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
)
X509V3 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"

ADDRESSING_HEADERS = ("To", "From", "ReplyTo", "FaultTo", "MessageID", "RelatesTo", "Action")
_BASE = "http://logius.nl/digipoort/wus/2.0"
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Operation:
    """One operation of a service.

    Attributes:
        name: as in the WSDL, such as ``getStatussenProces``.
        service: the name of its service.
        request_tag: the body element of the request, as ``{namespace}name``.
        response_tag: the body element of the answer.
        action: wsa:Action and soapAction of the request, by the WSDL.
        wcf_action: the Action that WCF derives from the portType.
        response_action: wsa:Action of the answer.
        fault_action: wsa:Action of a fault.
    """

    name: str
    service: str
    request_tag: str
    response_tag: str
    action: str
    wcf_action: str
    response_action: str
    fault_action: str


@dataclass(frozen=True, eq=False)  # one object each, so that it can be a key
class Service:
    """One of the services.

    Attributes:
        name: the lower-case name that stands in its paths, such as ``aanleverservice``.
        namespace: the WSDL's target namespace.
        letters: the letters of its fault codes.
        fault_element: local name of its fault detail.
        paths: path per family: ``preproduction`` (as on the real hosts) and ``stub``, if it has that.
        operations: its operations by name.
        by_request_tag: its operations by the body element of the request.
        wsdl: file name of its WSDL.
    """

    name: str
    namespace: str
    letters: str
    fault_element: str
    paths: dict[str, str]
    operations: dict[str, Operation]
    wsdl: str
    by_request_tag: dict[str, Operation] = field(init=False)

    def __post_init__(self) -> None:
        by_tag = {operation.request_tag: operation for operation in self.operations.values()}
        object.__setattr__(self, "by_request_tag", by_tag)

    @property
    def only_operation(self) -> Operation | None:
        """The operation of a service that has just one; else None."""
        return next(iter(self.operations.values())) if len(self.operations) == 1 else None


def _operation(service: str, interface: str, name: str, element: str) -> Operation:
    base = f"{_BASE}/{service}/1.2/{interface}"
    return Operation(
        name=name,
        service=service,
        request_tag=f"{{{KOPPELVLAK}}}{element}Request",
        response_tag=f"{{{KOPPELVLAK}}}{element}Response",
        action=f"{base}/{name}Request",
        wcf_action=f"{base}_V1_2/{name}Request",
        response_action=f"{base}/{name}Response",
        fault_action=f"{base}/{name}/Fault/",
    )


def _service(
    name: str, interface: str, letters: str, fault: str, stub_path: str, operations: dict[str, str]
) -> Service:
    return Service(
        name=name,
        namespace=f"{_BASE}/{name}/1.2/",
        letters=letters,
        fault_element=fault,
        paths={"preproduction": f"/wus/2.0/{name}/1.2", "stub": stub_path},
        operations={op: _operation(name, interface, op, element) for op, element in operations.items()},
        wsdl=f"{name}-1.2.wsdl",
    )


def _for_agencies(
    name: str, interface: str, letters: str, fault: str, operation: str, element: str
) -> Service:
    """A service between Digipoort and an agency: its elements are known, its names are by analogy (s)."""
    service = _service(name, interface, letters, fault, "", {operation: element})
    return replace(service, paths={"preproduction": service.paths["preproduction"]})


def _same(*operations: str) -> dict[str, str]:
    return {name: name for name in operations}


AANLEVEREN = _service(
    "aanleverservice",
    "AanleverService",
    "ALS",
    "aanleverFault",
    "/cpl/aanleverservice/1.2",
    {"aanleveren": "aanlever"},
)
STATUSINFORMATIE = _service(
    "statusinformatieservice",
    "StatusinformatieService",
    "STS",
    "statusinformatieFault",
    "/cpl/statusinformatieservice/1.2",
    _same(
        "getBerichtsoorten",
        "getProcessen",
        "getStatussenProces",
        "getNieuweStatussenProces",
        "getNieuweStatussen",
    ),
)
OPHALEN = _service(
    "ophaalservice",
    "OphaalService",
    "OPS",
    "ophaalFault",
    "/cpl/ophaalservice/services/OphaalService_V1_2",
    _same(
        "getBerichten",
        "getNieuweBerichten",
        "getBerichtenLijst",
        "getNieuweBerichtenLijst",
        "getBerichtenKenmerk",
        "getNieuweBerichtenKenmerk",
    ),
)

AFLEVEREN = _for_agencies("afleverservice", "AfleverService", "AFS", "afleverFault", "afleveren", "aflever")
"""What an agency serves and Digipoort calls; by analogy (s)."""

ZETSTATUS = _for_agencies(
    "zetstatusservice", "ZetStatusService", "ZSS", "zetStatusFault", "zetStatus", "zetStatus"
)
"""What an agency calls to set a status; by analogy (s), also the letters of its fault codes."""

SERVICES = {service.name: service for service in (AANLEVEREN, STATUSINFORMATIE, OPHALEN)}
"""The three services for software suppliers, which the official WSDLs describe."""

OPERATIONS = {op.name: op for service in SERVICES.values() for op in service.operations.values()}
PATHS = {
    path: (service, family)
    for service in (*SERVICES.values(), ZETSTATUS)
    for family, path in service.paths.items()
}
"""Every path that is always served, with its service and family."""

BIV_PATHS = {
    "/biv-wus20v12/AanleverService": AANLEVEREN,
    "/biv-wus20v12/StatusinformatieService": STATUSINFORMATIE,
    "/biv-wus20v12/OphaalService": OPHALEN,
}
"""The paths of the banks' sister platform (seen in a client's request); served with the profile ``biv``."""


def served_paths(profiles: Collection[str]) -> dict[str, tuple[Service, str]]:
    """Every path that is served under these profiles, with its service and family."""
    biv = {path: (service, "biv") for path, service in BIV_PATHS.items()} if "biv" in profiles else {}
    return {**PATHS, **biv}


@functools.lru_cache(maxsize=16)
def paths_of(service: Service, profiles: tuple[str, ...]) -> tuple[str, ...]:
    """The paths of one service under these profiles, also of one that only agencies serve."""
    own = {path: None for path, (owner, _) in served_paths(profiles).items() if owner is service}
    return tuple({**dict.fromkeys(service.paths.values()), **own})


def operation_of(body_element_tag: str, service: Service) -> Operation | None:
    """The operation of a service that a body element (``{namespace}name``) asks for, or None."""
    return service.by_request_tag.get(body_element_tag)


def local_name(tag: str) -> str:
    """The name without its namespace, ``Body`` of ``{urn:x}Body``; of a very long one its beginning."""
    return tag.rpartition("}")[2][:_LONGEST_NAME]
