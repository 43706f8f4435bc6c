"""The TLS context for calls that the simulator itself makes: to agencies outside."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path

from digipoort_sim.errors import ConfigError
from digipoort_sim.pki.authority import Authority

# X509_V_FLAG_NO_CHECK_TIME; `ssl` has no name for it, but passes it on.
_NO_CHECK_TIME = 0x200000


def outgoing_context(
    authority: Authority, ca: Path | None = None, *, check_time: bool = True
) -> ssl.SSLContext:
    """A context that shows Digipoort's own signing certificate and trusts the CAs of a file.

    Make it for each call: then what was renewed or revoked counts at once.

    Args:
        ca: PEM file of CAs; None means the authority itself, whose CRLs are then looked at too.
        check_time: False for a security clock that is not the machine's.

    Raises:
        ConfigError: the file cannot be read or holds no certificate.
    """
    identity = authority.service_identity()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not check_time:
        context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
    try:
        context.load_verify_locations(ca or authority.paths.ca_file)
    except OSError as error:  # ssl.SSLError is one too
        raise ConfigError(
            f"{ca} holds no CA certificates that can be read: {error}", rule="AGENCY-CA"
        ) from None
    if ca is None:
        context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_CHAIN
        with authority.lock():
            context.load_verify_locations(authority.paths.crl_file)
    with tempfile.NamedTemporaryFile(dir=authority.paths.folder, prefix=".outgoing-") as chain:
        chain.write(identity.chain_pem())
        chain.flush()
        context.load_cert_chain(chain.name, authority.paths.service_key)
    return context
