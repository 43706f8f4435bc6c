"""Requests captured from real client stacks through the whole door, at the clock of their Timestamp."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.clock import Clocks, FixedClock, parse_time
from digipoort_sim.config import Settings
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.pki import Trust
from digipoort_sim.server.inner import open_inner
from digipoort_sim.wus import envelope, rawhttp
from digipoort_sim.wus.app import WusApp
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.http_connection import PEER_CERTIFICATE
from digipoort_sim.wus.signing import Signer
from digipoort_sim.wus.verification import verify

WIRE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "wire"
pytestmark = pytest.mark.skipif(not WIRE.is_dir(), reason="the wire samples are not beside this checkout")


@pytest.fixture(scope="module")
def inner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    """All rooms, with the samples' CA as the one that is trusted."""
    opened = open_inner(Settings(state=tmp_path_factory.mktemp("state")))
    yield replace(opened, trust=Trust.from_pem(WIRE / "ca.pem"))
    opened.close()


async def answer_to(inner: Rooms, raw: bytes) -> tuple[int, bytes]:
    """What the door answers to a captured request, at the time of its own Timestamp."""
    request = rawhttp.read(raw)
    created = re.search(rb"Created>([^<]+)<", raw)
    token = re.search(rb"BinarySecurityToken[^>]*>([^<]+)<", request.body)
    assert created is not None
    assert token is not None
    clock = FixedClock(parse_time(created[1].decode()))
    identity = inner.authority.service_identity()
    app = WusApp(
        replace(inner, clocks=Clocks(inner.clocks.simulator, clock)),
        Signer(identity.key, identity.certificate),
    )
    scope = {
        "path": request.path,
        "method": request.method,
        "query_string": request.target.partition("?")[2].encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in request.headers],
        "client": ("127.0.0.1", 50000),
        PEER_CERTIFICATE: base64.b64decode(token[1]),
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


@pytest.mark.parametrize(
    "sample", sorted(path.stem for path in WIRE.glob("*.http") if "stock" not in path.stem)
)
async def test_real_clients_are_served(inner: Rooms, sample: str) -> None:
    """Each captured request of a client that signs all it must gets a good, signed answer."""
    status, body = await answer_to(inner, (WIRE / f"{sample}.http").read_bytes())
    assert status == 200, body
    assert verify(envelope.read(parse(body))).certificate_der


@pytest.mark.parametrize("sample", sorted(path.stem for path in WIRE.glob("*stock*.http")))
async def test_stock_clients_get_a_fault(inner: Rooms, sample: str) -> None:
    """A captured request without signed WS-Addressing headers gets ALS110, which names them."""
    status, body = await answer_to(inner, (WIRE / f"{sample}.http").read_bytes())
    assert status == 500
    assert b"ALS110" in body
    assert b"does not cover wsa:Action" in body
