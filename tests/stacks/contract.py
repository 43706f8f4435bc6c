"""What every client stack must live through: facts about the report that its program prints.

A report has for ``sha1`` and ``sha256`` each:

* ``kenmerk``, ``stubKenmerk``: of a delivery on the pre-production path and on the stub's;
* ``covered``: the parts of the signed answer that the stack's own engine found signed, after it found the
  signature good and its signer trusted; ``statusCovered``: the same for the statusinformatieservice;
* ``algorithms``: ``signature`` and ``digests`` of that answer;
* ``tampered``: the engine's word on an answer with one attribute or one character changed;
* ``statuses``, ``new``, ``newAgain``: codes by getStatussenProces, and twice by getNieuweStatussenProces;
* ``fault``: ``foutcode`` and ``foutbeschrijving`` of an unknown berichtsoort, read from the typed detail;

and once: ``refused``, the error of a TLS connection with a revoked certificate; ``stock``, the fault on what
the library signs out of the box (where it signs anything of itself); ``mtom``, kenmerk, covered and the
request's contentType of a delivery by MTOM (where the stack can do that).
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import pytest

Report = dict[str, Any]

KENMERK = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ANSWER_PARTS = {"Timestamp", "To", "MessageID", "Action", "RelatesTo", "Body"}
ALGORITHMS = {
    "sha1": {
        "signature": "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "digests": ["http://www.w3.org/2000/09/xmldsig#sha1"],
    },
    "sha256": {
        "signature": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "digests": ["http://www.w3.org/2001/04/xmlenc#sha256"],
    },
}
both_algorithms = pytest.mark.parametrize("sha", ["sha1", "sha256"])


class StackFacts:
    """The facts; a stack's test class inherits them and brings the fixture ``report``."""

    tampered: ClassVar[str] = "."
    """Pattern of the engine's complaint about a tampered answer."""
    refused: ClassVar[str] = "(?i)revoked"
    """Pattern of the TLS library's complaint about our alert."""

    @both_algorithms
    def test_delivers_on_both_paths(self, report: Report, sha: str) -> None:
        """The stack delivers to pre-production and to the stub, and reads each kenmerk."""
        kenmerken = {report[sha]["kenmerk"], report[sha]["stubKenmerk"]}
        assert len(kenmerken) == 2
        assert all(KENMERK.fullmatch(kenmerk) for kenmerk in kenmerken)

    @both_algorithms
    def test_verifies_every_part_of_our_answers(self, report: Report, sha: str) -> None:
        """The stack's own engine finds the answer signed in all its parts, in the request's algorithms."""
        assert set(report[sha]["covered"]) == ANSWER_PARTS
        assert set(report[sha]["statusCovered"]) == ANSWER_PARTS
        assert report[sha]["algorithms"] == ALGORITHMS[sha]

    @both_algorithms
    def test_notices_an_answer_that_was_tampered_with(self, report: Report, sha: str) -> None:
        """The check of the answer can fail: the least change of a signed part is noticed."""
        assert re.search(self.tampered, report[sha]["tampered"]), report[sha]["tampered"]

    @both_algorithms
    def test_reads_statuses(self, report: Report, sha: str) -> None:
        """The stack reads all statuses of the process, then the same ones as new, then none any more."""
        statuses = report[sha]["statuses"]
        assert {"100", "400", "500"} <= set(statuses)
        assert report[sha]["new"] == statuses
        assert report[sha]["newAgain"] == []

    @both_algorithms
    def test_reads_the_typed_fault(self, report: Report, sha: str) -> None:
        """An unknown berichtsoort arrives as the WSDL's fault, with its foutcode."""
        assert report[sha]["fault"]["foutcode"] == "ALS120"
        assert "berichtsoort 'Onbestaand' is not known" in report[sha]["fault"]["foutbeschrijving"]

    def test_sees_the_alert_for_its_revoked_certificate(self, report: Report) -> None:
        """A client whose certificate is revoked gets to know so from its TLS library."""
        assert re.search(self.refused, report["refused"]), report["refused"]


class StockFacts:
    """The facts about what a library signs out of the box: too little, as Digipoort finds too."""

    def test_stock_signature_is_refused_by_name(self, report: Report) -> None:
        """The WS-Addressing headers that the library leaves unsigned are named in the refusal."""
        assert report["stock"]["foutcode"] == "ALS110"
        described = report["stock"]["foutbeschrijving"]
        assert "does not cover" in described
        for header in ("wsa:Action", "wsa:MessageID", "wsa:To"):
            assert header in described


class MtomFacts:
    """The facts about a delivery as MTOM, signed over the inlined content."""

    def test_delivers_by_mtom(self, report: Report) -> None:
        """The message of a multipart request is accepted, and its answer verified."""
        assert KENMERK.fullmatch(report["mtom"]["kenmerk"])
        assert report["mtom"]["contentType"].lower().startswith("multipart/related")
        assert set(report["mtom"]["covered"]) == ANSWER_PARTS
