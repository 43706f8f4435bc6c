"""MFMT: the time of a file in the folder for deliveries."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime

from digipoort_sim.ftp.sessions.data_setup import DataSetup

_FORMAT = "%Y%m%d%H%M%S"
_DIGITS = 14


class Times(DataSetup):
    """The part of a session that sets times; in ``/out`` retention goes by them."""

    def ftp_MFMT(self, path: str, timeval: str) -> None:  # noqa: N802
        """Set the time of a file, in UTC."""
        moment = _moment(timeval)
        if moment is None:
            self.refuse(501, "the time must be YYYYMMDDHHMMSS, in UTC", "FTP-ARGUMENT")
            return
        try:
            if not stat.S_ISREG(os.lstat(path).st_mode):
                raise FileNotFoundError
            os.utime(path, (moment, moment), follow_symlinks=False)
        except OSError:
            self.refuse(550, "there is no such file", "FTP-NO-FILE")
        else:
            self.respond(f"213 Modify={timeval}; {self.fs.fs2ftp(path)}")


def _moment(timeval: str) -> float | None:
    if not (timeval.isascii() and timeval.isdigit() and len(timeval) == _DIGITS):
        return None
    try:
        return datetime.strptime(timeval, _FORMAT).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
