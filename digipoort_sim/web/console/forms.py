"""What the console's forms do. The guard's Origin check keeps forms of other pages out."""

from __future__ import annotations

import re

from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.web.api.certificates import revoke_certificate
from digipoort_sim.web.api.clock import target_of
from digipoort_sim.web.api.letters import find_letter
from digipoort_sim.web.console.rendering import page, see_other
from digipoort_sim.web.guard import COOKIE, Guard
from digipoort_sim.web.operations import Asked, Handler, Reply

_IN_PORTAL = re.compile(r"/portal/[a-z0-9/-]*", re.ASCII)


def move_clock(asked: Asked) -> Reply:
    """Move the clock and show the overview."""
    asked.rooms.scheduler.advance(target_of(asked))
    return see_other("/")


def return_letter(asked: Asked) -> Reply:
    """Send a letter back and show its mandate."""
    letter = find_letter(asked.rooms, asked.path["id"])
    asked.rooms.mandates.return_letter(letter.id)
    return see_other(f"/mandates/{letter.mandate_id}")


def revoke_mandate(asked: Asked) -> Reply:
    """Revoke a registration as either side, and show it."""
    asked.rooms.mandates.revoke(asked.path["id"], asked.body["side"], asked.body.get("reden"))
    return see_other(f"/mandates/{asked.path['id']}")


def revoke(asked: Asked) -> Reply:
    """Revoke a certificate and show the list."""
    revoke_certificate(asked)
    return see_other("/certs")


def login_page(asked: Asked) -> Reply:
    """Ask for the token."""
    return page("login", title="Token", following=asked.query.get("next", ""))


def login(guard: Guard) -> Handler:
    """Take the token from the form and keep it in a cookie."""

    def handler(asked: Asked) -> Reply:
        token = asked.body["token"].strip()
        if not guard.is_token(token):
            raise AuthenticationRefusal("that is not the token of this simulator", rule="WEB-TOKEN")
        cookie = f"{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/"
        given = asked.body.get("next", "")
        # Only pages of the portal: an address of somebody else's would make a trap of this form.
        return see_other(given if _IN_PORTAL.fullmatch(given) else "/", {"Set-Cookie": cookie})

    return handler
