"""A fault that was asked for, and reading one from what a person or a program asks."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from digipoort_sim.errors import ConfigError
from digipoort_sim.exchange.file_fault_kinds import KINDS, FaultKind, Moment
from digipoort_sim.pki import IssuedCertificate

MOST_TIMES = 1_000_000
MOST_SECONDS = 366 * 24 * 3600.0
MOST_BYTES = 2**41
_LONGEST = 200
_RULE = "FTP-FAULT-PARAMETER"


@dataclass(frozen=True)
class Target:
    """What is about to happen, for a fault to strike or not.

    Attributes:
        interface: key of the file interface.
        account: empty before the login.
        names: the file's name as it was sent, and its final name; empty where it is not about a file.
        command: STOR, RETR, RNTO, DELE or LIST; empty where it is not about a command.
        aanleverkenmerk: that of the final name.
        volgnummer: likewise, of names that have no aanleverkenmerk.
        began: when the file came, for faults that wait; None where there is none yet.
    """

    interface: str
    account: str = ""
    oin: str = ""
    names: tuple[str, ...] = ()
    command: str = ""
    aanleverkenmerk: str | None = None
    volgnummer: int | None = None
    began: datetime | None = None


@dataclass(frozen=True)
class Fault:
    """A fault that was asked for.

    Attributes:
        id: by which it is removed.
        created: when it was asked for, by the simulator's clock.
        interface: only on this interface; None on both. Likewise account, oin, name (a pattern with ``*``,
            ``?`` and ``[...]``) and command.
        times: how many times it strikes; 0 until it is removed.
        hits: how many times it has struck.
        code: of the reply; empty if it makes none.
        text: of the reply, in place of the usual one.
        plain: whether the reply is to look like a real one, without "asked for".
        scenario: whether a file's name asked for it.
    """

    id: str
    kind: str
    created: datetime
    interface: str | None = None
    account: str | None = None
    oin: str | None = None
    name: str | None = None
    command: str | None = None
    times: int = 1
    hits: int = 0
    after_bytes: int | None = None
    seconds: float | None = None
    bytes_per_second: int | None = None
    code: str = ""
    address: str | None = None
    how: str | None = None
    text: str | None = None
    plain: bool = False
    scenario: bool = False
    certificate: IssuedCertificate | None = field(default=None, repr=False, compare=False)

    @property
    def moment(self) -> Moment:
        """Where it strikes."""
        return KINDS[self.kind].moment

    @property
    def is_used_up(self) -> bool:
        """Whether it strikes no more."""
        return 0 < self.times <= self.hits

    def due(self, since: datetime) -> datetime | None:
        """When it ends for what it holds back since then; None if it lasts until it is removed.

        An outage is counted from its beginning, which is when it was asked for.
        """
        if self.seconds is None:
            return None
        return (self.created if self.moment == "backend" else since) + timedelta(seconds=self.seconds)

    def fits(self, target: Target) -> bool:
        """Whether it is meant for this."""
        return (
            self.interface in (None, target.interface)
            and self.account in (None, target.account)
            and self.oin in (None, target.oin)
            and self._fits_command(target.command)
            and (self.name is None or any(fnmatchcase(name, self.name) for name in target.names))
        )

    def _fits_command(self, command: str) -> bool:
        """A fault of transfers that names no command is about files, not about listings."""
        if self.command is None:
            return not (command == "LIST" and self.moment == "transfer")
        return self.command == command

    def __str__(self) -> str:
        about = f" at {self.command}" if self.command else ""
        return f"{self.id} ({self.kind}{about})" if not self.scenario else f"scenario {self.id} ({self.kind})"


def read_fault(kind: str, asked: Mapping[str, Any], *, id_: str, created: datetime) -> Fault:
    """A fault as it was asked for, checked.

    Args:
        asked: parameters by the names of `Fault`; None counts as not given.

    Raises:
        ConfigError: there is no such kind, or a parameter is not one of its own or not good (rule
            ``FTP-FAULT-PARAMETER``).
    """
    row = KINDS.get(kind)
    if row is None:
        raise ConfigError(f"there is no fault {kind[:80]!r}; there are: {', '.join(KINDS)}", rule=_RULE)
    given = {name: value for name, value in asked.items() if value is not None}
    unknown = sorted(set(given) - set(row.takes))
    if unknown:
        raise ConfigError(
            f"fault {kind} takes no {unknown[0][:80]}; it takes {', '.join(row.takes)}", rule=_RULE
        )
    values = {**row.defaults, **{name: _READERS[name](name, value, row) for name, value in given.items()}}
    if "code" not in values and row.codes:
        values["code"] = row.codes[0]
    return Fault(id=id_, kind=kind, created=created, **values)


def _wrong(name: str, must_be: str) -> ConfigError:
    return ConfigError(f"{name} must be {must_be}", rule=_RULE)


def _choice(*values: str) -> Callable[[str, Any, FaultKind], str]:
    def read(name: str, value: Any, _: FaultKind) -> str:
        if value not in values:
            raise _wrong(name, f"one of {', '.join(values)}")
        return str(value)

    return read


def _number(least: int, most: int) -> Callable[[str, Any, FaultKind], int]:
    def read(name: str, value: Any, _: FaultKind) -> int:
        text = str(value)
        if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise _wrong(name, f"a whole number from {least} to {most}")
        if not least <= int(text) <= most:
            raise _wrong(name, f"from {least} to {most}")
        return int(text)

    return read


def _seconds(name: str, value: Any, _: FaultKind) -> float:
    try:
        seconds = float(str(value)[:40])
    except ValueError:
        seconds = math.nan
    if isinstance(value, bool) or not 0 < seconds <= MOST_SECONDS:
        raise _wrong(name, f"a number above 0, at most {MOST_SECONDS:.0f}")
    return seconds


def _text(name: str, value: Any, _: FaultKind) -> str:
    text = str(value)
    if not (0 < len(text) <= _LONGEST and text.isprintable()):
        raise _wrong(name, f"a text of 1 to {_LONGEST} printable characters")
    return text


def _oin(name: str, value: Any, _: FaultKind) -> str:
    text = str(value)
    if not (len(text) == 20 and text.isascii() and text.isdigit()):
        raise _wrong(name, "an OIN: 20 digits")
    return text


def _command(name: str, value: Any, row: FaultKind) -> str:
    return _choice(*row.commands)(name, str(value).upper(), row)


def _code(name: str, value: Any, row: FaultKind) -> str:
    return _choice(*row.codes)(name, str(value), row)


def _address(name: str, value: Any, _: FaultKind) -> str:
    try:
        return str(ipaddress.IPv4Address(str(value)))
    except ValueError:
        raise _wrong(name, "an IPv4 address such as 192.0.2.1") from None


def _flag(name: str, value: Any, _: FaultKind) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, "true or false")
    return value


_READERS: Mapping[str, Callable[[str, Any, FaultKind], Any]] = {
    "interface": _choice("ftp", "ftp_gb"),
    "account": _text,
    "oin": _oin,
    "name": _text,
    "times": _number(0, MOST_TIMES),
    "command": _command,
    "after_bytes": _number(1, MOST_BYTES),
    "seconds": _seconds,
    "bytes_per_second": _number(1, 10**9),
    "code": _code,
    "address": _address,
    "how": _choice("again", "second"),
    "text": _text,
    "plain": _flag,
}
PARAMETERS = tuple(one.name for one in fields(Fault) if one.name in _READERS)
"""All parameters of all kinds, in the order of `Fault`."""
