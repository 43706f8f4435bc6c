"""Arelle's log, in the process that runs Arelle: each record as a few plain values."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Mapping
from typing import Any, Final

MAXIMUM_RECORDS: Final = 2_000
MAXIMUM_PLACES: Final = 200
"""So many places in the instance a record may have."""
LONGEST_TEXT: Final = 2_000
UNSATISFIED: Final = "\x1e"
"""Stands before the Dutch and before the English message of an assertion that is not satisfied."""
OUT_OF_MEMORY: Final = 77
"""Exit status of a process for which there was not enough memory."""

_LONGEST_VALUE = 300
_NEAR = 0.8
_OCTETS_OF_RSS = 1 if sys.platform == "darwin" else 1024
_LONGEST_POINTER = 500


class Recorder(logging.Handler):
    """Keeps the warnings and errors of one validation, up to `MAXIMUM_RECORDS`.

    Args:
        instances: names of the instance's files, by which a place in the instance is known.
    """

    def __init__(self, instances: tuple[str, ...]) -> None:
        super().__init__(logging.INFO)
        self.records: list[dict[str, Any]] = []
        self.instances = instances

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record.

        Arelle takes a lack of memory for one more exception in a content and goes on; here it ends the
        process, so that nobody gets half a verdict.
        """
        code, text = str(getattr(record, "messageCode", "")), _text(record)
        if _lacks_memory(code, text):
            os._exit(OUT_OF_MEMORY)
        counts = record.levelno >= logging.WARNING or text.startswith(UNSATISFIED)
        if counts and len(self.records) < MAXIMUM_RECORDS:
            self.records.append(self._plain(record, code, text))

    def taken(self) -> list[dict[str, Any]]:
        """What was recorded; the next validation starts with nothing."""
        records, self.records = self.records, []
        return records

    def _plain(self, record: logging.LogRecord, code: str, text: str) -> dict[str, Any]:
        refs = [ref for ref in getattr(record, "refs", ()) if self._is_instance(ref)]
        pointers = [str(ref["href"]).partition("#")[2] for ref in refs[:MAXIMUM_PLACES]]
        return {
            "level": record.levelname,
            "code": code,
            "text": text[:LONGEST_TEXT],
            "values": _values(record.args),
            "in_instance": bool(refs),
            "document": _file_of(refs[0]) if refs else "",
            "pointers": [pointer for pointer in pointers if 0 < len(pointer) <= _LONGEST_POINTER],
        }

    def _is_instance(self, ref: Mapping[str, Any]) -> bool:
        return _file_of(ref) in self.instances


def _file_of(ref: Mapping[str, Any]) -> str:
    """The name, without its folders, of the file that a place is in."""
    return str(ref.get("href", "")).partition("#")[0].rpartition("/")[2]


def _lacks_memory(code: str, text: str) -> bool:
    if code.endswith("MemoryError") or (code == "xmlSchema:syntax" and text.startswith("Memory allocation")):
        return True
    return code.startswith("exception") and _near_limit()


def _near_limit() -> bool:
    """Whether this process has come near what it may use; exceptions then are mostly for the lack of it."""
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_DATA)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _OCTETS_OF_RSS > _NEAR * limit > 0


def _text(record: logging.LogRecord) -> str:
    try:
        text = str(record.msg % record.args if record.args else record.msg)
    except (TypeError, ValueError, KeyError):
        text = str(record.msg)
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return text
    where = traceback.extract_tb(error.__traceback__)[-1:]
    return f"{text} ({type(error).__name__} in {''.join(f'{at.name}, line {at.lineno}' for at in where)})"


def _values(arguments: object) -> dict[str, str]:
    if not isinstance(arguments, Mapping):
        return {}
    plain = {str(name): value for name, value in arguments.items() if isinstance(value, (str, int, float))}
    return {name: str(value)[:_LONGEST_VALUE] for name, value in plain.items()}
