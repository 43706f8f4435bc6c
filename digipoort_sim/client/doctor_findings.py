"""What the doctor looks at, and what was found: one finding for each check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CHECKS = {
    "certificate-file": "the certificate can be read",
    "key-file": "the private key can be read",
    "key-match": "the key is that of the certificate",
    "ca-file": "the CAs that vouch for the server can be read",
    "validity": "the certificate is valid now",
    "oin": "the subject has one OIN",
    "key-size": "the key is RSA and long enough",
    "signature": "the certificate is signed with RSA and SHA-2",
    "purpose": "the certificate is for TLS clients and signatures",
    "policy": "the certificate has the policy of PKIoverheid",
    "chain": "the chain is complete and in order",
    "revocation": "the certificate is not revoked",
    "tcp": "the host can be reached",
    "tls": "the host speaks TLS 1.2 or 1.3",
    "server-certificate": "the server's certificate is trusted and has its name",
    "client-certificate": "the server accepts the certificate",
    "path": "the service stands at this path",
    "clock": "both clocks agree",
    "call": "a signed call is answered",
    "answer": "the answer is signed by Digipoort",
}
"""Every check in its order, by its name."""

FILE_CHECKS = {"file-doors": "the file interfaces accept the certificate"}
"""Checks of a simulator that runs on this machine."""

TITLES = CHECKS | FILE_CHECKS
"""What all checks are about."""


class Outcome(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_REACHED = "not reached"


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        check: its name, a key of `TITLES`.
        found: a sentence.
        mend: what to do about it; empty when nothing is to be done.
        code: the outside world's word for it: a fault code, the name of a TLS alert, an HTTP status.
    """

    check: str
    outcome: Outcome
    found: str
    mend: str = ""
    code: str = ""


class Findings:
    """The findings so far; the first one of a check that failed stays."""

    def __init__(self) -> None:
        self._found: dict[str, Finding] = {}

    def ok(self, check: str, found: str) -> None:
        """All is well."""
        self._add(Finding(check, Outcome.OK, found))

    def warn(self, check: str, found: str, mend: str = "", code: str = "") -> None:
        """It may do, but a person should look at it."""
        self._add(Finding(check, Outcome.WARNING, found, mend, code))

    def fail(self, check: str, found: str, mend: str, code: str = "") -> None:
        """This is a fault."""
        self._add(Finding(check, Outcome.FAILED, found, mend, code))

    def skip(self, check: str, why: str) -> None:
        """It could not be looked at, and that is no fault."""
        self._add(Finding(check, Outcome.NOT_REACHED, why))

    def has(self, check: str) -> bool:
        """Whether a check has ended."""
        return check in self._found

    def is_good(self, *checks: str) -> bool:
        """Whether these checks have ended well, with or without a warning."""
        good = (Outcome.OK, Outcome.WARNING)
        return all(check in self._found and self._found[check].outcome in good for check in checks)

    def all(self) -> tuple[Finding, ...]:
        """One finding for every check; those that were not reached name the fault that stands before them."""
        why, complete = "there was nothing to look at", []
        for check in CHECKS:
            finding = self._found.get(check, Finding(check, Outcome.NOT_REACHED, why))
            if finding.outcome is Outcome.FAILED:
                why = f"mend first: {CHECKS[check]}"
            complete.append(finding)
        return (*complete, *(self._found[check] for check in FILE_CHECKS if check in self._found))

    def _add(self, finding: Finding) -> None:
        if finding.check not in TITLES:
            raise KeyError(finding.check)
        before = self._found.get(finding.check)
        if before is None or before.outcome is not Outcome.FAILED:
            self._found[finding.check] = finding
