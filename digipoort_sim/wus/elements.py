"""The elements of an envelope by their full names, for all who read one."""

from __future__ import annotations

from digipoort_sim.wus.names import ADDRESSING_HEADERS, DS, SOAP, WSA, WSSE, WSU

ENVELOPE = f"{{{SOAP}}}Envelope"
HEADER = f"{{{SOAP}}}Header"
BODY = f"{{{SOAP}}}Body"
ACTOR = f"{{{SOAP}}}actor"
SECURITY = f"{{{WSSE}}}Security"
TIMESTAMP = f"{{{WSU}}}Timestamp"
TOKEN = f"{{{WSSE}}}BinarySecurityToken"
SIGNATURE = f"{{{DS}}}Signature"
CREATED = f"{{{WSU}}}Created"
EXPIRES = f"{{{WSU}}}Expires"
ADDRESS = f"{{{WSA}}}Address"
ADDRESSING = {f"{{{WSA}}}{name}": name for name in ADDRESSING_HEADERS}
"""From the full name of a WS-Addressing header to its own."""
