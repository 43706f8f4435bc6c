"""Is a body valid by the XSD of the interface, and if not, which element is wrong and why?"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, cast

from lxml import etree

from digipoort_sim.errors import SpecificationRefusal
from digipoort_sim.resources import schemas
from digipoort_sim.wus.names import KOPPELVLAK

SCHEMA_FILE = "digipoort-koppelvlak-1.2.xsd"
_PREFIX = f"{{{KOPPELVLAK}}}"
_MAX_DETAIL = 500
_XS = "{http://www.w3.org/2001/XMLSchema}"
_ROL = f"{_XS}element[@name='aanleverRequest']//{_XS}element[@name='rolBelanghebbende']"


@functools.cache
def _schema(rol_optional: bool = False) -> etree.XMLSchema:
    return _read_schema(rol_optional)


def _read_schema(rol_optional: bool) -> etree.XMLSchema:
    document = etree.parse(schemas() / "wus" / SCHEMA_FILE)
    if rol_optional:
        for element in document.iterfind(_ROL):
            element.set("minOccurs", "0")
    return etree.XMLSchema(document)


def prepare() -> None:
    """Read the schema now, so that the first request does not wait for it."""
    _schema()


def check(body: etree._Element, *, rol_optional: bool = False) -> None:
    """Validate a body element; safe for several threads at once.

    Args:
        rol_optional: whether an aanleverRequest may lack rolBelanghebbende, as on the banks' platform.

    Raises:
        SpecificationRefusal: XSD, with the first element that is wrong and the reason.
    """
    # Each validation keeps its errors in the schema object; a copy of its own would cost more than
    # the whole validation, so a body that fails is validated once more, alone.
    if not _schema(rol_optional).validate(body):
        raise SpecificationRefusal(_reason(body, _read_schema(rol_optional)), rule="XSD")


def _reason(body: etree._Element, schema: etree.XMLSchema) -> str:
    schema.validate(body)
    error = next(iter(cast("Iterable[Any]", schema.error_log)), None)
    if error is None:
        return "The Body is not valid by the XSD of the interface."
    message = error.message.replace(_PREFIX, "")[:_MAX_DETAIL]
    return f"The Body is not valid by the XSD of the interface: {message} (line {error.line})."
