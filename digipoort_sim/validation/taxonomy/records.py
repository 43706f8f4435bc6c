"""Arelle's log, in the process that runs Arelle: each record as a few plain values."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any, Final

MAXIMUM_RECORDS: Final = 2_000
LONGEST_TEXT: Final = 2_000
OUT_OF_MEMORY: Final = 77
"""Exit status of a process for which there was not enough memory."""

_LONGEST_VALUE = 300
_LEAST_LEVEL = logging.WARNING
_MEMORY = ("MemoryError", "Memory allocation failed", "out of memory")


class Recorder(logging.Handler):
    """Keeps the warnings and errors of one validation, up to `MAXIMUM_RECORDS`.

    Args:
        instance: name of the instance's file, by which a place in the instance is known.
    """

    def __init__(self, instance: str) -> None:
        super().__init__(_LEAST_LEVEL)
        self.records: list[dict[str, Any]] = []
        self._instance = instance

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record.

        Arelle takes a lack of memory for one more exception in a content and goes on; here it ends the
        process, so that nobody gets half a verdict.
        """
        code, text = str(getattr(record, "messageCode", "")), _text(record)
        if any(word in code or word in text for word in _MEMORY):
            os._exit(OUT_OF_MEMORY)
        is_assertion = code.startswith("message:") and record.levelno < _LEAST_LEVEL
        if len(self.records) < MAXIMUM_RECORDS and not is_assertion:
            self.records.append(self._plain(record, code, text))

    def taken(self) -> list[dict[str, Any]]:
        """What was recorded; the next validation starts with nothing."""
        records, self.records = self.records, []
        return records

    def _plain(self, record: logging.LogRecord, code: str, text: str) -> dict[str, Any]:
        lines = [ref.get("sourceLine") for ref in getattr(record, "refs", ()) if self._is_instance(ref)]
        known = [int(line) for line in lines if line]
        return {
            "level": record.levelname,
            "code": code,
            "text": text[:LONGEST_TEXT],
            "values": _values(record.args),
            "in_instance": bool(lines),
            "line": known[0] if known else 0,
        }

    def _is_instance(self, ref: Mapping[str, Any]) -> bool:
        file = str(ref.get("href", "")).partition("#")[0]
        return file.rpartition("/")[2] == self._instance


def _text(record: logging.LogRecord) -> str:
    try:
        return str(record.msg % record.args if record.args else record.msg)
    except (TypeError, ValueError, KeyError):
        return str(record.msg)


def _values(arguments: object) -> dict[str, str]:
    if not isinstance(arguments, Mapping):
        return {}
    plain = {str(name): value for name, value in arguments.items() if isinstance(value, (str, int, float))}
    return {name: str(value)[:_LONGEST_VALUE] for name, value in plain.items()}
