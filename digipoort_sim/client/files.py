"""Sessions on the file door: the reference client's side of FTPS."""

from __future__ import annotations

import contextlib
import ftplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from digipoort_sim.client.faults import FaultError
from digipoort_sim.client.folder import CertificateFolder
from digipoort_sim.client.trouble import unreachable_door

_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class FileAccount:
    """Where the file door is, and who logs in.

    Attributes:
        implicit: TLS from the first octet, instead of after AUTH.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    implicit: bool = False


class ReplyError(FaultError):
    """The file door answered no.

    Attributes:
        reply: its whole reply, such as ``553 this name was delivered before``.
    """

    def __init__(self, reply: str) -> None:
        super().__init__("", reply)
        self.reply = str(self)

    @property
    def code(self) -> int:
        """The number of the reply; 0 where what came is no reply."""
        return int(self.reply[:3]) if self.reply[:3].isdigit() else 0


class CutOffError(Exception):
    """A session broke off in the middle of a transfer; it can be taken up again in another one."""


class FileSession(ftplib.FTP_TLS):
    """FTP over TLS whose data channel resumes the control channel's session.

    Attributes:
        implicit: TLS from the first octet.
    """

    implicit = False

    def begin_tls(self) -> None:
        """TLS at once, for a door that speaks it from the first octet; the greeting was not read yet."""
        self.sock = self.context.wrap_socket(self.sock, server_hostname=self.host)  # type: ignore[arg-type]
        self.file = self.sock.makefile("r", encoding=self.encoding)

    def getresp(self) -> str:
        """A reply; under implicit TLS the first one comes after the handshake."""
        if self.welcome is None and self.implicit and not isinstance(self.sock, ssl.SSLSocket):
            self.begin_tls()
        return super().getresp()

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[Any, int | None]:
        """Open a data channel under TLS."""
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        session = self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None
        try:
            return self.context.wrap_socket(connection, server_hostname=self.host, session=session), size
        except OSError:
            connection.close()
            raise


@contextlib.contextmanager
def logged_in(account: FileAccount, folder: CertificateFolder) -> Iterator[FileSession]:
    """A session on the file door, its data channel protected, in binary mode.

    Raises:
        UnreachableError: no connection, or the certificate is refused.
        ReplyError: a command or the login is refused.
    """
    context = ssl.create_default_context(cafile=str(folder.ca))
    context.load_cert_chain(folder.client, folder.key)
    ftp = FileSession(context=context, timeout=_TIMEOUT_SECONDS)
    ftp.implicit = account.implicit
    try:
        ftp.connect(account.host, account.port)
        if not account.implicit:
            ftp.auth()
        ftp.login(account.user, account.password, secure=False)
        ftp.prot_p()
        ftp.voidcmd("TYPE I")
        yield ftp
        with contextlib.suppress(ftplib.Error, OSError, EOFError):
            ftp.quit()
    except ftplib.Error as error:
        raise ReplyError(str(error)) from error
    except (OSError, EOFError) as error:
        raise unreachable_door(error, f"the file door at {account.host}:{account.port}", folder) from error
    finally:
        ftp.close()
