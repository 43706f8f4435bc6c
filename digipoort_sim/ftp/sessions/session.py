"""A session's commands on files: uploading, renaming, and what makes a delivery of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from digipoort_sim.errors import ConflictError, ContentNameRefusal, DigipoortSimError
from digipoort_sim.ftp.ledger import Entry
from digipoort_sim.ftp.road.taking import UnsureError, check_may_move, take_in
from digipoort_sim.ftp.road.uploads import Upload, check_disk, check_name, plan_upload, role_of, room_for
from digipoort_sim.ftp.sessions.control import ControlChannel


class Session(ControlChannel):
    """A control channel with its commands on files."""

    _upload: Upload | None = None
    _rnfr: str | None

    # --- uploading

    def ftp_STOR(self, file: str, mode: str = "w") -> None:  # noqa: N802
        """Store a file, also for APPE and after REST."""
        try:
            upload = plan_upload(self.desk, Path(file))
            self._check_not_taken(upload.path)
        except DigipoortSimError as error:
            self._restart_position = 0
            self.refuse_error(error)
            return
        user = self.username
        self.later(lambda: room_for(self.desk, user, upload), lambda done: self._store(upload, mode, done))

    def _store(self, upload: Upload, mode: str, done: Future[int]) -> None:
        try:
            self.upload_limit = done.result()
            self._check_not_taken(upload.path)
        except Exception as error:
            self._restart_position = 0
            self.refuse_error(error)
            return
        path = str(upload.path)
        self._take_over(path)
        self._upload = upload
        if super().ftp_STOR(path, mode) is not None:
            self.desk.writing[path] = self

    def _take_over(self, path: str, why: str = "another session uploads the same file") -> None:
        """End an upload to the same path that another session has not ended: the network may have."""
        other = self.desk.writing.pop(path, None)
        if other is not None and other is not self:
            other.lose_upload(why, "FTP-TAKEN-OVER")

    def _check_not_taken(self, path: Path) -> None:
        if str(path) in self.desk.taking:
            raise ConflictError(f"{path.name} is being delivered; try again", rule="FTP-BUSY")

    def ftp_ALLO(self, line: str) -> None:  # noqa: N802
        """Room for a file; too much is refused before it is sent."""
        size = line.split(" ")[0]
        limit = self.desk.profile.max_file_bytes
        if size.isascii() and size.isdigit() and int(size[:19]) > limit:
            self.refuse(552, f"a file may have at most {limit} bytes", "FTP-SIZE")
            return
        folder = self.desk.homes.incoming(self.username)
        room = int(size) if size.isascii() and size.isdigit() else 0
        self.later(lambda: check_disk(self.desk, folder, room), lambda done: self._allotted(line, done))

    def _allotted(self, line: str, done: Future[None]) -> None:
        error = done.exception()
        if error is None:
            super().ftp_ALLO(line)
        else:
            self.refuse_error(error)

    def ftp_TYPE(self, line: str) -> None:  # noqa: N802
        """The type of transfers; it changes nothing, for the receipt tells the SHA-256 of what was sent."""
        if line.upper().replace(" ", "") in ("A", "AN"):
            self._current_type = "a"
            self.respond("200 Type set to: ASCII; files are sent and stored byte for byte all the same.")
        else:
            super().ftp_TYPE(line)

    # --- the end of an upload

    def completes_delivery(self) -> bool:
        """Whether the end of the present upload makes a delivery, so that its reply has to wait."""
        return self._upload is not None and bool(self._upload.completes)

    def on_file_received(self, file: str) -> None:
        """An upload came to its end."""
        self.desk.writing.pop(file, None)
        upload, self._upload = self._upload, None
        if upload is None or not upload.completes:
            return
        try:
            marker = upload.path if upload.is_marker else None
            source = upload.path.with_name(upload.completes)
            self._deliver(source, upload.completes, "226 Transfer complete; accepted for processing.", marker)
        except DigipoortSimError as error:
            self.refuse_error(error)

    def on_incomplete_file_received(self, file: str) -> None:
        """An upload was cut off; its part stays."""
        self._upload = None
        if self.desk.writing.get(file) is self:
            del self.desk.writing[file]

    def _deliver(self, source: Path, name: str, reply: str, marker: Path | None = None) -> None:
        self._check_not_taken(source)
        entry = self._entry(source.name, name)
        self.desk.taking.add(str(source))
        # To force a large file onto the disk may take long.
        self.later(self._taking(entry, source, marker), lambda done: self._delivered(done, reply), "long")

    def _taking(self, entry: Entry, source: Path, marker: Path | None) -> Callable[[], None]:
        desk = self.desk

        def free() -> None:
            desk.loop.post(lambda: desk.taking.discard(str(source)))

        def work() -> None:
            try:
                take_in(desk, entry)
            except UnsureError:
                desk.find_out(entry, free)  # until then nobody may touch the file
                raise
            except BaseException:
                free()
                raise
            finally:
                if marker is not None:
                    marker.unlink(missing_ok=True)
            free()

        return work

    def _delivered(self, done: Future[None], reply: str) -> None:
        error = done.exception()
        if error is None:
            self.respond(reply)
        else:
            self.refuse_error(error)

    def _entry(self, source: str, name: str) -> Entry:
        if self.account is None or self.peer is None:
            raise ConflictError("nobody is logged in", rule="FTP-SEQUENCE")
        return Entry(
            interface=self.desk.interface.key,
            user=self.account.user,
            name=name,
            source=source,
            work=self.desk.ids.uuid(),
            oin=self.account.oin,
            certificate=self.peer.sha256,
            received=self.desk.clocks.simulator.now(),
        )

    # --- deleting and renaming

    def ftp_DELE(self, path: str) -> Any:  # noqa: N802
        """Delete a file; an upload to it that has not ended is given up."""
        if self._is_free(path):
            self._take_over(path, "another session deletes the file")
            return super().ftp_DELE(path)
        return None

    def ftp_RNFR(self, path: str) -> None:  # noqa: N802
        """The file to be renamed."""
        if self._is_free(path):
            super().ftp_RNFR(path)

    def _is_free(self, path: str) -> bool:
        try:
            self._check_not_taken(Path(path))
        except ConflictError as error:
            self.refuse_error(error)
            return False
        return True

    def ftp_RNTO(self, path: str) -> None:  # noqa: N802
        """Rename; to a final name it makes a delivery, as the profile has it."""
        source, self._rnfr = self._rnfr, None
        if not source:
            self.refuse(503, "send RNFR first", "FTP-SEQUENCE")
            return
        try:
            self._rename(Path(source), Path(path))
        except DigipoortSimError as error:
            self.refuse_error(error)

    def _rename(self, source: Path, target: Path) -> None:
        desk, user = self.desk, self.username
        desk.names.check_plain(target.name)
        role = role_of(target.name, desk.profile)
        if role == "marker":
            raise ContentNameRefusal("a marker has to be uploaded", rule="FTP-NAME-MARKER")
        if role == "final":
            desk.names.parse(target.name)
            if desk.profile.complete_when != "marker":
                self._deliver(source, target.name, f"250 {target.name} is accepted for processing.")
                return

        def check() -> None:
            check_may_move(desk, user, source)
            if role == "final":
                check_name(desk, user, target.name)

        self.later(check, lambda done: self._move(source, target, done))

    def _move(self, source: Path, target: Path, done: Future[None]) -> None:
        try:
            done.result()
            self._check_not_written(source)
            self._check_not_taken(source)
            if os.path.lexists(target):
                raise ConflictError(f"there is a file {target.name} already", rule="FTP-NAME-EXISTS")
            source.rename(target)
        except FileNotFoundError:
            self.refuse(550, f"{source.name} is gone from /in", "FTP-NO-FILE")
        except Exception as error:
            self.refuse_error(error)
        else:
            self.respond("250 Renamed.")

    def _check_not_written(self, path: Path) -> None:
        if str(path) in self.desk.writing:
            raise ConflictError(f"{path.name} is being uploaded; try again", rule="FTP-BUSY")

    def close(self) -> None:
        """Close the session; what it was writing is nobody's any more."""
        for path in [path for path, writer in self.desk.writing.items() if writer is self]:
            del self.desk.writing[path]
        super().close()


class ImplicitSession(Session):
    """A session that is under TLS from its first octet, with data channels under TLS as well."""

    banner = "Digipoort-simulator, FTP."

    def handle(self) -> None:
        """Begin TLS; the greeting comes after it."""
        self.begin_tls()

    def handle_ssl_established(self) -> None:
        """Greet, now that TLS is there."""
        super().handle_ssl_established()
        self._pbsz = self._prot = True
        super().handle()
