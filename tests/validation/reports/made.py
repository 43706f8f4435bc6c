"""Inline reports and report packages that the tests break in one place each."""

from __future__ import annotations

import functools
import json

from digipoort_sim.catalogue.loading import load_catalogue
from digipoort_sim.validation.content_rules import ContentRules, rules_of
from digipoort_sim.validation.findings import ValidationReport
from tests.validation.archives.zips import zipped
from tests.validation.samples import validated

NUMBER = "90004567"
NAME = "r/reports/90004567-2025-12-31-nl.xhtml"
TYPE_FILE = "r/META-INF/reportPackage.json"
SCHEMA = "urn:test:annual-report.xsd"

DOCUMENT = f"""<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"
  xmlns:ixt="http://www.xbrl.org/inlineXBRL/transformation/2020-02-12" xmlns:d="urn:test:data"
  xmlns:iso4217="http://www.xbrl.org/2003/iso4217" xmlns:link="http://www.xbrl.org/2003/linkbase"
  xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:xlink="http://www.w3.org/1999/xlink" xml:lang="nl">
<head><title>Jaarverslag</title></head>
<body>
<div style="display:none"><ix:header>
<ix:hidden><ix:nonNumeric name="d:Hidden" contextRef="c" id="f0">x</ix:nonNumeric></ix:hidden>
<ix:references><link:schemaRef xlink:type="simple" xlink:href="{SCHEMA}"/></ix:references>
<ix:resources>
<xbrli:context id="c"><xbrli:entity>
<xbrli:identifier scheme="http://www.kvk.nl/kvk-id">{NUMBER}</xbrli:identifier>
</xbrli:entity><xbrli:period><xbrli:instant>2025-12-31</xbrli:instant></xbrli:period></xbrli:context>
<xbrli:unit id="EUR"><xbrli:measure>iso4217:EUR</xbrli:measure></xbrli:unit>
</ix:resources>
</ix:header></div>
<p><ix:nonNumeric name="d:Name" contextRef="c" id="f1">Caf\u00e9 B.V.</ix:nonNumeric></p>
<p><ix:nonFraction name="d:Equity" contextRef="c" unitRef="EUR" decimals="INF" format="ixt:num-comma-decimal"
  id="f2">1.250</ix:nonFraction></p>
</body>
</html>
"""


def report_type(kind: str = "https://xbrl.org/report-package/2023/xbri") -> bytes:
    """A META-INF/reportPackage.json."""
    return json.dumps({"documentInfo": {"documentType": kind}}).encode()


def members(document: str | bytes = DOCUMENT) -> dict[str, bytes]:
    """The members of a good package with this document."""
    content = document if isinstance(document, bytes) else document.encode()
    return {TYPE_FILE: report_type(), NAME: content}


def package(document: str | bytes = DOCUMENT) -> bytes:
    """A good package with this document."""
    return zipped(members(document))


@functools.cache
def report_rules() -> ContentRules:
    """The rules of jaarrekening_ixbrl_esd."""
    return rules_of(load_catalogue().berichtsoorten["jaarrekening_ixbrl_esd"])


def checked(
    content: bytes, name: str = "", identity: tuple[str, str] | None = (NUMBER, "KvK")
) -> ValidationReport:
    """The report about a delivered package or document."""
    if content.startswith(b"PK"):
        return validated(content, "application/zip", name or "jaarrekening.xbri", report_rules(), identity)
    mime_type = "application/xhtml+xml"
    return validated(content, mime_type, name or "jaarrekening.xhtml", report_rules(), identity)
