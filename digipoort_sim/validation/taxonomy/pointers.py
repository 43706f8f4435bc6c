"""The elements that Arelle points to in an instance: ``Msg``, ``element(/1/3)``, ``element(Msg/2/1)``."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

from lxml import etree

from digipoort_sim.validation.xml_content import XmlContent

_SEQUENCE: Final = re.compile(r"element\((?P<id>[^/()]*)(?P<steps>(?:/\d{1,9})*)\)")


class Pointers:
    """Finds elements by what Arelle calls them.

    Args:
        xml: the instance.
    """

    def __init__(self, xml: XmlContent) -> None:
        self._root = xml.root
        self._children: dict[etree._Element, list[etree._Element]] = {}

    def element(self, pointer: str) -> etree._Element | None:
        """The element that a fragment identifier stands for; None if there is none."""
        sequence = _SEQUENCE.fullmatch(pointer)
        if sequence is None:
            return self._by_id.get(pointer)
        steps = [int(step) for step in sequence["steps"].split("/")[1:]]
        if sequence["id"]:
            return self._down(self._by_id.get(sequence["id"]), steps)
        return self._down(self._root, steps[1:])

    @cached_property
    def _by_id(self) -> dict[str, etree._Element]:
        found: dict[str, etree._Element] = {}
        for element in self._root.iter("*"):
            if own := element.get("id"):
                found.setdefault(own, element)
        return found

    def _down(self, element: etree._Element | None, steps: list[int]) -> etree._Element | None:
        for step in steps:
            if element is None:
                return None
            children = self._children.get(element)
            if children is None:
                children = self._children[element] = list(element.iterchildren("*"))
            element = children[step - 1] if 0 < step <= len(children) else None
        return element
