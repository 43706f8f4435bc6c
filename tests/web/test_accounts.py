"""Accounts of the file door by the control API and on their page of the console."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.exchange.accounts import Accounts, LockRule
from tests.web.conftest import House
from tests.web.test_console import Page

OIN = "00000003302162470000"


@pytest.fixture
def api(house: House) -> Iterator[httpx.Client]:
    """A client of the control API's accounts."""
    with house.client() as client:
        client.base_url = httpx.URL(f"{house.base}/api/v1/ftp/")
        yield client


@pytest.fixture
def browser(house: House) -> Iterator[httpx.Client]:
    """Goes on by itself after forms, as browsers do, and says where a form came from."""
    with house.client(follow_redirects=True, headers={"Origin": house.base}) as client:
        yield client


def lock(house: House, user: str, minutes: int = 0) -> None:
    """Have the account locked by one wrong password."""
    accounts = Accounts(house.inner.store, house.inner.ids, house.inner.clocks)
    with pytest.raises(AuthenticationRefusal):
        accounts.verify(user, "wrong", OIN, lock=LockRule(1, minutes))


def log_in(house: House, user: str, password: str) -> None:
    """Fail unless the password is good."""
    Accounts(house.inner.store, house.inner.ids, house.inner.clocks).verify(user, password, OIN)


def test_an_account_is_made_with_all_that_it_has_and_changed(api: httpx.Client) -> None:
    """Label, deliver and interface are kept and shown; what is not given stays, what is wrong is told."""
    body = {"oin": OIN, "label": "kantoor", "deliver": "mededelingen,SBT", "interface": "ftp_gb"}
    user = api.post("accounts", json=body).json()["user"]
    shown = api.get(f"accounts/{user}").json()
    assert {key: shown[key] for key in body} == body
    assert shown in api.get("accounts").json()
    changed = api.post(f"accounts/{user}", json={"deliver": "all"}).json()
    assert (changed["label"], changed["deliver"], changed["interface"]) == ("kantoor", "all", "ftp_gb")
    changed = api.post(f"accounts/{user}", json={"deliver": "none", "interface": "ftp", "label": ""}).json()
    assert (changed["label"], changed["deliver"], changed["interface"]) == ("", "none", "ftp")
    for wrong in ({"deliver": "brieven"}, {"interface": "x"}, {"label": "a\nb"}, {"owner": "x"}):
        assert api.post(f"accounts/{user}", json=wrong).status_code == 400
    for call in (api.get, api.post, api.delete):
        assert call("accounts/ftp-nobody").status_code == 404
    assert (
        api.post("accounts/ftp-nobody/unlock").status_code
        == api.post("accounts/ftp-nobody/password").status_code
        == 404
    )


def test_a_locked_account_is_shown_so_and_unlocked(api: httpx.Client, house: House) -> None:
    """The list says since and until when; unlocking, or a new password, lets it in again."""
    made = api.post("accounts", json={"oin": OIN}).json()
    user = made["user"]
    lock(house, user, minutes=30)
    shown = api.get(f"accounts/{user}").json()
    assert (shown["locked"], shown["failed"]) == (True, 1)
    assert shown["lockedSince"] < shown["lockedUntil"]
    with pytest.raises(AuthenticationRefusal):
        log_in(house, user, made["password"])
    unlocked = api.post(f"accounts/{user}/unlock").json()
    assert [unlocked[key] for key in ("locked", "failed", "lockedSince", "lockedUntil")] == [
        False,
        0,
        None,
        None,
    ]
    log_in(house, user, made["password"])
    lock(house, user)
    assert api.get(f"accounts/{user}").json()["lockedUntil"] is None
    again = api.post(f"accounts/{user}/password").json()
    assert again["password"] != made["password"]
    log_in(house, user, again["password"])


def test_the_page_does_all_of_it_with_plain_forms(browser: httpx.Client, house: House) -> None:
    """Made, shown with its password once, changed, unlocked, given another password, removed."""
    made = browser.post("/accounts", data={"oin": OIN, "label": "<b>thuis</b>", "deliver": "all"})
    assert made.status_code == 200
    password = re.search(r"<dt>password</dt><dd><code>(\w+)</code>", made.text)
    assert password is not None
    (user,) = re.findall(r'<h2 id="one">(ftp-\w+)</h2>', made.text)
    log_in(house, user, password[1])
    assert made.headers["cache-control"] == "no-store"
    shown = browser.get("/accounts", params={"user": user})
    assert password[1] not in shown.text
    assert "&lt;b&gt;thuis&lt;/b&gt;" in shown.text
    changed = browser.post(
        f"/accounts/{user}/set", data={"label": "x", "deliver": "SBA_IB", "interface": "ftp_gb"}
    )
    assert "SBA_IB (ftp_gb)" in changed.text
    lock(house, user)
    assert f'aria-label="Unlock {user}"' in browser.get("/accounts").text
    assert f'aria-label="Unlock {user}"' not in browser.post(f"/accounts/{user}/unlock").text
    renewed = browser.post(f"/accounts/{user}/password").text
    again = re.search(r"<dt>password</dt><dd><code>(\w+)</code>", renewed)
    assert again is not None
    log_in(house, user, again[1])
    assert user not in browser.post(f"/accounts/{user}/remove").text


def test_what_is_wrong_is_told_beside_the_form(browser: httpx.Client) -> None:
    """A wrong OIN or word keeps what was filled in; the page stays one with labelled fields."""
    for data, words in (
        ({"oin": "1", "label": "mijn"}, "20"),
        ({"oin": "", "label": "mijn"}, "20"),
        ({"oin": OIN, "label": "mijn", "deliver": "brieven"}, "brieven"),
    ):
        shown = browser.post("/accounts", data=data)
        assert shown.status_code == 400
        page = Page(shown.text)
        assert {"role": "alert"} in page.all("div")
        assert words in shown.text
        fields = {field["id"]: field for field in page.all("input")}
        assert fields["label"]["value"] == "mijn"


def test_forms_of_other_pages_are_refused(house: House) -> None:
    """A page of another site cannot make, unlock or remove an account."""
    with house.client(headers={"Origin": "https://elsewhere.example"}) as client:
        for path in (
            "/accounts",
            "/accounts/ftp-0/unlock",
            "/accounts/ftp-0/password",
            "/accounts/ftp-0/remove",
        ):
            assert client.post(path, data={"oin": OIN}).status_code == 403


def test_one_account_on_its_page_is_plain_too(browser: httpx.Client, api: httpx.Client) -> None:
    """With an account shown every field has a label and an id of its own."""
    user = api.post("accounts", json={"oin": OIN}).json()["user"]
    page = Page(browser.get("/accounts", params={"user": user}).text)
    labels = [label["for"] for label in page.all("label")]
    fields = [tag["id"] for name in ("input", "select") for tag in page.all(name)]
    assert sorted(labels) == sorted(fields)
    assert len(set(fields)) == len(fields)
    assert len(page.all("h1")) == 1
