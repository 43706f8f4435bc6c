"""Linkbases of the trial taxonomy: arcs between concepts, labels, and formulas with messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

_LABEL_ROLE = "http://www.xbrl.org/2003/role/label"
_LINK_ROLE = "http://www.xbrl.org/2003/role/link"
_NAMES: Final = {
    "link": "http://www.xbrl.org/2003/linkbase",
    "xlink": "http://www.w3.org/1999/xlink",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xbrldt": "http://xbrl.org/2005/xbrldt",
}
_FORMULA_NAMES: Final = {
    "gen": ("http://xbrl.org/2008/generic", "2008/generic-link.xsd"),
    "variable": ("http://xbrl.org/2008/variable", "2008/variable.xsd"),
    "va": ("http://xbrl.org/2008/assertion/value", "2008/value-assertion.xsd"),
    "ea": ("http://xbrl.org/2008/assertion/existence", "2008/existence-assertion.xsd"),
    "cf": ("http://xbrl.org/2008/filter/concept", "2008/concept-filter.xsd"),
    "msg": ("http://xbrl.org/2010/message", "2010/generic-message.xsd"),
}
_SEVERITY = "http://xbrl.org/arcrole/2016/assertion-unsatisfied-severity"
_MESSAGE = "http://xbrl.org/arcrole/2010/assertion-unsatisfied-message"
_VARIABLE = "http://xbrl.org/arcrole/2008/variable"
_ARCROLES: Final = {
    f"{_VARIABLE}-set": "2008/variable.xsd#variable-set",
    f"{_VARIABLE}-filter": "2008/variable.xsd#variable-filter",
    _MESSAGE: "2010/validation-message.xsd#assertion-unsatisfied-message",
    _SEVERITY: "2016/assertion-severity.xsd#assertion-unsatisfied-severity",
}
_MESSAGE_ROLE = "http://www.xbrl.org/2010/role/message"


def linkbase(content: str, more: Mapping[str, tuple[str, str]] | None = None) -> str:
    """A linkbase around its content.

    Args:
        more: namespaces by prefix that it needs besides, with the schemas of XBRL International for them.
    """
    extra = more or {}
    names = {**_NAMES, **{prefix: name for prefix, (name, _) in extra.items()}}
    places = [
        (_NAMES["link"], "2003/xbrl-linkbase-2003-12-31.xsd"),
        *(one for one in extra.values() if one[1]),
    ]
    located = " ".join(f"{name} http://www.xbrl.org/{path}" for name, path in places)
    declared = "".join(f'\n  xmlns:{prefix}="{name}"' for prefix, name in names.items())
    return f'<link:linkbase{declared}\n  xsi:schemaLocation="{located}">\n{content}</link:linkbase>\n'


def _extended(element: str, role: str, content: str) -> str:
    return f'  <{element} xlink:type="extended" xlink:role="{role}">\n{content}  </{element}>\n'


@dataclass(frozen=True, slots=True)
class Role:
    """An extended link role and where it is defined, seen from a neighbouring folder."""

    uri: str
    id: str

    def reference(self) -> str:
        """The roleRef that a linkbase needs to use it."""
        place = f"../validation/bd-linkroles.xsd#{self.id}"
        return f'  <link:roleRef xlink:type="simple" roleURI="{self.uri}" xlink:href="{place}"/>\n'


@dataclass
class Arcs:
    """Arcs of one extended link of presentation or definition, in their order."""

    kind: str
    role: str
    _locators: dict[str, str] = field(default_factory=dict)
    _arcs: list[str] = field(default_factory=list)

    def add(self, arcrole: str, source: str, target: str, more: str = "") -> None:
        """An arc from one concept to another, both given by their hrefs."""
        order = len(self._arcs) + 1
        self._arcs.append(
            f'    <link:{self.kind}Arc xlink:type="arc" xlink:arcrole="{arcrole}"'
            f' xlink:from="{self._located(source)}" xlink:to="{self._located(target)}"'
            f' order="{order}"{more}/>\n'
        )

    def _located(self, href: str) -> str:
        label = href.partition("#")[2]
        self._locators[label] = (
            f'    <link:loc xlink:type="locator" xlink:label="{label}" xlink:href="{href}"/>\n'
        )
        return label

    def extended_link(self) -> str:
        """The link with its locators first."""
        content = "".join((*self._locators.values(), *self._arcs))
        return _extended(f"link:{self.kind}Link", self.role, content)


@dataclass(frozen=True)
class Labels:
    """Labels in one language, by the hrefs of what they belong to."""

    language: str
    texts: Mapping[str, str]

    def extended_link(self) -> str:
        """The link with all of them."""
        content = "".join(self._label(*one) for one in self.texts.items())
        return _extended("link:labelLink", _LINK_ROLE, content)

    def _label(self, href: str, text: str) -> str:
        name = href.partition("#")[2]
        return (
            f'    <link:loc xlink:type="locator" xlink:label="{name}" xlink:href="{href}"/>\n'
            f'    <link:label xlink:type="resource" xlink:label="{name}_lab" xlink:role="{_LABEL_ROLE}"'
            f' xml:lang="{self.language}">{escape(text)}</link:label>\n'
            '    <link:labelArc xlink:type="arc" xlink:arcrole="http://www.xbrl.org/2003/arcrole/concept-label"'
            f' xlink:from="{name}" xlink:to="{name}_lab"/>\n'
        )


@dataclass
class Formulas:
    """Assertions of one report, with the variables and filters that they share.

    Args:
        data: namespace of the concepts.
    """

    report: str
    data: str
    _shared: dict[str, str] = field(default_factory=dict)
    _assertions: list[str] = field(default_factory=list)
    _arcroles: set[str] = field(default_factory=set)

    def require(self, name: str) -> None:
        """A fact of this concept must be there."""
        assertion = self._assertion("ea:existenceAssertion", f"verplicht_{name}", "")
        texts = {"nl": f"Het verplichte gegeven {name} ontbreekt.", "en": f"The required {name} is missing."}
        self._assertions.append(
            assertion
            + self._variable(f"verplicht_{name}", name, 0)
            + self._messages(f"verplicht_{name}", texts)
        )

    def check(self, row: Mapping[str, Any]) -> None:
        """The XPath of this check must hold wherever there is a fact of its first concept."""
        names = dict.fromkeys(re.findall(r"\$(\w+)", row["test"]))
        variables = (self._variable(row["id"], name, which) for which, name in enumerate(names))
        assertion = self._assertion("va:valueAssertion", row["id"], f" test={quoteattr(row['test'])}")
        self._assertions += [assertion, *variables, self._messages(row["id"], row), self._severity(row)]

    def text(self) -> str:
        """The linkbase."""
        references = "".join(
            f'  <link:arcroleRef xlink:type="simple" arcroleURI="{uri}" xlink:href="http://www.xbrl.org/{place}"/>\n'
            for uri, place in _ARCROLES.items()
            if uri in self._arcroles
        )
        references += (
            f'  <link:roleRef xlink:type="simple" roleURI="{_MESSAGE_ROLE}"'
            ' xlink:href="http://www.xbrl.org/2010/generic-message.xsd#standard-message"/>\n'
        )
        content = "".join((*self._assertions, *self._shared.values()))
        names = {**_FORMULA_NAMES, "bd-i": (self.data, "")}
        return linkbase(references + _extended("gen:link", _LINK_ROLE, content), names)

    def _assertion(self, element: str, name: str, more: str) -> str:
        return (
            f'    <{element} xlink:type="resource" xlink:label="{name}" id="bd-{self.report}_{name}"'
            f' aspectModel="dimensional" implicitFiltering="true"{more}/>\n'
        )

    def _variable(self, assertion: str, name: str, which: int) -> str:
        """The arc to a variable; all but the first of an assertion are 0 where there is no fact."""
        label, fallback = (f"{name}_of_0", ' fallbackValue="0"') if which else (name, "")
        filtering = f"{_VARIABLE}-filter", label, f"{name}_filter", ' complement="false" cover="true"'
        self._shared[label] = (
            f'    <variable:factVariable xlink:type="resource" xlink:label="{label}"'
            f' bindAsSequence="false"{fallback}/>\n{self._arc("variable:variableFilterArc", *filtering)}'
        )
        self._shared[f"{name}_filter"] = (
            f'    <cf:conceptName xlink:type="resource" xlink:label="{name}_filter">'
            f"<cf:concept><cf:qname>bd-i:{name}</cf:qname></cf:concept></cf:conceptName>\n"
        )
        return self._arc("variable:variableArc", f"{_VARIABLE}-set", assertion, label, f' name="{name}"')

    def _messages(self, assertion: str, texts: Mapping[str, Any]) -> str:
        return "".join(
            f'    <msg:message xlink:type="resource" xlink:label="{assertion}_{language}"'
            f' xlink:role="{_MESSAGE_ROLE}" xml:lang="{language}">{escape(texts[language])}</msg:message>\n'
            + self._arc("gen:arc", _MESSAGE, assertion, f"{assertion}_{language}")
            for language in ("nl", "en")
        )

    def _severity(self, row: Mapping[str, Any]) -> str:
        if "severity" not in row:
            return ""
        place = f"http://www.xbrl.org/2016/severities.xml#{row['severity']}"
        locator = (
            f'    <link:loc xlink:type="locator" xlink:label="{row["severity"]}" xlink:href="{place}"/>\n'
        )
        return locator + self._arc("gen:arc", _SEVERITY, row["id"], row["severity"])

    def _arc(self, element: str, arcrole: str, source: str, target: str, more: str = "") -> str:
        self._arcroles.add(arcrole)
        return (
            f'    <{element} xlink:type="arc" xlink:arcrole="{arcrole}"'
            f' xlink:from="{source}" xlink:to="{target}" order="1"{more}/>\n'
        )
