"""Fuzzing the file door: sequences of commands and raw octets, at every stage of a session, by a seed."""

from __future__ import annotations

import contextlib
import random
import socket
import time
from collections.abc import Iterator

from tests.ftp.conftest import LOON, Door, loon_name
from tests.security_connections.file_kit import Raw

# fmt: off
_VERBS = (
    "USER", "PASS", "AUTH", "PBSZ", "PROT", "CCC", "PASV", "EPSV", "PORT", "EPRT", "LIST", "NLST", "MLSD",
    "MLST", "STOR", "APPE", "RETR", "REST", "RNFR", "RNTO", "DELE", "SIZE", "MDTM", "MFMT", "CWD", "CDUP",
    "PWD", "STAT", "HELP", "FEAT", "OPTS", "SYST", "NOOP", "ABOR", "TYPE", "STRU", "MODE", "ALLO", "SITE",
    "STOU", "REIN", "XCWD",
)
_ARGUMENTS = (
    "", "/", "/in", "/out", "/in/a.tmp", "/in/b.tmp", "/out/x.xml", "..", "../../x", "-la", "*", "~", "TLS",
    "P", "C", "0", "1", "2", "ALL", "A", "I", "E", "5", "-1", "99999999999999999999", "1e9",
    "127,0,0,1,4,1", "|1|127.0.0.1|9|", "UTF8 ON", "MLST type;size;", "20260101000000 /in/a.tmp", "x" * 600,
    "\u202e", "\U0001f4a9", "%s%n", "a b c", " ", f"/in/{loon_name('fuzz')}", f"/in/{loon_name('fuzz')}.tmp",
)
_OCTETS = (
    b"\x00", b"\xff\xf4\xff\xf2", b"\r", b"\n", b"\r\n\r\n", b"\xff", b"\x16\x03\x01\x00\x05",
    b"A" * 3000, b" ",
)
_TRANSFERS = (b"STOR /in/a.tmp\r\n", b"LIST\r\n", b"RETR /out/x.xml\r\n", b"APPE /in/b.tmp\r\n")
# fmt: on


def lines(chance: random.Random, count: int) -> Iterator[bytes]:
    """Lines, most of them commands, some with octets put in or taken out."""
    for _ in range(count):
        raw = f"{chance.choice(_VERBS)} {chance.choice(_ARGUMENTS)}".strip().encode() + b"\r\n"
        if chance.random() < 0.15:
            at = chance.randrange(len(raw))
            raw = raw[:at] + chance.choice(_OCTETS) + raw[at + chance.choice((0, 0, 1)) :]
        yield raw


def play(door: Door, seed: int, stage: str, count: int = 40) -> None:
    """One session: many lines, data connections now and then, and an end in whatever state."""
    chance = random.Random(f"{stage} {seed}")
    raw = Raw(door, secure=stage != "plain")
    if stage == "account":
        raw.login()
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        raw.sock.settimeout(2)
        for line in lines(chance, count):
            raw.send(line)
            if chance.random() < 0.3:
                _listen(raw)
            if stage == "account" and chance.random() < 0.1:
                _transfer(raw, chance, stack)
    raw.close()


def _listen(raw: Raw) -> None:
    raw.sock.settimeout(0.02)
    with contextlib.suppress(TimeoutError):
        raw.sock.recv(65536)
    raw.sock.settimeout(2)


def _transfer(raw: Raw, chance: random.Random, stack: contextlib.ExitStack) -> None:
    """Open a data connection to the newest passive port, if it can be made out; say anything there."""
    raw.send(b"ABOR\r\nPBSZ 0\r\nPROT P\r\nEPSV\r\n")
    time.sleep(0.02)
    said = raw.sock.recv(65536).decode("utf-8", "replace")
    if "|||" not in said:
        return
    port = int(said.rpartition("|||")[2].partition("|")[0])
    raw.send(chance.choice(_TRANSFERS))
    with contextlib.suppress(OSError):
        if chance.random() < 0.5:
            channel: socket.socket = raw.data(("127.0.0.1", port))
        else:
            channel = socket.create_connection(("127.0.0.1", port), timeout=2)
        stack.enter_context(channel)
        channel.settimeout(0.1)
        channel.sendall(chance.choice((LOON, b"\x16\x03\x01\x02\x00", b"x")))
        if chance.random() < 0.5:
            channel.close()
