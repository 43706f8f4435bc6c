"""The API's own description (OpenAPI 3.1), made from the table of operations."""

from __future__ import annotations

import re
from typing import Any

import digipoort_sim
from digipoort_sim.web.api.accounts import ACCOUNT_SCHEMAS
from digipoort_sim.web.api.file_fault_table import FILE_FAULT_SCHEMAS
from digipoort_sim.web.api.foreign_table import FOREIGN_SCHEMAS
from digipoort_sim.web.api.service_message_table import SERVICE_MESSAGE_SCHEMAS
from digipoort_sim.web.file_profile_fields import FILE_PROFILE_SCHEMAS
from digipoort_sim.web.operations import Operation, Parameter
from digipoort_sim.web.taxonomy_fields import TAXONOMY_SCHEMA

Document = dict[str, Any]

_VARIABLE = re.compile(r"\{(\w+)\}")

_TEXT = ("string",)
_MAYBE = ("string", "null")
_NUMBER = ("integer",)
_MAYBE_NUMBER = ("integer", "null")
_OBJECT = ("object",)
_MAYBE_OBJECT = ("object", "null")

_MESSAGE = {
    "kenmerk": _TEXT,
    "berichtsoort": _TEXT,
    "aanleverkenmerk": _MAYBE,
    "identiteitBelanghebbende": _OBJECT,
    "statuscode": _TEXT,
    "via": _TEXT,
    "identiteitOntvanger": _OBJECT,
    "tijdstempelAangeleverd": _TEXT,
    "oin": _TEXT,
    "state": _TEXT,
    "stub": ("boolean",),
}
_MANDATE = {
    "id": _TEXT,
    "dienst": _TEXT,
    "code": _TEXT,
    "jaar": _MAYBE_NUMBER,
    "idVertegenwoordigde": _TEXT,
    "typeVertegenwoordigde": _TEXT,
    "idGemachtigde": _TEXT,
    "gemachtigdeOin": _TEXT,
    "toestand": _TEXT,
    "ontvangen": _TEXT,
    "reden": _MAYBE,
    "redenCode": _MAYBE,
    "herkomst": _MAYBE,
    "inBehandeling": _MAYBE,
    "brief": _MAYBE,
    "actiefSinds": _MAYBE,
    "geeindigd": _MAYBE,
    "onjuisteCodes": _NUMBER,
    "geblokkeerd": ("boolean",),
}
_Shape = dict[str, tuple[str, ...]]

_PROBLEM: _Shape = {"type": _TEXT, "title": _TEXT, "status": _NUMBER, "detail": _TEXT, "rule": _TEXT}
_ANSWER: _Shape = {
    "outcome": _TEXT,
    "statuscode": _TEXT,
    "code": _TEXT,
    "text": _TEXT,
    "textEn": _TEXT,
    "provenance": _TEXT,
    "detail": _TEXT,
    "mandate": _MAYBE,
    "registratie": _MAYBE_OBJECT,
}
_REASON = ("outcome", "statuscode", "code", "text", "textEn", "provenance")

_PERMIT = {
    "id": _TEXT,
    "representative": _TEXT,
    "kind": _TEXT,
    "state": _TEXT,
    "clients": ("array",),
    "yearEnd": _TEXT,
    "securitySet": _MAYBE,
    "putUp": _TEXT,
    "requested": _TEXT,
    "granted": _MAYBE,
    "ended": _MAYBE,
    "releaseFrom": _MAYBE,
    "released": _MAYBE,
}

_KINDS: dict[str, Document] = {
    "amount": {"type": ["string", "number"]},
    "array": {"type": "array", "items": {"type": ["object", "string"]}},
}
"""How kinds of parameters look that are none of JSON's own."""

_LETTER = {
    "id": _TEXT,
    "dienst": _TEXT,
    "idVertegenwoordigde": _TEXT,
    "idGemachtigde": _TEXT,
    "datum": _TEXT,
    "activatieToken": _MAYBE,
    "geldigTot": _MAYBE,
    "ingangsdatum": _MAYBE,
    "mandateId": _TEXT,
    "herkomst": _MAYBE,
    "naamVertegenwoordigde": _TEXT,
    "naamGemachtigde": _TEXT,
}

