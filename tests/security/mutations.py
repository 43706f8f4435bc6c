"""Mutations of messages: blind ones on octets, tokens and trees, and neutral ones that change no value."""

from __future__ import annotations

import copy
import functools
import random
import re
from collections.abc import Callable, Sequence

from lxml import etree

from digipoort_sim.wus import names
from digipoort_sim.wus.envelope import WSU_ID
from tests.security import forge
from tests.wus import messages

Mutation = Callable[[bytes, random.Random], bytes]

_SNIPPETS = (
    *(
        b"<!-- c -->",
        b"<![CDATA[x]]>",
        b"<![CDATA[]]>",
        b" ",
        b"\n",
        b"\t",
        b"&amp;",
        b"&#xD;",
        b"&#13;&#10;",
    ),
    *(b"\r\n", b"<x/>", b' a="b"', b' xmlns:q="urn:q"', b' xmlns=""', b' xml:lang="nl"', b"<?p i?>", b"&lt;"),
    *(b' xml:space="preserve"', b' wsu:Id="x"', b' Id="x"', b' xml:id="x"', b"\xc3\xa9", b"\xe2\x80\xa8"),
    *(b"\x00", b"=", b"'", b'"', b"<", b">", b"&", b"]]>", b"--", b"AAAA", b"\xed\xa0\x80", b"\xff", b"#"),
    *(b' xml:base="urn:x"', b' xmlns:soap="urn:s"', b' xmlns:ds="urn:d"', b"\xef\xbb\xbf", b"&#x85;", b"0"),
)
_EXCHANGES = (
    *((names.SHA1, names.SHA256), (names.RSA_SHA1, names.RSA_SHA256), ('"', "'"), ("soap:", "wsa:")),
    *((names.EXCLUSIVE_C14N, names.EXCLUSIVE_C14N + "WithComments"), ("wsa:To", "wsa:From")),
    *(("<soap:Body ", '<soap:Body xmlns:unused="urn:u" '), ("#default", ""), ("PrefixList", "prefixlist")),
    *((" xmlns=", ' xmlns:other="urn:o" xmlns='), ("<soap:Header>", "<soap:Header >"), ("wsu:Id", "Id")),
    *(('PrefixList="', 'PrefixList=" wsu '), ("<ds:", "<"), ("><", ">\n<"), ("/>", " />"), ("Id=", "ID=")),
)
_ELEMENTS = re.compile(rb"<[\w:]+[^<>]*/>|<([\w:]+)[^<>]*>[^<]*</\1>|\s[\w:]+=\"[^\"]*\"")
_SPOTS = re.compile(rb">|=\"|<[\w:]+|(?<=>)[^<]{3}")
_GROUPS = re.compile(rb"<((?:ds:Reference|wsa:\w+|wsu:Timestamp)) .*?</\1>")


def flip(raw: bytes, chance: random.Random) -> bytes:
    """Change one bit."""
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << chance.randrange(8))]) + raw[at + 1 :]


def insert(raw: bytes, chance: random.Random) -> bytes:
    """Insert something at a place where it may mean something."""
    spots = _SPOTS.finditer(raw)
    at = chance.choice([match.end() for match in spots] or [0])
    return raw[:at] + chance.choice(_SNIPPETS) + raw[at:]


def cut(raw: bytes, chance: random.Random) -> bytes:
    """Take some octets out, or put some of them twice, or elsewhere."""
    start = chance.randrange(len(raw))
    end = min(len(raw), start + chance.choice((1, 1, 2, 4, 30, 300)))
    piece, rest = raw[start:end], raw[:start] + raw[end:]
    at = chance.randrange(len(rest) + 1)
    return chance.choice((rest, raw[:end] + piece + raw[end:], rest[:at] + piece + rest[at:]))


def drop(raw: bytes, chance: random.Random) -> bytes:
    """Take an element or an attribute out."""
    tag = chance.choice(list(_ELEMENTS.finditer(raw)) or [None])
    return raw if tag is None else raw[: tag.start()] + raw[tag.end() :]


def double(raw: bytes, chance: random.Random) -> bytes:
    """Put a part twice."""
    part = chance.choice(list(_GROUPS.finditer(raw)) or [None])
    return raw if part is None else raw[: part.end()] + part[0] + raw[part.end() :]


