"""The account of the file door beside a certificate: a netrc file, so that no command line shows it."""

from __future__ import annotations

import netrc
import os
from pathlib import Path

from digipoort_sim.client.folder import CertificateFolder
from digipoort_sim.errors import ConfigError

FILE = "account.netrc"
"""In the certificate folder; curl reads it too: ``--netrc-file``."""
USER_VARIABLE, PASSWORD_VARIABLE = "DIGIPOORT_FTP_USER", "DIGIPOORT_FTP_PASSWORD"
_HOST = "localhost"


def keep_account(folder: Path, user: str, password: str) -> Path:
    """Write the account into a folder, for its owner's eyes only; gives the file.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(f"machine {_HOST} login {user} password {password}\n")
    part.replace(file)
    return file


def account_of(cert: Path, user: str | None, password: str | None) -> tuple[str | None, str | None]:
    """User and password: as given, else of the environment, else of the file in the certificate folder.

    Raises:
        ConfigError: there is a file, and it cannot be read; or there is no certificate either.
    """
    user = user or os.environ.get(USER_VARIABLE)
    password = password or os.environ.get(PASSWORD_VARIABLE)
    if user and password:
        return user, password
    kept = kept_account(cert)
    if kept is None:
        CertificateFolder.open(cert)  # a folder that is not there is told as that, not as a missing account
    if kept is None or (user and user != kept[0]):
        return user, password
    return kept[0], password or kept[1]


def kept_account(folder: Path) -> tuple[str, str] | None:
    """User and password that a folder keeps, if it does.

    Raises:
        ConfigError: there is a file, and it cannot be read.
    """
    file = folder / FILE
    try:
        found = netrc.netrc(str(file)).authenticators(_HOST)
    except FileNotFoundError:
        return None
    except (OSError, netrc.NetrcParseError, ValueError) as error:
        raise ConfigError(f"{file} cannot be read as a netrc file: {error}", rule="FILE") from None
    return (found[0], found[2] or "") if found else None
