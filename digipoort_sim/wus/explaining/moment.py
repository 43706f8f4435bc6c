"""The moment of judgement, as a user writes it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from digipoort_sim.clock import AMSTERDAM
from digipoort_sim.errors import ConfigError

_FORM = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,100}))?(?:(Z)|([+-])(\d\d):(\d\d))?", re.ASCII
)
_LARGEST_OFFSET = timedelta(hours=14)


def moment_of(text: str) -> datetime:
    """Read an xs:dateTime; without a zone it is Dutch local time, as everywhere in this program.

    Args:
        text: such as ``2026-11-21T21:00:00Z``, ``2026-11-21T21:00:00.1234567+01:00`` or
            ``2026-11-21T24:00:00``.

    Raises:
        ConfigError: it is none, or not between the years 1 and 9999.
    """
    match = _FORM.fullmatch(text.strip(" \t\r\n"))
    try:
        if match is None:
            raise ValueError
        return _moment(match)
    except (ValueError, OverflowError):
        raise ConfigError(
            f"--at {text[:60]!r} is not an xs:dateTime such as 2026-11-21T21:00:00Z", rule="EXPLAIN-AT"
        ) from None


def _moment(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, utc, sign, offset_hours, offset_minutes = match.groups()[6:]
    more = timedelta()
    if hour == 24:  # the end of the day, in XML Schema
        if minute or second or (fraction or "").strip("0"):
            raise ValueError
        hour, more = 0, timedelta(days=1)
    microsecond = int((fraction or "0")[:6].ljust(6, "0"))
    moment = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=UTC) + more
    if utc is None and sign is None:
        return moment.replace(tzinfo=AMSTERDAM).astimezone(UTC)
    offset = timedelta(hours=int(offset_hours or 0), minutes=int(offset_minutes or 0))
    if offset > _LARGEST_OFFSET or int(offset_minutes or 0) > 59:
        raise ValueError
    return moment - (offset if sign == "+" else -offset)
