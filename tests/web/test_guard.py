"""Who may call the web door."""

from __future__ import annotations

import http.client
import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest

from digipoort_sim.config import Settings
from digipoort_sim.errors import AuthenticationRefusal, ConfigError, PermissionRefusal
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.ids import SeededIds
from digipoort_sim.web.guard import SECURITY_HEADERS, Guard
from digipoort_sim.web.token import FILE, read_or_make_token
from tests.web.conftest import House, open_door

LOCAL = Guard.of(Settings(), None)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080"])
def test_own_names_pass_with_any_port(host: str) -> None:
    """Local names are good with any port and in any case."""
    LOCAL.check("GET", "/", [("host", host)])


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        ["localhost", "localhost"],
        ["evil.example"],
        ["localhost.evil.example"],
        ["localhost:x"],
        ["a@localhost"],
        ["localhost/evil"],
        ["localhost?evil"],
        [""],
        ["[::1"],
    ],
)
def test_other_hosts_are_refused(hosts: list[str]) -> None:
    """A rebound name, no Host or two of them are refused."""
    with pytest.raises(PermissionRefusal, match="Host"):
        LOCAL.check("GET", "/", [("host", host) for host in hosts])


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:3000", "http://localhost", "file://"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_pages_are_refused(origin: str, method: str) -> None:
    """A call that comes from another page is refused, also from another port of this machine."""
    with pytest.raises(PermissionRefusal) as refused:
        LOCAL.check(method, "/clock", [("host", "localhost:8080"), ("origin", origin)])
    assert refused.value.rule == "WEB-ORIGIN"


def test_own_pages_pass() -> None:
    """A form of the console itself passes."""
    LOCAL.check("POST", "/clock", [("host", "localhost:8080"), ("origin", "http://localhost:8080")])


def test_a_form_of_another_site_without_origin_is_refused() -> None:
    """Where a browser tells the site but no Origin, a form of another site is refused all the same."""
    with pytest.raises(PermissionRefusal):
        LOCAL.check("POST", "/clock", [("host", "localhost"), ("sec-fetch-site", "cross-site")])


def test_configured_names_are_added() -> None:
    """Names of the server and the web host pass; an address passes where every address is listened on."""
    guard = Guard.of(Settings(web_host="0.0.0.0", server_names=("sim.example",)), None)
    guard.check("GET", "/", [("host", "sim.example:8080")])
    guard.check("GET", "/", [("host", "192.0.2.7:8080")])
    with pytest.raises(PermissionRefusal):
        guard.check("GET", "/", [("host", "evil.example")])
    with pytest.raises(PermissionRefusal):
        LOCAL.check("GET", "/", [("host", "192.0.2.7")])


@pytest.mark.parametrize("path", ["/", "/api/v1/readyz", "/api/v1/messages", "/loginx", "/static"])
def test_a_token_is_wanted_everywhere(path: str) -> None:
    """With a token every page and operation wants it."""
    guard = Guard.of(Settings(web_host="localhost"), "secret")
    for extra in ([], [("authorization", "Bearer wrong")], [("authorization", "Basic secret")]):
        with pytest.raises(AuthenticationRefusal):
            guard.check("GET", path, [("host", "localhost"), *extra])
    assert not guard.is_token("\ud800")
    guard.check("GET", path, [("host", "localhost"), ("authorization", "Bearer secret")])
    guard.check("GET", path, [("host", "localhost"), ("cookie", "a=b; digipoort_sim_token=secret")])


def test_the_token_file_is_for_its_owner_only(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The token is made once, kept, and readable by its owner only; an empty file is an error."""
    state = tmp_path_factory.mktemp("token")
    token = read_or_make_token(state, SeededIds(1))
    assert len(token) == 64
    assert stat.S_IMODE((state / FILE).stat().st_mode) == 0o600
    assert read_or_make_token(state, SeededIds(2)) == token
    (state / FILE).write_text("")
    with pytest.raises(ConfigError):
        read_or_make_token(state, SeededIds(3))


def test_a_rebound_name_is_refused_over_the_socket(house: House) -> None:
    """The door itself refuses a call under a foreign name, with a problem document and safe headers."""
    address = urlsplit(house.base)
    connection = http.client.HTTPConnection(str(address.hostname), address.port)
    connection.request("GET", "/api/v1/clock", headers={"Host": "evil.example"})
    answer = connection.getresponse()
    assert answer.status == 403
    assert json.loads(answer.read())["rule"] == "WEB-HOST"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    connection.close()


@pytest.mark.parametrize("path", ["/", "/api/v1/clock", "/nothing", "/static/console.css"])
def test_every_answer_has_the_security_headers(house: House, path: str) -> None:
    """No answer may be framed, sniffed or kept, and none may run a script that is not a file of ours."""
    with house.client() as client:
        headers = client.get(path).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == dict(SECURITY_HEADERS)
    assert "unsafe" not in headers["content-security-policy"]


@pytest.fixture
def open_house(inner: Rooms) -> Iterator[str]:
    """A web door that is open to other machines."""
    settings = inner.settings.model_copy(update={"web_host": "127.0.0.1"})
    with open_door(replace(inner, settings=settings)) as base:
        yield base


def test_a_browser_shows_the_token_once(inner: Rooms, open_house: str) -> None:
    """Without a token the API answers 401 and a page leads to the login form, which sets a strict cookie."""
    with httpx.Client(base_url=open_house, trust_env=False) as client:
        refused = client.get("/api/v1/clock")
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert client.get("/messages").headers["location"] == "/login"
        assert client.post("/login", data={"token": "wrong"}).status_code == 401
        token = (inner.settings.state / FILE).read_text().strip()
        answer = client.post("/login", data={"token": token})
        assert answer.status_code == 303
        assert "HttpOnly; SameSite=Strict" in answer.headers["set-cookie"]
        assert client.get("/messages").status_code == 200
