"""basic-ftp."""

from __future__ import annotations

import pytest

from tests.stacks.file_contract import FileFacts, FileReport
from tests.stacks.file_office import FileOffice
from tests.stacks.office import need
from tests.stacks.test_node import FOLDER, install

pytestmark = pytest.mark.heavy
need("node", "npm")


@pytest.fixture(scope="module")
def report(file_office: FileOffice) -> FileReport:
    """What the node client saw."""
    install()
    return file_office.report("node", "node", FOLDER / "files.js")


class TestBasicFtp(FileFacts):
    """basic-ftp 6.2; it resumes by SIZE and APPE."""

    stack = "node"
