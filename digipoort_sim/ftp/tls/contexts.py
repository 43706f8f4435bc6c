"""The TLS context of the file door: client certificates demanded, CRLs in force, sessions reusable."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from OpenSSL import SSL
from OpenSSL.crypto import X509StoreFlags

from digipoort_sim.ftp.profile import Profile, TlsVersion
from digipoort_sim.pki import crl
from digipoort_sim.pki.certificate import IssuedCertificate, load_certificates
from digipoort_sim.pki.facts import shown_name
from digipoort_sim.pki.folder import PkiPaths

_SESSION_ID = b"digipoort-sim-ftp"
_CIPHERS = b"ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:@SECLEVEL=2"

_VERSIONS: dict[TlsVersion, int] = {"1.2": SSL.TLS1_2_VERSION, "1.3": SSL.TLS1_3_VERSION}
_lib: Any = SSL._lib  # type: ignore[attr-defined]

Stamp = tuple[tuple[int, int], ...]


class TlsContexts:
    """Gives the context for a new session; made anew when a CRL or the server certificate changes.

    A session keeps its context for its data channels, else clients could not reuse the TLS session there.

    Args:
        prepare: called with each context that is made.
        profile: which versions are spoken, and what becomes of TLS sessions.

    Attributes:
        trusted: the names of the CAs that are trusted.
    """

    def __init__(
        self,
        paths: PkiPaths,
        prepare: Callable[[SSL.Context], None],
        profile: Profile,
    ) -> None:
        self._paths = paths
        self._prepare = prepare
        self._profile = profile
        self._context: SSL.Context | None = None
        self.trusted = tuple(shown_name(one.subject) for one in load_certificates(paths.ca_file))
        self._stamp: Stamp = ()

    def current(self) -> SSL.Context:
        """The context in force; costs three stats when nothing changed."""
        stamp = self._files_stamp()
        if self._context is None or stamp != self._stamp:
            self._context, self._stamp = make_context(self._paths, self._profile), stamp
            self._prepare(self._context)
        return self._context

    def presenting(self, issued: IssuedCertificate) -> SSL.Context:
        """A context as it would be now, that presents another certificate."""
        context = make_context(self._paths, self._profile)
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(issued.chain_pem())
            file.flush()
            context.use_certificate_chain_file(file.name)
        context.use_privatekey(issued.key)
        self._prepare(context)
        return context

    def _files_stamp(self) -> Stamp:
        files = (self._paths.crl_file, self._paths.server_chain, self._paths.ca_file)
        return tuple(_stamp(path) for path in files)


def make_context(paths: PkiPaths, profile: Profile) -> SSL.Context:
    """A server context: the profile's versions, and a client certificate of our CAs that is not revoked."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(_VERSIONS[profile.minimum_tls])
    context.set_max_proto_version(_VERSIONS[profile.maximum_tls])
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_CIPHER_SERVER_PREFERENCE)
    context.set_cipher_list(_CIPHERS)
    context.use_certificate_chain_file(str(paths.server_chain))
    context.use_privatekey_file(str(paths.server_key))
    context.check_privatekey()
    context.load_verify_locations(str(paths.ca_file))
    context.load_client_ca(str(paths.ca_file).encode())
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)
    # Without an id of its own, OpenSSL refuses every client that reuses its session on the data channel.
    context.set_session_id(_SESSION_ID)
    if profile.session_reuse == "off":
        # In TLS 1.3 OpenSSL still sends a ticket, but one for a session that nobody keeps.
        context.set_options(SSL.OP_NO_TICKET)
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    store = context.get_cert_store()
    if store is not None:
        for one in crl.load(paths.crl_file):
            store.add_crl(one)
        store.set_flags(X509StoreFlags.CRL_CHECK | X509StoreFlags.CRL_CHECK_ALL)
    return context


def keep_sessions_apart(context: SSL.Context, owner: bytes) -> None:
    """Let the connection that is made next resume only TLS sessions of this owner, of at most 32 octets.

    A connection takes this over from its context when it is made; OpenSSL then makes a whole handshake
    with whoever brings the session of another. pyOpenSSL lets nobody change a context that is in use, for
    the sake of other threads; the file door has only one.
    """
    _lib.SSL_CTX_set_session_id_context(context._context, owner, len(owner))


def is_resumed(connection: SSL.Connection) -> bool:
    """Whether an established connection resumed a TLS session."""
    return bool(_lib.SSL_session_reused(connection._ssl))


def judge_at(context: SSL.Context, moment: datetime) -> None:
    """Judge certificates and CRLs in coming handshakes at this moment of the security clock."""
    store = context.get_cert_store()
    if store is not None:
        store.set_time(moment)


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_ino
