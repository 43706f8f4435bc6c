"""Apache commons-net, from Debian's package."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stacks.file_contract import FileFacts, FileReport
from tests.stacks.file_office import FileOffice
from tests.stacks.office import STACKS, need, need_files
from tests.stacks.test_java import QUICK, ran

JAR = Path("/usr/share/java/commons-net.jar")

pytestmark = pytest.mark.heavy
need("java", "javac")
need_files(JAR)


@pytest.fixture(scope="module")
def report(file_office: FileOffice, tmp_path_factory: pytest.TempPathFactory) -> FileReport:
    """What the Java client saw."""
    classes = tmp_path_factory.mktemp("commons-net")
    ran("javac", "-nowarn", "-d", classes, "-cp", JAR, STACKS / "commons_net" / "FilesClient.java")
    return file_office.report("java", "java", *QUICK, "-cp", f"{classes}:{JAR}", "FilesClient")


class TestCommonsNet(FileFacts):
    """FTPSClient of commons-net 3.9; it resumes by SIZE, REST and STOR."""

    stack = "java"
