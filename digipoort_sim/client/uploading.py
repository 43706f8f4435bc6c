"""Bringing a file to the file door in constant memory, also over connections that break."""

from __future__ import annotations

import contextlib
import ftplib
import hashlib
import io
import os
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from digipoort_sim.catalogue.file_profiles import Profile
from digipoort_sim.client.endpoints import UnreachableError
from digipoort_sim.client.files import CutOffError, FileAccount, FileSession, logged_in
from digipoort_sim.client.folder import CertificateFolder
from digipoort_sim.errors import ConfigError

_BLOCK = 256 * 1024
_LAST_WORD_SECONDS = 5.0
_ATTEMPTS = 6
_PAUSE_SECONDS = 0.25
_AGAIN = ("421", "425", "426", "450", "451")
"""Replies after which an upload may be taken up again."""
_NO_RESTART = ("501", "502", "503", "504")

Progress = Callable[[int], None]
"""Called with the number of octets that are there."""


@dataclass(frozen=True)
class Source:
    """What is uploaded; can be read again from its beginning.

    Attributes:
        size: octets.
    """

    size: int
    open: Callable[[], BinaryIO]

    @classmethod
    def of_path(cls, path: Path) -> Source:
        """A file.

        Raises:
            ConfigError: it cannot be read.
        """
        try:
            if not path.is_file():
                raise ConfigError(f"{path} is no file", rule="FILE")
            with path.open("rb") as file:
                return cls(os.fstat(file.fileno()).st_size, lambda: path.open("rb"))
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror}", rule="FILE") from error

    @classmethod
    def of_octets(cls, content: bytes) -> Source:
        """A content in memory."""
        return cls(len(content), lambda: io.BytesIO(content))

    def sha256(self) -> str:
        """Its SHA-256, lower-case hex."""
        digest = hashlib.sha256()
        with self.open() as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()


@dataclass(frozen=True)
class Sent:
    """What was sent.

    Attributes:
        size: octets of the whole file.
        sha256: of the whole file, lower-case hex.
        resumed: the octets that were there already.
        was_there: whether it had been delivered before, as a whole, and nothing was sent.
        broke_after: for each connection that broke, the octets of the file that had gone.
    """

    size: int
    sha256: str
    resumed: int = 0
    was_there: bool = False
    broke_after: tuple[int, ...] = ()


@dataclass(frozen=True)
class Depot:
    """A file door as one party uses it.

    Attributes:
        profile: the rules of the interface.
    """

    account: FileAccount
    folder: CertificateFolder
    profile: Profile

    def session(self) -> contextlib.AbstractContextManager[FileSession]:
        """A session; see `logged_in`."""
        return logged_in(self.account, self.folder)

    def incoming(self, name: str) -> str:
        """The path of a file to be delivered."""
        return f"/{self.profile.in_folder}/{name}"


