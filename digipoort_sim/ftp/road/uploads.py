"""When an upload may begin, and when an uploaded file becomes a delivery."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from digipoort_sim.errors import ConflictError, ContentNameRefusal, NotFoundError, SizeRefusal, TechnicalError
from digipoort_sim.ftp.desk import Desk
from digipoort_sim.ftp.folders import is_whole, used_space
from digipoort_sim.ftp.profile import Profile

Role = Literal["temporary", "marker", "final"]


@dataclass(frozen=True)
class Upload:
    """An upload that a session asks for.

    Attributes:
        path: where the octets go.
        completes: the final name of the file in ``/in`` that is a delivery once the upload has ended.
        watched: the final name that must be free; empty for a temporary file.
    """

    path: Path
    completes: str = ""
    watched: str = ""

    @property
    def is_marker(self) -> bool:
        """Whether the upload itself is not the delivery but says that another file is one."""
        return bool(self.completes) and self.completes != self.path.name


def role_of(name: str, profile: Profile) -> Role:
    """What a name in ``/in`` stands for."""
    if name.endswith(profile.temporary_suffix):
        return "temporary"
    if profile.complete_when == "marker" and name.endswith(profile.marker_suffix):
        return "marker"
    return "final"


def plan_upload(desk: Desk, path: Path) -> Upload:
    """What an upload under this name would mean.

    Raises:
        Refusal: the name is not a good one.
        NotFoundError: it is a marker for a file that is not there.
    """
    profile = desk.profile
    desk.names.check_plain(path.name)
    role = role_of(path.name, profile)
    if role == "temporary":
        return Upload(path)
    if role == "marker":
        target = path.name.removesuffix(profile.marker_suffix)
        desk.names.parse(target)
        check_complete(path.with_name(target))
        return Upload(path, target, target)
    if profile.complete_when == "rename":
        raise ContentNameRefusal(
            f"upload under a name that ends in {profile.temporary_suffix}, then rename to the final name",
            rule="FTP-NAME-TEMPORARY",
        )
    desk.names.parse(path.name)
    return Upload(path, path.name if profile.complete_when == "close" else "", path.name)


def room_for(desk: Desk, user: str, upload: Upload) -> int:
    """How many bytes the file may have at most; reads the folder and the ledger.

    Raises:
        TechnicalError: the disk has no room left (rule ``FTP-DISK``).
        SizeRefusal: the account has no room left (rule ``FTP-QUOTA``).
        ConflictError: the final name was used before.
    """
    profile = desk.profile
    if upload.watched:
        check_name(desk, user, upload.watched)
    check_disk(desk, upload.path.parent)
    files, size = used_space(upload.path.parent, upload.path.name)
    if files >= profile.max_folder_files or size >= profile.max_folder_bytes:
        raise SizeRefusal(
            f"/in holds {files} files of {size} bytes already; rename or delete some", rule="FTP-QUOTA"
        )
    return min(profile.max_file_bytes, profile.max_folder_bytes - size)


def check_disk(desk: Desk, folder: Path, size: int = 0) -> None:
    """Check that the disk has room for a file, and then still `min_free_bytes` of the profile.

    Raises:
        TechnicalError: it has not (rule ``FTP-DISK``).
    """
    found = os.statvfs(folder)
    if found.f_bavail * found.f_frsize < desk.profile.min_free_bytes + size:
        raise TechnicalError("the disk here is full; try again later", rule="FTP-DISK")


def check_name(desk: Desk, user: str, name: str) -> None:
    """Check that an account may use a name for a delivery; reads the ledger.

    Raises:
        ConflictError: it used it before (rule ``FTP-NAME-USED``).
    """
    again = desk.profile.used_names == "free-when-done"
    desk.ledger.check_unused(desk.interface.key, user, name, again=again)


def check_complete(path: Path) -> None:
    """Check that a file's upload came to its end.

    Raises:
        NotFoundError: there is no such file.
        ConflictError: the upload was cut off (rule ``FTP-INCOMPLETE``).
    """
    try:
        whole = is_whole(path)
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {path.name} in /in", rule="FTP-NO-FILE") from None
    if not whole:
        raise ConflictError(
            f"the upload of {path.name} was cut off; resume it with REST or APPE, or upload it again",
            rule="FTP-INCOMPLETE",
        )
