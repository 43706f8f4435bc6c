"""The service contract: spyne and the table of names say the same."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref

import pytest
from lxml import etree

from digipoort_sim.wus import contract, names
from digipoort_sim.wus.names import KOPPELVLAK, Operation


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


def test_the_door_is_loaded_when_asked_for_only() -> None:
    """Who needs the names or the signing of this room does not load spyne and uvicorn."""
    code = (
        "import sys, digipoort_sim.wus.names, digipoort_sim.wus.signing;"
        "sys.exit('spyne' in sys.modules or 'uvicorn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
