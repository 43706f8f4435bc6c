"""What is good and bad about a client certificate, without asking anybody."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from digipoort_sim.client.doctor_files import Material
from digipoort_sim.client.doctor_findings import Findings
from digipoort_sim.clock import wire_time
from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.pki import crl
from digipoort_sim.pki.certificate import serial_text
from digipoort_sim.pki.chain import key_objection
from digipoort_sim.pki.facts import Facts, read_facts
from digipoort_sim.pki.folder import PkiPaths
from digipoort_sim.pki.ledger import Revocations
from digipoort_sim.pki.oin import Oin

_POLICY = "2.16.528.1.1003.1.2.8.6"
_SOON = timedelta(days=30)
_ISSUE = "digipoort-sim certs issue --kvk N --out DIR makes a good one; for the real Digipoort ask your CA"


def check_certificate(material: Material, state: Path | None, now: datetime, findings: Findings) -> None:
    """Judge the certificate and its chain.

    Args:
        state: state directory of a simulator, for its CRL; None for none.
        now: real time.
    """
    if not material.certificates:
        return
    try:
        leaf = read_facts(material.certificates[0])
    except AuthenticationRefusal as refusal:
        findings.fail(
            "certificate-file", refusal.detail, "export or issue the certificate anew", refusal.rule
        )
        return
    _check_validity(leaf, now, findings)
    _check_oin(leaf, findings)
    _check_key_size(leaf, findings)
    _check_signature(leaf, findings)
    _check_purpose(leaf, findings)
    _check_policy(leaf, findings)
    _check_chain(leaf, material, now, findings)
    _check_revocation(leaf, state, findings)


def _check_validity(leaf: Facts, now: datetime, findings: Findings) -> None:
    start, end = wire_time(leaf.not_before), wire_time(leaf.not_after)
    if now > leaf.not_after:
        findings.fail(
            "validity",
            f"it was valid until {end}; by this machine's clock it is {wire_time(now)}",
            f"get a new one, or set the clock right; {_ISSUE}",
            "CERT-EXPIRED",
        )
    elif now < leaf.not_before:
        findings.fail(
            "validity",
            f"it is valid from {start}; by this machine's clock it is {wire_time(now)}",
            "set the clock of this machine right, or wait",
            "CERT-NOT-YET-VALID",
        )
    elif leaf.not_after - now < _SOON:
        days = (leaf.not_after - now).days
        findings.warn(
            "validity", f"it is valid until {end}, {days} days from now", "request its successor now"
        )
    else:
        findings.ok("validity", f"it is valid from {start} to {end}")


def _check_oin(leaf: Facts, findings: Findings) -> None:
    if not leaf.serial_numbers:
        findings.fail("oin", "the subject has no serialNumber", _ISSUE, "OIN-MISSING")
    elif len(leaf.serial_numbers) > 1:
        numbers = ", ".join(leaf.serial_numbers)
        findings.fail(
            "oin", f"the subject has more than one serialNumber: {numbers}", _ISSUE, "OIN-AMBIGUOUS"
        )
    else:
        try:
            oin = Oin.parse(leaf.serial_numbers[0])
        except AuthenticationRefusal as refusal:
            findings.fail("oin", refusal.detail, _ISSUE, refusal.rule)
            return
        findings.ok("oin", f"{oin.value} ({oin.kind} {oin.main})")


def _check_key_size(leaf: Facts, findings: Findings) -> None:
    objection = key_objection(leaf)
    if objection or leaf.public_key is None:
        findings.fail(
            "key-size", f"the certificate {objection}", f"make an RSA key; {_ISSUE}", "CERT-WEAK-KEY"
        )
    else:
        findings.ok("key-size", f"RSA, {leaf.public_key.key_size} bits")


def _check_signature(leaf: Facts, findings: Findings) -> None:
    name = leaf.certificate.signature_algorithm_oid._name
    if leaf.good_signature_algorithm():
        findings.ok("signature", name)
    else:
        findings.fail(
            "signature",
            f"it is signed with {name}; accepted is RSA (PKCS#1 v1.5) with SHA-256, -384 or -512",
            _ISSUE,
            "CERT-ALGORITHM",
        )


def _check_purpose(leaf: Facts, findings: Findings) -> None:
    if leaf.is_ca:
        findings.fail("purpose", "it is one of a CA (CA:TRUE)", "give the end certificate", "CERT-IS-A-CA")
    elif not leaf.signs:
        findings.fail("purpose", "its keyUsage lacks digitalSignature", _ISSUE, "CERT-KEY-USAGE")
    elif not leaf.for_clients:
        findings.fail("purpose", "its extendedKeyUsage lacks clientAuth", _ISSUE, "CERT-PURPOSE")
    elif leaf.unknown_critical:
        unknown = ", ".join(leaf.unknown_critical)
        findings.fail("purpose", f"it has critical extensions {unknown}", _ISSUE, "CERT-CRITICAL")
    else:
        findings.ok("purpose", "an end certificate with digitalSignature and clientAuth")


def _check_policy(leaf: Facts, findings: Findings) -> None:
    try:
        policies = leaf.certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
        oids = [one.policy_identifier.dotted_string for one in policies]
    except x509.ExtensionNotFound:
        oids = []
    if _POLICY in oids:
        findings.ok("policy", _POLICY)
        return
    findings.warn(
        "policy",
        f"it has {', '.join(oids) or 'no policies'}, not {_POLICY} (PKIoverheid private services, server)",
        "the simulator accepts it; for the real Digipoort it must come from a PKIoverheid CA",
    )


def _check_chain(leaf: Facts, material: Material, now: datetime, findings: Findings) -> None:
    try:
        above = [read_facts(one) for one in material.certificates[1:]]
    except AuthenticationRefusal as refusal:
        findings.fail("chain", refusal.detail, "export the chain anew", refusal.rule)
        return
    known = readable(material.cas)
    if not leaf.good_signature_algorithm():
        findings.skip("chain", "its signature cannot be followed upward")
        return
    path, left = [leaf], list(above)
    while (issuer := _issuer_of(path[-1], left)) is not None:
        path.append(issuer)
        left.remove(issuer)
    namesake = next((one for one in (*left, *known) if _is_namesake_of_issuer(one, path[-1])), None)
    if namesake is not None:
        findings.fail(
            "chain",
            f"{namesake.subject!r} has the name of its issuer, but did not sign {path[-1].subject!r}",
            f"another CA of that name made it, such as that of another state directory; {_ISSUE}",
            "CERT-LOOKALIKE",
        )
        return
    late = next((one for one in path[1:] if not one.not_before <= now <= one.not_after), None)
    if late is not None:
        findings.fail(
            "chain", f"the CA {late.subject!r} is not valid now", "get the present one from your CA"
        )
    elif left:
        findings.warn(
            "chain",
            f"{left[0].subject!r} does not belong to the chain of this certificate",
            "leave it out: a chain is the certificate, then each time the CA that issued the one before",
        )
    elif path[1:] != above:
        findings.warn(
            "chain",
            "the chain is complete, but not in order",
            "put the certificate first, then each time the CA that issued the one before",
        )
    else:
        _check_top(path, known, findings)


def readable(cas: Iterable[x509.Certificate]) -> list[Facts]:
    """The CAs that can be read; bundles of systems hold some that are crooked."""
    found = []
    for ca in cas:
        with contextlib.suppress(AuthenticationRefusal):
            found.append(read_facts(ca))
    return found


def _check_top(path: list[Facts], known: list[Facts], findings: Findings) -> None:
    """Whether the last certificate of the chain is a root, or was issued by one that is at hand."""
    top = path[-1]
    names = " < ".join(one.organisation or one.subject for one in path)
    issuer = top if top.is_self_issued and len(path) > 1 else _issuer_of(top, known)
    if len(path) == 1:
        if top.is_self_issued:
            mend = f"nobody trusts it but you; {_ISSUE}"
            findings.fail("chain", "the certificate signed itself", mend, "CERT-UNKNOWN-ISSUER")
            return
        findings.warn(
            "chain",
            f"no CA certificate comes with it; its issuer is {_issuer_name(top)}",
            "put the CAs between it and the root behind it in its file: a server need not have them",
        )
    elif issuer is not None:
        findings.ok("chain", f"{len(path)} certificates, complete and in order: {names}")
    else:
        findings.warn(
            "chain",
            f"its chain ends at {top.subject!r}, issued by {_issuer_name(top)}, which is "
            "neither behind it nor in --ca",
            "all is well if that is the root, or if the server has other CAs than yours; else complete it",
        )


def _issuer_of(child: Facts, candidates: list[Facts]) -> Facts | None:
    return next(
        (one for one in candidates if one.name == child.issuer and one != child and child.is_signed_by(one)),
        None,
    )


def _is_namesake_of_issuer(candidate: Facts, child: Facts) -> bool:
    if child.is_self_issued or candidate.name != child.issuer:
        return False
    return not child.is_signed_by(candidate)


def _issuer_name(facts: Facts) -> str:
    from digipoort_sim.pki.facts import shown_name

    return repr(shown_name(facts.issuer))


def _check_revocation(leaf: Facts, state: Path | None, findings: Findings) -> None:
    """Ask the CRL and the ledger of a simulator on this machine; nothing is ever fetched."""
    paths = PkiPaths(state / "pki") if state is not None else None
    mine = None
    if paths is not None:
        lists = crl.load(paths.crl_file)
        mine = next((one for one in lists if one.issuer == leaf.issuer), None)
    if paths is None or mine is None:
        findings.skip("revocation", "there is no CRL of its issuer on this machine, and none is fetched")
        return
    entry = mine.get_revoked_certificate_by_serial_number(leaf.serial)
    if entry is not None or Revocations(paths.revoked).is_revoked(leaf.serial):
        findings.fail(
            "revocation", f"serial number {serial_text(leaf.serial)} is revoked", _ISSUE, "CERT-REVOKED"
        )
    else:
        findings.ok("revocation", f"it is not in the CRL in {paths.folder}")
