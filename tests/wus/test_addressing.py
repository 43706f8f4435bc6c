"""WS-Addressing and the Timestamp."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from digipoort_sim.config import WusSettings
from digipoort_sim.errors import Refusal, SpecificationRefusal
from digipoort_sim.wus import addressing, envelope, names
from digipoort_sim.wus.addressing import AddressingOptions
from digipoort_sim.wus.canonical import escape
from digipoort_sim.wus.document import parse
from tests.wus import messages

WCF = messages.AANLEVEREN.wcf_action
SECURITY = (
    f'<s:Security xmlns:s="{names.WSSE}" xmlns:u="{names.WSU}"><u:Timestamp><u:Created>%s</u:Created>'
    f'</u:Timestamp><s:BinarySecurityToken/><d:Signature xmlns:d="{names.DS}"/></s:Security>'
)
ENDPOINT = "https://localhost:8443/cpl/aanleverservice/1.2"


def _read(header: str | None = None, body: str = messages.BODY) -> envelope.Envelope:
    return envelope.read(parse(messages.signed(header, body)))


def _rule(header: str | None = None, soap_action: str | None = None, **options: bool) -> str:
    with pytest.raises(SpecificationRefusal) as caught:
        addressing.check(
            _read(header), names.AANLEVEREN, soap_action, AddressingOptions(endpoint=ENDPOINT, **options)
        )
    return caught.value.rule


@pytest.mark.parametrize(
    "to",
    [
        "https://wus.preproductie.digipoort.logius.nl:443/wus/2.0/aanleverservice/1.2",
        "https://localhost:9443/cpl/aanleverservice/1.2",
        "https://localhost:9443/cpl/aanleverservice/1.2?wsdl",
        "https://localhost:9443/cpl/aanleverservice/1.2?WSDL",
        "\n https://localhost/cpl/aanleverservice/1.2/ ",
        "aanleverservice/1.2",
        "/cpl/aanleverservice/1.2",
    ],
)
def test_to_names_the_service(to: str) -> None:
    """Any host and port, `?wsdl` and the relative text are accepted when the path is the service's."""
    assert addressing.check(_read(messages.headers(to)), names.AANLEVEREN) is messages.AANLEVEREN


@pytest.mark.parametrize(
    "to",
    [
        "https://localhost/cpl/statusinformatieservice/1.2",
        "https://localhost/cpl/aanleverservice/1.3",
        "https://localhost/cpl/aanleverservice/1.2?x=y",
        "https://localhost/cpl/aanleverservice/1.2#x",
        "https://localhost/x/cpl/aanleverservice/1.2",
        "https:///cpl/aanleverservice/1.2",
        "https://[::1/cpl/aanleverservice/1.2",
        "https://localhost:99999/cpl/aanleverservice/1.2",
        "urn:aanleverservice/1.2",
        "//evil/cpl/aanleverservice/1.2",
        "1.2",
        "aanleverservice",
        names.ANONYMOUS,
    ],
)
def test_another_to_is_refused(to: str) -> None:
    """A To that names something else is refused, whatever it is made of."""
    assert _rule(messages.headers(to)) == "WSA-TO"


def test_strict_to() -> None:
    """Host and port count only when strict; then :443 makes no difference."""
    strict = AddressingOptions(strict_to=True, endpoint="https://localhost:443/cpl/aanleverservice/1.2")
    assert addressing.check(_read(), names.AANLEVEREN, None, strict)
    assert _rule(strict_to=True) == "WSA-TO"


def test_ophaal_paths() -> None:
    """The stub's own form of the ophaalservice's path is known, also relative."""
    operation = names.OPHALEN.operations["getBerichtenLijst"]
    body = f'<o:getBerichtenLijstRequest xmlns:o="{names.KOPPELVLAK}"/>'
    for to in ("https://h/cpl/ophaalservice/services/OphaalService_V1_2", "services/OphaalService_V1_2"):
        read = _read(messages.headers(to, operation.action), body)
        assert addressing.check(read, names.OPHALEN) is operation


def test_action_of_the_wsdl_and_of_wcf() -> None:
    """Both forms of Action are accepted; strictly only the WSDL's; another operation's never."""
    assert addressing.check(_read(messages.headers(action=WCF)), names.AANLEVEREN)
    assert _rule(messages.headers(action=WCF), strict_action=True) == "WSA-ACTION"
    other = names.STATUSINFORMATIE.operations["getProcessen"].action
    assert _rule(messages.headers(action=other)) == "WSA-ACTION"


@pytest.mark.parametrize(
    "soap_action", [None, "", '""', messages.AANLEVEREN.action, f'"{WCF}"', "aanleveren"]
)
def test_soap_action_forms(soap_action: str | None) -> None:
    """The HTTP header SOAPAction comes in many forms."""
    assert addressing.check(_read(), names.AANLEVEREN, soap_action)


