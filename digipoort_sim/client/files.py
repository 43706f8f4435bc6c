"""Delivering a file by FTPS: the reference client's side of the file interface."""

from __future__ import annotations

import contextlib
import ftplib
import io
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from digipoort_sim.client.folder import CertificateFolder
from digipoort_sim.client.soap import FaultError
from digipoort_sim.client.trouble import unreachable_door
from digipoort_sim.errors import ConfigError

_TIMEOUT_SECONDS = 30.0
_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class FileAccount:
    """Where the file door is, and who logs in."""

    host: str
    port: int
    user: str
    password: str


class _ReusingFtp(ftplib.FTP_TLS):
    """FTP over TLS whose data channel resumes the control channel's session."""

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[Any, int | None]:
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        if getattr(self, "_prot_p", False):
            session = self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None
            connection = self.context.wrap_socket(connection, server_hostname=self.host, session=session)
        return connection, size


@contextlib.contextmanager
def logged_in(account: FileAccount, folder: CertificateFolder) -> Iterator[ftplib.FTP_TLS]:
    """A session on the file door, its data channel protected.

    Raises:
        UnreachableError: no connection, or the certificate is refused.
        FaultError: a command or the login is refused; the FTP reply stands in its text.
    """
    context = ssl.create_default_context(cafile=str(folder.ca))
    context.load_cert_chain(folder.client, folder.key)
    ftp = _ReusingFtp(context=context, timeout=_TIMEOUT_SECONDS)
    try:
        ftp.connect(account.host, account.port)
        ftp.auth()
        ftp.login(account.user, account.password, secure=False)
        ftp.prot_p()
        yield ftp
        with contextlib.suppress(ftplib.Error, OSError, EOFError):
            ftp.quit()
    except ftplib.Error as error:
        raise FaultError("", str(error)) from error
    except (OSError, EOFError) as error:
        raise unreachable_door(error, f"the file door at {account.host}:{account.port}", folder) from error
    finally:
        ftp.close()


def deliver_file(ftp: ftplib.FTP_TLS, name: str, content: bytes) -> str:
    """Upload under a temporary name, rename, and wait for the receipt; gives the kenmerk.

    Raises:
        FaultError: an error file came instead of a receipt.
        ConfigError: neither came within a minute.
    """
    ftp.storbinary(f"STOR /in/{name}.tmp", io.BytesIO(content))
    ftp.rename(f"/in/{name}.tmp", f"/in/{name}")
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        names = {entry.rsplit("/", 1)[-1] for entry in ftp.nlst("/out")}
        if f"{name}.ontvangst.xml" in names:
            return _text(_fetched(ftp, f"{name}.ontvangst.xml"), "kenmerk")
        if f"{name}.fout.xml" in names:
            fout = _fetched(ftp, f"{name}.fout.xml")
            raise FaultError(_text(fout, "foutcode"), _text(fout, "foutbeschrijving"))
        time.sleep(_POLL_SECONDS)
    raise ConfigError(f"no receipt for {name} came within a minute", rule="NO-RECEIPT")


def _fetched(ftp: ftplib.FTP_TLS, name: str) -> etree._Element:
    buffer = io.BytesIO()
    ftp.retrbinary(f"RETR /out/{name}", buffer.write)
    return etree.fromstring(buffer.getvalue(), etree.XMLParser(resolve_entities=False))


def _text(root: etree._Element, name: str) -> str:
    found = root.find(f".//{{*}}{name}")
    return (found.text or "") if found is not None else ""
