"""The catalogue beside the facts: every line's provenance label, and the texts that were recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.pki.oin import Oin

CATALOGUE = load_catalogue()
RECORDED_STATUSES = {
    "105": "Aanleverproces gestart.",
    "100": "Aanleveren gelukt.",
    "110": "Aanleverproces wordt aangeboden.",
    "200": "Authenticatie gelukt.",
    "301": "Validatie gelukt.",
    "405": "Afleveren naar uitvragende partij bezig...",
    "400": "Afleveren uitvragende partij gelukt.",
    "500": "Validatie bij de uitvragende partij gelukt.",
}
OTHER_STATUSES = {
    "210": "Authenticatie niet gelukt.",
    "220": "Autorisatie niet gelukt.",
    "230": "Technisch probleem bij de Autorisatie Service Provider (AuSP).",
    "311": "Validatie niet gelukt.",
    "321": "Technische problemen bij validatie.",
    "410": "Afleveren uitvragende partij niet gelukt.",
    "420": "Technisch probleem bij de afleverservice van de uitvragende partij.",
    "425": "Maximaal aantal afleverpogingen bereikt.",
    "510": "Validatie bij de uitvragende partij niet gelukt.",
}
LABELS = {
    "statuses": {
        "recorded": {*RECORDED_STATUSES},
        "inferred": {"210", "230", "311", "321", "410", "420", "425", "510", "710", "720"},
        "simulator": {"220"},
    },
    "faults": {
        "recorded": {"ALS100", "STS100"},
        "published": {"VAS500", "VAS400", "AFS100", "AFS400", "AFS600"},
        "inferred": {"ALS400", "STS400"},
        "simulator": {
            *("ALS110", "ALS120", "ALS130", "ALS140", "ALS150", "ALS160", "ALS170", "STS110"),
            *("OPS100", "OPS110", "OPS130", "OPS400", "AFO100", "0002", "AUS100", "AUS110", "AUS400"),
            *("ZSS100", "ZSS110", "ZSS130", "ZSS400"),
        },
    },
    "scenarios": {
        "recorded": {"Happyflow"},
        "inferred": {
            *("AanleverFault", "StatusInformatieFault", "Afleverfout", "Foutuitvragendepartij"),
            *("TechnischProbleemAfleveren", "MaximaalAantalAfleverpogingen"),
        },
        "simulator": {
            *("ZwaarbelastAanleveren", "ZwaarbelastStatusInformatie"),
            *("OverbelastAanleveren", "OverbelastStatusInformatie"),
        },
    },
    "file_scenarios": {
        "simulator": {
            *("Ftp550", "Ftp552", "Ftp553", "Ftp452", "Ftp426", "FtpDownload426", "FtpReset", "FtpStall"),
            *("FtpTraag", "FtpLaatOntvangst", "FtpDubbelOntvangst", "FtpGeenOntvangst", "FtpLaatStatus"),
            "FtpBackend",
        },
    },
    "diensten": {
        "published": {
            *("VIA", "UWV-ERZW-AB", "UWV-ERZW-ID", "UWV-FI-ZWWA", "UWV-ZZ-ZW", "UWV-ZZ-WAZO"),
        },
        "simulator": {
            *("SBA_IB", "SBA_VPB", "SBA_OB", "SBT", "SBU", "GWH", "DM_IB", "DM_VPB", "DM_OB", "DM_TSG"),
            *("UWV-FI-WWOW", "UWV-FI-WWWTV"),
        },
    },
    "agencies": {
        "recorded": {"belastingdienst"},
        "simulator": {"toeslagen", "uwv", "kvk", "register", "stub", "justitie"},
    },
    "flows": {
        "published": {"loonaangifte", "psp-cesop", "dac7", "ciot", "douane"},
        "inferred": {
            *("fiscaal", "serviceberichten", "toeslagen", "machtigingen", "jaarrekeningen", "uwv"),
            "aansluit-suite",
        },
        "simulator": {"gir"},
    },
}


@pytest.mark.parametrize("table", LABELS)
def test_every_line_has_the_label_of_its_fact(table: str) -> None:
    """Each line says how sure we are of it, as the facts that were found say."""
    rows: Mapping[str, Any] = getattr(CATALOGUE, table)
    found: dict[str, set[str]] = {}
    for key, row in rows.items():
        found.setdefault(row.provenance, set()).add(key)
    assert found == LABELS[table]


def test_berichtsoorten_that_are_known_are_labelled_so() -> None:
    """Those of the agencies are published, TEST is inferred, all names about mandates are our own."""
    known = {
        key for key, row in CATALOGUE.berichtsoorten.items() if row.provenance in ("published", "recorded")
    }
    assert known == {"Omzetbelasting", "OBSUP", "ICP", "Aangifte_LH", "jaarrekening_ixbrl_esd"}
    inferred = {key for key, row in CATALOGUE.berichtsoorten.items() if row.provenance == "inferred"}
    assert inferred == {"TEST"}


@pytest.mark.parametrize(("code", "text"), (RECORDED_STATUSES | OTHER_STATUSES).items())
def test_status_texts(code: str, text: str) -> None:
    """The statusomschrijving is that of the wire, with its period, and has room in its 80 characters."""
    assert CATALOGUE.status(code).omschrijving == text
    assert len(text) <= 80


def test_final_statuses_and_their_foutcodes() -> None:
    """What ends a process, and the foutcode that goes with it; 400, 321 and 420 can go either way."""
    final = {row.code: row.foutcode for row in CATALOGUE.statuses.values() if row.final}
    assert final == {
        "210": "AUS100", "220": "AUS110", "230": "AUS400", "311": "VAS500", "410": "AFS400", "425": "AFS600",
        "500": "", "510": "", "710": "", "720": "",
    }  # fmt: skip
    assert (CATALOGUE.status("321").foutcode, CATALOGUE.status("420").foutcode) == ("VAS400", "AFS600")


def test_the_recorded_sentence_of_the_specification_faults() -> None:
    """x100 has the recorded sentence, to the last blank and line end, before the message."""
    sentence = (
        "Het verzoek voldoet niet aan de koppelvlakspecificaties en kan hierdoor niet door Digipoort worden "
        "verwerkt.\n\nDe volgende fout is opgetreden: \n\n"
    )
    for code in ("ALS100", "STS100", "OPS100", "AFS100"):
        assert CATALOGUE.fault_text(code, "x") == sentence + "x"


def test_agencies_have_oins() -> None:
    """The Belastingdienst has its recorded OIN; all others, and the register, a test OIN of their own."""
    oins = {key: Oin.parse(row.oin) for key, row in CATALOGUE.agencies.items()}
    assert oins.pop("belastingdienst").value == "00000002003214394002"
    assert {oin.kind for oin in oins.values()} == {"test"}
    assert len(set(oins.values())) == len(oins)


def test_consent_exclusiveness_and_numbers_of_the_services() -> None:
    """SBA is opt-out and exclusive, all others need a code; each service has its own kinds of number."""
    for code, row in CATALOGUE.diensten.items():
        is_sba = code.startswith("SBA_")
        assert (row.consent, row.exclusive) == (("opt-out", True) if is_sba else ("code", False)), code
    kinds = {code: frozenset(row.client_types) for code, row in CATALOGUE.diensten.items()}
    organisation = frozenset({"RSIN", "Fi", "KvK"})
    expected = {code: frozenset({"BSN"}) for code in ("SBA_IB", "VIA", "SBT", "DM_IB", "DM_TSG")}
    expected |= dict.fromkeys(("SBA_VPB", "DM_VPB", "SBA_OB", "DM_OB"), organisation)
    expected |= dict.fromkeys(("SBU", "GWH"), organisation | {"BSN"})
    assert {code: kind for code, kind in kinds.items() if not code.startswith("UWV-")} == expected
    assert {kind for code, kind in kinds.items() if code.startswith("UWV-")} == {frozenset({"LHnr"})}


def test_the_register_answers_with_the_known_texts() -> None:
    """The texts of good outcomes end in a period, as every recorded status text does."""
    texts = {key: (row.text, row.provenance) for key, row in CATALOGUE.outcomes.items()}
    assert texts["claim-opgevoerd"] == ("Opvoeren machtigingsclaim gelukt.", "published")
    assert texts["abonnement-toegevoegd"] == ("Toevoegen abonnement gelukt.", "inferred")
    assert texts["geactiveerd"] == ("Activeren machtiging gelukt.", "simulator")
    assert texts["ingetrokken"] == ("Intrekken machtiging gelukt.", "simulator")
    refusals = [row for row in CATALOGUE.outcomes.values() if row.statuscode == "510"]
    assert len({row.code for row in refusals} - {""}) == len(refusals)
