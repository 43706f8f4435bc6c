"""The folder that ``certs issue --out DIR`` fills: a client's certificate and what it trusts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from digipoort_sim.errors import ConfigError
from digipoort_sim.pki.oin import Oin


@dataclass(frozen=True)
class CertificateFolder:
    """The files of one client.

    Attributes:
        client: leaf certificate, then the CAs below the root.
        key: the private key, unencrypted PKCS#8.
        ca: the trusted CAs.
        service: the certificate that signs answers.
    """

    client: Path
    key: Path
    ca: Path
    service: Path

    @classmethod
    def open(cls, folder: Path) -> CertificateFolder:
        """The files of a folder.

        Raises:
            ConfigError: one of the files is missing or not what it should be.
        """
        files = cls(folder / "client.pem", folder / "client.key", folder / "ca.pem", folder / "service.pem")
        for file in (files.client, files.key, files.ca):
            if not file.is_file():
                raise ConfigError(
                    f"{file} is not there; make it with: digipoort-sim certs issue --kvk N --out {folder}",
                    rule="CERT-DIR",
                )
        if _certificate(files.client).public_key() != _key(files.key).public_key():
            raise ConfigError(f"{files.key} is not the key of {files.client}", rule="CERT-DIR")
        _certificate(files.ca)
        return files

    def certificate(self) -> x509.Certificate:
        """The client's own certificate.

        Raises:
            ConfigError: the file holds none.
        """
        return _certificate(self.client)

    def oin(self) -> Oin:
        """The OIN in the client's certificate."""
        names = self.certificate().subject.get_attributes_for_oid(x509.NameOID.SERIAL_NUMBER)
        return Oin.parse(str(names[0].value) if names else "")


def _certificate(file: Path) -> x509.Certificate:
    """The first certificate of a file."""
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except ValueError as error:
        raise ConfigError(f"{file} holds no certificate in PEM form", rule="CERT-DIR") from error


def _key(file: Path) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(file.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{file} holds no unencrypted private key in PEM form", rule="CERT-DIR") from error
