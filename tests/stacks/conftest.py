"""One running simulator for all stacks of a worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stacks.file_office import FileOffice, open_file_office
from tests.stacks.office import Office, open_office


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The running simulator."""
    with open_office(tmp_path_factory.mktemp("office") / "state") as opened:
        yield opened


@pytest.fixture(scope="session")
def file_office(office: Office, tmp_path_factory: pytest.TempPathFactory) -> FileOffice:
    """Its file doors, and an account."""
    return open_file_office(office, tmp_path_factory.mktemp("files"))
