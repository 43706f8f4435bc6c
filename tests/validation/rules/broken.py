"""The good instance, broken in one place for each rule: shared by tests of the rules and against Arelle."""

from __future__ import annotations

from tests.validation.samples import INSTANCE

CONTEXT = INSTANCE[INSTANCE.index("  <xbrli:context") : INSTANCE.index("  <xbrli:unit")]
UNIT = '  <xbrli:unit id="EUR"><xbrli:measure>iso4217:EUR</xbrli:measure></xbrli:unit>\n'
SCHEMA_REF = INSTANCE[INSTANCE.index("  <link:schemaRef") : INSTANCE.index("  <xbrli:context")]
NAME = '<d:Name contextRef="Msg">Caf\u00e9</d:Name>'
OWED = '<d:Owed contextRef="Msg" unitRef="EUR" decimals="INF">12</d:Owed>'
PERIOD = INSTANCE[INSTANCE.index("<xbrli:period>") : INSTANCE.index("</xbrli:period>")] + "</xbrli:period>"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
LINKBASE_REF = (
    '<link:linkbaseRef xlink:type="simple" xlink:href="labels.xml"'
    ' xlink:arcrole="http://www.w3.org/1999/xlink/properties/linkbase"/>'
)
FOOTNOTE_LINK = (
    '<link:footnoteLink xlink:type="extended" xlink:role="http://www.xbrl.org/2003/role/link">{}'
    "</link:footnoteLink>"
)
FOOTNOTE = (
    '<link:footnote xlink:type="resource" xlink:label="f" xml:lang="nl"'
    ' xlink:role="http://www.xbrl.org/2003/role/footnote">Noot</link:footnote>'
)
OTHER_CONTEXT = CONTEXT.replace("Msg", "Other")
OTHER_UNIT = UNIT.replace('"EUR"', '"E"')
OTHER_NAME = NAME.replace("d:Name", "d:Other").replace("Msg", "Other")
OTHER_OWED = OWED.replace("d:Owed", "d:Paid").replace('"EUR"', '"E"')

_PAIRS: dict[str, tuple[str, ...]] = {
    "FR-NL-1.01": ("<?xml", "\ufeff<?xml"),
    "FR-NL-1.02": ("Caf\u00e9", "\u0141"),
    "FR-NL-1.03": ("<xbrli:xbrl", "<!DOCTYPE xbrl><xbrli:xbrl"),
    "FR-NL-1.04": ("Caf\u00e9", "&#x141;"),
    "FR-NL-1.05": ('encoding="UTF-8"', 'encoding="ISO-8859-1"'),
    "FR-NL-2.03": (' xml:lang="nl"', ""),
    "FR-NL-2.04": (SCHEMA_REF, SCHEMA_REF + SCHEMA_REF.replace("nt20", "nt19")),
    "FR-NL-2.05": (CONTEXT, LINKBASE_REF + CONTEXT),
    "FR-NL-2.06": ("Caf\u00e9", "<![CDATA[Cafe]]>"),
    "FR-NL-2.07": ('Msg">Caf\u00e9', f'Msg" {XSI} xsi:nil="false">Cafe'),
    "FR-NL-3.01": ("2026-01-01", "2026-01-01T00:00:00"),
    "FR-NL-3.02": (PERIOD, "<xbrli:period><xbrli:forever/></xbrli:period>"),
    "FR-NL-3.03": (CONTEXT, CONTEXT + OTHER_CONTEXT.replace("2026-03", "2026-12")),
    "FR-NL-3.04": (CONTEXT, CONTEXT + OTHER_CONTEXT, NAME, NAME + OTHER_NAME),
    "FR-NL-4.01": (UNIT, UNIT + OTHER_UNIT, OWED, OWED + OTHER_OWED),
    "FR-NL-4.02": (UNIT, UNIT + UNIT.replace("EUR", "USD")),
    "FR-NL-5.01": (NAME, NAME * 2),
    "FR-NL-5.03": ("Caf\u00e9", ""),
    "FR-NL-5.06": ('decimals="INF"', 'precision="4"'),
    "FR-NL-6.01": (OWED, OWED + FOOTNOTE_LINK.format(FOOTNOTE)),
    "FG-NL-03": ("xmlns:iso4217", "xmlns:cur", "iso4217:EUR", "cur:EUR"),
    "FG-NL-04": (UNIT + "  " + NAME, NAME + UNIT),
    "FG-NL-05": ("xmlns:d=", 'xmlns:unused="urn:unused" xmlns:d='),
    "FG-NL-09": ("<d:Name", '<d:Name id="f1"'),
    "XBRL-CONTEXT-REF": ('d:Name contextRef="Msg"', 'd:Name contextRef="Nowhere"'),
    "XBRL-UNIT-REF": ('unitRef="EUR"', 'unitRef="USD"'),
    "XBRL-ID": ('unit id="EUR"', 'unit id="Msg"'),
    "XBRL-CONTEXT": ("<xbrli:endDate>2026-03-31</xbrli:endDate>", ""),
    "XBRL-UNIT": ("iso4217:EUR", "unknown:EUR"),
    "XBRL-DECIMALS": (' decimals="INF"', ""),
    "XBRL-DATE": ("2026-03-31", "2026-02-29"),
    "XBRL-PERIOD": ("2026-03-31", "2025-12-31"),
    "XBRL-ENTRYPOINT": ("bd-rpt-ob-aangifte-2026", "bd-rpt-icp-opgaaf-2026"),
    "XBRL-SCHEME": ("/omzetbelastingnummer", "/other"),
    "XML-WELL-FORMED": ("</d:Name>", "</d:Naam>"),
    "XML-ROOT": ("xbrli:xbrl", "xbrli:report"),
    "IDENTITEIT": ("001000044B37", "001000044B38"),
}

RULES = tuple(_PAIRS)
"""The rules that this module can break."""


def replaced(*pairs: str, text: str = INSTANCE) -> str:
    """A text in which each first string, which must be in it, became the string after it."""
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert old in text, old
        text = text.replace(old, new)
    return text


def broken(rule: str, text: str = INSTANCE) -> str:
    """The good instance with one fault."""
    return replaced(*_PAIRS[rule], text=text)
