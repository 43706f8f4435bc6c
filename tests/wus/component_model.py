"""What a WSDL or an XSD says, without how it is written: names, types, facets, bindings, policies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xmlschema
from lxml import etree

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
XS = "{http://www.w3.org/2001/XMLSchema}"
ACTION = "{http://www.w3.org/2006/05/addressing/wsdl}Action"
SP = "{http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702}"
WSP = "{http://schemas.xmlsoap.org/ws/2004/09/policy}"
WSU_ID = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}Id"
MTOM = "{http://schemas.xmlsoap.org/ws/2004/09/policy/optimizedmimeserialization}OptimizedMimeSerialization"

Model = dict[str, Any]


def wsdl_model(path: Path) -> Model:
    """Everything that a client makes of a WSDL; where its service stands is left out."""
    root = etree.parse(path).getroot()
    return {
        "targetNamespace": root.get("targetNamespace"),
        "imports": [dict(one.attrib) for one in root.iter(XS + "import")],
        "messages": {one.get("name"): _parts(one) for one in root.iterfind(WSDL + "message")},
        "portTypes": {one.get("name"): _port_type(one) for one in root.iterfind(WSDL + "portType")},
        "bindings": {one.get("name"): _binding(one) for one in root.iterfind(WSDL + "binding")},
        "services": {one.get("name"): _ports(one) for one in root.iterfind(WSDL + "service")},
        "mtom": [one.get(WSP + "Optional") for one in root.iter(MTOM)],
    }


def _qname(element: etree._Element, attribute: str) -> str:
    prefix, _, local = (element.get(attribute) or "").rpartition(":")
    return f"{{{element.nsmap[prefix or None]}}}{local}"


def _parts(message: etree._Element) -> list[tuple[str | None, str]]:
    return [(part.get("name"), _qname(part, "element")) for part in message]


def _port_type(port_type: etree._Element) -> Model:
    return {
        operation.get("name"): [
            (etree.QName(one).localname, one.get("name"), _qname(one, "message"), one.get(ACTION))
            for one in operation
        ]
        for operation in port_type.iterfind(WSDL + "operation")
    }


def _binding(binding: etree._Element) -> Model:
    (soap,) = binding.iterfind(SOAP + "binding")
    return {
        "type": _qname(binding, "type"),
        "transport": soap.get("transport"),
        "style": soap.get("style", "document"),
        "policies": policies_of(binding),
        "operations": {
            one.get("name"): (one[0].get("soapAction"), one[0].get("style", "document"), _uses(one))
            for one in binding.iterfind(WSDL + "operation")
        },
    }


def _uses(operation: etree._Element) -> list[tuple[Any, ...]]:
    """Per message of an operation: its kind and name, how its body or fault is bound, its policies."""
    return [
        (
            etree.QName(message).localname,
            message.get("name"),
            [(one.tag, one.get("name"), one.get("use")) for one in message if one.tag.startswith(SOAP)],
            policies_of(message),
        )
        for message in operation
        if message.tag != SOAP + "operation"
    ]


def _ports(service: etree._Element) -> list[tuple[str | None, str]]:
    return [(port.get("name"), _qname(port, "binding")) for port in service]


def policies_of(element: etree._Element) -> list[Model]:
    """What the policies demand to which an element refers: signed parts, tokens, other assertions."""
    root = element.getroottree().getroot()
    ids = [(one.get("URI") or "")[1:] for one in element.iterfind(WSP + "PolicyReference")]
    return [_policy(one) for id_ in ids for one in root.iterfind(WSP + "Policy") if one.get(WSU_ID) == id_]


def _policy(policy: etree._Element) -> Model:
    return {
        "headers": sorted((one.get("Name"), one.get("Namespace")) for one in policy.iter(SP + "Header")),
        "body": len(list(policy.iter(SP + "Body"))),
        "tokens": [
            (one.getparent().getparent().tag, dict(one.attrib)) for one in policy.iter(SP + "X509Token")
        ],
        "timestamp": [
            one.text for one in policy.iter(SP + "XPath") if "soap-envelope" not in (one.text or "")
        ],
        "assertions": sorted(
            etree.QName(one).localname for one in policy.iterfind(f".//{SP}AsymmetricBinding/{WSP}Policy/*")
        ),
    }


def xsd_model(path: Path) -> Model:
    """Every global element and type of an XSD, with all that lies in it."""
    schema = xmlschema.XMLSchema(str(path))
    return {
        "targetNamespace": schema.target_namespace,
        "elementFormDefault": schema.element_form_default,
        "elements": {name: _element(one) for name, one in schema.elements.items()},
        "types": {name: _type(one) for name, one in schema.types.items()},
    }


def _element(element: Any) -> tuple[Any, ...]:
    return (
        element.name,
        element.min_occurs,
        element.max_occurs,
        element.nillable,
        element.default,
        element.fixed,
        element.type.name if element.type.name is not None else _type(element.type),
    )


def _type(type_: Any) -> Model:
    if type_.is_simple():
        base = type_.base_type
        return {
            "base": base.name if base is not None else None,
            "facets": {name: getattr(facet, "value", None) for name, facet in _facets(type_)},
        }
    return {
        "kind": type_.content.model,
        "occurs": (type_.content.min_occurs, type_.content.max_occurs),
        "particles": [_element(one) for one in type_.content],
        "attributes": sorted(str(name) for name in type_.attributes),
    }


def _facets(type_: Any) -> list[tuple[str, Any]]:
    return sorted(
        (etree.QName(name).localname, facet) for name, facet in type_.facets.items() if isinstance(name, str)
    )
