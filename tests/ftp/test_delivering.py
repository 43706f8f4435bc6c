"""A file goes in, its receipt and its final status come out."""

from __future__ import annotations

import io

from lxml import etree

from tests.ftp.conftest import LOON, Door, loon_name

NS = {"f": "urn:digipoort-sim:ftp:2026"}


def test_a_renamed_file_becomes_a_delivery_with_receipt_and_final_status(door: Door) -> None:
    """A file that is renamed from .tmp is accepted; /out gets its receipt and its final status."""
    client = door.open().login()
    client.cwd("/in")
    client.storbinary(f"STOR {loon_name()}.tmp", io.BytesIO(LOON))
    assert client.rename(f"{loon_name()}.tmp", loon_name()).startswith("250")
    receipt = etree.fromstring(door.wait_for(f"{loon_name()}.ontvangst.xml"))
    status = etree.fromstring(door.wait_for(f"{loon_name()}.status.xml"))
    assert receipt.findtext("f:aanleverkenmerk", namespaces=NS) == "ref-1"
    assert status.findtext("f:statuscode", namespaces=NS) == "500"
    client.quit()
