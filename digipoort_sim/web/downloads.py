"""Contents as files to be kept: what senders and testers put in may be anything, so no browser shows it."""

from __future__ import annotations

from urllib.parse import quote

from digipoort_sim.exchange.values import Content
from digipoort_sim.web.operations import Reply

_SHOWABLE = ("text/xml", "application/xml", "application/pdf", "application/xbrl+xml")
_POLICY = "default-src 'none'; sandbox"


def download(content: Content) -> Reply:
    """A reply with a content; a large one is read from its file while it goes out.

    Raises:
        TechnicalError: its file cannot be read (rule ``PAYLOAD``).
    """
    plain = content.mime_type.partition(";")[0].strip().lower()
    name = quote(content.bestandsnaam, safe="")
    if content.payload is not None:
        content.payload.open().close()
    return Reply(
        content.inhoud,
        plain if plain in _SHOWABLE else "application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Content-Security-Policy": _POLICY,
        },
        payload=content.payload,
    )
