"""What is told of the certificates that somebody showed, whatever they are."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from digipoort_sim.clock import RealClock
from digipoort_sim.pki import Authority
from digipoort_sim.pki.bad import make_bad
from digipoort_sim.pki.facts import shown_name
from digipoort_sim.pki.offered import certificates_in, claimed_oin, describe, pem
from digipoort_sim.pki.oin import Oin
from digipoort_sim.pki.tls_words import FailedHandshake, by_words, explain

NOW = RealClock().now()


@given(st.binary(max_size=300), st.booleans(), st.integers(0, 100))
def test_any_octets_can_be_told(message: bytes, is_tls13: bool, code: int) -> None:
    """Whatever a client sends as its certificates, telling of it does not fail and stays small."""
    chain = certificates_in(message, is_tls13=is_tls13)
    assert len(chain) <= 10
    failed = FailedHandshake("words {of} OpenSSL", code, "alert", (*chain, message))
    assert len(explain(failed, ["{trusted}"], NOW)) < 10_000
    assert len(claimed_oin((message,))) <= 40
    assert b"BEGIN" in pem((message,))


def test_a_message_with_a_thousand_certificates(authority: Authority) -> None:
    """Of a flood of certificates the first ten are told, of each at most so much."""
    der = authority.issue_client(Oin.from_test("000000001"), "A thousand").der
    one = len(der).to_bytes(3) + der
    message = bytes(4) + (1000 * len(one)).to_bytes(3) + one * 1000
    chain = certificates_in(message, is_tls13=False)
    assert chain == (der,) * 10
    assert len(describe(chain)) < 20_000
    large = bytes(30_000)
    assert pem([large] * 10).count(b"BEGIN") == 1


@pytest.mark.parametrize(
    ("kind", "code", "says"),
    [
        ("unknown-root", 20, "no trusted CA is the issuer 'CN=TRIAL Other SIMULATOR Private Root CA"),
        ("same-names", 20, "there is one of that name, with another key"),
        ("expired", 10, "was valid until"),
        ("not-yet-valid", 9, "is valid from"),
        ("weak-key", 66, "2048 bits"),
        ("revoked", 23, "is revoked"),
        ("sha1", 68, "SHA-1"),
        ("server-only", 26, "clientAuth"),
    ],
)
def test_the_reason_names_what_is_wrong(authority: Authority, kind: str, code: int, says: str) -> None:
    """The first line says why, a line what to do, and each certificate and trusted CA has its own."""
    bad = make_bad(authority, kind)
    chain = (bad.der, *(one.public_bytes(Encoding.DER) for one in bad.chain))
    trusted = [shown_name(one.subject) for one in authority.ca_certificates]
    lines = explain(FailedHandshake("words", code, "an_alert", chain), trusted, NOW).split("\n")
    assert lines[0].startswith("the client certificate is refused: ")
    assert says in lines[0]
    assert lines[1].startswith("What to do: ")
    assert lines[2] == "TLS alert sent: an_alert. OpenSSL: words."
    assert [line[:2] for line in lines[4 : 4 + len(chain)]] == ["1.", "2.", "3."]
    assert lines[-3:] == [f"- {name}" for name in trusted]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("http request", "plain HTTP"),
        ("wrong version number", "no TLS"),
        ("unsupported protocol", "older than 1.2"),
        ("no shared cipher", "no cipher in common"),
        ("tlsv1 alert unknown ca", "does not trust the server's certificate"),
        ("peer did not return a certificate", "showed no certificate"),
        ("something new", "something new"),
    ],
)
def test_other_reasons(words: str, says: str) -> None:
    """Failures that are not about the client's certificate are told in words as well."""
    assert says in by_words(words).why
