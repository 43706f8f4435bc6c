"""The five files that a client gets."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import PrivateFormat

from digipoort_sim.errors import ConfigError
from digipoort_sim.pki.certificate import IssuedCertificate
from digipoort_sim.pki.folder import PUBLIC, SECRET, PkiPaths, replace_file

_ROUNDS = 20_000


def write(issued: IssuedCertificate, paths: PkiPaths, out: Path, password: str) -> None:
    """Write the files of a client to a folder; see `Authority.write_client_files`."""
    if not password:
        raise ConfigError("the password of client.p12 must not be empty", rule="PKI-PASSWORD")
    files = {
        "client.pem": (issued.chain_pem(), PUBLIC),
        "client.key": (issued.key_pem(), SECRET),
        "client.p12": (_pkcs12(issued, password), SECRET),
        "ca.pem": (paths.ca_file.read_bytes(), PUBLIC),
        "service.pem": (paths.service_certificate.read_bytes(), PUBLIC),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, (content, mode) in files.items():
            replace_file(out / name, content, mode)
    except OSError as error:
        raise ConfigError(f"{out} cannot be written: {error.strerror}", rule="PKI-OUT") from None


def _pkcs12(issued: IssuedCertificate, password: str) -> bytes:
    """PBES2 with AES-256 and a SHA-256 MAC: what OpenSSL 3, Java 17 and Windows 10 all open."""
    from cryptography.hazmat.primitives.serialization import pkcs12  # not needed to serve

    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(password.encode())
    )
    return pkcs12.serialize_key_and_certificates(
        b"client", issued.key, issued.certificate, issued.chain, encryption
    )
