"""Requests in every form that real clients send, written as text and signed by libxmlsec1."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from digipoort_sim.clock import RealClock
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki.certificate import load_certificates
from digipoort_sim.wus import names
from digipoort_sim.wus.names import ANONYMOUS, DS, EXCLUSIVE_C14N, SOAP, WSA, WSSE, WSU, Operation

IDS = SystemIds()


def whole_seconds(moment: datetime) -> str:
    """A time as most Java clients of old write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def decimals(count: int) -> Callable[[datetime], str]:
    """A time with so many decimals."""

    def write(moment: datetime) -> str:
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{(f'{moment:%f}' + '0' * 6)[:count]}Z"

    return write


milliseconds = decimals(3)


@dataclass(frozen=True)
class Form:
    """How a request is written; the defaults are those of an ordinary client.

    Attributes:
        shows: a pattern that is in every request of this form, so that the form is what it says.
        before: what stands before the Envelope.
        envelope: namespace declarations on the Envelope besides soap's and WS-Addressing's.
        headers: further WS-Addressing headers, each as name and content; all are signed.
        understand: the headers that have mustUnderstand.
        order: the children of Security.
        prefixes: the PrefixList of CanonicalizationMethod and of every Transform; None for no list.
        again: names of parts that are referenced a second time.
        own_ids: the attribute that holds the Id of the Body and of the headers.
        gap: white space between the elements of the signature.
        wrapped: how base64 is written.
    """

    shows: str = ""
    before: str = ""
    envelope: str = ""
    to: str | None = None
    message_id: str = "urn:uuid:{}"
    action: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    understand: tuple[str, ...] = ()
    security_first: bool = True
    order: tuple[str, ...] = ("timestamp", "token", "signature")
    expires: bool = True
    time: Callable[[datetime], str] = milliseconds
    signature: str = names.RSA_SHA1
    digest: str = names.SHA1
    prefixes: str | None = None
    again: tuple[str, ...] = ()
    token_signed: bool = False
    own_ids: str = "wsu:Id"
    declares_wsu: bool = True
    gap: str = ""
    wrapped: Callable[[str], str] = str
    soap: str = "soap"
    addressing: str = "wsa"


def lines(text: str) -> str:
    """Base64 in lines of 64, as OpenSSL's, with blanks before them."""
    return (
        "\n"
        + textwrap.fill(text, 64, initial_indent="  ", subsequent_indent="\t")
        + "\r\n ".replace("\r", "")
    )


def request(form: Form, operation: Operation, content: str, folder: Path, path: str) -> bytes:
    """A signed request.

    Args:
        content: the inside of the request element.
        path: of the service, for wsa:To.
    """
    root = etree.fromstring(_text(form, operation, content, folder, path).encode())
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_file(str(folder / "client.key"), xmlsec.KeyFormat.PEM)
    header = root[0]
    for element in (root[1], *header, *header.find(f"{{{WSSE}}}Security")):
        if element.get(f"{{{WSU}}}Id"):
            context.register_id(element, "Id", WSU)
        elif element.get("Id") and element.tag != f"{{{DS}}}Signature":
            context.register_id(element, "Id")
    signature = root.find(f".//{{{DS}}}Signature")
    context.sign(signature)
    value = signature.find(f"{{{DS}}}SignatureValue")
    value.text = form.wrapped("".join(value.text.split()))
    return form.before.encode() + etree.tostring(root)


def _text(form: Form, operation: Operation, content: str, folder: Path, path: str) -> str:
    soap, wsa = form.soap, form.addressing
    headers = [
        ("Action", form.action or operation.action),
        ("MessageID", form.message_id.format(IDS.uuid())),
        ("To", form.to or f"https://localhost{path}"),
        *form.headers,
    ]
    written = "".join(_header(form, name, text) for name, text in headers)
    security = _security(form, [name for name, _ in headers], folder)
    name = names.local_name(operation.request_tag)
    both = security + written if form.security_first else written + security
    prefix = f"{soap}:" if soap else ""
    declared = f' xmlns{":" + soap if soap else ""}="{SOAP}" xmlns{":" + wsa if wsa else ""}="{WSA}"'
    wsu = f' xmlns:wsu="{WSU}"' if form.declares_wsu else ""
    inside = f'<k:{name} xmlns:k="{names.KOPPELVLAK}">{_prefixed(content)}</k:{name}>'
    return (
        f"<{prefix}Envelope{declared}{form.envelope}{wsu}><{prefix}Header>{both}</{prefix}Header>"
        f"<{prefix}Body{_id(form, 'Body')}>{inside}</{prefix}Body></{prefix}Envelope>"
    )


