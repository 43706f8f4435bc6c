"""An FTPS client on Python's ftplib, as a vendor would write it."""

from __future__ import annotations

import ftplib
import io
import json
import os
import ssl
import sys
import time
from typing import Any


class FTPS(ftplib.FTP_TLS):
    """ftplib resumes no TLS session on data channels by itself, and knows no implicit TLS."""

    implicit = False

    def getresp(self) -> str:
        """A reply; the first one comes under TLS already, where that is implicit."""
        if self.implicit and not isinstance(self.sock, ssl.SSLSocket):
            self.sock = self.context.wrap_socket(self.sock, server_hostname=self.host)  # type: ignore[arg-type]
            self.file = self.sock.makefile("r", encoding=self.encoding)
        return super().getresp()

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[Any, int | None]:
        """A data channel that resumes the control channel's TLS session."""
        raw, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        session = self.sock.session  # type: ignore[union-attr]
        return self.context.wrap_socket(raw, server_hostname=self.host, session=session), size


def connect(known: dict[str, Any], interface: str, folder: str, password: str) -> FTPS:
    """A session that has logged in."""
    context = ssl.create_default_context(cafile=f"{folder}/ca.pem")
    context.load_cert_chain(f"{folder}/client.pem", f"{folder}/client.key")
    ftp = FTPS(context=context, timeout=30)
    ftp.implicit = interface == "ftp_implicit"
    ftp.connect(known["host"], known["ports"][interface])
    if not ftp.implicit:
        ftp.auth()
    ftp.login(known["user"], password, secure=False)
    ftp.prot_p()
    ftp.voidcmd("TYPE I")
    return ftp


def first_name(known: dict[str, Any], interface: str) -> str:
    """Where the octets go: only at ftp_gb straight to the final name."""
    name = str(known["names"][interface])
    return f"/in/{name}" if interface == "ftp_gb" else f"/in/{name}.tmp"


def cut(known: dict[str, Any]) -> None:
    """Begin all uploads and die."""
    with open(known["content"], "rb") as file:
        half = file.read(700_000)
    uploads = []
    for interface in known["names"]:
        ftp = connect(known, interface, known["good"], known["password"])
        uploads.append(ftp.transfercmd(f"STOR {first_name(known, interface)}"))
        uploads[-1].sendall(half)
        other = connect(known, interface, known["good"], known["password"])
        while not other.size(first_name(known, interface)):
            time.sleep(0.02)
    os._exit(9)


def fetched(ftp: FTPS, name: str) -> str:
    """A file of /out, once it is there."""
    while f"/out/{name}" not in ftp.nlst("/out") and name not in ftp.nlst("/out"):
        time.sleep(0.02)
    buffer = io.BytesIO()
    ftp.retrbinary(f"RETR /out/{name}", buffer.write)
    return buffer.getvalue().decode()


def again(ftp: FTPS, path: str, name: str) -> str:
    """What is said of a name that was used."""
    try:
        ftp.storbinary(f"STOR {path}", io.BytesIO(b"<x/>"))
        ftp.rename(path, f"/in/{name}")
    except ftplib.Error as error:
        return str(error)
    return ""


def seen(known: dict[str, Any], interface: str) -> dict[str, Any]:
    """Everything by one interface."""
    name, path = known["names"][interface], first_name(known, interface)
    ftp = connect(known, interface, known["good"], known["password"])
    part = ftp.size(path)
    with open(known["content"], "rb") as file:
        file.seek(part or 0)
        ftp.storbinary(f"STOR {path}", file, rest=part)
    if interface != "ftp_gb":
        ftp.rename(path, f"/in/{name}")
    receipt, status = (fetched(ftp, f"{name}.{what}.xml") for what in ("ontvangst", "status"))
    lines: list[str] = []
    ftp.retrlines("LIST /out", lines.append)
    names = ftp.nlst("/out")
    machine = [found for found, _ in ftp.mlsd("/out")]
    ftp.voidcmd("TYPE I")  # LIST, NLST and MLSD leave TYPE A behind
    size, modified = ftp.size(f"/out/{name}.ontvangst.xml"), ftp.voidcmd(f"MDTM /out/{name}.ontvangst.xml")
    ftp.storbinary("STOR /in/time.tmp", io.BytesIO(b"x"))
    ftp.voidcmd(f"MFMT {known['moment']} /in/time.tmp")
    set_to = ftp.voidcmd("MDTM /in/time.tmp")
    ftp.delete("/in/time.tmp")
    ftp.delete(f"/out/{name}.ontvangst.xml")
    left = ftp.nlst("/out")
    told = again(ftp, path, name)
    ftp.quit()
    return {
        "part": part,
        "receipt": receipt,
        "status": status,
        "list": "\n".join(lines),
        "names": "\n".join(names),
        "machine": "\n".join(machine),
        "size": size,
        "modified": modified,
        "set": set_to,
        "left": "\n".join(left),
        "again": told,
    }


def refusal(known: dict[str, Any], folder: str, password: str) -> str:
    """What a login that is refused says."""
    try:
        connect(known, "ftp", folder, password)
    except (ftplib.Error, OSError) as error:
        return str(error)
    return ""


def main() -> None:
    """Print the report."""
    with open(sys.argv[1]) as file:
        known = json.load(file)
    if sys.argv[2:] == ["cut"]:
        cut(known)
    report: dict[str, Any] = {interface: seen(known, interface) for interface in known["names"]}
    report["password"] = refusal(known, known["good"], "wrong")
    report["revoked"] = refusal(known, known["revoked"], known["password"])
    print(json.dumps(report))


if __name__ == "__main__":
    main()
