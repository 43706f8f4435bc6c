"""Readiness, addresses, settings and catalogue."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import text

import digipoort_sim
from digipoort_sim.config_loading import setting_rows
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.validation.packages.folder import packages_at_hand
from digipoort_sim.web.api.clock import clock_fields
from digipoort_sim.web.fields import catalogue_rows, fields_of
from digipoort_sim.web.operations import Asked, Reply, as_json
from digipoort_sim.web.taxonomy_fields import package_fields


def readyz(asked: Asked) -> Reply:
    """Good when ``endpoints.json`` says that every door is open, and the database answers."""
    if endpoints(asked.rooms) is None:
        raise TechnicalError("not every door is open yet", rule="NOT-READY")
    with asked.rooms.store.read() as tx:
        tx.execute(text("SELECT 1"))
    return as_json({"ready": True})


def info(asked: Asked) -> Reply:
    """Version, addresses and the time."""
    return as_json(info_fields(asked.rooms))


def config(asked: Asked) -> Reply:
    """Settings with their origin."""
    return as_json([fields_of(row) for row in setting_rows(asked.rooms.settings)])


def taxonomies(asked: Asked) -> Reply:
    """The taxonomy packages at hand now."""
    packages = packages_at_hand(asked.rooms.settings.taxonomies_folder()).packages()
    return as_json([package_fields(package) for package in packages])


def catalogue(table: str, asked: Asked) -> Reply:
    """One table of the catalogue."""
    return as_json(catalogue_rows(asked.rooms.catalogue, table))


def info_fields(rooms: Rooms) -> dict[str, Any]:
    """What the overview shows too."""
    return {
        "name": "digipoort-sim",
        "simulator": True,
        "version": digipoort_sim.__version__,
        "state": str(rooms.settings.state),
        "clock": clock_fields(rooms),
        "endpoints": endpoints(rooms),
    }


def endpoints(rooms: Rooms) -> dict[str, Any] | None:
    """The content of ``endpoints.json``; None until every door answers."""
    try:
        found: dict[str, Any] = json.loads((rooms.settings.state / "endpoints.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found
