"""Certificates of the TRIAL authority."""

from __future__ import annotations

import re

from digipoort_sim.errors import ConfigError
from digipoort_sim.web.fields import fields_of
from digipoort_sim.web.operations import Asked, Reply, as_json

_SERIAL = re.compile(r"[0-9A-Fa-f](:?[0-9A-Fa-f]){0,63}")


def list_certificates(asked: Asked) -> Reply:
    """Every certificate that was issued, oldest first."""
    return as_json([fields_of(row) for row in asked.rooms.authority.list_certificates()])


def revoke_certificate(asked: Asked) -> Reply:
    """Revoke a certificate, at once."""
    serial = asked.body["serial"]
    # The authority takes file names too; from outside only a number may come.
    if not _SERIAL.fullmatch(serial):
        raise ConfigError("serial must be a serial number in hex", rule="PARAMETER")
    return as_json(fields_of(asked.rooms.authority.revoke(serial)))
