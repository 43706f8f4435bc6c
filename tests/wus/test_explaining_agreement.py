"""explain and the door never disagree: the same verdict on hundreds of messages, good, bad and very bad."""

from __future__ import annotations

import copy
import functools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from lxml import etree

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.clock import Clocks, FixedClock, RealClock
from digipoort_sim.config import Settings
from digipoort_sim.errors import Refusal
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki import Authority, Trust
from digipoort_sim.wus import multipart, names, rawhttp
from digipoort_sim.wus.explaining import Anchors, Explainer, explanation, read_message
from digipoort_sim.wus.judging import Judge, Request, Trail
from tests.wus import door_kit, messages
from tests.wus.tls_kit import authority_in, client_folder

NOW = RealClock().now()
RULES = load_catalogue().rules
SETTINGS = [
    Settings.model_validate({"wus": {"signer_must_be_peer": False, **more}})
    for more in ({}, {"strict_action": True, "strict_to": True}, {"accept_unqualified_id": False})
]
Tree = etree._Element
_WORDS = ("", "x", "http://www.w3.org/2005/08/addressing/none", "urn:uuid:1", "aanleveren", " ", "AA==", "-1")
_NAMES = (
    *(f"{{{names.WSA}}}{name}" for name in ("To", "From", "FaultTo", "ReplyTo", "Action", "RelatesTo")),
    *(f"{{{names.SOAP}}}{name}" for name in ("Body", "Header", "Fault")),
    *(f"{{{names.KOPPELVLAK}}}{name}" for name in ("aanleverRequest", "getProcessenRequest", "nummer")),
    *(f"{{{names.DS}}}{name}" for name in ("Reference", "Transform", "Object", "KeyInfo")),
    f"{{{names.WSSE}}}Security",
    "{urn:own}header",
)


