"""Arelle's NL plugin as an oracle for the filing rules: what it says about an instance."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

WORKER = Path(__file__).with_name("worker.py")
TAXONOMY = Path(__file__).with_name("taxonomy.xsd")
_FILING = ("NL.FR-NL-", "NL.FG-NL-")
_STOPS = ("exception:", "arelle:notValidated", "xbrl:schemaImportMissing")


@dataclass(frozen=True)
class Verdict:
    """What Arelle said.

    Args:
        rules: the filing rules that are broken.
        stopped: whether it gave up before all rules had been looked at.
    """

    rules: frozenset[str]
    stopped: bool


class Oracle:
    """Asks the worker process.

    Args:
        folder: where instances are written, beside the taxonomy that they name.
    """

    def __init__(self, folder: Path, asked: IO[str], said: IO[str]) -> None:
        self._folder = folder
        self._asked = asked
        self._said = said

    def verdict(self, content: bytes, name: str = "instance.xbrl", system: str = "NT20") -> Verdict:
        """What Arelle says about one instance."""
        file = self._folder / name
        file.write_bytes(content)
        self._asked.write(json.dumps({"file": str(file), "system": system}) + "\n")
        self._asked.flush()
        codes = json.loads(self._said.readline())
        rules = frozenset(code.removeprefix("NL.") for code in codes if code.startswith(_FILING))
        return Verdict(rules, any(code.startswith(_STOPS) for code in codes))


@contextmanager
def started_oracle(folder: Path) -> Iterator[Oracle]:
    """The worker process, which knows nothing of the user's own settings of Arelle."""
    private = {name: str(folder / "xdg") for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    for schema, namespace in (("taxonomy.xsd", "urn:test:data"), ("other.xsd", "urn:test:other")):
        text = TAXONOMY.read_text(encoding="utf-8").replace("urn:test:data", namespace)
        (folder / schema).write_text(text, encoding="utf-8")
    labels = '<link:linkbase xmlns:link="http://www.xbrl.org/2003/linkbase"/>'
    (folder / "labels.xml").write_text(labels, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(WORKER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | private,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Oracle(folder, process.stdin, process.stdout)
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=30)
