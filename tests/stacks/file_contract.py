"""What every FTP client must live through at the file door: facts about the report that it makes.

A report has for each interface (``ftp``: a temporary name, then renamed; ``ftp_gb``: the end of the transfer
counts; ``ftp_implicit``: as ``ftp``, under TLS from the first octet):

* ``part``: the size at the door after the client was killed in mid-upload;
* ``receipt``, ``status``: those files, as text, of what was resumed and completed afterwards;
* ``list``, ``names``, ``machine``: what LIST, NLST and MLSD said of ``/out``, as text;
* ``size`` of the receipt by SIZE, ``modified`` by MDTM; ``set``: MDTM of a file after MFMT;
* ``left``: the names in ``/out`` after the receipt was deleted;
* ``again``: what the client says when it uploads the same name again;

and once ``password`` and ``revoked``: what it says when the password is wrong, the certificate revoked.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import pytest

from tests.stacks.file_office import MOMENT, FileOffice

FileReport = dict[str, Any]
by_interface = pytest.mark.parametrize("interface", ["ftp", "ftp_gb", "ftp_implicit"])


class FileFacts:
    """The facts; a client's test class inherits them and brings `stack` and the fixture ``report``."""

    stack: ClassVar[str]
    refused: ClassVar[str] = "(?i)revoked"
    """Pattern of the TLS library's complaint about our alert."""

    @by_interface
    def test_resumes_what_was_cut_off(
        self, report: FileReport, file_office: FileOffice, interface: str
    ) -> None:
        """An upload that was killed is no delivery; resumed and completed, the receipt has its checksum."""
        one, whole = report[interface], file_office.content.read_bytes()
        assert 0 < one["part"] < len(whole)
        assert f"<ftp:sha256>{file_office.sha256}<" in one["receipt"]
        assert f"<ftp:grootte>{len(whole)}<" in one["receipt"]
        assert "<ftp:statuscode>500<" in one["status"]

    @by_interface
    def test_lists_what_came(self, report: FileReport, file_office: FileOffice, interface: str) -> None:
        """LIST, NLST and MLSD show the receipt; SIZE and MDTM tell its size and its time."""
        one, name = report[interface], f"{file_office.name(self.stack, interface)}.ontvangst.xml"
        for listing in ("list", "names", "machine"):
            assert name in one[listing], listing
        assert one["size"] == len(one["receipt"].encode())
        assert re.search("20[0-9]{2}", one["modified"])

    @by_interface
    def test_sets_times(self, report: FileReport, interface: str) -> None:
        """MFMT sets the time of a file in /in, and MDTM tells it."""
        assert MOMENT in re.sub(r"\D", "", report[interface]["set"])

    @by_interface
    def test_deletes(self, report: FileReport, file_office: FileOffice, interface: str) -> None:
        """A receipt that was deleted is gone, the status file next to it is not."""
        name = file_office.name(self.stack, interface)
        assert f"{name}.status.xml" in report[interface]["left"]
        assert f"{name}.ontvangst.xml" not in report[interface]["left"]

    @by_interface
    def test_is_told_that_a_name_was_used(self, report: FileReport, interface: str) -> None:
        """The same name a second time is refused with 553, and the client shows why."""
        told = report[interface]["again"]
        assert "553" in told, told
        assert "was delivered before" in told

    def test_is_told_of_a_wrong_password(self, report: FileReport) -> None:
        """A wrong password is 530, and the client shows it."""
        assert "530" in report["password"]

    def test_sees_the_alert_for_its_revoked_certificate(self, report: FileReport) -> None:
        """A client whose certificate is revoked gets to know so from its TLS library."""
        assert re.search(self.refused, report["revoked"]), report["revoked"]
