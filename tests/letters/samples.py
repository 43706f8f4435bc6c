"""Letters to look at: one of every kind, and one for any service of the catalogue."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import zxingcpp
from PIL import Image

from digipoort_sim.catalogue import Dienst, load_catalogue
from digipoort_sim.letters import Letters
from digipoort_sim.register import Letter
from digipoort_sim.register.trade_names import Address, TradeName, TradeRegister

CATALOGUE = load_catalogue()
OFFICE = TradeName("12345678", "Żółć & Søren 中 €", Address("", "", ""), "own")
NAMES = TradeRegister({OFFICE.number: OFFICE})
LETTERS = Letters(CATALOGUE, NAMES)
SENT = datetime(2026, 3, 16, 10, tzinfo=UTC)

WITH_CODE = Letter(
    id="brief-1",
    mandate_id="m-1",
    dienst="VIA_2020",
    code="VIA",
    jaar=2020,
    id_vertegenwoordigde="111222333",
    type_vertegenwoordigde="BSN",
    id_gemachtigde="00000003123456780000",
    gemachtigde_oin="00000003123456780000",
    datum=SENT,
    activatie_token="385-ABE-355",
    geldig_tot=SENT + timedelta(weeks=8),
)
OPT_OUT = replace(
    WITH_CODE,
    dienst="SBA_IB_2026",
    code="SBA_IB",
    jaar=2026,
    activatie_token=None,
    geldig_tot=None,
    ingangsdatum=SENT + timedelta(days=26),
)
EXTENDED = replace(OPT_OUT, herkomst="m-0")
CONTINUOUS = replace(WITH_CODE, dienst="DM_IB", code="DM_IB", jaar=None)
UWV = replace(
    WITH_CODE,
    dienst="UWV-ZZ-ZW",
    code="UWV-ZZ-ZW",
    jaar=None,
    id_vertegenwoordigde="123456782L01",
    type_vertegenwoordigde="LHnr",
)
FOUR_FIELDS = {
    "Dienst": "VIA_2020",
    "idVertegenwoordigde": "111222333",
    "idGemachtigde": "00000003123456780000",
    "activatieToken": "385-ABE-355",
}


def letter_for(dienst: Dienst) -> Letter:
    """A letter about a service as the register would send it."""
    base = OPT_OUT if dienst.consent == "opt-out" else WITH_CODE
    year = 2026 if dienst.term == "year" else None
    code = dienst.code if year is None else f"{dienst.code}_{year}"
    return replace(base, dienst=code, code=dienst.code, jaar=year)


def read_qr(picture: Image.Image) -> list[dict[str, str]]:
    """What the QR codes in a picture hold, as a scanner reads them."""
    return [json.loads(found.text) for found in zxingcpp.read_barcodes(picture.convert("L"))]
