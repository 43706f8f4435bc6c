"""From the octets of a request to a call that is proven, or a refusal: every check that needs no store.

The order: media type, XML, envelope, signature, certificate, freshness, addresses, sizes, XSD. The
cheap and general come first, and nothing is read from a message before its signature is good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from digipoort_sim.errors import AuthenticationRefusal, SizeRefusal, SpecificationRefusal
from digipoort_sim.exchange.agency_desk import StatusSetting
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.exchange.values import Call, Caller, Delivery
from digipoort_sim.pki import VerifiedCertificate
from digipoort_sim.wus import addressing, document, lifted, multipart, requests, structure, verification
from digipoort_sim.wus import envelope as envelopes
from digipoort_sim.wus.addressing import AddressingOptions
from digipoort_sim.wus.envelope import Envelope
from digipoort_sim.wus.lifted import Lifted
from digipoort_sim.wus.names import AANLEVEREN, BIV_PATHS, ZETSTATUS, Operation, Service
from digipoort_sim.wus.requests import Question
from digipoort_sim.wus.verification import VerificationOptions, Verified

Content = Delivery | Question | StatusSetting
_CHARSETS = frozenset({"", "utf-8", "utf8", "us-ascii"})


@dataclass(frozen=True)
class Request:
    """A POST to a service.

    Attributes:
        stub: whether it came by the path of the Aansluit Suite's stub.
        headers: the HTTP headers, names in lower case.
        body: the octets, out of their chunks; of a request that is too large only the beginning.
        whole: whether `body` is all of it.
        peer: the TLS client.
    """

    service: Service
    stub: bool
    path: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    whole: bool
    peer: VerifiedCertificate

    def header(self, name: str) -> str:
        """A header's value, empty if it did not come; `name` in lower case."""
        return self.headers.get(name, "")


@dataclass
class Trail:
    """How far a request came: what a fault tells of it, also when it is refused.

    Attributes:
        root: its document, once parsed.
    """

    root: etree._Element | None = None

    def message_id(self) -> str | None:
        """The MessageID of the request, if it can be read."""
        return None if self.root is None else envelopes.message_id_of(self.root)

    def operation(self, service: Service) -> Operation | None:
        """The operation that the body names, if it can be read."""
        tag = None if self.root is None else envelopes.body_tag_of(self.root)
        return None if tag is None else service.by_request_tag.get(tag)


@dataclass(frozen=True)
class Judged:
    """A request that is proven and valid.

    Attributes:
        body: the body element.
        content: its values.
    """

    service: Service
    operation: Operation
    call: Call
    body: etree._Element
    content: Content
    signature_algorithm: str
    digest_algorithm: str


class Judge:
    """Judges requests by the settings in force; safe for several threads."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._settings = rooms.settings.wus
        self._limits = document.Limits(max_bytes=self._settings.max_request_bytes)
        self._options = VerificationOptions(accept_unqualified_id=self._settings.accept_unqualified_id)

    def judge(self, request: Request, trail: Trail) -> Judged:
        """Check a request.

        Args:
            trail: is told how far the request came.

        Raises:
            Refusal: the first rule that it breaks.
        """
        trail.root = self._parse(request)
        envelope = self._lightened(request, envelopes.read(trail.root))
        verified = verification.verify(envelope, self._options)
        now = self._rooms.clocks.security.now()
        signer = self._signer(verified, request.peer, now)
        valid_until = addressing.check_freshness(envelope, now, self._settings)
        operation = addressing.check(
            envelope, request.service, request.headers.get("soapaction"), self._addressing(request)
        )
        return Judged(
            service=request.service,
            operation=operation,
            call=self._call(request, envelope, signer, valid_until),
            body=envelope.body_element,
            content=self._content(operation, envelope.body_element, request, envelope.lifted),
            signature_algorithm=verified.signature_algorithm,
            digest_algorithm=verified.digest_algorithm,
        )

    def _lightened(self, request: Request, envelope: Envelope) -> Envelope:
        if len(request.body) < lifted.LARGE:
            return envelope
        contents = requests.contents_of(envelope.body_element)
        return envelope._replace(lifted=lifted.lift(contents, self._rooms.ids.token))

    def _parse(self, request: Request) -> etree._Element:
        if not request.whole:
            raise SizeRefusal(
                f"The request is larger than {self._limits.max_bytes} octets.", rule="HTTP-SIZE"
            )
        if request.header("content-encoding").lower() not in ("", "identity"):
            raise SpecificationRefusal(
                f"Content-Encoding {request.header('content-encoding')[:60]!r} is not accepted; "
                "send the message uncompressed.",
                rule="HTTP-CONTENT-ENCODING",
            )
        content_type = request.header("content-type")
        if multipart.is_multipart(content_type):
            if request.service is not AANLEVEREN:
                raise SpecificationRefusal(
                    "MTOM (multipart/related) is for aanleveren only; send text/xml.",
                    rule="HTTP-CONTENT-TYPE",
                )
            return multipart.parse_inlined(
                content_type, request.body, self._settings.max_attachments, self._limits
            )
        check_media_type(content_type)
        return document.parse(request.body, self._limits)

    def _signer(self, verified: Verified, peer: VerifiedCertificate, now: datetime) -> VerifiedCertificate:
        if verified.certificate_der == peer.der:
            return peer
        if self._settings.signer_must_be_peer:
            raise AuthenticationRefusal(
                "The certificate that signed the message is not that of the TLS connection "
                f"({peer.subject}).",
                rule="WSS-SIGNER",
            )
        return self._rooms.trust.verify(verified.certificate_der, at=now)

    def _addressing(self, request: Request) -> AddressingOptions:
        return AddressingOptions(
            strict_action=self._settings.strict_action,
            strict_to=self._settings.strict_to,
            endpoint=f"https://{request.header('host')}{request.path}",
            profiles=self._rooms.settings.profiles,
        )

    def _call(
        self, request: Request, envelope: Envelope, signer: VerifiedCertificate, valid_until: datetime
    ) -> Call:
        guarded = self._settings.replay_guard and not request.stub
        return Call(
            caller=Caller(signer.oin.value, signer.sha256),
            message_id=envelope.message_id or "",
            valid_until=valid_until if guarded else None,
            stub=request.stub,
        )

    def _content(
        self, operation: Operation, body: etree._Element, request: Request, taken: Sequence[Lifted] = ()
    ) -> Content:
        if operation.service == AANLEVEREN.name:
            requests.check_sizes(body, self._settings.max_attachments, taken)
            structure.check(body, rol_optional=request.path in BIV_PATHS)
            return requests.delivery(body, taken)
        structure.check(body)
        if operation.service == ZETSTATUS.name:
            return requests.status_setting(body)
        return requests.question(body)


def check_media_type(content_type: str) -> None:
    """Check that a Content-Type is text/xml in UTF-8.

    Raises:
        SpecificationRefusal: HTTP-CONTENT-TYPE.
    """
    if not content_type:
        raise SpecificationRefusal(
            "There is no Content-Type; send text/xml; charset=utf-8.", rule="HTTP-CONTENT-TYPE"
        )
    media_type, _, parameters = content_type.partition(";")
    if media_type.strip().lower() != "text/xml":
        raise SpecificationRefusal(
            f"Content-Type {content_type[:100]!r} is not accepted; send text/xml; charset=utf-8.",
            rule="HTTP-CONTENT-TYPE",
        )
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in _CHARSETS:
            raise SpecificationRefusal(
                f"The charset {value.strip()[:60]!r} is not accepted; send utf-8.", rule="HTTP-CONTENT-TYPE"
            )
