"""The lines to agencies outside: an afleverRequest out, signed by Digipoort, and the agency's answer in.

Only the address of the settings is ever called, whatever stands in a message or in an answer.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.clock import Clocks, wire_time
from digipoort_sim.config import AgencyEndpoint, Settings
from digipoort_sim.errors import AuthenticationRefusal, ConfigError, Refusal, TechnicalError
from digipoort_sim.exchange.external import AgencyReply, Parcel
from digipoort_sim.ids import IdSource
from digipoort_sim.pki import Authority, Oin, Trust
from digipoort_sim.pki.certificate import load_certificates
from digipoort_sim.pki.outgoing import outgoing_context
from digipoort_sim.wus import agency_answer, document, responses, structure
from digipoort_sim.wus.agency_http import Address, HttpAnswer, Times, post
from digipoort_sim.wus.canonical import escape
from digipoort_sim.wus.document import Limits
from digipoort_sim.wus.names import AFLEVEREN, ANONYMOUS, SOAP, WSA
from digipoort_sim.wus.requests import MAX_INHOUD
from digipoort_sim.wus.signing import Signer, sign_request

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_OPERATION = AFLEVEREN.operations["afleveren"]
_ANY_SIZE = Limits(max_bytes=2**31)
_MEMORY = threading.Lock()
"""Held while a request is made, which takes several times the memory of its content."""


@dataclass(frozen=True)
class CallRooms:
    """What a call needs of the simulator's rooms."""

    settings: Settings
    clocks: Clocks
    ids: IdSource
    authority: Authority
    trust: Trust


@dataclass(frozen=True)
class Signers:
    """Who may sign an agency's answers.

    Attributes:
        pinned: the one certificate; None if `trust` and `oins` count.
    """

    trust: Trust
    oins: frozenset[str]
    pinned: Certificate | None = None

    def check(self, der: bytes, now: datetime) -> None:
        """Check a certificate.

        Raises:
            AuthenticationRefusal: AGENCY-SIGNER, or a rule of the certificate's own.
        """
        if self.pinned is not None:
            self._check_pinned(self.pinned, der, now)
            return
        signer = self.trust.verify(der, at=now)
        if signer.oin.value not in self.oins:
            raise AuthenticationRefusal(
                f"it is signed by OIN {signer.oin.value} ({signer.subject}), which is not this agency",
                rule="AGENCY-SIGNER",
            )

    @staticmethod
    def _check_pinned(pinned: Certificate, der: bytes, now: datetime) -> None:
        if pinned.public_bytes(Encoding.DER) != der:
            raise AuthenticationRefusal(
                "it is not signed with the certificate of the settings (signer_certificate)",
                rule="AGENCY-SIGNER",
            )
        if not pinned.not_valid_before_utc <= now <= pinned.not_valid_after_utc:
            raise AuthenticationRefusal(
                f"its certificate is not valid now, {wire_time(now)}", rule="AGENCY-SIGNER"
            )


