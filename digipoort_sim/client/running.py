"""Finding the running simulator and the identities that go into a message."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from digipoort_sim.client.endpoints import read_endpoints
from digipoort_sim.client.folder import CertificateFolder
from digipoort_sim.errors import ConfigError
from digipoort_sim.pki.numbers import derive_type

if TYPE_CHECKING:
    from digipoort_sim.client.soap import WusClient


@dataclass(frozen=True)
class Running:
    """A running simulator, as its ``endpoints.json`` describes it."""

    wus: str
    ftp_port: int
    web: str
    ftp_gb_port: int | None = None
    ftp_implicit_port: int | None = None

    @classmethod
    def find(cls, state: Path) -> Running:
        """The simulator that serves from a state directory.

        Raises:
            UnreachableError: none does.
        """
        found = read_endpoints(state)
        return cls(
            found["wus"],
            found["ftp_port"],
            found["web"],
            found.get("ftp_gb_port"),
            found.get("ftp_implicit_port"),
        )

    def client(self, cert: Path, *, stub: bool = False, sha: int = 256) -> WusClient:
        """A SOAP client of this simulator for a certificate folder."""
        from digipoort_sim.client.soap import WusClient

        return WusClient(self.wus, CertificateFolder.open(cert), stub=stub, sha=sha)


def type_of(nummer: str, given: str | None) -> str:
    """The type of a number: as given, else derived where it is unambiguous.

    Raises:
        ConfigError: it has to be given.
    """
    found = given or derive_type(nummer)
    if found is None:
        raise ConfigError(
            f"the type of {nummer} is not clear from the number alone; give --type (BSN, RSIN, Fi ...)",
            rule="OPTION",
        )
    return found


def rol_of(folder: CertificateFolder, nummer: str, given: str | None) -> str:
    """rolBelanghebbende: as given, else `Bedrijf` for a party's own number and `Intermediair` for others."""
    if given is not None:
        return given
    oin = folder.oin()
    return "Bedrijf" if nummer in (oin.value, oin.core) else "Intermediair"
