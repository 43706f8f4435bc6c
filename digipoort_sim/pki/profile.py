"""The profile of the TRIAL authority: names, lengths and terms, read from ``certs/profile.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from digipoort_sim import resources


@dataclass(frozen=True)
class CaProfile:
    """One certificate authority of the chain.

    Attributes:
        id: ``root``, ``intermediate`` or ``tsp``; also the stem of its file names.
        common_name: the CN of its subject.
        organisation: the O of its subject.
        key_bits: length of its RSA key.
        years: validity, counted from the later clock.
        path_length: how many CAs may follow it; None for no limit.
        policies: policy OIDs in dotted form.
    """

    id: str
    common_name: str
    organisation: str
    key_bits: int
    years: int
    path_length: int | None
    policies: tuple[str, ...]


@dataclass(frozen=True)
class EndProfile:
    """What all end certificates have in common."""

    key_bits: int
    valid: timedelta
    policies: tuple[str, ...]
    state: str
    locality: str
    unit: str
    client_common_name: str


@dataclass(frozen=True)
class Seat:
    """Where the holder of a certificate is based, if not in the Netherlands.

    Attributes:
        country: two letters, the C of the subject.
        locality: the L of the subject.
    """

    country: str
    locality: str


@dataclass(frozen=True)
class HolderProfile:
    """The holder of a certificate; `names` are host names and addresses.

    Attributes:
        seat: None for the profile's own place in the Netherlands.
    """

    organisation: str
    common_name: str
    oin: str
    names: tuple[str, ...] = ()
    seat: Seat | None = None


@dataclass(frozen=True)
class UrlProfile:
    """The addresses in certificates; none of them is ever fetched."""

    crl: str
    ocsp: str
    issuer: str
    cps: str


@dataclass(frozen=True)
class Profile:
    """The whole profile.

    Attributes:
        ca_from: the day on which CA certificates start.
        backdate: how much before the earlier clock an end certificate or CRL starts.
        renew_before: certificates of the simulator itself that end sooner are issued anew.
        crl_valid: from a CRL's making to its nextUpdate.
        crl_renew: a CRL older than this is made anew.
        notice: the user notice of the certificate policy.
        foreign_rule: who issues certificates to foreign organisations in reality.
        cas: root, intermediate and TSP CA, in this order.
    """

    ca_from: date
    backdate: timedelta
    renew_before: timedelta
    crl_valid: timedelta
    crl_renew: timedelta
    urls: UrlProfile
    notice: str
    foreign_rule: str
    cas: tuple[CaProfile, ...]
    end: EndProfile
    server: HolderProfile
    service: HolderProfile


@cache
def load_profile() -> Profile:
    """The profile of this installation, read once."""
    data = tomllib.loads((resources.certs() / "profile.toml").read_text("utf-8"))
    times = data["times"]
    return Profile(
        ca_from=times["ca_from"],
        backdate=timedelta(days=times["backdate_days"]),
        renew_before=timedelta(days=times["renew_before_days"]),
        crl_valid=timedelta(days=times["crl_days"]),
        crl_renew=timedelta(days=times["crl_renew_days"]),
        urls=UrlProfile(**data["urls"]),
        notice=data["policy"]["notice"],
        foreign_rule=data["foreign"]["rule"],
        cas=tuple(_ca(row) for row in data["ca"]),
        end=_end(data["end"]),
        server=_holder(data["server"]),
        service=_holder(data["service"]),
    )


def _ca(row: dict[str, Any]) -> CaProfile:
    known: dict[str, Any] = {"path_length": None}
    return CaProfile(**(known | row | {"policies": tuple(row["policies"])}))


def _end(row: dict[str, Any]) -> EndProfile:
    rest = {name: value for name, value in row.items() if name != "days"}
    return EndProfile(**(rest | {"valid": timedelta(days=row["days"]), "policies": tuple(row["policies"])}))


def _holder(row: dict[str, Any]) -> HolderProfile:
    return HolderProfile(**(row | {"names": tuple(row.get("names", ()))}))
