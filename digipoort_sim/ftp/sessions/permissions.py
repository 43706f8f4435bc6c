"""What pyftpdlib asks about permissions; logging in is done elsewhere."""

from __future__ import annotations

from pyftpdlib.authorizers import DummyAuthorizer

from digipoort_sim.ftp.folders import Homes

_ALL = "eladfrw"


class FolderAuthorizer(DummyAuthorizer):  # type: ignore[misc]
    """Permissions by folder; paths are those that pyftpdlib made absolute."""

    def __init__(self, homes: Homes) -> None:
        super().__init__()
        self._homes = homes

    def has_perm(self, username: str, perm: str, path: str | None = None) -> bool:
        """Whether the folder of this path allows it."""
        return path is not None and perm in self._homes.allowed(username, path)

    def get_perms(self, username: str) -> str:
        """All letters; listings narrow them by folder."""
        return _ALL

    def get_msg_quit(self, username: str) -> str:
        """What QUIT is answered with."""
        return "Goodbye."
