"""Server certificates that are bad on purpose, one fault each, so that clients can show that they look."""

from __future__ import annotations

from collections.abc import Iterable

from digipoort_sim.errors import ConfigError
from digipoort_sim.pki.authority import Authority
from digipoort_sim.pki.bad import spoiled
from digipoort_sim.pki.certificate import IssuedCertificate
from digipoort_sim.pki.oin import Oin

_SPOILED = {"expired": "expired", "self-signed": "self-signed", "unknown-ca": "unknown-root"}
"""Faults that client certificates can have too, by their names there."""

_OTHER_HOST = "other.digipoort-sim.example"
BAD_SERVER_KINDS = (*_SPOILED, "wrong-host", "revoked")


def make_bad_server(authority: Authority, kind: str, names: Iterable[str] = ()) -> IssuedCertificate:
    """Make a server certificate with one fault; takes a good part of a second.

    The authority's ledger knows only the kind ``revoked``.

    Args:
        kind: one of `BAD_SERVER_KINDS`.
        names: host names that it has beside the profile's; with ``wrong-host`` it has neither.

    Raises:
        ConfigError: there is no such kind.
    """
    if kind not in BAD_SERVER_KINDS:
        raise ConfigError(f"{kind!r} is not one of {', '.join(BAD_SERVER_KINDS)}", rule="PKI-BAD-KIND")
    holder = authority.profile.server
    hosts = dict.fromkeys((*holder.names, *names))
    if kind == "revoked":
        issued = authority.issue_client(Oin.parse(holder.oin), holder.organisation, hosts)
        authority.revoke(issued.serial)
        return issued
    if kind == "wrong-host":
        return spoiled(authority, kind, holder, (_OTHER_HOST,))
    return spoiled(authority, _SPOILED[kind], holder, hosts)
