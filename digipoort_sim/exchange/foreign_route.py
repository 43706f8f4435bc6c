"""What foreign businesses may exchange: with the tax administration only, and no GIR.

Sources: the route by which a company without a KvK number gets an OIN is for exchange with the tax
administration only, and group entities that are not based in the Netherlands cannot submit a GIR through
Digipoort (both published). That a sender is told so by a fault, before anything is kept, and who delivers on
behalf of a foreign business by status 220 is the simulator's choice.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from digipoort_sim.catalogue import Berichtsoort, Catalogue
from digipoort_sim.exchange.values import Identity
from digipoort_sim.register.foreign import is_foreign_client


@dataclass(frozen=True, slots=True)
class ForeignRefusal:
    """Why something is not open to a foreign business.

    Attributes:
        text: the reason in Dutch.
        text_en: the reason in English.
        rule: the rule's id in the catalogue.
    """

    text: str
    text_en: str
    rule: str


def refusal_of_foreign(catalogue: Catalogue, row: Berichtsoort, oin: str) -> ForeignRefusal | None:
    """Why the party with this OIN may not deliver this berichtsoort; None if it may or is not foreign."""
    if not catalogue.is_foreign(oin):
        return None
    if row.domestic_only:
        return ForeignRefusal(
            f"Niet in Nederland gevestigde groepsentiteiten kunnen geen {row.name} indienen via Digipoort; "
            f"OIN {oin} is van een buitenlandse onderneming.",
            f"group entities that are not based in the Netherlands cannot submit a {row.name} through "
            f"Digipoort; OIN {oin} is that of a foreign business",
            rule="FOREIGN-DOMESTIC-ONLY",
        )
    agency = catalogue.agency_of(row)
    if agency.open_to_foreign:
        return None
    return ForeignRefusal(
        f"Een buitenlandse onderneming (OIN {oin}) wisselt alleen berichten uit met de Belastingdienst; "
        f"{row.name} is voor {agency.name}.",
        f"a foreign business (OIN {oin}) may exchange with the tax administration only; "
        f"berichtsoort {row.name!r} goes to {agency.name}",
        rule="FOREIGN-ROUTE",
    )


def is_foreign_party(tx: Connection, catalogue: Catalogue, identity: Identity) -> bool:
    """Whether an identity in a message is that of a foreign business: by its OIN, or by an FInr."""
    if identity.type.strip().lower() == "oin" and catalogue.is_foreign(identity.nummer.strip()):
        return True
    return is_foreign_client(tx, identity.nummer, identity.type)


def refusal_for_foreign_party(row: Berichtsoort, number: str) -> ForeignRefusal | None:
    """Why nobody may deliver this berichtsoort about a foreign business; None if it is open to all."""
    if not row.domestic_only:
        return None
    return ForeignRefusal(
        f"Niet in Nederland gevestigde groepsentiteiten kunnen geen {row.name} indienen via Digipoort; "
        f"{number} is een buitenlandse onderneming.",
        f"group entities that are not based in the Netherlands cannot submit a {row.name} through Digipoort; "
        f"{number} is a foreign business",
        rule="FOREIGN-DOMESTIC-ONLY",
    )
