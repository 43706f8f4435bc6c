"""TLS contexts of Python's own `ssl` for the SOAP door and for clients."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from pathlib import Path

from digipoort_sim.errors import ConfigError
from digipoort_sim.pki.authority import Authority

# X509_V_FLAG_NO_CHECK_TIME; `ssl` has no name for it, but passes it on.
_NO_CHECK_TIME = 0x200000


def server_context(
    authority: Authority, names: Iterable[str] = (), *, check_time: bool = True
) -> ssl.SSLContext:
    """A context that demands a client certificate of the authority and looks it up in the CRLs.

    Make it before forking: then every process understands the others' session tickets. A resumed
    session is not looked up in the CRLs; ask `Trust.verify` at every request.

    Args:
        names: names that the server certificate must have beside the profile's.
        check_time: False leaves the time of certificates and CRLs to `Trust`, for a security clock
            that is not the machine's.
    """
    authority.maintain(names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_CHAIN
    if not check_time:
        context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
    with authority.lock():
        context.load_cert_chain(authority.paths.server_chain, authority.paths.server_key)
        context.load_verify_locations(authority.paths.ca_file)
        context.load_verify_locations(authority.paths.crl_file)
    return context


def reload_crls(context: ssl.SSLContext, authority: Authority) -> None:
    """Let a running context use the newest CRLs from its next full handshake on.

    Makes them anew first when they are a day old, so that a call a day keeps a server going.
    """
    authority.maintain()
    context.load_verify_locations(authority.paths.crl_file)


def client_context(folder: Path) -> ssl.SSLContext:
    """A context for a client with the files of a folder: ``client.pem``, ``client.key``, ``ca.pem``.

    Raises:
        ConfigError: a file is missing or does not fit.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(folder / "ca.pem")
        context.load_cert_chain(folder / "client.pem", folder / "client.key")
    except OSError as error:  # ssl.SSLError is one too
        raise ConfigError(
            f"{folder} has no usable client.pem, client.key and ca.pem: {error}", rule="PKI-CLIENT-FILES"
        ) from None
    return context
