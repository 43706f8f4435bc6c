"""A small wage return (Aangifte_LH) for tests that are not about its figures."""

from __future__ import annotations


def wage_return(number: str = "000000000L01", year: int = 2026) -> str:
    """The text of a good one.

    Args:
        number: its loonheffingennummer.
    """
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Loonaangifte xmlns="http://xml.belastingdienst.nl/schemas/Loonaangifte/{year}/01" version="2.0">
  <Bericht><IdBer>1</IdBer><DatTdAanm>{year}-11-02T09:00:00</DatTdAanm></Bericht>
  <AdministratieveEenheid><LhNr>{number}</LhNr><NmIP>Bakkerij Café</NmIP></AdministratieveEenheid>
</Loonaangifte>
"""