@pytest.fixture(scope="module", autouse=True)
def _keys_are_read_once() -> Iterator[None]:
    """Reading a private key with all its checks takes longer than everything else here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door_kit.Signer, "from_pem", functools.cache(door_kit.Signer.from_pem))
        yield


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority of a state directory."""
    return authority_in(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def client(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client's folder."""
    return client_folder(authority, tmp_path_factory.mktemp("client"))


class Door:
    """The door's judge without a door."""

    def __init__(self, authority: Authority, at: datetime, settings: Settings) -> None:
        clock = FixedClock(at)
        rooms = SimpleNamespace(
            settings=settings,
            clocks=Clocks(clock, clock),
            trust=Trust(authority.ca_certificates),
            ids=SystemIds(),
        )
        self._judge = Judge(cast(Any, rooms))

    def says(self, raw: bytes) -> str:
        """The rule by which a request is refused; empty if it is not."""
        request = rawhttp.read(raw)
        service, family = names.PATHS[request.path]
        headers = {name.lower(): value for name, value in request.headers}
        peer = cast(Any, SimpleNamespace(der=b"", subject=""))
        given = Request(service, family == "stub", request.path, headers, request.body, True, peer)
        try:
            self._judge.judge(given, Trail())
        except Refusal as refusal:
            return refusal.rule
        return ""


@pytest.fixture
def own_verdicts(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the analysis finds broken by itself, before the door has the last word; in order of the calls."""
    found: list[list[str]] = []
    reconcile = explanation._reconcile

    def record(tally: Any, refusal: Refusal | None, on_the_way: list[str]) -> None:
        found.append([rule for rule in tally.failed() if rule not in on_the_way])
        reconcile(tally, refusal, on_the_way)

    monkeypatch.setattr(explanation, "_reconcile", record)
    return found


def http(body: bytes, path: str, *headers: str) -> bytes:
    """A request with a body."""
    head = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


def _elements(root: Tree) -> list[Tree]:
    return [element for element in root.iter() if isinstance(element.tag, str)][1:]


def _remove(element: Tree, chance: random.Random) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


def _double(element: Tree, chance: random.Random) -> None:
    element.addnext(copy.deepcopy(element))


def _move(element: Tree, chance: random.Random) -> None:
    places = [one for one in _elements(element.getroottree().getroot()) if element not in one.iterancestors()]
    place = chance.choice(places)
    if place is not element and element not in place.iterancestors():
        place.append(element)


def _rename(element: Tree, chance: random.Random) -> None:
    element.tag = chance.choice(_NAMES)


def _retext(element: Tree, chance: random.Random) -> None:
    element.text = chance.choice(_WORDS)


def _unattribute(element: Tree, chance: random.Random) -> None:
    for name in element.attrib:
        element.set(name, chance.choice(_WORDS))


def _wrap(element: Tree, chance: random.Random) -> None:
    inner = copy.deepcopy(element)
    etree.SubElement(element, chance.choice(_NAMES)).append(inner)


def _shuffle(element: Tree, chance: random.Random) -> None:
    element[:] = chance.sample(list(element), len(element))


def _tail(element: Tree, chance: random.Random) -> None:
    element.tail = chance.choice(_WORDS)


_MUTATIONS: tuple[Callable[[Tree, random.Random], None], ...] = (
    *(_remove, _double, _move, _rename, _retext, _unattribute, _wrap, _shuffle, _tail),
)


def _mutate(root: Tree, chance: random.Random, times: int) -> None:
    for _ in range(times):
        elements = _elements(root)
        if elements:
            chance.choice(_MUTATIONS)(chance.choice(elements), chance)


def _message(client: Path, chance: random.Random) -> tuple[bytes, str]:
    """A request and its path: spoiled before or after it is signed, or not at all."""
    service = chance.choice(["aanleveren", "aanleveren", "getStatussenProces", "getBerichtenLijst"])
    operation = names.OPERATIONS[service]
    content = door_kit.QUESTIONS.get(service, door_kit.delivery()).format(kenmerk="k")
    before, after = chance.choice([(0, 0), (1, 0), (2, 0), (0, 1), (0, 2), (1, 1)])
    stub = chance.random() < 0.5
    created = NOW - timedelta(seconds=chance.choice([0, 0, 0, 0, 700, -90]))
    action = chance.choice([None, None, operation.wcf_action, "urn:other"])

    def spoil(root: Tree) -> None:
        twin = copy.deepcopy(root)
        _mutate(twin, chance, before)
        root[:] = list(twin)

    sha = chance.choice([1, 256])
    try:
        raw = door_kit.signed(
            operation, content, client, stub=stub, action=action, created=created, sha=sha, spoil=spoil
        )
    except Exception:  # what was spoiled can no longer be signed; then it is spoiled only afterwards
        raw = door_kit.signed(operation, content, client, stub=stub, created=created, sha=sha)
        after = 2
    root = etree.fromstring(raw)
    _mutate(root, chance, after)
    called = chance.choice([operation] * 8 + [names.OPERATIONS["getProcessen"]])
    return etree.tostring(root), door_kit.path_of(called, stub)


@pytest.mark.parametrize("seed", range(5))
def test_explain_and_the_door_agree(
    authority: Authority, client: Path, own_verdicts: list[list[str]], seed: int
) -> None:
    """Accepted is exactly what the judge accepts; of what it refuses, its rule is among the broken ones."""
    chance, settings = random.Random(seed), SETTINGS[seed % len(SETTINGS)]
    at = NOW + timedelta(seconds=1)
    door, explainer = (
        Door(authority, at, settings),
        Explainer(settings, RULES, Anchors.of(authority.ca_certificates), at),
    )
    seen: Counter[str] = Counter()
    for _ in range(120):
        body, path = _message(client, chance)
        media = chance.choice(["Content-Type: text/xml"] * 9 + ["Content-Type: application/soap+xml"])
        soap_action = chance.choice(["SOAPAction:"] * 5 + ["SOAPAction: urn:other"])
        raw = http(body, path, media, soap_action)
        rule = door.says(raw)
        explained = explainer.explain(read_message(raw))
        broken = [verdict.id for verdict in explained.rules if verdict.passed is False]
        assert explained.accepted == (rule == ""), (rule, raw)
        assert explained.accepted == (not broken), (rule, broken, raw)
        assert own_verdicts[-1] == broken, (rule, broken, raw)
        assert not rule or rule in broken, (rule, broken, raw)
        seen[rule] += 1
    assert seen[""] > 5
    assert len(seen) > 10, seen


@pytest.mark.parametrize("seed", range(2))
def test_explain_and_the_door_agree_on_broken_octets(
    authority: Authority, client: Path, own_verdicts: list[list[str]], seed: int
) -> None:
    """Octets changed at random, in plain requests and in MTOM ones: the same verdict, and never an error."""
    chance, settings = random.Random(seed), SETTINGS[seed % len(SETTINGS)]
    at = NOW + timedelta(seconds=1)
    door, explainer = (
        Door(authority, at, settings),
        Explainer(settings, RULES, Anchors.of(authority.ca_certificates), at),
    )
    plain = door_kit.signed(messages.AANLEVEREN, door_kit.delivery(), client, created=NOW)
    path = door_kit.path_of(messages.AANLEVEREN)
    mtom, media = as_mtom(plain)
    for raw in (http(plain, path, "Content-Type: text/xml"), http(mtom, path, f"Content-Type: {media}")):
        assert door.says(raw) == ""
        for _ in range(150):
            broken = bytearray(raw)
            start = raw.find(b"\r\n\r\n") + 4
            for _ in range(chance.choice([1, 1, 3])):
                broken[chance.randrange(start, len(raw))] = chance.choice(b"<>&\"' =\x00\xffaA0#\r\n-/")
            rule = door.says(bytes(broken))
            explained = explainer.explain(read_message(bytes(broken)))
            assert explained.accepted == (rule == ""), (rule, bytes(broken))
            assert (rule == "" and not own_verdicts[-1]) or rule in own_verdicts[-1], (rule, bytes(broken))


def as_mtom(plain: bytes) -> tuple[bytes, str]:
    """A signed request with its inhoud as an attachment, and its Content-Type."""
    root = etree.fromstring(plain)
    inhoud = next(root.iter(f"{{{names.KOPPELVLAK}}}inhoud"))
    inhoud.text = None
    etree.SubElement(inhoud, f"{{{names.XOP}}}Include", href="cid:a@b")
    media = 'multipart/related; type="application/xop+xml"; boundary=bb; start="<root>"'
    parts = [
        b"--bb\r\nContent-ID: <root>\r\n\r\n" + etree.tostring(root),
        b"--bb\r\nContent-ID: <a@b>\r\n\r\n<a/>",
        b"--bb--\r\n",
    ]
    body = b"\r\n".join(parts)
    assert multipart.is_multipart(media)
    return body, media
