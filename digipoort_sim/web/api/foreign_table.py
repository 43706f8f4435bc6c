"""The rows of the control API about foreign businesses and OINs."""

from __future__ import annotations

from digipoort_sim.web.api import foreign
from digipoort_sim.web.operations import Operation, Parameter

APPLICATION = (
    Parameter("name", "the name of the business", required=True),
    Parameter("country", "two letters such as DE; not NL", required=True),
    Parameter("address", "street and number", required=True),
    Parameter("city", "place, with its postcode if there is one", required=True),
    Parameter(
        "registrationNumber", "its number in the Chamber of Commerce of its own country, if it has one"
    ),
    Parameter("chamberProof", "whether proof of that registration is shown", "boolean"),
    Parameter("deedLanguage", "language of the copy of the deed of incorporation: nl, de or en"),
    Parameter("kvk", "a KvK number; who has one is refused"),
)
"""What a foreign business tells and shows."""


def foreign_operations(base: str) -> tuple[Operation, ...]:
    """The operations on foreign businesses, and the one on an OIN."""
    path = f"{base}/foreign"
    one = f"{path}/{{finr}}"
    return (
        Operation(
            "GET",
            path,
            "Foreign businesses, in the order in which they registered",
            foreign.list_foreign,
            "ForeignParty",
            many=True,
            pages=True,
        ),
        Operation(
            "POST",
            path,
            "Register a foreign business with the tax administration: an FInr",
            foreign.register_foreign,
            "ForeignParty",
            body=APPLICATION,
            conflict="ForeignProblem",
        ),
        Operation(
            "GET",
            one,
            "One foreign business with its certificates",
            foreign.show_foreign,
            "ForeignPartyWithCertificates",
        ),
        Operation(
            "POST",
            f"{one}/oin",
            "Enter it in the OIN register: an OIN",
            foreign.give_oin,
            "ForeignParty",
            conflict="ForeignProblem",
        ),
        Operation(
            "POST",
            f"{one}/certificate",
            "Issue a TRIAL certificate to it; its files lie in the state directory",
            foreign.issue_certificate,
            "ForeignCertificate",
            conflict="ForeignProblem",
        ),
        Operation(
            "GET", f"{base}/oin/{{oin}}", "What the OIN register says of an OIN", foreign.show_oin, "OinEntry"
        ),
    )


_TEXT = ("string",)
_MAYBE = ("string", "null")
_PARTY = {
    "finr": _TEXT,
    "name": _TEXT,
    "country": _TEXT,
    "address": _TEXT,
    "city": _TEXT,
    "registrationNumber": _MAYBE,
    "chamberProof": ("boolean",),
    "deedLanguage": _TEXT,
    "registered": _TEXT,
    "oin": _MAYBE,
    "oinRegistered": _MAYBE,
}
FOREIGN_SCHEMAS: dict[str, dict[str, tuple[str, ...]]] = {
    "ForeignParty": _PARTY,
    "ForeignPartyWithCertificates": {**_PARTY, "certificates": ("array",)},
    "ForeignCertificate": {
        **dict.fromkeys(("oin", "serial", "subject", "issuer", "sha1", "sha256", "files"), _TEXT),
        "issuerRule": _TEXT,
    },
    "OinEntry": {
        **dict.fromkeys(("oin", "prefix", "kind", "text", "textEn", "number", "suffix", "name"), _TEXT),
        "origin": _TEXT,
        "foreign": ("boolean",),
        "registration": ("object", "null"),
    },
}
"""The fields of their documents."""
