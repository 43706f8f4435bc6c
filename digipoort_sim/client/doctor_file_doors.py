"""The doctor at the file interfaces of a simulator that runs: TLS with the certificate, without a login."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from digipoort_sim.client.doctor_findings import Findings
from digipoort_sim.client.doctor_network import alert_in
from digipoort_sim.client.doctor_words import words_of_alert, words_of_no_connection

_CHECK = "file-doors"
_MOST_ANSWER = 4096


@dataclass(frozen=True)
class FileDoor:
    """A control port of the file interfaces.

    Attributes:
        name: as the user knows it.
        is_implicit: whether it speaks TLS from the first octet.
    """

    name: str
    port: int
    is_implicit: bool = False


def file_doors(endpoints: Mapping[str, Any]) -> tuple[FileDoor, ...]:
    """The doors that an ``endpoints.json`` has; those of older simulators have fewer."""
    doors = []
    for key, port in (("ftp", "ftp_port"), ("ftp_gb", "ftp_gb_port"), ("ftp_implicit", "ftp_implicit_port")):
        is_implicit = key == "ftp_implicit"
        if isinstance(endpoints.get(port), int) and (is_implicit or key in endpoints):
            doors.append(FileDoor(key, endpoints[port], is_implicit))
    return tuple(doors)


def check_file_doors(
    doors: Sequence[FileDoor], host: str, context: ssl.SSLContext, timeout: float, findings: Findings
) -> None:
    """The check ``file-doors``: every door takes the certificate in its handshake.

    Args:
        timeout: seconds for each step of the way.
    """
    spoken = []
    for door in doors:
        where = f"{door.name} (port {door.port})"
        try:
            spoken.append(f"{where} {_greet(door, host, context, timeout)}")
        except (OSError, ValueError) as error:
            alert = alert_in(error)
            if alert:
                found, mend = words_of_alert(alert)
            elif isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
                found, mend = words_of_no_connection(error, f"{host}:{door.port}")
            else:
                found, mend = str(error), "is it the right port?"
            findings.fail(_CHECK, f"{where}: {found}", mend, alert)
            return
    findings.ok(_CHECK, f"the handshake succeeds: {', '.join(spoken)}")


def _greet(door: FileDoor, host: str, context: ssl.SSLContext, timeout: float) -> str:
    """Begin TLS and hear one reply under it, as with TLS 1.3 a refusal comes only then; gives the version."""
    with socket.create_connection((host, door.port), timeout) as raw:
        if not door.is_implicit:
            _expect(raw, b"220")
            raw.sendall(b"AUTH TLS\r\n")
            _expect(raw, b"234")
        with context.wrap_socket(raw, server_hostname=host) as tls:
            if not door.is_implicit:
                tls.sendall(b"NOOP\r\n")
            _expect(tls, b"220" if door.is_implicit else b"200")
            tls.sendall(b"QUIT\r\n")
            return tls.version() or "TLS"


def _expect(sock: socket.socket, code: bytes) -> None:
    heard = b""
    while not heard.endswith(b"\n"):
        piece = sock.recv(_MOST_ANSWER)
        if not piece or len(heard) > _MOST_ANSWER:
            raise ValueError("it does not speak FTP, or hung up")
        heard += piece
    if not heard.startswith(code):
        raise ValueError(f"it answers {heard.decode('ascii', 'replace').strip()[:200]!r}")