def _prefixed(content: str) -> str:
    """The elements of a content with the prefix of their namespace."""
    return content.replace("</", "\0").replace("<", "<k:").replace("\0", "</k:")


def _id(form: Form, name: str) -> str:
    if form.own_ids == "wsu:Id" and not form.declares_wsu:
        return f' xmlns:u{len(name)}="{WSU}" u{len(name)}:Id="id-{name}"'
    return f' {form.own_ids}="id-{name}"'


def _header(form: Form, name: str, text: str) -> str:
    wsa = f"{form.addressing}:" if form.addressing else ""
    soap = f"{form.soap}:" if form.soap else ""
    understand = f' {soap}mustUnderstand="1"' if name in form.understand else ""
    inside = f"<{wsa}Address>{text}</{wsa}Address>" if name in ("ReplyTo", "FaultTo", "From") else text
    return f"<{wsa}{name}{understand}{_id(form, name)}>{inside}</{wsa}{name}>"


def _security(form: Form, headers: list[str], folder: Path) -> str:
    created = RealClock().now().astimezone(UTC)
    expires = (
        f"<wsu:Expires>{form.time(created + timedelta(minutes=5))}</wsu:Expires>" if form.expires else ""
    )
    token = base64.b64encode(_der(folder)).decode()
    parts = {
        "timestamp": f'<wsu:Timestamp wsu:Id="id-Timestamp"><wsu:Created>{form.time(created)}</wsu:Created>'
        f"{expires}</wsu:Timestamp>",
        "token": f'<wsse:BinarySecurityToken wsu:Id="id-Token" EncodingType="{names.BASE64_BINARY}" '
        f'ValueType="{names.X509V3}">{form.wrapped(token)}</wsse:BinarySecurityToken>',
        "signature": _signature(form, headers),
    }
    soap = f"{form.soap}:" if form.soap else ""
    understand = f' {soap}mustUnderstand="1"' if "Security" in form.understand else ""
    inside = "".join(parts[name] for name in form.order)
    return f'<wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}"{understand}>{inside}</wsse:Security>'


def _der(folder: Path) -> bytes:
    return load_certificates(folder / "client.pem")[0].public_bytes(Encoding.DER)


def _signature(form: Form, headers: list[str]) -> str:
    signed = ["Timestamp", "Body", *headers, *(["Token"] if form.token_signed else []), *form.again]
    gap = form.gap
    inclusive = ""
    if form.prefixes is not None:
        inclusive = f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE_C14N}" PrefixList="{form.prefixes}"/>'
    references = gap.join(
        f'<ds:Reference URI="#id-{name}">{gap}<ds:Transforms>{gap}<ds:Transform Algorithm="{EXCLUSIVE_C14N}">'
        f"{inclusive}</ds:Transform>{gap}</ds:Transforms>{gap}"
        f'<ds:DigestMethod Algorithm="{form.digest}"/>{gap}<ds:DigestValue/>{gap}</ds:Reference>'
        for name in signed
    )
    return (
        f'<ds:Signature xmlns:ds="{DS}" Id="sig">{gap}<ds:SignedInfo>{gap}'
        f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}">{inclusive}'
        f"</ds:CanonicalizationMethod>{gap}"
        f'<ds:SignatureMethod Algorithm="{form.signature}"/>{gap}{references}{gap}</ds:SignedInfo>{gap}'
        f"<ds:SignatureValue/>{gap}<ds:KeyInfo>{gap}<wsse:SecurityTokenReference>{gap}"
        f'<wsse:Reference URI="#id-Token" ValueType="{names.X509V3}"/>{gap}'
        f"</wsse:SecurityTokenReference>{gap}</ds:KeyInfo>{gap}</ds:Signature>"
    )


