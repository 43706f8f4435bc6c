"""The single steps of the door's own judging, under one roof, so that explain says what the door says.

They are private to the modules that they come from, because nobody else may take a step without the
others; an explanation takes each by itself, and lets `judging.Judge` have the last word.
"""

from __future__ import annotations

from lxml import etree

from digipoort_sim.wus import addressing, envelope, verification
from digipoort_sim.wus.addressing import AddressingOptions
from digipoort_sim.wus.judging import Judge, Request
from digipoort_sim.wus.names import Operation

times_of = envelope._times
address_of = envelope._address
prefixes_of = verification._exclusive_prefixes
MAX_REFERENCES = verification._MAX_REFERENCES
MAX_PER_ELEMENT = verification._MAX_PER_ELEMENT
check_action = addressing._check_action
check_to = addressing._check_to
check_endpoints = addressing._check_endpoints
check_soap_action = addressing._check_soap_action


def options_of(judge: Judge, request: Request) -> AddressingOptions:
    """How strictly the door compares the addresses of a request."""
    return judge._addressing(request)


def check_content(judge: Judge, operation: Operation, body: etree._Element, request: Request) -> None:
    """The sizes, the XSD and the values of a body; see `Judge.judge` for what it raises."""
    judge._content(operation, body, request)
