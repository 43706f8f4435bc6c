"""Reading the result of a validation out of statusdetails, as vendors' clients do."""

from __future__ import annotations

from lxml import etree

_LONGEST = 2_000_000


def result_lines(details: str | None) -> list[str]:
    """A line for every finding: level, rule, place, text; empty if the details are no such result.

    Every element named ``msg`` that has a ``level`` is one, whatever stands around it.
    """
    if not details or "<" not in details or len(details) > _LONGEST:
        return []
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(details.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return []
    return [_line(element) for element in root.iter("{*}msg") if element.get("level")]


def _line(message: etree._Element) -> str:
    line, column = message.get("line", "0"), message.get("col", "0")
    place = "" if line == "0" else f" at {line}" if column == "0" else f" at {line}:{column}"
    text = " ".join("".join(map(str, message.itertext())).split())
    return f"{message.get('level')} {message.get('id', '')}{place}: {text}"
