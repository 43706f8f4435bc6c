"""pyftpdlib's own refusals: by which rule each refuses, with a better code and text where it needs one."""

from __future__ import annotations

import re
from dataclasses import dataclass

OTHER = "FTP-OTHER"
"""The rule of a refusal that is not in the table."""


@dataclass(frozen=True)
class Known:
    """One refusal.

    Attributes:
        pattern: of the whole reply.
        rule: of the catalogue.
        reply: what is said instead; empty if the reply is good as it is.
    """

    pattern: re.Pattern[str]
    rule: str
    reply: str = ""


def _known(pattern: str, rule: str, reply: str = "") -> Known:
    return Known(re.compile(pattern, re.DOTALL), rule, reply)


_ONLY = "only in /in files may be written, renamed and deleted, only in /out fetched and deleted."
_NO_FILE = "550 There is no such file."
_PARAMETER = "504 Only TYPE A or I, STRU F and MODE S are known."
_FAMILY = "522 Network protocol not supported, use that of the control channel."
KNOWN = (
    _known("501 Syntax error: command needs.*", "FTP-ARGUMENT"),
    _known("501 Syntax error: command does not.*", "FTP-ARGUMENT"),
    _known("501 Unrecognized command.*", "FTP-ARGUMENT", "504 HELP knows only commands that are offered."),
    _known("501 (Invalid|Unsupported) (arg|number|command).*", "FTP-ARGUMENT"),
    _known("501 Unrecognized (STRU|MODE).*", "FTP-PARAMETER", _PARAMETER),
    _known("504 Un(supported|implemented).*", "FTP-PARAMETER", _PARAMETER),
    _known("501 Resuming.*ASCII.*", "FTP-TYPE", "501 Send TYPE I first: there is no resuming in ASCII mode."),
    _known("550 SIZE not allowed.*", "FTP-TYPE", "550 Send TYPE I first: there is no SIZE in ASCII mode."),
    _known("450 Can't APPE.*", "FTP-SEQUENCE", "503 APPE takes no REST before it."),
    _known("554 .*", "FTP-RESTART"),
    _known("550 Not enough privileges.*", "FTP-PERMISSION", f"550 This is not allowed here: {_ONLY}"),
    _known("550 .*outside.*", "FTP-PERMISSION", f"550 This is not allowed here: {_ONLY}"),
    _known("550 Globbing.*", "FTP-NO-FILE", "550 Patterns with * and ? are not supported; list the folder."),
    _known("550 (No such file|Not a f).*", "FTP-NO-FILE"),
    _known("550 .* is not retrievable.*", "FTP-NO-FILE", _NO_FILE),
    _known("550 Too many levels.*", "FTP-NO-FILE", _NO_FILE),
    _known("501 No such directory.*", "FTP-NO-FILE", "550 There is no such folder; there are /in and /out."),
    _known("550 .*", "FTP-NO-FILE"),
    _known("42[15] Too many connections.*", "FTP-CROWD"),
    _known("421 Data connection timed out.*", "FTP-STALLED"),
    _known("426 Transfer aborted.*", "FTP-ABORTED"),
    _known("522 Network protocol.*", "FTP-NETWORK"),
    _known("501 Unknown network.*", "FTP-NETWORK", _FAMILY),
    _known("501 PASV not allowed.*", "FTP-SEQUENCE", "503 After EPSV ALL only EPSV opens data channels."),
    _known("426 .*", "FTP-TECHNICAL"),
)  # fmt: skip


def known(reply: str) -> tuple[str, str]:
    """The reply as it is to be sent, and the rule by which it refuses."""
    for one in KNOWN:
        if one.pattern.fullmatch(reply):
            return one.reply or reply, one.rule
    return reply, OTHER
