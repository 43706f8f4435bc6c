"""Which commands the file door has, which of them need no TLS, and why others are not offered."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pyftpdlib.handlers import TLS_FTPHandler

from digipoort_sim.ftp.profile import Profile

# fmt: off
_OFFERED = (
    "ABOR", "ALLO", "APPE", "AUTH", "CDUP", "CWD", "DELE", "EPSV", "FEAT", "HELP",
    "LIST", "MDTM", "MFMT", "MLSD", "MLST", "MODE", "NLST", "NOOP", "OPTS", "PASS",
    "PASV", "PBSZ", "PROT", "PWD", "QUIT", "REST", "RETR", "RNFR", "RNTO", "SIZE",
    "STAT", "STOR", "STRU", "SYST", "TYPE", "USER", "XCUP", "XCWD", "XPWD",
)
# fmt: on
_OTHERWISE: Mapping[str, dict[str, Any]] = {
    "AUTH": {"help": "Syntax: AUTH <SP> TLS (begin TLS)."},
    "PROT": {"help": "Syntax: PROT <SP> P (data channels under TLS)."},
    "MFMT": {"help": "Syntax: MFMT <SP> YYYYMMDDHHMMSS <SP> path (set the time of a file in /in)."},
    "OPTS": {"auth": False},  # lftp and others say OPTS UTF8 ON before they log in
}

COMMANDS: Mapping[str, dict[str, Any]] = MappingProxyType(
    {key: {**TLS_FTPHandler.proto_cmds[key], **_OTHERWISE.get(key, {})} for key in _OFFERED}
)
"""pyftpdlib's table, cut down: no folders are made, nothing becomes executable, nobody is connected to."""

RESUMING = frozenset({"APPE", "REST"})


def commands_of(profile: Profile) -> dict[str, dict[str, Any]]:
    """The commands that an interface has."""
    return {key: row for key, row in COMMANDS.items() if profile.resume or key not in RESUMING}


WITHOUT_TLS = frozenset({"AUTH", "FEAT", "HELP", "NOOP", "OPTS", "QUIT", "SYST"})

PASSIVE = frozenset({"PASV", "EPSV"})
TRANSFERS = frozenset({"APPE", "LIST", "MLSD", "NLST", "RETR", "STOR"})

NO_FTP = frozenset({"CONNECT", "DELETE", "EHLO", "GET", "HEAD", "HELO", "OPTIONS", "PATCH", "POST", "PUT"})
"""First words of HTTP and SMTP: somebody else makes a browser or a server speak to this port."""

_ACTIVE = "the server connects nowhere; use PASV or EPSV"
_FOLDERS = "there are the folders /in and /out, and no others"
_CHECKSUM = "the receipt in /out has the SHA-256 of what was delivered"
NOT_OFFERED: Mapping[str, str] = MappingProxyType(
    {
        "PORT": _ACTIVE,
        "EPRT": _ACTIVE,
        "LPRT": _ACTIVE,
        "LPSV": "use EPSV",
        "MKD": _FOLDERS,
        "XMKD": _FOLDERS,
        "RMD": _FOLDERS,
        "XRMD": _FOLDERS,
        "SMNT": _FOLDERS,
        "STOU": "the name of a file says what is in it; use STOR",
        "SITE": "there are no SITE commands",
        "HASH": _CHECKSUM,
        "XCRC": _CHECKSUM,
        "XMD5": _CHECKSUM,
        "XSHA1": _CHECKSUM,
        "XSHA256": _CHECKSUM,
        "REIN": "log in on a new connection",
        "ACCT": "USER and PASS are enough",
        "ADAT": "AUTH TLS needs none",
        "HOST": "there is one host",
        "LANG": "replies are in English",
        "CLNT": "the server does not ask",
        "MFCT": "use MFMT",
        "MFF": "use MFMT",
    }
)
