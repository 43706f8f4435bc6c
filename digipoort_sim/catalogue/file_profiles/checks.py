"""What the values of a profile must be, alone and together; an error says where, what, and what to do."""

from __future__ import annotations

import difflib
import re
import string
import typing
from collections.abc import Mapping
from typing import Any, Literal

from digipoort_sim.catalogue.file_profiles.pattern import PatternError, check_pattern, compile_pattern
from digipoort_sim.catalogue.file_profiles.profile import ROW_KEYS, Profile, Source
from digipoort_sim.errors import ConfigError

_SUFFIX = re.compile(r"[A-Za-z0-9._-]{1,40}")
_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_EXTENSION = re.compile(r"[a-z0-9]{1,10}")
_MIME_TYPE = re.compile(r"[A-Za-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,60}")
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_MESSAGE_FIELDS = ("berichtsoort", "kenmerk", "ext")
_LONGEST_TEXT = 1000
_LONGEST_FILE_NAME = 240  # 255 in most file systems, less what is put before it while it is written
_MOST_LINES = 100
_DAY = 86_400
_RANGES: Mapping[str, tuple[float, float]] = {
    "passive_first_port": (1, 65_535),
    "passive_ports": (1, 65_535),
    "max_listing": (1, 1_000_000),
    "max_name_length": (20, 230),
    "max_command_bytes": (64, 65_536),
    "max_connections": (2, 100_000),
    "max_connections_per_address": (1, 100_000),
    "max_sessions_per_account": (1, 100_000),
    "max_failed_logins": (0, 1_000_000),
    "locked_minutes": (0, 10_000_000),
    "idle_timeout_seconds": (1, _DAY),
    "login_timeout_seconds": (1, _DAY),
    "handshake_seconds": (0.1, 600),
    "data_connect_seconds": (0.1, 600),
    "failed_login_delay_seconds": (0, 60),
    "retention_days": (1, 36_500),
}
_ANY_NUMBER = (1, 2**50)
_HINTS: Mapping[str, Any] = typing.get_type_hints(Profile)


def check_value(key: str, value: Any, origin: str) -> Any:
    """The value of a row as it is used.

    Args:
        origin: where the value stands, for the error.

    Raises:
        ConfigError: there is no such row, or the value is of the wrong type or out of its range.
    """
    if key not in ROW_KEYS:
        near = difflib.get_close_matches(key, ROW_KEYS, n=1)
        mend = f"did you mean {near[0]}?" if near else "'digipoort-sim ftp profile' lists the rows"
        raise _wrong(origin, key, "there is no such row", mend)
    hint = _HINTS[key]
    if typing.get_origin(hint) is Literal:
        choices = typing.get_args(hint)
        if value not in choices:
            raise _must(origin, key, value, f"one of: {', '.join(choices)}")
        return value
    if hint is bool:
        return _of_type(origin, key, value, bool, "true or false")
    if hint in (int, float):
        return _number(origin, key, value, hint)
    if hint is str:
        return _text(origin, key, value)
    return _table(origin, key, value)


def check_together(values: Mapping[str, Any], sources: Mapping[str, Source]) -> None:
    """Check what no value alone can be wrong in.

    Raises:
        ConfigError: two rows contradict each other, or a text cannot be used for what it is for.
    """
    rows = _Rows(values, sources)
    _check_ports(rows)
    _check_versions(rows)
    _check_folders(rows)
    _check_suffixes(rows)
    _check_lengths(rows)
    _check_file_name(rows)
    _check_message_name(rows)


class _Rows:
    """The values with their places."""

    def __init__(self, values: Mapping[str, Any], sources: Mapping[str, Source]) -> None:
        self._values = values
        self._sources = sources

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def wrong(self, key: str, what: str, mend: str) -> ConfigError:
        return _wrong(self._sources[key].origin, key, what, mend)

    def own_first(self, *keys: str) -> list[str]:
        """Rows that do not go together, those before the rest that do not come along with the program."""
        return sorted(keys, key=lambda key: self._sources[key].origin.startswith("profile "))


def _check_ports(rows: _Rows) -> None:
    if rows["passive_first_port"] + rows["passive_ports"] - 1 > 65_535:
        raise rows.wrong("passive_ports", "the passive range ends beyond port 65535", "take fewer ports")


def _check_versions(rows: _Rows) -> None:
    if rows["minimum_tls"] > rows["maximum_tls"]:
        key, other = rows.own_first("minimum_tls", "maximum_tls")
        raise rows.wrong(key, f"with {other} no version of TLS is left", f"change {other} too")


def _check_folders(rows: _Rows) -> None:
    for key in ("in_folder", "out_folder"):
        if _FOLDER.fullmatch(rows[key]) is None:
            raise rows.wrong(key, f"{rows[key]!r} is no name of a folder", "use up to 40 letters and digits")
    if rows["in_folder"].lower() == rows["out_folder"].lower():
        key, other = rows.own_first("in_folder", "out_folder")
        raise rows.wrong(key, f"it is the same as {other}", "give the two folders different names")


