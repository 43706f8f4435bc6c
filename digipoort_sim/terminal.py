"""Text from outside as it may be shown on a terminal: nothing in it can move the cursor or hide a line."""

from __future__ import annotations

import json
import re

_UNPRINTABLE = "\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_COMMANDS = re.compile(f"[\x00-\x08\x0b-\x1f{_UNPRINTABLE}]")
_IN_JSON = re.compile(f"[{_UNPRINTABLE}]")


def visible(text: str) -> str:
    """A text whose control characters are written out, such as ``\\x1b``; tabs and ends of lines stay.

    Terminals obey what stands behind an escape character, and show text in another order than it has
    behind some characters of right-to-left scripts.
    """
    return _COMMANDS.sub(lambda found: repr(found[0])[1:-1], text)


def visible_json(value: object) -> str:
    """A JSON document, indented, whose texts hold such characters as ``\\u009b`` only."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
