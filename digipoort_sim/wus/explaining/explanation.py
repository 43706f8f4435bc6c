"""The verdict on one message, rule by rule, with the door's own judge having the last word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from lxml import etree

from digipoort_sim.catalogue import Rule
from digipoort_sim.clock import Clocks
from digipoort_sim.config import Settings, WusSettings
from digipoort_sim.errors import Refusal
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki import VerifiedCertificate
from digipoort_sim.wus import document, multipart
from digipoort_sim.wus.explaining import pieces
from digipoort_sim.wus.explaining.certificate import CERTIFICATE_RULES, Anchors, judge_certificate
from digipoort_sim.wus.explaining.content import (
    ADDRESSING_RULES,
    BODY_RULES,
    judge_addressing,
    judge_body,
    judge_freshness,
    service_of,
)
from digipoort_sim.wus.explaining.parts import SHAPE_RULES, Parts, find_parts
from digipoort_sim.wus.explaining.request import Called, Endpoint, judge_headers, judge_request
from digipoort_sim.wus.explaining.signature import SIGNATURE_RULES, SignatureAnalysis
from digipoort_sim.wus.explaining.source import Message
from digipoort_sim.wus.explaining.tally import RuleVerdict, Tally
from digipoort_sim.wus.judging import Judge, Request, Trail, check_media_type
from digipoort_sim.wus.names import AANLEVEREN, Operation, Service

XML_RULES = ("XML-ENCODING", "XML-DOCTYPE", "XML-LIMIT", "XML-WELLFORMED", "XML-PI")
_LATER_RULES = (*SHAPE_RULES, *SIGNATURE_RULES, *CERTIFICATE_RULES, *ADDRESSING_RULES, *BODY_RULES)
_XOP_RULES = ("XOP", "XOP-ATTACHMENTS")


@dataclass(frozen=True)
class Explanation:
    """The verdict on one message.

    Attributes:
        accepted: whether the door would go on to the content, if the signer is the TLS client.
        at: the moment of judgement.
        service: the service that was called, or that the Body belongs to; empty if neither is known.
        operation: the operation that the Body asks for; empty if it is not known.
        refusal: what the door's judge says to it; None if it accepts, or if HTTP stops it before.
        rules: the verdict of each rule, in the door's order.
    """

    accepted: bool
    at: datetime
    service: str
    operation: str
    refusal: Refusal | None
    rules: tuple[RuleVerdict, ...]


@dataclass(frozen=True)
class _At:
    """A clock that stands at the moment of judgement, to the microsecond."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


