"""The SOAP fault, in the very form that was recorded from the Aansluit Suite; it is not signed."""

from __future__ import annotations

from digipoort_sim.wus.canonical import escape, on_the_wire
from digipoort_sim.wus.names import (
    ANONYMOUS,
    KOPPELVLAK,
    SOAP,
    SOAP_FAULT_ACTION,
    WSA,
    Operation,
    Service,
)
from digipoort_sim.xml_names import NOT_XML

_SPECIFICATION = "100"
_KNOWN_EVERYWHERE = frozenset({_SPECIFICATION, "110", "400"})
_ALS_ONLY_OF = "ALS"
_KNOWN_TOO = frozenset({"OPS130", "ZSS130"})

_FAULT = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns:wsa="{WSA}"><soapenv:Header>'
    f"<wsa:To>{ANONYMOUS}</wsa:To><wsa:MessageID>%s</wsa:MessageID><wsa:Action>%s</wsa:Action>%s"
    "</soapenv:Header><soapenv:Body><soapenv:Fault><faultcode>soapenv:%s</faultcode>"
    "<faultstring>Algemene fout</faultstring><faultactor>Verantwoordingsplichtige</faultactor>"
    f'<detail><fault:%s xmlns:fault="{KOPPELVLAK}"><fault:foutcode>%s</fault:foutcode>'
    "<fault:foutbeschrijving>%s</fault:foutbeschrijving></fault:%s></detail></soapenv:Fault>"
    "</soapenv:Body></soapenv:Envelope>"
)


def fault_code(service: Service, number: str) -> str:
    """The fault code of a refusal at a service: ``ALS160``, but ``STS100`` where ALS160 has no peer.

    Only 100, 110 and 400 exist for each service; the others exist for aanleveren, and 130 for ophalen and
    zetStatus.
    """
    code = service.letters + number
    known = service.letters == _ALS_ONLY_OF or number in _KNOWN_EVERYWHERE or code in _KNOWN_TOO
    return code if known else service.letters + _SPECIFICATION


def build(
    service: Service,
    operation: Operation | None,
    number: str,
    beschrijving: str,
    relates_to: str | None,
    message_id: str,
    server_side: bool = False,
) -> bytes:
    """Write a fault.

    Args:
        service: the service that was called.
        operation: the operation that was called; None if that is not known. A service with only one
            operation is taken at its word; else the Action is WS-Addressing's own for faults (s).
        number: the number behind the letters of the fault code, such as ``100``.
        beschrijving: the text of foutbeschrijving; characters that XML does not allow are replaced.
        relates_to: the MessageID of the request; None if it could not be read.
        message_id: the MessageID of the fault (on aanleveren that of the request: recorded).
        server_side: a technical fault, with faultcode ``soapenv:Server`` (inferred).

    Returns:
        The envelope in UTF-8, with an XML declaration.
    """
    known = operation or service.only_operation
    text = _FAULT % (
        _clean(message_id),
        known.fault_action if known else SOAP_FAULT_ACTION,
        f"<wsa:RelatesTo>{_clean(relates_to)}</wsa:RelatesTo>" if relates_to is not None else "",
        "Server" if server_side else "Client",
        service.fault_element,
        fault_code(service, number),
        _clean(beschrijving),
        service.fault_element,
    )
    return on_the_wire(text.encode("utf-8"))


def _clean(text: str) -> str:
    return escape(NOT_XML.sub("\ufffd", text))
