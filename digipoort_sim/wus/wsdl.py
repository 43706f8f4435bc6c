"""The WSDLs and the XSD, served with the address at which they were asked for."""

from __future__ import annotations

import functools
import re

from digipoort_sim.resources import schemas
from digipoort_sim.wus.names import Service
from digipoort_sim.wus.structure import SCHEMA_FILE

XSD_PATH = f"/cpl/{SCHEMA_FILE}"
"""The path to which the WSDLs' import points (fixed by the interface)."""

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z.-]{1,253})(:\d{1,5})?", re.ASCII)
_LOCATION = re.compile(rb'(<soap:address location=")[^"]*(")')


def wsdl(service: Service, path: str, host: str) -> bytes:
    """The WSDL of a service, with its endpoint at this host and path.

    Args:
        path: one of the service's own paths.
        host: the HTTP header Host; anything that is no host name with a port is not used.
    """
    text = _file(service.wsdl)
    if not _HOST.fullmatch(host):
        return text
    return _LOCATION.sub(rb"\g<1>" + f"https://{host}{path}".encode("ascii") + rb"\g<2>", text)


def xsd() -> bytes:
    """The XSD of the interface."""
    return _file(SCHEMA_FILE)


@functools.cache
def _file(name: str) -> bytes:
    return (schemas() / "wus" / name).read_bytes()
