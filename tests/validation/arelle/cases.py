"""Instances that both judges look at: every rule's fault, the borders of the rules, pairs, and chance."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from lxml import etree

from tests.validation.rules.broken import (
    CONTEXT,
    FOOTNOTE_LINK,
    NAME,
    OTHER_CONTEXT,
    OTHER_NAME,
    OTHER_UNIT,
    OWED,
    PERIOD,
    RULES,
    SCHEMA_REF,
    UNIT,
    XSI,
    broken,
    replaced,
)
from tests.validation.samples import INSTANCE

FILING = tuple(rule for rule in RULES if rule.startswith("F"))
_NOT_TOGETHER = {"FR-NL-1.03", "FR-NL-1.05"}
"""Faults that keep us from looking at the rest."""
_XBRLDI = 'xmlns:xbrldi="http://xbrl.org/2006/xbrldi" xmlns:d='
_CURRENCY = 'xmlns:z="http://www.xbrl.org/2003/iso4217"'


@dataclass(frozen=True)
class Case:
    """One instance.

    Args:
        name: what it is about.
        bestandsnaam: the file name that it has.
    """

    name: str
    content: bytes
    bestandsnaam: str = "instance.xbrl"

    @property
    def text(self) -> str:
        """The instance as text; what is no UTF-8 is replaced."""
        return self.content.decode("utf-8", "replace")


def case(name: str, text: str, bestandsnaam: str = "instance.xbrl") -> Case:
    """A case whose schemaRefs lead to the taxonomies that lie beside it."""
    for number, schema in (("nt20", "taxonomy.xsd"), ("nt19", "other.xsd")):
        text = text.replace(SCHEMA_REF.split('"')[3].replace("nt20", number), schema)
    return Case(name, text.encode(), bestandsnaam)


def faults() -> Iterator[Case]:
    """The fault of each rule, and pairs of faults that do not meet."""
    yield case("good", INSTANCE)
    yield from (case(rule, broken(rule)) for rule in FILING)
    chance = random.Random(5)
    pairs = [pair for pair in combinations(FILING, 2) if not _NOT_TOGETHER & {*pair}]
    for pair in chance.sample(pairs, 30):
        try:
            yield case(" and ".join(pair), broken(pair[1], broken(pair[0])))
        except AssertionError:
            continue  # the first fault took away what the second one changes


def borders() -> Iterator[Case]:
    """What lies just on either side of a rule."""
    yield from _characters()
    yield from _contexts()
    yield from _units()
    yield from _facts()
    yield from _documents()
    for name in ("a b.xbrl", "a.b.xbrl", "A-_1.xbrl", "\u00e9.xbrl"):
        yield case(f"file {name}", INSTANCE, name)


def _characters() -> Iterator[Case]:
    for character in "\x7f\x80\x9f\xa0\xff\u0100\u209f\u20a0\u20cf\u20d0\U0001f600":
        number = f"{ord(character):04X}"
        yield case(f"text {number}", replaced("Caf\u00e9", character))
        yield case(f"decimal {number}", replaced("Caf\u00e9", f"&#{ord(character)};"))
        yield case(f"hexadecimal {number}", replaced("<d:Name", f'<d:Name id="a&#x{number};"'))
    for character in "\x80\u0100":
        yield case("attribute", replaced("<d:Name", f'<d:Name id="a{character}"'))
        yield case("comment", replaced("<d:Name", f"<!--{character}--><d:Name"))
        yield case("instruction", replaced("<d:Name", f"<?p {character}?><d:Name"))
        yield case("before the root", replaced("<xbrli:xbrl", f"<!--{character}--><xbrli:xbrl"))
    for reference in ("&#9;x", "&#x20AC;", "&lt;&gt;&amp;&apos;&quot;", "&eacute;", "]]&gt;"):
        yield case(f"reference {reference}", replaced("Caf\u00e9", reference))
    yield case("reference in a comment", replaced("<d:Name", "<!-- &eacute; &#x141; --><d:Name"))
    yield case("end of a section in a comment", replaced("<d:Name", "<!-- ]]> --><d:Name"))
    yield case("end of a section in an attribute", replaced("<d:Name", '<d:Name x="]]>"'))


def _documents() -> Iterator[Case]:
    for encoding in ("'utf-8'", '"utf8"', '"UTF-8 "', '"us-ascii"', '"iso-8859-1"'):
        yield case(f"encoding {encoding}", replaced('"UTF-8"', encoding))
    yield case("no declaration", INSTANCE.partition("\n")[2])
    for name, codec in (("UTF-16", "utf-16"), ("UTF-16LE", "utf-16-le")):
        text = case("", INSTANCE.replace("UTF-8", name)).text
        yield Case(name, text.encode(codec))
    yield Case("not UTF-8", case("", INSTANCE).content.replace("\u00e9".encode(), b"\xe9"))
    yield case("empty language", replaced('xml:lang="nl"', 'xml:lang=""'))
    yield case("no schemaRef", replaced(SCHEMA_REF, ""))
    yield case("same schemaRef", replaced(SCHEMA_REF, SCHEMA_REF * 2))
    yield case("no footnote in the link", replaced(OWED, OWED + FOOTNOTE_LINK.format("")))
    yield case("prefix inside", replaced("<d:Name", '<d:Name xmlns:l="http://www.xbrl.org/2003/linkbase"'))
    yield case("default namespace", replaced("xmlns:d=", 'xmlns="urn:unused" xmlns:d='))
    yield case("prefix of xlink", INSTANCE.replace("xlink:", "xl:").replace(":xlink", ":xl"))
    for order in (SCHEMA_REF + CONTEXT + UNIT, CONTEXT + SCHEMA_REF + UNIT, SCHEMA_REF + UNIT + CONTEXT):
        yield case("order", replaced(SCHEMA_REF + CONTEXT + UNIT, order))


def _two_contexts(first: str, second: str, container: str = "scenario") -> str:
    def put(context: str, inside: str) -> str:
        parent = "entity" if container == "segment" else "context"
        part = f"<xbrli:{container}>{inside}</xbrli:{container}>"
        return context.replace(f"</xbrli:{parent}>", f"{part}</xbrli:{parent}>")

    contexts = put(CONTEXT, first) + put(OTHER_CONTEXT, second)
    return replaced("xmlns:d=", _XBRLDI, CONTEXT, contexts, NAME, NAME + OTHER_NAME)


def _contexts() -> Iterator[Case]:
    explicit = '<xbrldi:explicitMember dimension="d:{}">{}</xbrldi:explicitMember>'.format
    typed = '<xbrldi:typedMember dimension="d:Typed"><d:Code>{}</d:Code></xbrldi:typedMember>'.format
    one, two = explicit("Axis", "d:M1"), explicit("Axis2", "d:M2")
    prefixed = (
        '<xbrldi:explicitMember xmlns:e="urn:test:data" dimension="e:Axis">e:M1</xbrldi:explicitMember>'
    )
    pairs = {
        "same": (one + two, one + two),
        "other order": (one + two, two + one),
        "other member": (one, explicit("Axis", "d:M2")),
        "other dimension": (one, explicit("Axis2", "d:M1")),
        "other prefix": (one, prefixed),
        "white space": (one, explicit("Axis", " d:M1\n")),
        "typed": (typed("x"), typed("x")),
        "typed other": (typed("x"), typed("y")),
        "typed white space": (typed("x"), typed(" x ")),
        "typed comment": (typed("xy"), typed("x<!---->y")),
    }
    for name, (first, second) in pairs.items():
        yield case(f"dimensions {name}", _two_contexts(first, second))
        yield case(f"dimensions {name} in the segment", _two_contexts(first, second, "segment"))
    equal = broken("FR-NL-3.04")
    for old, new in (("B37</", "B37\n </"), ("B37</", "B38</"), ('="www', '="http://www')):
        yield case("entity", equal.replace(old, new, 1))
    starts = ("2026-01-01T00:00:00", "2026-01-01Z", " 2026-01-01 ", "2025-12-31T24:00:00", "2025-12-31")
    ends = ("2026-04-01T00:00:00", "2026-03-31T24:00:00", "2026-03-31T00:00:00", "2026-03-31T12:00:00")
    for old, dates in (
        ("2026-01-01", starts),
        ("2026-03-31", (*ends, "2026-02-29", "31 mrt", "2026-03-31Z")),
    ):
        for date in dates:
            yield case(f"date {date}", equal.replace(old, date, 1))
    for date in ("2026-03-31", "2026-03-31T00:00:00"):
        period = f"<xbrli:period><xbrli:instant>{date}</xbrli:instant></xbrli:period>"
        yield case(f"instant {date}", replaced(PERIOD, period))


def _two_units(first: str, second: str) -> str:
    units = f'<xbrli:unit id="EUR">{first}</xbrli:unit><xbrli:unit id="E">{second}</xbrli:unit>'
    text = replaced(UNIT, units, OWED, OWED + OWED.replace('"EUR"', '"E"'))
    return text.replace("xmlns:d=", 'xmlns:u="urn:u" xmlns:d=')


def _units() -> Iterator[Case]:
    def times(*names: str, declared: str = "") -> str:
        return "".join(f"<xbrli:measure {declared}>{name}</xbrli:measure>" for name in names)

    def by(over: str, under: str) -> str:
        numerator = f"<xbrli:unitNumerator>{over}</xbrli:unitNumerator>"
        return (
            f"<xbrli:divide>{numerator}<xbrli:unitDenominator>{under}</xbrli:unitDenominator></xbrli:divide>"
        )

    euro, share, pure = "iso4217:EUR", "xbrli:shares", "xbrli:pure"
    pairs = (
        (times(euro, share), times(share, euro)),
        (by(times(euro, share), times(pure)), by(times(share, euro), times(pure))),
        (by(times(euro), times(share)), by(times(share), times(euro))),
        (by(times(euro), times(pure)), times(euro)),
        (times(euro, euro), times(euro)),
        (times(euro), times(f" {euro} ")),
        (times(euro), times("z:EUR", declared=_CURRENCY)),
        (times(euro, share), times(share, "z:EUR", declared=_CURRENCY)),
        (times(euro), times("EUR", declared='xmlns="http://www.xbrl.org/2003/iso4217"')),
        (times(euro), times("u:x")),
    )
    for number, (first, second) in enumerate(pairs):
        yield case(f"units {number}", _two_units(first, second))


def _facts() -> Iterator[Case]:
    in_tuple = "<d:Tuple>{}</d:Tuple>".format
    with_id = NAME.replace("<d:Name", '<d:Name id="t"')
    yield case("languages", replaced(NAME, NAME.replace("Name ", 'Name xml:lang="en" ', 1) + NAME))
    yield case("other value", replaced(NAME, NAME + NAME.replace("Caf", "Kof")))
    contexts = (CONTEXT, CONTEXT + OTHER_CONTEXT)
    yield case("equal contexts", replaced(*contexts, NAME, NAME + NAME.replace("Msg", "Other")))
    yield case("equal units", replaced(UNIT, UNIT + OTHER_UNIT, OWED, OWED + OWED.replace('"EUR"', '"E"')))
    for inside in (NAME, NAME * 2, with_id, NAME.replace("Caf\u00e9", ""), ""):
        yield case("tuple", replaced(NAME, NAME + in_tuple(inside)))
    yield case("two tuples", replaced(NAME, NAME + in_tuple(NAME) * 2))
    yield case("tuple with id", replaced(NAME, NAME + in_tuple(NAME).replace("<d:Tuple", '<d:Tuple id="t"')))
    for value in ("true", "1", "false", "0"):
        yield case(f"nil {value}", replaced('Msg">Caf\u00e9', f'Msg" {XSI} xsi:nil="{value}">'))
    yield case("nil on a context", replaced("<xbrli:context id", f'<xbrli:context {XSI} xsi:nil="false" id'))
    yield case("another nil", replaced("Name context", 'Name xmlns:n="urn:n" n:nil="true" context'))
    for value in (" ", "\n", "<!-- x -->", "&#32;", "\u00a0"):
        yield case(f"value {value!r}", replaced("Caf\u00e9", value))
    yield case("empty number", replaced(">12<", "><"))
    yield case("precision INF", replaced("decimals", "precision"))
    yield case("value with a prefix", replaced("xmlns:d=", 'xmlns:v="urn:v" xmlns:d=', "Caf\u00e9", "v:x"))


_VALUES = {
    "id": ("Msg", "Other", "EUR", "f1"),
    "contextRef": ("Msg", "Other"),
    "unitRef": ("EUR", "E"),
    "decimals": ("0", "INF"),
    "scheme": ("urn:a", "urn:b"),
}
_TEXTS = ("", " ", "x", "2026-01-01", "2026-03-31T00:00:00", "iso4217:EUR", "iso4217:USD", "\u0141")
_RICH = replaced(
    *(CONTEXT, CONTEXT + OTHER_CONTEXT.replace("2026-03-31", "2026-06-30")),
    *(UNIT, UNIT + OTHER_UNIT.replace("iso4217:EUR", "iso4217:USD")),
    *(NAME, NAME + OTHER_NAME),
    *(OWED, OWED + OWED.replace("d:Owed", "d:Paid").replace('"EUR"', '"E"')),
)


def by_chance(seed: int, count: int) -> Iterator[Case]:
    """Instances with two contexts, units and more facts, changed in up to four places."""
    chance = random.Random(seed)
    for number in range(count):
        root = etree.fromstring(case("", _RICH).content)
        for _ in range(chance.randint(1, 4)):
            _change(chance, root)
        yield Case(f"chance {seed}-{number}", etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _change(chance: random.Random, root: etree._Element) -> None:
    element = chance.choice(list(root.iterdescendants("*")))
    parent = element.getparent()
    assert parent is not None
    kind = chance.randrange(6)
    if kind == 0:
        parent.remove(element)
    elif kind == 1:
        parent.append(etree.fromstring(etree.tostring(element)))
    elif kind == 2:
        parent.insert(chance.randrange(len(parent)), element)
    elif kind == 3 and not len(element):
        element.text = chance.choice(_TEXTS)
    else:
        name = chance.choice([*element.attrib, "id"])
        element.set(name, chance.choice(_VALUES.get(str(name), ("x",))))
