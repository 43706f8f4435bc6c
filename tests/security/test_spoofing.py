"""Addresses, actions and times that lie: the operation in three places, To, other endpoints, Timestamp."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from lxml import etree

from digipoort_sim.config import WusSettings
from digipoort_sim.errors import Refusal, SpecificationRefusal
from digipoort_sim.wus import addressing, envelope, names
from digipoort_sim.wus.addressing import AddressingOptions
from digipoort_sim.wus.canonical import escape
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.envelope import Envelope
from digipoort_sim.wus.names import Operation, Service
from tests.wus import messages

NOW = messages.NOW
_SECURITY = (
    f'<s:Security xmlns:s="{names.WSSE}" xmlns:u="{names.WSU}"><u:Timestamp>%s</u:Timestamp>'
    f'<s:BinarySecurityToken/><d:Signature xmlns:d="{names.DS}"/></s:Security>'
)
_CREATED = "<u:Created>2026-11-21T12:00:00Z</u:Created>"


def read(header: str, body: str = messages.BODY, times: str = _CREATED) -> Envelope:
    """An envelope that nobody signed: the rules of addressing come after those of the signature."""
    return envelope.read(parse(_text(header + _SECURITY % times, body)))


def _text(header: str, body: str) -> bytes:
    return (
        f'<e:Envelope xmlns:e="{names.SOAP}" xmlns:wsa="{names.WSA}"><e:Header>{header}</e:Header>'
        f"<e:Body>{body}</e:Body></e:Envelope>"
    ).encode()


def _asking(operation: Operation, action: str, service: Service) -> Envelope:
    to = f"https://localhost{service.paths['stub']}"
    tag = names.local_name(operation.request_tag)
    return read(messages.headers(to, action), f'<{tag} xmlns="{names.KOPPELVLAK}"/>')


def _soap_actions(operation: Operation) -> tuple[str, ...]:
    uris = (operation.action, operation.wcf_action, operation.name)
    return tuple(form for uri in uris for form in (uri, f'"{uri}"', f' "{uri}" '))


def test_body_action_and_soap_action_must_agree() -> None:
    """Of all that body, wsa:Action and SOAPAction can say, only what agrees in all three is accepted."""
    operations = list(names.OPERATIONS.values())
    empty = {None, "", '""', " "}
    soap_actions = {form: one for one in operations for form in _soap_actions(one)}
    accepted = refused = 0
    for body, named, service in product(operations, operations, names.SERVICES.values()):
        for action in (named.action, named.wcf_action):
            asked = _asking(body, action, service)
            for soap_action in (*soap_actions, *empty):
                said = soap_actions.get(soap_action or "")
                good = body.service == service.name and named is body and said in (None, body)
                try:
                    assert addressing.check(asked, service, soap_action) is body
                except SpecificationRefusal:
                    refused += 1
                    assert not good
                else:
                    accepted += 1
                    assert good
    print(f"body x Action x SOAPAction x service: {accepted} accepted, {refused} refused")
    assert accepted == len(operations) * 2 * (9 + len(empty))


_LIES = (
    *("{origin}{path}/../1.2", "{origin}/x/..{path}", "{origin}/.{path}", "{origin}/%2e{path}"),
    *("{origin}/{path}", "{origin}{path};x=y", "{origin}{path};", "{origin}{path}%20", "{origin}{path}%00"),
    *("{origin}{path}/x", "{origin}{path}#x", "{origin}{path}?x", "{origin}{path}?wsdl=1", "{origin}{upper}"),
    *("{origin}{path}?wsdl&x", "{origin}{encoded}", "{origin}{path}%2f", "{origin}/\\{path}", "{origin}"),
    *(
        "{origin}/",
        "http:{path}",
        "https:/{path}",
        "file://{path}",
        "ftp://localhost{path}",
        "javascript:{path}",
    ),
    *(
        "urn:{path}",
        "//localhost{path}",
        "https://{path}",
        "https://user@localhost{path}",
        "{origin}{path}\n/x",
    ),
    *("https://user:pw@localhost{path}", "https://localhost@evil.example{path}", "https://:443{path}"),
    *(
        "https://local host{path}",
        "https://localhost:x{path}",
        "https://localhost:65536{path}",
        "{origin}{split}",
    ),
    *(
        "https://[::1{path}",
        "{path}#x",
        "{path}?x",
        ".{path}",
        "..{path}",
        "/x{path}",
    ),
    *(
        "x{path}",
        "{path}/..",
        "\u00a0{origin}{path}",
        "{origin}{path}\u2028",
        "{origin}{wide}",
        "{origin}{path}\t1",
    ),
    *("{origin}{path},{origin}{path}", "{origin}{path} {origin}{path}", "{path} x", "<{origin}{path}>"),
)
_TRUE = (
    *("{origin}{path}", "{origin}{path}/", "{origin}{path}?wsdl", "{origin}{path}?WSDL", " {origin}{path}\n"),
    *(
        "HTTPS://LOCALHOST:9{path}",
        "http://evil.example{path}",
        "{path}",
        "https://[::1]:8443{path}",
        "{path}?wsdl",
    ),
)


def _written(form: str, path: str) -> str:
    return form.format(
        origin="https://localhost:8443",
        path=path,
        upper=path.upper(),
        encoded=path.replace("service", "%73ervice"),
        split=path.replace("service", "ser\nvice"),
        wide=path.replace("/", "\uff0f"),
    )


@pytest.mark.parametrize("name", names.SERVICES)
def test_to(name: str) -> None:
    """To names the path of the service called, as it is; no path that some server would take for it."""
    service = names.SERVICES[name]
    operation = next(iter(service.operations.values()))
    body = f'<{names.local_name(operation.request_tag)} xmlns="{names.KOPPELVLAK}"/>'
    others = [path for one in names.SERVICES.values() if one is not service for path in one.paths.values()]
    lies = [_written(form, path) for path in service.paths.values() for form in _LIES]
    lies += [_written(form, path) for path in others for form in (*_TRUE, *_LIES)]
    for to in lies:
        asked = read(messages.headers(escape(to), operation.action), body)
        with pytest.raises(SpecificationRefusal) as caught:
            addressing.check(asked, service)
        assert caught.value.rule == "WSA-TO", to
    for path, form in product(service.paths.values(), _TRUE):
        asked = read(messages.headers(escape(_written(form, path)), operation.action), body)
        assert addressing.check(asked, service) is operation


def test_strict_to() -> None:
    """With the strict switch, host and port are those that were called."""
    path = names.AANLEVEREN.paths["stub"]
    options = AddressingOptions(strict_to=True, endpoint=f"https://localhost:8443{path}")
    for host in (
        "evil.example",
        "localhost",
        "localhost:8444",
        "localhost.evil.example:8443",
        "127.0.0.1:8443",
    ):
        with pytest.raises(SpecificationRefusal):
            addressing.check(read(messages.headers(f"https://{host}{path}")), names.AANLEVEREN, None, options)
    assert addressing.check(
        read(messages.headers(f"https://LOCALHOST:8443{path}")), names.AANLEVEREN, None, options
    )


_ELSEWHERE = (
    *("https://evil.example/", "http://127.0.0.1:9/", "mailto:x@evil.example", "urn:x", "file:///etc/passwd"),
    *(names.ANONYMOUS + "/", names.ANONYMOUS + "?x", names.ANONYMOUS + "#", names.ANONYMOUS.upper()),
    *("http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous", names.ANONYMOUS + "\u00a0", "none"),
    *("http://schemas.xmlsoap.org/ws/2003/03/addressing/role/anonymous", "anonymous", "x" * 2_000),
)


def test_endpoints_elsewhere() -> None:
    """An answer or fault to be sent elsewhere is refused, in each of the headers that can say so."""
    for name, address in product(("ReplyTo", "FaultTo", "From"), _ELSEWHERE):
        header = messages.headers().partition("<wsa:ReplyTo>")[0]
        header += f"<wsa:{name}><wsa:Address>{address}</wsa:Address></wsa:{name}>"
        with pytest.raises(SpecificationRefusal) as caught:
            addressing.check(read(header), names.AANLEVEREN)
        assert caught.value.rule in ("WSA-REPLYTO", "WSA-ANONYMOUS")


@pytest.mark.parametrize(
    "namespace",
    [
        "http://schemas.xmlsoap.org/ws/2003/03/addressing",
        "http://schemas.xmlsoap.org/ws/2004/03/addressing",
        "http://schemas.xmlsoap.org/ws/2004/08/addressing",
        "http://www.w3.org/2005/03/addressing",
        names.WSA + "/",
        names.WSA.upper(),
        "",
    ],
)
def test_other_versions_of_addressing(namespace: str) -> None:
    """A header of another version of WS-Addressing, instead of or beside the right one, is refused."""
    full = messages.headers()
    for name in names.ADDRESSING_HEADERS:
        foreign = f'<x:{name} xmlns:x="{namespace}">urn:x</x:{name}>'
        if not namespace:
            foreign = foreign.replace("x:", "").replace(":x=", "=")
        for header in (full + foreign, foreign + full, foreign):
            with pytest.raises(SpecificationRefusal) as caught:
                read(header)
            assert caught.value.rule == "SOAP-HEADER"


def test_each_header_once() -> None:
    """Each header twice, in any order, with the same or another value, is refused."""
    values = {name: f"<wsa:{name}>urn:x</wsa:{name}>" for name in ("To", "Action", "MessageID", "RelatesTo")}
    for name in ("ReplyTo", "From", "FaultTo"):
        values[name] = f"<wsa:{name}><wsa:Address>{names.ANONYMOUS}</wsa:Address></wsa:{name}>"
    for text in values.values():
        for second in (text, text.replace("urn:x", "urn:y")):
            with pytest.raises(Refusal):
                read(text + second)


_GOOD_TIMES = {
    "2026-11-21T12:00:00Z": NOW.replace(microsecond=0),
    "2026-11-21T12:00:00.25Z": NOW,
    "2026-11-21T12:00:00.2500000Z": NOW,
    "2026-11-21T12:00:00.250000999999Z": NOW,
    "2026-11-21T13:00:00.25+01:00": NOW,
    "2026-11-20T22:00:00.25-14:00": NOW,
    "\n 2026-11-21T12:00:00.25Z\t": NOW,
    "0001-01-01T00:00:00Z": datetime(1, 1, 1, tzinfo=UTC),
    "9999-12-31T23:59:59Z": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
}
_BAD_TIMES = (
    *(
        "",
        "now",
        "2026-11-21",
        "12:00:00Z",
        "2026-11-21T12:00Z",
        "2026-11-21T12:00:00",
        "2026-11-21 12:00:00Z",
    ),
    *("2026-11-21T24:00:00Z", "2026-11-21T12:00:60Z", "2026-12-31T23:59:60Z", "2026-02-29T12:00:00Z"),
    *("2026-13-01T12:00:00Z", "2026-00-01T12:00:00Z", "2026-11-31T12:00:00Z", "2026-11-21T25:00:00Z"),
    *("0000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "+2026-11-21T12:00:00Z"),
    *(
        "2026-11-21T12:00:00.Z",
        "2026-11-21T12:00:00,5Z",
        f"2026-11-21T12:00:00.{'1' * 100}Z",
        "20261121T120000Z",
    ),
    *("2026-11-21T12:00:00z", "2026-11-21t12:00:00Z", "2026-11-21T12:00:00UTC", "2026-11-21T12:00:00+0100"),
    *(
        "2026-11-21T12:00:00+24:00",
        "2026-11-21T12:00:00+99:99",
        "2026-11-21T12:00:00Z+01:00",
        "1e9",
        "1795262400",
    ),
    *(
        "2026-W47-6T12:00:00Z",
        "2026-325T12:00:00Z",
        "\u0662\u0660\u0662\u0666-11-21T12:00:00Z",
        "2026-11-21T12:00:00\u00a0Z",
    ),
    *(
        "2026-11-21T12:00:00Z 2026-11-21T12:00:00Z",
        "2026-1-21T12:00:00Z",
        "26-11-21T12:00:00Z",
        "0x7E-11-21T12:00:00Z",
    ),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-21T12:00:00-00:60", "x" * 100_000),
)


def test_times() -> None:
    """A time with a zone is read exactly; what is no time, or needs guessing, is refused."""
    for text, moment in _GOOD_TIMES.items():
        assert read("", times=f"<u:Created>{text}</u:Created>").created == moment
    for text, name in product(_BAD_TIMES, ("Created", "Expires")):
        times = f"<u:{name}>{text}</u:{name}>"
        with pytest.raises(SpecificationRefusal) as caught:
            read("", times=times if name == "Created" else _CREATED + times)
        assert caught.value.rule == "WSS-TIMESTAMP", text
        assert len(caught.value.detail) < 500


def test_shapes_of_a_timestamp() -> None:
    """A Timestamp has one Created and at most one Expires, with text only and nothing beside them."""
    expires = "<u:Expires>2026-11-21T12:05:00Z</u:Expires>"
    for times in (
        *("", expires, _CREATED * 2, expires * 2, _CREATED + expires * 2, _CREATED * 2 + expires),
        *(_CREATED + "<x/>", _CREATED.replace("u:", "wsa:"), _CREATED.replace("12:00:00Z", "<x/>12:00:00Z")),
        *(_CREATED + "<u:Created/>", "<u:Created/>" + _CREATED, f"<x>{_CREATED}</x>", "2026-11-21T12:00:00Z"),
        f"<u:Timestamp>{_CREATED}</u:Timestamp>",
    ):
        with pytest.raises(SpecificationRefusal) as caught:
            read("", times=times)
        assert caught.value.rule in ("WSS-TIMESTAMP", "XML-TEXT"), times


def test_freshness_at_every_edge() -> None:
    """A message is good from Created less the allowed skew until Expires, never longer; both ends exactly."""
    settings = WusSettings()
    skew, validity = settings.future_skew_seconds, settings.validity_seconds
    now = NOW.replace(microsecond=0)

    def fresh(created: float, expires: float | None) -> bool:
        times = _time("Created", now + timedelta(seconds=created))
        if expires is not None:
            times += _time("Expires", now + timedelta(seconds=expires))
        try:
            addressing.check_freshness(read("", times=times), now, settings)
        except SpecificationRefusal:
            return False
        return True

    cases: dict[tuple[float, float | None], bool] = {
        (0, 1): True, (0, 0): False, (0, -1): False, (0, 0.001): True, (-1, 0): False, (-1, 0.001): True,
        (skew, skew + 1): True, (skew + 0.001, skew + 1): False, (10_000_000, None): False,
        (0, None): True, (1 - validity, None): True, (-validity, None): False, (-10_000_000, None): False,
        (5, 4): False, (-10, -11): False, (-86_400 * 365, -1): False, (86_400, 86_401): False,
    }  # fmt: skip
    for (created, expires), good in cases.items():
        assert fresh(created, expires) is good, (created, expires)


def _time(name: str, moment: datetime) -> str:
    return f"<u:{name}>{moment.strftime('%Y-%m-%dT%H:%M:%S.%fZ')}</u:{name}>"


def test_the_text_of_addresses() -> None:
    """Nothing but spaces around it is taken off an address: what looks alike is not the same."""
    for text in ("urn:x\u00a0", "\u200burn:x", "urn:x\u2028", "urn:\u0445"):
        found = read(f"<wsa:MessageID>{text}</wsa:MessageID>")
        assert found.message_id == text
    root = etree.fromstring(
        _text("<wsa:MessageID> urn:x&#13;\n</wsa:MessageID>" + _SECURITY % _CREATED, "<a/>")
    )
    assert envelope.read(root).message_id == "urn:x"