@dataclass
class Upload:
    """One file on its way to its final name.

    Attributes:
        resume: go on where an earlier upload under this name broke off.
    """

    depot: Depot
    name: str
    source: Source
    progress: Progress
    resume: bool = False
    _done: int = 0
    _resumed: int = 0
    _is_sent: Sent | None = None
    _broke_after: tuple[int, ...] = ()

    def run(self) -> Sent:
        """Upload and complete it as the profile wants; a connection that breaks is made again.

        Raises:
            UnreachableError: the door cannot be reached, also not after some attempts.
            ReplyError: it refuses.
        """
        failures = 0
        while True:
            before = self._done
            try:
                with self.depot.session() as ftp:
                    return replace(self._attempt(ftp), broke_after=self._broke_after)
            except (CutOffError, UnreachableError) as error:
                failures = 1 if self._done > before else failures + 1
                if not self._may_go_on(error, failures):
                    raise _given_up(error, self) from error
                self.resume = True
                self._broke_after += (self._done,)
                time.sleep(_PAUSE_SECONDS * 2**failures)

    def _may_go_on(self, error: Exception, failures: int) -> bool:
        """A door that was never reached is not tried again: its address or the certificate is wrong."""
        has_begun = isinstance(error, CutOffError) or self._done > 0 or self._is_sent is not None
        return has_begun and failures < _ATTEMPTS

    def _attempt(self, ftp: FileSession) -> Sent:
        there = self._there(ftp) if self.resume else 0
        if there is None and self._is_sent is not None:
            return replace(self._is_sent, resumed=self._done)  # it was taken in, only the reply was lost
        sent = self._send(ftp, min(there or 0, self.source.size))
        self._is_sent = sent
        self._complete(ftp)
        return sent

    @property
    def _first_name(self) -> str:
        is_renamed = self.depot.profile.complete_when == "rename"
        return f"{self.name}{self.depot.profile.temporary_suffix}" if is_renamed else self.name

    def _there(self, ftp: FileSession) -> int | None:
        """How much of the file lies there; None if it does not."""
        with _cut_off_by_trouble():
            for name, facts in ftp.mlsd(f"/{self.depot.profile.in_folder}"):
                if name == self._first_name:
                    return int(facts.get("size", 0))
        return None

    def _send(self, ftp: FileSession, position: int) -> Sent:
        path, digest = self.depot.incoming(self._first_name), hashlib.sha256()
        connection, position = _open_upload(ftp, path, position)
        with self.source.open() as stream:
            self._resumed = position
            self._skip(stream, position, digest)
            with _with_last_word(ftp), connection:
                while block := stream.read(_BLOCK):
                    connection.sendall(block)
                    digest.update(block)
                    self._tell(self._done + len(block))
                self._is_sent = Sent(self._done, digest.hexdigest(), position)
                if isinstance(connection, ssl.SSLSocket):
                    connection.unwrap()
        with _cut_off_by_trouble():
            ftp.voidresp()
        return self._is_sent

    def _skip(self, stream: BinaryIO, position: int, digest: hashlib._Hash) -> None:
        """Read what is there already, for the checksum of the whole."""
        self._tell(0)
        while self._done < position and (block := stream.read(min(_BLOCK, position - self._done))):
            digest.update(block)
            self._tell(self._done + len(block))

    def _tell(self, done: int) -> None:
        self._done = done
        self.progress(done)

    def _complete(self, ftp: FileSession) -> None:
        profile = self.depot.profile
        with _cut_off_by_trouble():
            if profile.complete_when == "rename":
                ftp.rename(self.depot.incoming(self._first_name), self.depot.incoming(self.name))
            elif profile.complete_when == "marker":
                marker = self.depot.incoming(f"{self.name}{profile.marker_suffix}")
                ftp.storbinary(f"STOR {marker}", io.BytesIO())


def _open_upload(ftp: FileSession, path: str, position: int) -> tuple[ssl.SSLSocket, int]:
    """A data channel for an upload from a position on, or from 0 where the door does not resume."""
    with _cut_off_by_trouble():
        ftp.voidcmd("TYPE I")  # a listing leaves TYPE A behind, in which there is no REST
        try:
            return ftp.ntransfercmd(f"STOR {path}", position or None)[0], position
        except ftplib.error_perm as refused:
            if not position or not str(refused).startswith(_NO_RESTART):
                raise
            return ftp.ntransfercmd(f"STOR {path}")[0], 0


@contextlib.contextmanager
def _cut_off_by_trouble() -> Iterator[None]:
    """Tell trouble that may pass from a refusal."""
    try:
        yield
    except ftplib.error_temp as error:
        if str(error).startswith(_AGAIN):
            raise CutOffError(str(error)) from error
        raise
    except (OSError, EOFError) as error:
        raise CutOffError(str(error) or "the connection was closed") from error


@contextlib.contextmanager
def _with_last_word(ftp: FileSession) -> Iterator[None]:
    """A server that does not want any more closes the data channel and tells why on the other one."""
    try:
        yield
    except OSError as error:
        with _cut_off_by_trouble():
            if ftp.sock is not None:
                ftp.sock.settimeout(_LAST_WORD_SECONDS)
            ftp.voidresp()
        raise CutOffError(str(error)) from error


def _given_up(error: Exception, upload: Upload) -> Exception:
    if isinstance(error, UnreachableError) and not upload._done:
        return error
    return UnreachableError(
        f"the upload broke off after {upload._done} of {upload.source.size} bytes ({error}); go on with "
        f"--name {upload.name} --resume",
        rule="FTP-BROKEN-OFF",
    )
