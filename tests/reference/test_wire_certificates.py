"""The certificates of requests that were captured from real client stacks."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from digipoort_sim.clock import parse_time
from digipoort_sim.pki import Trust

WIRE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "wire"
pytestmark = pytest.mark.skipif(not WIRE.is_dir(), reason="the wire samples are not beside this checkout")


def test_the_samples_certificates_are_good_to_their_own_ca() -> None:
    """With another CA as trust, each signer is judged good at the time of its request."""
    trust = Trust.from_pem(WIRE / "ca.pem")
    for sample in sorted(WIRE.glob("*.http")):
        request = sample.read_bytes()
        token = re.search(rb"BinarySecurityToken[^>]*>([^<]+)<", request)
        created = re.search(rb"Created>([^<]+)<", request)
        assert token is not None
        assert created is not None
        at = parse_time(created[1].decode())
        verified = trust.verify(base64.b64decode(token[1]), at=at)
        assert (verified.oin.kind, verified.oin.core) == ("KvK", "12345678"), sample.name
