"""The control API's table of faults on demand at the file door."""

from __future__ import annotations

from digipoort_sim.exchange.file_fault_kinds import KINDS
from digipoort_sim.web.api import file_faults
from digipoort_sim.web.operations import Operation, Parameter

_TEXT = ("string",)
_MAYBE = ("string", "null")
_NUMBER = ("integer",)
_MAYBE_NUMBER = ("integer", "null")
_FLAG = ("boolean",)

FAULT = (
    Parameter("kind", "which fault; GET .../kinds explains them", choices=tuple(KINDS), required=True),
    Parameter("interface", "only on this interface; both unless given", choices=("ftp", "ftp_gb")),
    Parameter("account", "only for this account"),
    Parameter("oin", "only for the accounts of this OIN"),
    Parameter("name", "only for files with such a name: a pattern with *, ? and [...]"),
    Parameter("command", "the command that it strikes", choices=("STOR", "RETR", "RNTO", "DELE", "LIST")),
    Parameter("times", "how many times it strikes; 0 until it is removed", "integer"),
    Parameter("afterBytes", "after how many bytes of a transfer it strikes", "integer"),
    Parameter("seconds", "how long; what is left open by a kind that may be lasts till removed", "amount"),
    Parameter("bytesPerSecond", "how many bytes a second are let through", "integer"),
    Parameter("code", "the reply's code, where there is a choice", choices=("534", "500", "502")),
    Parameter("address", "the IPv4 address that PASV gives"),
    Parameter("how", "how a receipt comes twice", choices=("again", "second")),
    Parameter("text", "the reply's text in place of the usual one"),
    Parameter("plain", "true: the reply does not say that it was asked for", "boolean"),
)

FILE_FAULT_SCHEMAS: dict[str, dict[str, tuple[str, ...]]] = {
    "FtpFault": {
        "id": _TEXT,
        "kind": _TEXT,
        "created": _TEXT,
        "interface": _MAYBE,
        "account": _MAYBE,
        "oin": _MAYBE,
        "name": _MAYBE,
        "command": _MAYBE,
        "times": _NUMBER,
        "hits": _NUMBER,
        "afterBytes": _MAYBE_NUMBER,
        "seconds": ("number", "null"),
        "bytesPerSecond": _MAYBE_NUMBER,
        "code": _TEXT,
        "address": _MAYBE,
        "how": _MAYBE,
        "text": _MAYBE,
        "plain": _FLAG,
        "usedUp": _FLAG,
    },
    "FtpFaultKind": {
        "key": _TEXT,
        "moment": _TEXT,
        "summary": _TEXT,
        "takes": ("array",),
        "commands": ("array",),
        "codes": ("array",),
        "defaults": ("object",),
        "openEnded": _FLAG,
    },
}


def file_fault_operations(base: str) -> tuple[Operation, ...]:
    """Every operation on faults.

    Args:
        base: what all paths begin with.
    """
    path = f"{base}/ftp/faults"
    return (
        Operation(
            "GET",
            path,
            "Faults of the file door that were asked for",
            file_faults.list_faults,
            "FtpFault",
            many=True,
        ),
        Operation(
            "GET",
            f"{path}/kinds",
            "Faults that can be asked for",
            file_faults.list_kinds,
            "FtpFaultKind",
            many=True,
        ),
        Operation(
            "POST",
            path,
            "Ask for a fault; 201",
            file_faults.add_fault,
            "FtpFault",
            body=FAULT,
            conflict="Problem",
        ),
        Operation("DELETE", path, "Remove all faults; 204", file_faults.clear_faults, "Nothing"),
        Operation(
            "DELETE",
            f"{path}/{{id}}",
            "Remove a fault; what it held back goes on; 204",
            file_faults.remove_fault,
            "Nothing",
        ),
    )
