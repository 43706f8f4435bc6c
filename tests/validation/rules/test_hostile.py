"""Instances that are made to take time or memory: the filing rules are done with them in bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from digipoort_sim.validation.rules.rule import MAXIMUM_PER_RULE
from digipoort_sim.validation.xml_content import LIMITS
from tests.validation.rules.broken import CONTEXT, UNIT
from tests.validation.samples import INSTANCE, check_instance

_HEAD, _, _TAIL = INSTANCE.partition("</xbrli:xbrl>")
_FEW = 20_000


def _with(inside: str) -> str:
    return f"{_HEAD}{inside}</xbrli:xbrl>{_TAIL}"


def _numbered(text: str, old: str, count: int) -> str:
    return "".join(text.replace(old, f"{old[:-1]}{number}", 1) for number in range(count))


_TYPED = (
    '<xbrli:scenario><x:typedMember xmlns:x="http://xbrl.org/2006/xbrldi" dimension="d:a"><d:c {}/>'
    "</x:typedMember></xbrli:scenario></xbrli:context>"
)
_ATTRIBUTES = " ".join(f'a{number}="{number}"' for number in range(_FEW))
_MANY = {
    "empty elements": lambda: _with("<d:a/>" * _FEW),
    "contexts without use": lambda: _with(_numbered(CONTEXT, 'id="Msg', 5_000)),
    "equal units": lambda: _with(_numbered(UNIT, 'id="EUR', _FEW)),
    "attributes of one fact": lambda: _with(f"<d:a {_ATTRIBUTES}/>"),
    "attributes of a typed member": lambda: _with(
        CONTEXT.replace("Msg", "x").replace("</xbrli:context>", _TYPED.format(_ATTRIBUTES))
    ),
    "declarations": lambda: INSTANCE.replace("xmlns:d=", _ATTRIBUTES.replace("a", "xmlns:n") + " xmlns:d="),
    "declarations inside": lambda: _with("".join(f'<d:a xmlns:n{n}="n"/>' for n in range(_FEW))),
    "deep": lambda: _with(("<d:a>" * 1_900 + "</d:a>" * 1_900) * 10),
    "tuples": lambda: _with("<d:t><d:a/><d:a/></d:t>" * 10_000),
    "one text": lambda: _with(f'<d:a id="i" contextRef="Msg">{"a" * 5_000_000}</d:a>'),
    "other characters": lambda: _with("\u0141" * 1_000_000),
    "references": lambda: _with("&#955;" * 200_000),
    "entities": lambda: _with("&a;" * 200_000),
    "sections": lambda: _with("<![CDATA[]]>" * _FEW),
    "ends of sections": lambda: _with(f"<!--{']]>' * 200_000}--><d:b x='{']]>' * 200_000}'/>"),
    "lines": lambda: _with("\r\n" * 2_000_000 + '<d:a contextRef="Msg" id="a"/>' * 300),
    "one line": lambda: _with("\u00e9" * 2_000_000 + '<d:a contextRef="Msg" id="a"/>' * 300),
    "nil": lambda: _with(
        '<d:a xmlns:x="http://www.w3.org/2001/XMLSchema-instance" contextRef="Msg" x:nil="1"/>' * _FEW
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", _MANY)
def test_very_many_of_something(name: str) -> None:
    """Time grows with the size, not with its square, and each rule tells so many findings at most."""
    make: Callable[[], str] = _MANY[name]
    content = make().encode()
    began = time.process_time()
    report = check_instance(content)
    assert time.process_time() - began < 3
    by_rule = [finding.rule for finding in report.findings]
    assert by_rule
    assert max(map(by_rule.count, set(by_rule))) <= MAXIMUM_PER_RULE
    assert all(finding.line > 0 for finding in report.findings if finding.rule.startswith("F"))


def test_twenty_mebibytes_of_the_shortest_facts_are_read() -> None:
    """As many as fit in a delivery with the names of the NT: they are within the limits."""
    short = '<bd-i:ContactType contextRef="Msg">A</bd-i:ContactType>\n'
    amount = (
        '<bd-i:ValueAddedTaxOwed decimals="INF" contextRef="Msg" unitRef="EUR">1</bd-i:ValueAddedTaxOwed>\n'
    )
    limits = LIMITS["xbrl"]
    assert 20_971_520 / len(short) < limits.elements
    assert limits.attributes is not None
    assert 20_971_520 / len(amount) * amount.count("=") < limits.attributes


def test_more_elements_than_the_limit_are_refused_unread() -> None:
    """Beyond the limit a content that could come by WUS is not parsed."""
    report = check_instance(_with("<d:a/>" * (LIMITS["xbrl"].elements + 1)))
    assert [finding.rule for finding in report.findings] == ["XML-SIZE"]


def test_very_many_elements_of_a_large_content_are_passed_through_without_a_tree() -> None:
    """Beyond 20 MiB it is checked in one pass, and the report says what was not checked."""
    crowd = "<d:a/>" * (20_971_520 // 6)
    report = check_instance(_with(crowd))
    assert (report.valid, "GROOT" in report.not_checked) == (True, True)
    report = check_instance(_with(f"{crowd}<d:b>"))
    assert [finding.rule for finding in report.findings] == ["XML-WELL-FORMED"]
