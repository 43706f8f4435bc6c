"""How sums and permits of fiscal representatives look in JSON: amounts as texts with two decimals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digipoort_sim.clock import wire_time
from digipoort_sim.register.fiscal.values import Liability, Security, Step

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from digipoort_sim.exchange.permit_office import PermitDetail
    from digipoort_sim.register.fiscal.permit_values import Permit

Fields = dict[str, Any]


def security_fields(security: Security) -> Fields:
    """A security with its sum."""
    return {
        "kind": security.kind,
        "category": int(security.category),
        "base": _money(security.base),
        "amount": _money(security.amount),
        "sum": sum_fields(security.steps),
    }


def liability_fields(liability: Liability) -> Fields:
    """A liability with its sum."""
    return {
        "kind": liability.kind,
        "security": _money(liability.security),
        "due": _money(liability.due),
        "liable": _money(liability.liable),
        "covered": _money(liability.covered),
        "sum": sum_fields(liability.steps),
    }


def sum_fields(steps: tuple[Step, ...]) -> list[Fields]:
    """The lines of a sum."""
    return [
        {
            "amount": None if step.amount is None else _money(step.amount),
            "rule": step.rule,
            "provenance": step.provenance,
            "nl": step.nl,
            "en": step.en,
        }
        for step in steps
    ]


def permit_fields(permit: Permit) -> Fields:
    """A permit without its history."""
    return {
        "id": permit.id,
        "representative": permit.representative,
        "kind": permit.kind,
        "state": permit.state,
        "clients": list(permit.clients),
        "yearEnd": str(permit.year_end),
        "securitySet": None if permit.security_set is None else _money(permit.security_set),
        "putUp": _money(permit.put_up),
        "requested": wire_time(permit.requested),
        "granted": _time(permit.granted),
        "ended": _time(permit.ended),
        "releaseFrom": None if permit.release_from is None else permit.release_from.isoformat(),
        "released": _time(permit.released),
    }


def permit_detail_fields(detail: PermitDetail) -> Fields:
    """A permit with what was put up for it, its history and the sum of its security."""
    return {
        **permit_fields(detail.permit),
        "securities": [
            {"form": row.form, "amount": _money(row.amount), "putUp": wire_time(row.put_up)}
            for row in detail.put_up
        ],
        "history": [
            {
                "at": wire_time(row.at),
                "before": row.before,
                "after": row.after,
                "event": row.event,
                "detail": row.detail,
            }
            for row in detail.history
        ],
        "sum": sum_fields(detail.sum),
    }


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else wire_time(moment)
