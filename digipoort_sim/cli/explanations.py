"""Printing explanations: a JSON object per line for programs, a list for people."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable
from typing import Any

from digipoort_sim.cli.printing import print_json_line
from digipoort_sim.clock import wire_time
from digipoort_sim.errors import Refusal
from digipoort_sim.terminal import visible
from digipoort_sim.wus.explaining import Explanation, RuleVerdict
from digipoort_sim.wus.explaining.digests import ReferenceVerdict
from digipoort_sim.wus.fault import fault_code
from digipoort_sim.wus.names import AANLEVEREN, PATHS

_MOST_SHOWN = 4096
_MOST_NAMED = 12
_WIDTH = 100


def print_explanation(
    name: str, explanation: Explanation, *, as_json: bool, event: dict[str, Any] | None = None
) -> None:
    """Print the verdict on one message.

    Args:
        event: what was recorded with it when it came, by the names of the control API.
    """
    if as_json:
        print_json_line(_fields(name, explanation) | ({} if event is None else {"event": event}))
    else:
        _print_list(name, explanation, event)


def print_unreadable(name: str, why: str, *, as_json: bool) -> None:
    """Tell that there is nothing to explain, and why."""
    if as_json:
        print_json_line({"file": name, "accepted": False, "rules": [], "error": why})
    print(f"digipoort-sim: {visible(name)}: {visible(' '.join(why.split()))}", file=sys.stderr)


def _fields(name: str, explanation: Explanation) -> dict[str, Any]:
    return {
        "file": name,
        "accepted": explanation.accepted,
        "at": wire_time(explanation.at),
        "service": explanation.service,
        "operation": explanation.operation,
        "fault": _fault(explanation),
        "rules": [_rule_fields(verdict) for verdict in explanation.rules],
    }


def _fault(explanation: Explanation) -> dict[str, str] | None:
    refusal: Refusal | None = explanation.refusal
    if refusal is None:
        return None
    services = (service for service, _ in PATHS.values() if service.name == explanation.service)
    service = next(services, AANLEVEREN)
    code = fault_code(service, refusal.number)
    return {"foutcode": code, "rule": refusal.rule, "detail": refusal.detail}


def _rule_fields(verdict: RuleVerdict) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "id": verdict.id,
        "passed": verdict.passed,
        "provenance": verdict.provenance,
        "expected": verdict.expected,
        "found": verdict.found,
        "mend": verdict.mend,
        "severity": verdict.severity,
    }
    if verdict.warning:
        fields["warning"] = verdict.warning
    if verdict.references:
        fields["references"] = [_reference_fields(one) for one in verdict.references]
    return fields


def _reference_fields(reference: ReferenceVerdict) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "uri": reference.uri,
        "element": reference.element,
        "algorithm": reference.algorithm,
        "expected": reference.expected,
        "found": reference.found,
        "agrees": reference.agrees,
    }
    if not reference.agrees:
        fields["hint"] = reference.hint
        fields["canonical"] = reference.canonical.decode("utf-8", "replace")
        fields["canonicalOctets"] = reference.size
    return fields


def _print_list(name: str, explanation: Explanation, event: dict[str, Any] | None) -> None:
    rules = explanation.rules
    failed = [one for one in rules if one.passed is False]
    called = " ".join(filter(None, (explanation.service, explanation.operation))) or "service not known"
    print(f"{visible(name)} ({called}, judged at {wire_time(explanation.at)})")
    for verdict in failed:
        _print_failed(verdict)
    for verdict in rules:
        if verdict.warning:
            _print_field(f"warning {verdict.id}", verdict.warning)
    _print_not_judged([one for one in rules if one.passed is None])
    _print_field("kept", _listed([one.id for one in rules if one.passed]) or "none")
    fault = _fault(explanation)
    if fault is not None:
        print(f"  the door answers {fault['foutcode']}, rule {fault['rule']}")
    if event is not None:
        _print_event(event, rules)
    count = f"{len(failed)} rule{'s' if len(failed) != 1 else ''}"
    print("accepted" if explanation.accepted else f"refused: {count}", flush=True)


def _print_event(event: dict[str, Any], rules: Iterable[RuleVerdict]) -> None:
    """What was said when the message came; a rule that is not judged here would else be missed."""
    here = any(one.id == event["rule"] for one in rules)
    judged = "" if here else ", which explain does not judge"
    detail = str(event["detail"]).partition("\n")[0]
    _print_field("when it came", f"{event['code']}, rule {event['rule']}{judged}: {detail}")


def _print_failed(verdict: RuleVerdict) -> None:
    print(f"  BROKEN {verdict.id} ({verdict.provenance})")
    _print_field("  found", verdict.found)
    _print_field("  expected", verdict.expected)
    _print_field("  mend", verdict.mend)
    for reference in verdict.references:
        if not reference.agrees:
            _print_canonical(reference)


def _print_canonical(reference: ReferenceVerdict) -> None:
    size = reference.size
    cut = f", the first {_MOST_SHOWN} (--json shows more)" if size > _MOST_SHOWN else ""
    print(f"    digested for {visible(reference.element)} were these {size} octets{cut}:")
    text = reference.canonical[:_MOST_SHOWN].decode("utf-8", "replace")
    for line in visible(text).split("\n"):
        print(f"    | {line}")


def _print_not_judged(verdicts: Iterable[RuleVerdict]) -> None:
    reasons: dict[str, list[str]] = {}
    for verdict in verdicts:
        reasons.setdefault(verdict.found, []).append(verdict.id)
    for reason, ids in reasons.items():
        _print_field("not judged", f"{_listed(ids)}, {reason.removeprefix('not judged, ')}")


def _listed(ids: list[str]) -> str:
    """The names of rules, or how many there are."""
    return ", ".join(ids) if len(ids) <= _MOST_NAMED else f"{len(ids)} rules (--json names them)"


def _print_field(label: str, text: str) -> None:
    """A label and a text, folded where a person reads it."""
    head = f"  {label:<10}  "
    width = min(shutil.get_terminal_size((_WIDTH, 24)).columns, 120) if sys.stdout.isatty() else _WIDTH
    lines = [
        line
        for part in visible(text).split("\n")
        for line in textwrap.wrap(
            part, max(width - len(head), 30), break_long_words=False, break_on_hyphens=False
        )
    ]
    for number, line in enumerate(lines or [""]):
        print(f"{head if number == 0 else ' ' * len(head)}{line}".rstrip())
