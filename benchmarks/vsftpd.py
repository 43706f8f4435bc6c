"""vsftpd of the system beside our file door: same machine, certificates, cipher and client."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SBIN = "/usr/sbin:/usr/local/sbin:/usr/bin"
_CONFIG = """
listen=YES
listen_address=127.0.0.1
listen_port={port}
background=NO
run_as_launching_user=YES
seccomp_sandbox=NO
local_enable=NO
anonymous_enable=YES
no_anon_password=YES
anon_root={folder}
allow_writeable_chroot=YES
write_enable=YES
anon_upload_enable=YES
anon_other_write_enable=YES
anon_world_readable_only=NO
ssl_enable=YES
ssl_tlsv1=YES
ssl_sslv2=NO
ssl_sslv3=NO
allow_anon_ssl=YES
force_anon_data_ssl=YES
force_anon_logins_ssl=YES
require_ssl_reuse=NO
require_cert=YES
validate_cert=YES
strict_ssl_read_eof=YES
ssl_ciphers=ECDHE+AESGCM
ca_certs_file={pki}/ca.pem
rsa_cert_file={pki}/server.pem
rsa_private_key_file={pki}/server.key
"""


@dataclass(frozen=True)
class Vsftpd:
    """A vsftpd that is ready."""

    port: int
    pid: int


@contextlib.contextmanager
def vsftpd(folder: Path, pki: Path) -> Iterator[Vsftpd | str]:
    """A vsftpd that serves a folder with the simulator's own certificates; or why there is none."""
    program = shutil.which("vsftpd", path=_SBIN)
    if program is None:
        yield "vsftpd is not installed"
        return
    port = _free_port()
    config = folder / "vsftpd.conf"
    config.write_text(_CONFIG.format(port=port, folder=folder, pki=pki).lstrip())
    process = subprocess.Popen([program, str(config)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        yield Vsftpd(port, process.pid) if _answers(port) else _last_words(process)
    finally:
        process.terminate()
        process.wait(10)


def _last_words(process: subprocess.Popen[bytes]) -> str:
    process.terminate()
    said = process.communicate(timeout=10)[0].decode(errors="replace").strip()
    return f"vsftpd does not start: {said or 'it says nothing'}"


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _answers(port: int) -> bool:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as sock:
            return sock.recv(3) == b"220"
        time.sleep(0.05)
    return False
