"""Good messages that the tests break in one place each."""

from __future__ import annotations

import functools

from digipoort_sim.catalogue.mandate_messages import MessageKind
from digipoort_sim.catalogue.rows import Berichtsoort
from digipoort_sim.register.messages import Form, MandateMessage, render_mandate_message
from digipoort_sim.validation.content_rules import ContentRules, rules_of
from digipoort_sim.validation.findings import ValidationReport
from digipoort_sim.validation.pipeline import Validator
from digipoort_sim.validation.subject import Delivered, Part

OB_NUMBER = "001000044B37"
OB = ContentRules(
    "Omzetbelasting",
    "xbrl",
    entrypoint_pattern=r"bd-rpt-ob-aangifte-(\d{4})\.xsd",
    identity_schemes=("www.belastingdienst.nl/omzetbelastingnummer",),
    mime_types=("application/xml", "text/xml"),
)
ANY = ContentRules("TEST", "any")
WAGES = ContentRules("Aangifte_LH", "xml", identity_xpath="//*[local-name()='LhNr']")

ENTRYPOINT = "http://www.nltaxonomie.nl/nt20/bd/20251210/entrypoints/bd-rpt-ob-aangifte-2026.xsd"

INSTANCE = """<?xml version="1.0" encoding="UTF-8"?>
<xbrli:xbrl xml:lang="nl" xmlns:d="urn:test:data" xmlns:iso4217="http://www.xbrl.org/2003/iso4217"
  xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xbrli="http://www.xbrl.org/2003/instance"
  xmlns:xlink="http://www.w3.org/1999/xlink">
  <link:schemaRef xlink:type="simple" xlink:href="{entrypoint}"/>
  <xbrli:context id="Msg">
    <xbrli:entity>
      <xbrli:identifier scheme="www.belastingdienst.nl/omzetbelastingnummer">001000044B37</xbrli:identifier>
    </xbrli:entity>
    <xbrli:period><xbrli:startDate>2026-01-01</xbrli:startDate><xbrli:endDate>2026-03-31</xbrli:endDate></xbrli:period>
  </xbrli:context>
  <xbrli:unit id="EUR"><xbrli:measure>iso4217:EUR</xbrli:measure></xbrli:unit>
  <d:Name contextRef="Msg">Caf\u00e9</d:Name>
  <d:Owed contextRef="Msg" unitRef="EUR" decimals="INF">12</d:Owed>
</xbrli:xbrl>
""".replace("{entrypoint}", ENTRYPOINT)


def mandate_rules(kind: MessageKind = MessageKind.OPVOEREN) -> ContentRules:
    """The content rules of a mandate berichtsoort, made from a row of the catalogue."""
    row = Berichtsoort(
        f"Machtiging{kind.title()}", "register", "simulator", form="mandate", mandate=kind.value
    )
    return rules_of(row)


def mandate(kind: MessageKind = MessageKind.OPVOEREN) -> MandateMessage:
    """A good mandate message of a kind."""
    return MandateMessage(
        kind=kind,
        dienst="VIA_2025",
        id_vertegenwoordigde="123456782",
        type_vertegenwoordigde="BSN",
        id_gemachtigde="00000003123456780000",
        activatie_token="385-ABE-355" if kind is MessageKind.ACTIVEREN else None,
        reden="Einde opdracht" if kind is MessageKind.INTREKKEN else None,
    )


def mandate_text(form: Form, kind: MessageKind = MessageKind.OPVOEREN) -> str:
    """The text of a good mandate message."""
    return render_mandate_message(mandate(kind), form).decode()


def validated(
    content: bytes,
    mime_type: str,
    bestandsnaam: str,
    rules: ContentRules,
    identity: tuple[str, str] | None = None,
) -> ValidationReport:
    """The report of the checks that need no taxonomy."""
    return _validator().check(Delivered(Part(content, mime_type, bestandsnaam), rules, identity))


def check_instance(content: str | bytes, bestandsnaam: str = "ob.xbrl") -> ValidationReport:
    """The report about an instance as Omzetbelasting of the number in the good one."""
    inhoud = content.encode() if isinstance(content, str) else content
    return validated(inhoud, "text/xml; charset=utf-8", bestandsnaam, OB, (OB_NUMBER, "Fi"))


def rules_of_findings(content: str | bytes, bestandsnaam: str = "ob.xbrl") -> set[str]:
    """The rules that an instance breaks."""
    return {finding.rule for finding in check_instance(content, bestandsnaam).findings}


@functools.cache
def _validator() -> Validator:
    return Validator()
