"""Python's ftplib, with the override that resumes TLS sessions."""

from __future__ import annotations

import sys

import pytest

from tests.stacks.file_contract import FileFacts, FileReport
from tests.stacks.file_office import FileOffice
from tests.stacks.office import STACKS

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def report(file_office: FileOffice) -> FileReport:
    """What the ftplib client saw."""
    return file_office.report("ftplib", sys.executable, STACKS / "ftplib" / "client.py")


class TestFtplib(FileFacts):
    """ftplib of the Python that runs this."""

    stack = "ftplib"