SCHEMAS: dict[str, _Shape] = {
    "Object": {},
    "Ready": {"ready": ("boolean",)},
    "Info": {
        "name": _TEXT,
        "simulator": ("boolean",),
        "version": _TEXT,
        "state": _TEXT,
        "clock": _OBJECT,
        "endpoints": _MAYBE_OBJECT,
    },
    "Setting": {"name": _TEXT, "value": (), "origin": _TEXT},
    "TaxonomyPackage": TAXONOMY_SCHEMA,
    "Message": _MESSAGE,
    "MessageWithStatuses": {
        **_MESSAGE,
        "refusal": _MAYBE_OBJECT,
        "statussen": ("array",),
        "inhoud": ("array",),
    },
    "Findings": {
        "kenmerk": _TEXT,
        "valid": ("boolean", "null"),
        "findings": ("array",),
        "not_checked": ("array",),
        "not_checked_texts": _OBJECT,
        "left_out": _NUMBER,
    },
    "Mandate": _MANDATE,
    "MandateWithHistory": {
        **_MANDATE,
        "meaning": _OBJECT,
        "expected": _MAYBE_OBJECT,
        "refusal": _MAYBE_OBJECT,
        "letter": _MAYBE,
        "historie": ("array",),
    },
    "Letter": _LETTER,
    "LetterWithState": {**_LETTER, "toestand": _TEXT},
    "LetterBox": {
        "idVertegenwoordigde": _TEXT,
        "typeVertegenwoordigde": _TEXT,
        "letters": _NUMBER,
        "laatste": _TEXT,
        "naam": _TEXT,
    },
    "Name": {"nummer": _TEXT, "naam": _TEXT, "adres": _OBJECT, "origin": _TEXT},
    **FOREIGN_SCHEMAS,
    "Outcome": _ANSWER,
    "Event": {
        "id": _NUMBER,
        "tijdstip": _TEXT,
        "security": _MAYBE,
        "kind": _TEXT,
        "detail": _TEXT,
        "door": _TEXT,
        "peer": _TEXT,
        "oin": _TEXT,
        "certificate": _TEXT,
        "rule": _TEXT,
        "code": _TEXT,
        "kenmerk": _TEXT,
        "octets": _MAYBE_NUMBER,
    },
    "Clock": {"now": _TEXT, "security": _TEXT},
    "Certificate": {
        "serial": _TEXT,
        "kind": _TEXT,
        "subject": _TEXT,
        "oin": _TEXT,
        "notBefore": _TEXT,
        "notAfter": _TEXT,
        "sha1": _TEXT,
        "sha256": _TEXT,
        "revokedAt": _MAYBE,
    },
    **ACCOUNT_SCHEMAS,
    "FiscalSecurity": {
        "kind": _TEXT,
        "category": _NUMBER,
        "base": _TEXT,
        "amount": _TEXT,
        "sum": ("array",),
    },
    "FiscalLiability": {
        "kind": _TEXT,
        "security": _TEXT,
        "due": _TEXT,
        "liable": _TEXT,
        "covered": _TEXT,
        "sum": ("array",),
    },
    "FiscalPermit": _PERMIT,
    "FiscalPermitWithHistory": {
        **_PERMIT,
        "securities": ("array",),
        "history": ("array",),
        "sum": ("array",),
    },
    **SERVICE_MESSAGE_SCHEMAS,
    **FILE_FAULT_SCHEMAS,
    **FILE_PROFILE_SCHEMAS,
    "Problem": _PROBLEM,
    "MandateProblem": {**_PROBLEM, **_ANSWER},
    "ForeignProblem": {**_PROBLEM, **{name: _ANSWER[name] for name in _REASON}},
}
"""The fields of each kind of document, with their JSON types; an empty tuple is anything."""


def describe(operations: tuple[Operation, ...]) -> Document:
    """The OpenAPI document of these operations."""
    paths: Document = {}
    for row in operations:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "digipoort-sim control API (SIMULATOR)",
            "version": digipoort_sim.__version__,
            "description": "Looks into a running simulator. A token is wanted where the web door is open "
            "to other machines.",
        },
        "paths": paths,
        "components": {
            "schemas": {name: _schema(fields) for name, fields in SCHEMAS.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _operation(row: Operation) -> Document:
    names = _VARIABLE.findall(row.path)
    variables = [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names]
    document: Document = {
        "summary": row.summary,
        "operationId": _operation_id(row),
        "parameters": [*variables, *(_parameter(p) for p in row.parameters())],
        "responses": {"2XX": _answer(row), **_refusals(row), "default": _problem("Problem")},
    }
    if row.upload:
        document["requestBody"] = {"content": {"application/octet-stream": {}}, "required": True}
    if row.body:
        document["requestBody"] = {"content": {"application/json": {"schema": _body(row.body)}}}
    return document


def _operation_id(row: Operation) -> str:
    words = re.findall(r"\w+", row.path.removeprefix("/api/v1/"))
    return "_".join([row.method.lower(), *words])


def _parameter(row: Parameter) -> Document:
    return {
        "name": row.name,
        "in": "query",
        "required": row.required,
        "description": row.description,
        "schema": _value(row),
    }


def _value(row: Parameter) -> Document:
    if row.choices:
        return {"type": row.kind, "enum": list(row.choices)}
    return dict(_KINDS.get(row.kind, {"type": row.kind}))


def _body(rows: tuple[Parameter, ...]) -> Document:
    return {
        "type": "object",
        "properties": {row.name: {**_value(row), "description": row.description} for row in rows},
        "required": [row.name for row in rows if row.required],
        "additionalProperties": False,
    }


def _answer(row: Operation) -> Document:
    if row.returns == "Nothing":
        return {"description": "good"}
    if "/" in row.returns:
        return {"description": "good", "content": {row.returns: {}}}
    schema: Document = {"$ref": f"#/components/schemas/{row.returns}"}
    if row.many:
        schema = {"type": "array", "items": schema}
    return {"description": "good", "content": {"application/json": {"schema": schema}}}


def _refusals(row: Operation) -> Document:
    """The refusals that are its own; those that every operation can give are the default."""
    statuses = {
        "400": "Problem" if row.body or row.upload or row.parameters() else "",
        "404": "Problem" if _VARIABLE.search(row.path) or row.pages else "",
        "409": row.conflict,
        "413": "Problem" if row.body or row.upload else "",
    }
    return {status: _problem(name) for status, name in statuses.items() if name}


def _problem(name: str) -> Document:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {
        "description": "a problem document",
        "content": {"application/problem+json": {"schema": schema}},
    }


def _schema(fields: dict[str, tuple[str, ...]]) -> Document:
    properties = {name: ({"type": list(types)} if types else {}) for name, types in fields.items()}
    return {"type": "object", "properties": properties}