def exchange(raw: bytes, chance: random.Random) -> bytes:
    """Replace a word by one that is like it."""
    old, new = chance.choice(_EXCHANGES)
    return raw.replace(old.encode(), new.encode(), chance.choice([1, -1]))


def _tree(raw: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(raw)
    except (etree.XMLSyntaxError, ValueError):
        return None


def move(raw: bytes, chance: random.Random) -> bytes:
    """Move, copy or swap elements of the tree."""
    root = _tree(raw)
    elements = [] if root is None else list(root.iter("*"))[1:]
    if root is None or len(elements) < 2:
        return raw
    one, other = chance.sample(elements, 2)
    if one in other.iterancestors():
        one, other = other, one
    if chance.random() < 0.5:
        one = copy.deepcopy(one)
    if other not in one.iter("*"):
        chance.choice((other.append, other.addnext, other.addprevious))(one)
    return etree.tostring(root)


def rename(raw: bytes, chance: random.Random) -> bytes:
    """Give an element the name, the text or an attribute of another one."""
    root = _tree(raw)
    if root is None:
        return raw
    elements = list(root.iter("*"))
    one, other = chance.choice(elements), chance.choice(elements)
    what = chance.randrange(3)
    if what == 0:
        one.tag = other.tag
    elif what == 1:
        one.text = other.text
    elif other.attrib:
        name = chance.choice(sorted(other.attrib))
        one.set(name, other.get(name) or "")
    return etree.tostring(root)


def declare(raw: bytes, chance: random.Random) -> bytes:
    """Move a namespace declaration up to the root, or repeat one further down: often neutral, not always."""
    found = list(re.finditer(rb' xmlns(?::\w+)?="[^"]*"', raw))
    tags = list(re.finditer(rb"<[\w:]+", raw))
    if not found or not tags:
        return raw
    one, tag = chance.choice(found), chance.choice(tags)
    at = tags[0].end() if chance.random() < 0.5 else tag.end()
    return raw[:at] + one[0] + raw[at:]


BLIND: tuple[Mutation, ...] = (
    *(flip, flip, insert, insert, cut, drop, double, exchange, exchange, move, rename, declare, declare),
)
"""The mutations that may break anything."""

_TAG = re.compile(rb"<([\w:.-]+)((?:\s+[\w:.-]+=\"[^\"]*\")*)\s*(/?)>")
_ATTRIBUTE = re.compile(rb"([\w:.-]+)=\"([^\"]*)\"")
_TEXT = re.compile(rb"(?<=>)[^<>]+(?=</)")
_SPACES = (b" ", b"\n", b"  ", b"\t", b" \r\n ")


def _reference(text: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(text)) if text else 0
    if not text or b"&" in text or text[at] > 126 or text[at] in b"\r\n\t ":
        return text
    form = chance.choice((b"&#%d;", b"&#x%x;", b"&#x%X;", b"&#0000%d;"))
    return text[:at] + form % text[at] + text[at + 1 :]


def _written_otherwise(tag: re.Match[bytes], chance: random.Random) -> bytes:
    name, attributes, empty = tag[1], _ATTRIBUTE.findall(tag[2]), tag[3]
    chance.shuffle(attributes)
    text = b"<" + name
    for key, value in attributes:
        if chance.random() < 0.3 and not key.startswith(b"xmlns"):
            value = _reference(value, chance)
        quote = b"'" if chance.random() < 0.5 and b"'" not in value else b'"'
        text += chance.choice(_SPACES) + key + chance.choice((b"", b" ")) + b"=" + quote + value + quote
    text += chance.choice((b"", *_SPACES))
    if empty and chance.random() < 0.5:
        return text + b"></" + name + chance.choice((b"", b" ")) + b">"
    return text + empty + b">"


def tags_otherwise(raw: bytes, chance: random.Random) -> bytes:
    """Every tag in another form: order and quotes of attributes, white space, empty elements, references."""
    return _TAG.sub(lambda tag: _written_otherwise(tag, chance), raw)


def texts_otherwise(raw: bytes, chance: random.Random) -> bytes:
    """Some values in another form: references, CDATA sections and comments inside."""

    def rewrite(text: re.Match[bytes]) -> bytes:
        value = text[0]
        at = chance.randrange(len(value) + 1)
        if b"&" in value or value[at - 1 : at] == b"\xc3":
            return value
        return chance.choice(
            (
                value,
                value,
                _reference(value, chance),
                b"<![CDATA[" + value + b"]]>",
                value[:at] + b"<![CDATA[" + value[at:] + b"]]>",
                value[:at] + b"<!-- - -->" + value[at:],
                b"<!---->" + value,
            )
        )

    return _TEXT.sub(rewrite, raw)


def prolog_otherwise(raw: bytes, chance: random.Random) -> bytes:
    """Another beginning and end: declaration, byte order mark, comments, white space."""
    if raw.startswith((b"<?", b"\xef\xbb\xbf", b"\n", b"<!")):
        return raw
    head = chance.choice((b"", b"\xef\xbb\xbf")) + chance.choice(
        (b"", b"<?xml version='1.0'?>", b'<?xml version="1.0" encoding="utf-8" standalone="yes" ?>\r\n')
    )
    return head + chance.choice((b"", b"<!-- - -->\n")) + raw + chance.choice((b"", b"\n", b"<!-- x -->"))


def unused_prefixes(raw: bytes, chance: random.Random) -> bytes:
    """Declarations of prefixes that nothing uses and no PrefixList names."""
    tag = chance.choice(list(re.finditer(rb"<[\w:]+(?=[ />])", raw)))
    return raw[: tag.end()] + b' xmlns:zz%d="urn:zz"' % chance.randrange(10**6) + raw[tag.end() :]


def space_that_counts_not(raw: bytes, chance: random.Random) -> bytes:
    """White space where none counts: in the header and in the signature's value."""
    raw = re.sub(rb"(<ds:SignatureValue>)", rb"\1\n ", raw, count=1)
    return raw.replace(b"<ds:KeyInfo>", b"<ds:KeyInfo>\n" + chance.choice(_SPACES))


NEUTRAL: tuple[Mutation, ...] = (
    *(unused_prefixes, space_that_counts_not, texts_otherwise, tags_otherwise, prolog_otherwise),
)
"""The mutations after which every value and every canonical form is what it was; to be done in this order."""


def blindly(sources: Sequence[bytes], chance: random.Random) -> bytes:
    """A message with one to three blind mutations."""
    raw = chance.choice(sources)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        raw = chance.choice(BLIND)(raw, chance) or b"x"
    return raw


def neutrally(sources: Sequence[bytes], chance: random.Random) -> bytes:
    """A message with some neutral mutations."""
    raw = chance.choice(sources)
    for mutation in NEUTRAL:
        if chance.random() < 0.6:
            raw = mutation(raw, chance)
    return raw


@functools.cache
def sources() -> tuple[bytes, ...]:
    """Good messages of many kinds: algorithms, PrefixLists, prefixes, Ids, white space.

    No PrefixList has two spaces in a row, or one at an end: libxmlsec1 reads an empty prefix there and
    takes it for the default namespace, while the list is one of names with any white space between.
    """
    prefixed = forge.BODY.replace("<aanleverRequest", '<aanleverRequest xmlns:q="urn:q"')
    return (
        messages.signed(body=forge.BODY),
        messages.signed(body=forge.BODY, sha=256),
        etree.tostring(forge.complete()),
        messages.signed_by_xmlsec(messages.unsigned(body=prefixed), "#default soap wsa"),
        messages.signed_by_xmlsec(messages.unsigned(body=prefixed), "q xsi #default", names.RSA_SHA256),
        messages.signed_by_xmlsec(
            messages.unsigned(body=prefixed), "wsu wsse ds q", names.RSA_SHA1, names.SHA256
        ),
        messages.signed_by_xmlsec(messages.unsigned(body=prefixed), ""),
        messages.signed_by_xmlsec(_spaced(prefixed), "soap"),
        _with_plain_ids(prefixed),
    )


def _spaced(body: str) -> etree._Element:
    text = messages.headers().replace("><wsa:", ">\n  <wsa:").replace("<wsa:To>", "<wsa:To>\n\t")
    return messages.unsigned(f"\n{text}\n", body.replace("<inhoud>", "<inhoud>\n "))


def _with_plain_ids(body: str) -> bytes:
    root = etree.fromstring(messages.signed(body=body))
    for element in (root[1], root[0][1], root[0][2]):
        element.set("Id", element.attrib.pop(WSU_ID))
    forge.redigest(root)
    forge.seal(root)
    return etree.tostring(root)
