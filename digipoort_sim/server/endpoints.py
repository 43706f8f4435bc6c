"""``endpoints.json``: where a running simulator can be found."""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from digipoort_sim.errors import ConflictError
from digipoort_sim.pki import Authority
from digipoort_sim.pki.certificate import fingerprint, load_certificates

FILE = "endpoints.json"
_ENDING_SECONDS = 10.0
_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Endpoints:
    """The addresses and files of a running simulator.

    Attributes:
        wus: URL of the SOAP door, without a path.
        ftp_gb: URL of the file interface for large messages.
        ftp_implicit: URL of `ftp` under TLS from the first octet; None if nowhere.
        ftp_implicit_port: where `ftp` speaks TLS from the first octet; None if nowhere.
        ca: file with the trusted CAs.
        service_certificate: file with the certificate that signs answers.
        tls_sha1: fingerprint of the doors' TLS certificate, by which some clients know Digipoort.
        service_sha1: fingerprint of the certificate that signs answers.
        pid: the process to stop.
    """

    wus: str
    ftp: str
    ftp_gb: str
    ftp_implicit: str | None
    web: str
    wus_port: int
    ftp_port: int
    ftp_gb_port: int
    ftp_implicit_port: int | None
    web_port: int
    ca: str
    service_certificate: str
    tls_sha1: str
    service_sha1: str
    pid: int


def endpoints_of(ports: dict[str, int], authority: Authority) -> Endpoints:
    """The endpoints for these ports (keys wus, ftp, ftp_gb, web; ftp_implicit if open), on localhost."""
    paths = authority.paths
    implicit = ports.get("ftp_implicit")
    return Endpoints(
        wus=f"https://localhost:{ports['wus']}",
        ftp=f"ftp://localhost:{ports['ftp']}",
        ftp_gb=f"ftp://localhost:{ports['ftp_gb']}",
        ftp_implicit=None if implicit is None else f"ftps://localhost:{implicit}",
        web=f"http://localhost:{ports['web']}",
        wus_port=ports["wus"],
        ftp_port=ports["ftp"],
        ftp_gb_port=ports["ftp_gb"],
        ftp_implicit_port=implicit,
        web_port=ports["web"],
        ca=str(paths.ca_file),
        service_certificate=str(paths.service_certificate),
        tls_sha1=fingerprint(load_certificates(paths.server_chain)[0], "sha1"),
        service_sha1=fingerprint(authority.service_identity().certificate, "sha1"),
        pid=os.getpid(),
    )


def write_endpoints(state: Path, endpoints: Endpoints) -> None:
    """Write the file by rename, so that nobody reads half of it."""
    part = state / f"{FILE}.{os.getpid()}.part"
    part.write_text(json.dumps(asdict(endpoints), indent=2) + "\n")
    part.replace(state / FILE)


def remove_endpoints(state: Path) -> None:
    """Remove the file; it may be gone already."""
    (state / FILE).unlink(missing_ok=True)


class StateLock:
    """Only one simulator serves from one state directory; the lock goes with the last of its processes."""

    def __init__(self, state: Path) -> None:
        self._path = state / "serve.lock"
        self._handle: int | None = None

    def take(self) -> None:
        """Take the lock; processes of a simulator whose parent was killed get time to end.

        Raises:
            ConflictError: another simulator serves from this state directory.
        """
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        until = time.monotonic() + _ENDING_SECONDS
        while not _locked(handle):
            if time.monotonic() > until or _is_alive(os.pread(handle, 20, 0)):
                os.close(handle)
                raise ConflictError(
                    f"another digipoort-sim serves from {self._path.parent}; stop it or give another --state",
                    rule="STATE-IN-USE",
                )
            time.sleep(_LOOK_SECONDS)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode("ascii"), 0)
        self._handle = handle

    def release(self) -> None:
        """Give the lock back."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _locked(handle: int) -> bool:
    import fcntl

    with contextlib.suppress(BlockingIOError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _is_alive(pid: bytes) -> bool:
    """Whether the process that took the lock still runs; also if that is not known."""
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (ValueError, OSError):
        return True
    return True