def _check_suffixes(rows: _Rows) -> None:
    for keys in (
        ("temporary_suffix", "marker_suffix"),
        ("receipt_suffix", "status_suffix", "error_suffix", "message_suffix"),
    ):
        for key in keys:
            if _SUFFIX.fullmatch(rows[key]) is None:
                what = f"{rows[key]!r} is no end of a name" if rows[key] else "it is empty"
                raise rows.wrong(key, what, "use 1 to 40 letters, digits, dots, hyphens and underscores")
        for key in keys:
            for other in keys:
                if key != other and rows[key].endswith(rows[other]):
                    blamed, also = rows.own_first(key, other)
                    raise rows.wrong(
                        blamed,
                        f"{rows[blamed]!r} and {also} ({rows[also]!r}) end alike",
                        "make their ends differ",
                    )
    for key in ("temporary_suffix", "marker_suffix"):
        extension = rows[key].rpartition(".")[2].lower()
        if extension in rows["mime_types"]:
            raise rows.wrong(
                key, f"names of deliveries end in .{extension} too, by mime_types", "use another suffix"
            )


def _check_lengths(rows: _Rows) -> None:
    longest = max(len(rows[key]) for key in ("receipt_suffix", "status_suffix", "error_suffix"))
    if rows["max_name_length"] + longest > _LONGEST_FILE_NAME:
        raise rows.wrong(
            "max_name_length",
            f"with a suffix of {longest} characters names would be longer than {_LONGEST_FILE_NAME}",
            f"use at most {_LONGEST_FILE_NAME - longest}",
        )
    if rows["max_command_bytes"] < rows["max_name_length"] + 20:
        raise rows.wrong(
            "max_command_bytes",
            "a command with a long name would not fit",
            "use max_name_length + 20 or more",
        )


def _check_file_name(rows: _Rows) -> None:
    try:
        groups = check_pattern(rows["file_name"])
    except PatternError as error:
        raise rows.wrong("file_name", "the pattern cannot be used", str(error)) from None
    if "ext" not in groups:
        raise rows.wrong("file_name", "it has no group ext", "write (?P<ext>...) around the extension")
    if "berichtsoort" not in groups and not rows["berichtsoort"]:
        raise rows.wrong(
            "file_name",
            "neither it nor the row berichtsoort says which berichtsoort a file has",
            "write (?P<berichtsoort>{berichtsoort}), or give the row berichtsoort",
        )
    without = sorted(groups - set(rows["file_name_parts"]))
    if without:
        raise rows.wrong(
            "file_name_parts",
            f"it does not say what is expected of {', '.join(without)}",
            "give words for each group of file_name",
        )
    _check_example(rows)


def _check_example(rows: _Rows) -> None:
    example = rows["file_name_example"]
    # Any beginning of it may be the berichtsoort: which ones are known is not known here.
    begun = example.split("_")[:_MOST_LINES]
    fits = any(
        compile_pattern(rows["file_name"], ["_".join(begun[:end])]).fullmatch(example)
        for end in range(1, len(begun) + 1)
    )
    if len(example) > rows["max_name_length"] or _PLAIN.fullmatch(example) is None or not fits:
        raise rows.wrong(
            "file_name_example", f"{example!r} does not follow file_name", "give a name that is good by it"
        )


def _check_message_name(rows: _Rows) -> None:
    template = rows["message_name"]
    mend = "use {kenmerk}, and {berichtsoort} and {ext} if you like"
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as error:
        raise rows.wrong("message_name", f"{template!r} cannot be filled in: {error}", mend) from None
    fields = {name for _, name, _, _ in parsed if name is not None}
    plain = all(not spec and not conversion for _, name, spec, conversion in parsed if name is not None)
    if not plain or not fields <= set(_MESSAGE_FIELDS) or "kenmerk" not in fields:
        raise rows.wrong("message_name", f"{template!r} cannot be filled in", mend)
    if any(text and _SUFFIX.fullmatch(text) is None for text, _, _, _ in parsed):
        raise rows.wrong(
            "message_name", f"{template!r} is no name of a file", "use letters, digits, dots, _ and -"
        )


def _of_type(origin: str, key: str, value: Any, kind: type, words: str) -> Any:
    if not isinstance(value, kind):
        raise _must(origin, key, value, words)
    return value


def _number(origin: str, key: str, value: Any, hint: type) -> Any:
    least, most = _RANGES.get(key, _ANY_NUMBER)
    kinds = (int,) if hint is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value <= most:
        words = "a whole number" if hint is int else "a number"
        raise _must(origin, key, value, f"{words} from {least} to {most}")
    return value


def _text(origin: str, key: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or not value.isprintable():
        raise _must(origin, key, value, f"a text of at most {_LONGEST_TEXT} printable characters")
    return value


def _table(origin: str, key: str, value: Any) -> Any:
    if not isinstance(value, dict) or len(value) > _MOST_LINES:
        raise _must(origin, key, value, f"a table of at most {_MOST_LINES} lines")
    if key == "file_name_parts":
        return {part: _text(origin, f"{key}.{part}", words) for part, words in value.items()}
    for extension, types in value.items():
        listed = isinstance(types, list) and types and len(types) <= _MOST_LINES
        if not listed or not all(isinstance(one, str) and _MIME_TYPE.fullmatch(one) for one in types):
            raise _must(origin, f"{key}.{extension}", types, 'a list of mimeTypes such as ["text/xml"]')
        if _EXTENSION.fullmatch(extension) is None:
            raise _must(origin, key, extension, "tables by extension, in small letters and without a dot")
    if not value:
        raise _must(origin, key, value, "a table with a line for every extension")
    return value


def _must(origin: str, key: str, value: Any, words: str) -> ConfigError:
    return _wrong(origin, key, f"{_shown(value)} is not good", f"it must be {words}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


def _wrong(origin: str, key: str, what: str, mend: str) -> ConfigError:
    return ConfigError(f"{origin}: {key}: {what}; {mend}", rule="FTP-PROFILE")