class AgencyCaller:
    """The line to one agency; see `exchange.external.AgencyLine`.

    Its address is told without the query, which may be a secret.
    """

    def __init__(self, endpoint: AgencyEndpoint, signers: Signers, rooms: CallRooms) -> None:
        self._endpoint = endpoint
        self._signers = signers
        self._rooms = rooms
        self._times = Times(endpoint.connect_timeout_seconds, endpoint.call_timeout_seconds)
        self._where = Address.of(endpoint.url)
        self.address = endpoint.url.partition("?")[0]
        self.oins = signers.oins
        self.sets_status = endpoint.answers == "zetStatus"
        self.connections = endpoint.connections
        self.longest_seconds = endpoint.connect_timeout_seconds + endpoint.call_timeout_seconds

    def deliver(self, parcel: Parcel) -> AgencyReply:
        """Send a message to the agency."""
        largest = max(content.size for content in (parcel.inhoud, *parcel.bijlagen))
        if largest > MAX_INHOUD:
            detail = f"a content of {largest} octets; by this interface at most {MAX_INHOUD} go to an agency"
            return AgencyReply("hopeless", detail, "CONTENT-SIZE")
        try:
            parts = [content.in_memory() for content in (parcel.inhoud, *parcel.bijlagen)]
            message = self._message(replace(parcel, inhoud=parts[0], bijlagen=tuple(parts[1:])))
            answer = self._call(message)
        except Refusal as refusal:
            return AgencyReply("hopeless", f"it cannot be sent: {refusal.detail}", refusal.rule)
        except (TechnicalError, ConfigError) as error:
            return AgencyReply("trouble", error.detail, error.rule)
        now = self._rooms.clocks.security.now()
        return agency_answer.read(answer, parcel, self._signers.check, now, self._rooms.settings.wus)

    def _call(self, message: bytes) -> HttpAnswer:
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{_OPERATION.action}"',
            "Accept": "text/xml",
            "User-Agent": "digipoort-sim",
        }
        real = self._rooms.settings.security_clock == "real"
        context = outgoing_context(self._rooms.authority, self._endpoint.ca, check_time=real)
        return post(self._where, context, headers, message, self._times)

    def _message(self, parcel: Parcel) -> bytes:
        """The signed request.

        Raises:
            SpecificationRefusal: XSD, a value that came by another door does not fit this interface.
        """
        with _MEMORY:
            root = document.parse(_envelope(self._endpoint.url, parcel), _ANY_SIZE)
            structure.check(root[1][0])
            service = self._rooms.authority.service_identity()
            sign_request(
                root,
                Signer(service.key, service.certificate),
                created=self._rooms.clocks.security.now(),
                ids=self._rooms.ids,
                sha=self._endpoint.sha,
            )
            return etree.tostring(root)


def open_lines(rooms: CallRooms, catalogue: Catalogue) -> Mapping[str, AgencyCaller]:
    """The lines to the agencies that the settings give an endpoint.

    Raises:
        ConfigError: there is no such agency, an OIN is none, or a file cannot be read.
    """
    return {
        key: AgencyCaller(endpoint, _signers(key, endpoint, rooms, catalogue), rooms)
        for key, endpoint in rooms.settings.agencies.endpoints.items()
    }


def _signers(key: str, endpoint: AgencyEndpoint, rooms: CallRooms, catalogue: Catalogue) -> Signers:
    agency = catalogue.agencies.get(key)
    if agency is None or key == "register":
        known = ", ".join(name for name in catalogue.agencies if name != "register")
        raise ConfigError(f"the settings 'agencies.endpoints' name {key}; there are: {known}", rule="AGENCY")
    try:
        oins = frozenset(Oin.parse(text).value for text in endpoint.oins or (agency.oin,))
    except AuthenticationRefusal as refusal:
        raise ConfigError(f"agencies.endpoints.{key}.oins: {refusal.detail}", rule="AGENCY") from None
    pinned = endpoint.signer_certificate and load_certificates(endpoint.signer_certificate)[0]
    ca = endpoint.signer_ca or endpoint.ca
    outgoing_context(rooms.authority, endpoint.ca)  # now rather than at the first delivery
    return Signers(Trust.from_pem(ca) if ca and not pinned else rooms.trust, oins, pinned or None)


def _envelope(address: str, parcel: Parcel) -> bytes:
    head = (
        f'<soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns:wsa="{WSA}"><soapenv:Header>'
        f"<wsa:To>{escape(address)}</wsa:To><wsa:Action>{_OPERATION.action}</wsa:Action>"
        f"<wsa:MessageID>{parcel.message_id}</wsa:MessageID>"
        f"<wsa:ReplyTo><wsa:Address>{ANONYMOUS}</wsa:Address></wsa:ReplyTo>"
        "</soapenv:Header><soapenv:Body>"
    )
    end = b"</soapenv:Body></soapenv:Envelope>"
    return b"".join([head.encode("ascii"), responses.aflever_request(parcel), end])