class Explainer:
    """Explains messages by the settings in force.

    Args:
        rules: the catalogue's rules.
        at: the moment at which Timestamps and certificates are judged.
        endpoint: where the messages were sent; by default what each says itself.
    """

    def __init__(
        self,
        settings: Settings,
        rules: Mapping[str, Rule],
        anchors: Anchors,
        at: datetime,
        endpoint: Endpoint | None = None,
    ) -> None:
        # Who the TLS client was is not to be seen in a file.
        wus = settings.wus.model_copy(update={"signer_must_be_peer": False})
        self._all_settings = settings
        self._settings = wus
        self._rules = rules
        self._anchors = anchors
        self._at = at
        self._endpoint = endpoint
        self._judge = self._judge_by(wus)
        self._judge_without_endpoint = self._judge_by(wus.model_copy(update={"strict_to": False}))
        self._limits = document.Limits(max_bytes=wus.max_request_bytes)

    def at(self, moment: datetime) -> Explainer:
        """One that judges at another moment."""
        return Explainer(self._all_settings, self._rules, self._anchors, moment, self._endpoint)

    def explain(self, message: Message) -> Explanation:
        """Judge one message by all rules."""
        tally = Tally(self._rules)
        called = judge_request(message, self._endpoint, self._all_settings.profiles, tally)
        on_the_way = tally.failed()
        has_message = not tally.failed_any(["HTTP-METHOD"])
        root = self._root(message, called, tally)
        parts = None if root is None else find_parts(root, tally)
        service = called.service or (service_of(parts.body_element) if parts else None)
        judge = self._judge if called.path else self._judge_without_endpoint
        request = self._request(message, called, service or AANLEVEREN)
        operation = self._judge_parts(parts, judge, request, called, tally) if parts else None
        refusal = None if message.objection or not has_message else _ask(judge, request)
        _reconcile(tally, refusal, on_the_way)
        return Explanation(
            accepted=refusal is None and not on_the_way,
            at=self._at,
            service=service.name if service else "",
            operation=operation.name if operation else "",
            refusal=None if on_the_way else refusal,
            rules=tally.verdicts(),
        )

    def _judge_by(self, wus: WusSettings) -> Judge:
        rooms = SimpleNamespace(
            settings=self._all_settings.model_copy(update={"wus": wus}),
            clocks=Clocks(_At(self._at), _At(self._at)),
            ids=SystemIds(),
            trust=self._anchors.trust,
        )
        return Judge(cast(Rooms, rooms))

    def _root(self, message: Message, called: Called, tally: Tally) -> etree._Element | None:
        """The document, if it can be had; HTTP's rules about it are judged."""
        body, headers = message.body, called.headers
        is_multipart = called.is_http and multipart.is_multipart(headers.get("content-type"))
        tally.apply(*(_XOP_RULES if is_multipart else ()), *XML_RULES)
        root = None
        if tally.failed_any(["HTTP-METHOD"]):
            tally.apply(*_LATER_RULES)
            tally.block_all("only a POST carries a message")
            return None
        if message.objection is None and self._is_small(message, tally) and judge_headers(called, tally):
            if is_multipart:
                root = self._multipart(headers["content-type"], body, called.service, tally)
            else:
                root = self._plain(headers.get("content-type", ""), body, called.is_http, tally)
        if root is None:
            tally.apply(*_LATER_RULES)
            tally.block_all("the message could not be read")
        return root

    def _is_small(self, message: Message, tally: Tally) -> bool:
        if not message.whole or len(message.body) > self._limits.max_bytes:
            tally.bad("HTTP-SIZE", f"The request is larger than {self._limits.max_bytes} octets.")
            return False
        tally.good("HTTP-SIZE", f"{len(message.body)} octets")
        return True

    def _plain(self, content_type: str, body: bytes, is_http: bool, tally: Tally) -> etree._Element | None:
        if is_http:
            tally.attempt_rule("HTTP-CONTENT-TYPE", lambda: check_media_type(content_type))
        return self._parsed(body, tally)

    def _multipart(
        self, content_type: str, body: bytes, service: Service | None, tally: Tally
    ) -> etree._Element | None:
        if service not in (None, AANLEVEREN):
            tally.bad("HTTP-CONTENT-TYPE", "MTOM (multipart/related) is for aanleveren only; send text/xml.")
        tally.good("HTTP-CONTENT-TYPE", content_type)
        most = self._settings.max_attachments
        package = tally.attempt(lambda: multipart.split(content_type, body, most))
        if package is None:
            return None
        root = self._parsed(package.root, tally)
        if root is None:
            return None
        tally.attempt(lambda: multipart.inline(root, package.attachments))
        if tally.failed_any(_XOP_RULES):
            return None
        for rule in _XOP_RULES:
            tally.good(rule, f"{len(package.attachments)} attachments")
        return root

    def _parsed(self, octets: bytes, tally: Tally) -> etree._Element | None:
        root = tally.attempt(lambda: document.parse(octets, self._limits))
        if root is not None:
            for rule in XML_RULES:
                tally.good(rule)
        return root

    def _judge_parts(
        self, parts: Parts, judge: Judge, request: Request, called: Called, tally: Tally
    ) -> Operation | None:
        settings = self._settings
        accept_plain = settings.accept_unqualified_id
        der = SignatureAnalysis(parts, tally, accept_plain=accept_plain).judge()
        judge_freshness(parts, self._at, settings, tally)
        judge_certificate(der, self._anchors, self._at, tally)
        options = pieces.options_of(judge, request)
        operation = judge_addressing(parts, request.service, called, options, tally)
        element = parts.body_element

        def check() -> None:
            assert operation is not None
            assert element is not None
            pieces.check_content(judge, operation, element, request)

        judge_body(operation, element, check, tally)
        return operation

    def _request(self, message: Message, called: Called, service: Service) -> Request:
        return Request(
            service=service,
            stub=called.stub,
            path=called.path,
            headers=called.headers,
            body=message.body,
            whole=message.whole and len(message.body) <= self._limits.max_bytes,
            peer=cast(VerifiedCertificate, _NO_PEER),
        )


_NO_PEER: Any = SimpleNamespace(der=b"")


def _ask(judge: Judge, request: Request) -> Refusal | None:
    """What the door's own judge says."""
    try:
        judge.judge(request, Trail())
    except Refusal as refusal:
        return refusal
    return None


def _reconcile(tally: Tally, refusal: Refusal | None, on_the_way: list[str]) -> None:
    """The door's judge has the last word, should the two ever differ."""
    failed = [rule for rule in tally.failed() if rule not in on_the_way]
    if refusal is None:
        tally.overrule(failed)
    elif refusal.rule not in failed:
        tally.bad(refusal.rule, refusal.detail)
