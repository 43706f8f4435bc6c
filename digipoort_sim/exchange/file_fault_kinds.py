"""The faults that can be asked of the file door: what each does, when it strikes and what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Moment = Literal[
    "connect", "auth", "tls", "login", "passive", "command", "transfer", "listing",
    "backend", "receipt", "status",
]  # fmt: skip
"""Where on the way of a file a fault strikes."""

FILTERS = ("interface", "account", "oin", "name", "times")
_FOR_ALL = ("interface", "times")
_OF_ACCOUNT = ("interface", "account", "oin", "times")
_REPLY = ("text", "plain")
_FILE_COMMANDS = ("STOR", "RETR", "RNTO", "DELE")
_TRANSFERS = ("STOR", "RETR", "LIST")
_MINUTE = 60.0


@dataclass(frozen=True)
class FaultKind:
    """One kind of fault.

    Attributes:
        summary: what the client meets.
        takes: the parameters that it can be given, beside the kind itself.
        commands: those that it can be put on; empty if it is not about a command. STOR is APPE too, LIST is
            NLST and MLSD too.
        codes: the replies that it can be asked to give; the first one unless told otherwise.
        defaults: values of parameters that are not given.
        open_ended: whether it may last until it is removed.
    """

    key: str
    moment: Moment
    summary: str
    takes: tuple[str, ...]
    commands: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    defaults: Mapping[str, object] = field(default_factory=dict)
    open_ended: bool = False


def _refusing(code: str, why: str) -> FaultKind:
    return FaultKind(
        code,
        "command",
        f"{code} in reply to STOR (also APPE), RETR, RNTO or DELE: {why}",
        (*FILTERS, *_REPLY, "command"),
        commands=_FILE_COMMANDS,
        codes=(code,),
        defaults={"command": "STOR"},
    )


def _breaking(key: str, summary: str, *more: str, **defaults: object) -> FaultKind:
    return FaultKind(
        key,
        "transfer",
        summary,
        (*FILTERS, "command", *more),
        commands=_TRANSFERS,
        codes=("426",) if key == "426" else (),
        defaults={"after_bytes": 1, **defaults},
        open_ended=key == "stall",
    )


def _certificate(what: str, summary: str) -> FaultKind:
    return FaultKind(f"certificate-{what}", "tls", f"the server's certificate {summary}", _FOR_ALL)


def _courier(
    key: str, moment: Moment, summary: str, *more: str, open_ended: bool = False, **defaults: object
) -> FaultKind:
    return FaultKind(key, moment, summary, (*FILTERS, *more), defaults=defaults, open_ended=open_ended)


_ROWS = (
    FaultKind(
        "421",
        "connect",
        "421 instead of the greeting, and the connection is closed: too busy",
        (*_FOR_ALL, *_REPLY),
        codes=("421",),
    ),
    FaultKind(
        "slow-greeting",
        "connect",
        "the greeting comes only after some seconds",
        (*_FOR_ALL, "seconds"),
        defaults={"seconds": 5.0},
    ),
    FaultKind(
        "no-tls",
        "auth",
        "AUTH is refused and FEAT does not name it: there is no TLS on offer (not on the implicit port)",
        (*_FOR_ALL, *_REPLY, "code"),
        codes=("534", "500", "502"),
    ),
    _certificate("expired", "was valid until yesterday, by every clock"),
    _certificate("wrong-host", "is for other host names"),
    _certificate("self-signed", "signed itself"),
    _certificate("unknown-ca", "comes from CAs under a root that nobody trusts"),
    _certificate("revoked", "was revoked; it stands in the CRL"),
    FaultKind(
        "530",
        "login",
        "530 in reply to PASS, also with the right password",
        (*_OF_ACCOUNT, *_REPLY),
        codes=("530",),
    ),
    FaultKind(
        "wrong-passive-address",
        "passive",
        "PASV gives an address that leads nowhere; EPSV, which gives none, is refused with 502",
        (*_OF_ACCOUNT, "address"),
        defaults={"address": "192.0.2.1"},
    ),
    FaultKind(
        "closed-passive-port",
        "passive",
        "PASV and EPSV give a port at which nobody listens",
        _OF_ACCOUNT,
    ),
    _refusing("550", "there is no such file, or it is not to be had"),
    _refusing("552", "there is no room for it"),
    _refusing("553", "the name is not allowed"),
    _refusing("452", "there is no room at the moment"),
    _breaking("426", "the data connection breaks after so many bytes; 426", "after_bytes", *_REPLY),
    _breaking(
        "reset", "both connections are reset after so many bytes (TCP RST), without a reply", "after_bytes"
    ),
    _breaking(
        "stall",
        "nothing moves any more after so many bytes, for some seconds or until one side loses patience",
        "after_bytes",
        "seconds",
    ),
    _breaking(
        "throttle",
        "transfers get no more than so many bytes a second",
        "bytes_per_second",
        bytes_per_second=16 * 1024,
    ),
    FaultKind(
        "cut-listing",
        "transfer",
        "a listing ends in the middle, after so many bytes, and is answered 226 all the same",
        (*_OF_ACCOUNT, "after_bytes"),
        defaults={"after_bytes": 40, "command": "LIST"},
    ),
    FaultKind(
        "hidden-receipt",
        "listing",
        "files in /out are not in listings before they are some seconds old by the simulator's clock, "
        "though they can be fetched",
        (*FILTERS, "seconds"),
        defaults={"seconds": _MINUTE, "times": 0},
    ),
    _courier(
        "backend-down",
        "backend",
        "the post office takes no files, for some seconds of the simulator's clock or until this is "
        "removed: replies are good, files wait, nothing is lost",
        "seconds",
        open_ended=True,
        times=0,
    ),
    _courier(
        "late-receipt",
        "receipt",
        "the receipt (or error file) comes some seconds of the simulator's clock later, or when this is "
        "removed",
        "seconds",
        open_ended=True,
    ),
    _courier(
        "no-receipt",
        "receipt",
        "the receipt (or error file) never comes; the delivery itself goes on as ever",
    ),
    _courier(
        "duplicate-receipt",
        "receipt",
        "the receipt (or error file) comes twice: `again` under its name once the client has deleted it, "
        "`second` at once beside it with -2 before its extension",
        "how",
        how="again",
    ),
    _courier(
        "late-status",
        "status",
        "the status file comes some seconds of the simulator's clock later, or when this is removed",
        "seconds",
        open_ended=True,
    ),
)

KINDS: Mapping[str, FaultKind] = {row.key: row for row in _ROWS}
"""All kinds by their keys, in the order of a session."""