def test_missing_and_strange_headers() -> None:
    """What is missing or names another place is refused, each by its rule."""
    full = messages.headers()
    message_id = f"<wsa:MessageID>{messages.MESSAGE_ID}</wsa:MessageID>"
    assert _rule(full.replace(message_id, "")) == "WSA-MESSAGEID"
    assert _rule(full.partition("</wsa:Action>")[2]) == "WSA-ACTION"
    assert _rule(full.replace("wsa:To>", "wsa:RelatesTo>")) == "WSA-TO"
    assert _rule(full.replace(names.ANONYMOUS, "http://elders")) == "WSA-REPLYTO"
    assert _rule(full.replace(names.ANONYMOUS, names.NONE)) == "WSA-REPLYTO"
    assert _rule(full + "<wsa:From><wsa:Address>x</wsa:Address></wsa:From>") == "WSA-ANONYMOUS"
    assert _rule(soap_action='"urn:other"') == "SOAP-ACTION"


def test_none_and_anonymous_are_allowed() -> None:
    """FaultTo and From may say anonymous or none; RelatesTo may say anything."""
    extra = (
        f"<wsa:FaultTo><wsa:Address>{names.NONE}</wsa:Address></wsa:FaultTo>"
        f"<wsa:From><wsa:Address>\n{names.ANONYMOUS} </wsa:Address></wsa:From>"
        "<wsa:RelatesTo>urn:x</wsa:RelatesTo>"
    )
    assert addressing.check(_read(messages.headers() + extra), names.AANLEVEREN)


def test_a_body_of_another_service() -> None:
    """A Body that the called service does not know is refused by name."""
    with pytest.raises(SpecificationRefusal, match="statusinformatieservice has no operation") as caught:
        addressing.check(_read(), names.STATUSINFORMATIE)
    assert caught.value.rule == "SOAP-BODY"


def test_freshness() -> None:
    """A request counts from a minute before Created until Expires, without Expires ten minutes."""
    read, settings, second = _read(), WusSettings(), timedelta(seconds=1)
    created = messages.NOW
    expires = created + timedelta(minutes=5)
    for now in (created - timedelta(seconds=60), created, expires - second):
        assert addressing.check_freshness(read, now, settings) == expires
    for now in (created - timedelta(seconds=61), expires, expires + timedelta(days=900)):
        with pytest.raises(SpecificationRefusal, match="it is now") as caught:
            addressing.check_freshness(read, now, settings)
        assert caught.value.rule == "WSS-TIMESTAMP"


@pytest.mark.parametrize(
    ("old", "new", "minutes"),
    [
        ("<wsu:Expires>2026-11-21T12:05:00.250Z</wsu:Expires>", "", 10),
        ("12:05:00.250Z", "11:05:00.250Z", None),
        ("2026-11-21T12:00:00.250Z", "9999-12-31T23:59:59.999Z", None),
    ],
)
def test_freshness_of_other_timestamps(old: str, new: str, minutes: int | None) -> None:
    """Expires may be absent; it may not lie before Created."""
    raw = messages.signed().decode().replace(old, new).encode()
    read = envelope.read(parse(raw))
    if minutes is None:
        with pytest.raises(Refusal):
            addressing.check_freshness(read, messages.NOW, WusSettings())
    else:
        until = addressing.check_freshness(read, messages.NOW, WusSettings())
        assert until == messages.NOW + timedelta(minutes=minutes)


def test_the_end_of_time() -> None:
    """A validity beyond the year 9999 ends there."""
    raw = messages.signed().decode()
    raw = raw.replace("<wsu:Expires>2026-11-21T12:05:00.250Z</wsu:Expires>", "")
    read = envelope.read(parse(raw.replace("2026-11-21T12:00:00.250Z", "9999-12-31T23:59:59Z").encode()))
    now = read.created - timedelta(seconds=1)
    assert addressing.check_freshness(read, now, WusSettings()).year == 9999


def test_the_table_of_operations() -> None:
    """There are three services with twelve operations on six paths, and one path for agencies."""
    assert len(names.SERVICES) == 3
    assert len(names.OPERATIONS) == 12
    assert len(names.PATHS) == 7
    for service in names.SERVICES.values():
        for operation in service.operations.values():
            assert names.operation_of(operation.request_tag, service) is operation


_TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30),
    st.sampled_from(
        ["https://[", "https://h:x/", "//", "http://h/cpl/aanleverservice/1.2", "%", "?wsdl", "\u2028"]
    ),
)


@settings(max_examples=200, deadline=None)
@given(to=_TEXTS, action=_TEXTS, created=_TEXTS, soap_action=_TEXTS)
def test_any_text_gives_an_operation_or_a_refusal(
    to: str, action: str, created: str, soap_action: str
) -> None:
    """Whatever stands in the headers, nothing but our own refusals comes out."""
    root = messages.unsigned(messages.headers(escape(to), escape(action)))
    root[0].insert(0, etree.fromstring(SECURITY % escape(created)))
    rule = "WSA"
    try:
        read = envelope.read(root)
        addressing.check_freshness(read, messages.NOW, WusSettings())
        addressing.check(read, names.AANLEVEREN, soap_action, AddressingOptions(strict_to=True, endpoint=to))
    except Refusal as refusal:
        rule = refusal.rule
    assert rule