FORMS: dict[str, Form] = {
    "ordinary": Form(),
    "XML declaration": Form(before='<?xml version="1.0" encoding="utf-8"?>\n', shows=r"\A<\?xml"),
    "declaration with single quotes": Form(before="<?xml version='1.0' encoding='UTF-8'?>"),
    "byte order mark": Form(before="\ufeff", shows="\\A\ufeff<soap"),
    "byte order mark and declaration": Form(before='\ufeff<?xml version="1.0" encoding="UTF-8"?>\r\n'),
    "To with ?wsdl": Form(to="https://localhost:8443/cpl/aanleverservice/1.2?wsdl"),
    "relative To": Form(to="aanleverservice/1.2", shows=">aanleverservice/1.2<"),
    "To with another host": Form(to="https://wus.digipoort.logius.nl:443/wus/2.0/aanleverservice/1.2"),
    "MessageID without urn": Form(message_id="uuid:{}", shows=">uuid:"),
    "Action of WCF": Form(action=names.OPERATIONS["aanleveren"].wcf_action, shows="_V1_2/aanleverenRequest"),
    "ReplyTo": Form(headers=(("ReplyTo", ANONYMOUS),), shows="ReplyTo"),
    "FaultTo, From and RelatesTo": Form(
        headers=(("ReplyTo", ANONYMOUS), ("FaultTo", ANONYMOUS), ("From", names.NONE), ("RelatesTo", "urn:x"))
    ),
    "mustUnderstand everywhere": Form(
        understand=("Action", "MessageID", "To", "Security", "ReplyTo"), headers=(("ReplyTo", ANONYMOUS),)
    ),
    "mustUnderstand on To": Form(understand=("To",), shows='<wsa:To soap:mustUnderstand="1"'),
    "mustUnderstand on Security": Form(understand=("Security",)),
    "Security last": Form(security_first=False, shows="</wsse:Security></soap:Header>"),
    "signature first": Form(order=("signature", "token", "timestamp"), shows="</ds:Signature><wsse:Bin"),
    "token first": Form(order=("token", "timestamp", "signature")),
    "token, signature, timestamp": Form(order=("token", "signature", "timestamp")),
    "timestamp, signature, token": Form(order=("timestamp", "signature", "token")),
    "signature, timestamp, token": Form(order=("signature", "timestamp", "token")),
    "no Expires": Form(expires=False, shows="</wsu:Created></wsu:Timestamp>"),
    "whole seconds": Form(time=whole_seconds, shows=r":\d\dZ</wsu:Created>"),
    "milliseconds": Form(time=decimals(3), shows=r"\.\d{3}Z</wsu:Created>"),
    "microseconds": Form(time=decimals(6), shows=r"\.\d{6}Z</wsu:Created>"),
    "seven digits": Form(time=decimals(7), shows=r"\.\d{7}Z</wsu:Created>"),
    "rsa-sha256": Form(signature=names.RSA_SHA256, digest=names.SHA256),
    "rsa-sha256 with sha1 digests": Form(signature=names.RSA_SHA256, digest=names.SHA1),
    "rsa-sha1 with sha256 digests": Form(signature=names.RSA_SHA1, digest=names.SHA256),
    "empty PrefixList": Form(prefixes="", shows='PrefixList=""'),
    "PrefixList with #default": Form(prefixes="#default wsu soap", shows='PrefixList="#default'),
    "PrefixList of 18": Form(
        envelope="".join(f' xmlns:p{number}="urn:p{number}"' for number in range(18)),
        prefixes=" ".join(f"p{number}" for number in range(18)),
        shows="p0 p1 .* p17",
    ),
    "#default of a default namespace": Form(soap="", prefixes="#default", shows="<Envelope xmlns="),
    "default namespace for addressing": Form(addressing="", prefixes="#default soap", shows="<Action "),
    "unknown prefix in PrefixList": Form(prefixes="nowhere xsi xsd SOAP-ENV #default"),
    "the Body referenced twice": Form(again=("Body",)),
    "To and Timestamp referenced twice": Form(again=("To", "Timestamp")),
    "token signed as well": Form(token_signed=True, shows='URI="#id-Token"><ds:Transforms'),
    "token signed, whitespace in it": Form(token_signed=True, wrapped=lines),
    "unqualified Id": Form(own_ids="Id", shows='<wsa:To Id="'),
    "wsu declared at each element": Form(declares_wsu=False, shows="u4:Id"),
    "whitespace in SignedInfo": Form(gap="\n    ", shows="<ds:SignedInfo>\n    <ds:Canon"),
    "CRLF and tabs in SignedInfo": Form(gap="&#13;\n\t"),
    "whitespace in base64": Form(wrapped=lines, shows="SignatureValue>\n  "),
    "other prefixes": Form(soap="S", addressing="n1", envelope=' xmlns:xsi="urn:xsi"', shows="<S:Body"),
}
