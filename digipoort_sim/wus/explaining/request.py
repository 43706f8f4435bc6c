"""The HTTP side of a request: its framing, method, path and headers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from digipoort_sim.errors import ConfigError
from digipoort_sim.wus import framing
from digipoort_sim.wus.explaining.source import Message
from digipoort_sim.wus.explaining.tally import Tally
from digipoort_sim.wus.names import Service, served_paths
from digipoort_sim.wus.rawhttp import RawRequest

HTTP_RULES = ("HTTP", "HTTP-METHOD", "HTTP-PATH", "HTTP-SIZE", "HTTP-CONTENT-ENCODING", "HTTP-CONTENT-TYPE")
_BARE_HEADERS = {"content-type": "text/xml; charset=utf-8"}


@dataclass(frozen=True)
class Called:
    """Where a message was sent, and how.

    Attributes:
        service: the service at the path; None if there is none, or no path is known.
        path: the path called; empty if it is not known.
        host: host and port called.
        headers: the HTTP headers, names in lower case.
        is_http: whether there are real headers at all.
    """

    service: Service | None
    stub: bool
    path: str
    headers: dict[str, str]
    is_http: bool


@dataclass(frozen=True)
class Endpoint:
    """The URL that a message was sent to, as the user says."""

    host: str
    path: str

    @classmethod
    def parse(cls, url: str) -> Endpoint:
        """Take an URL apart.

        Raises:
            ConfigError: it is no http or https URL with a host and a path.
        """
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
        except ValueError:
            good = None
        if not good or not parts.path:
            raise ConfigError(
                f"--endpoint {url[:200]!r} is no URL such as https://host:8443/cpl/aanleverservice/1.2",
                rule="EXPLAIN-ENDPOINT",
            )
        return cls(parts.netloc.rpartition("@")[2], unquote(parts.path))


def judge_request(
    message: Message, endpoint: Endpoint | None, profiles: Collection[str], tally: Tally
) -> Called:
    """Judge the HTTP side of a message; gives where it was sent.

    Args:
        profiles: further platforms whose paths are served.
    """
    if message.is_http:
        tally.apply(*HTTP_RULES)
    elif endpoint is not None:
        tally.apply("HTTP-PATH", "HTTP-SIZE")
    else:
        tally.apply("HTTP-SIZE")
    if message.objection is not None:
        tally.bad(message.objection.rule, message.objection.detail)
        tally.blocked(HTTP_RULES, "the file holds no complete HTTP request")
    request = message.request
    if request is not None:
        _judge_framing(request, message, tally)
        _judge_method(request, tally)
    path, host = _place(request, endpoint)
    paths = served_paths(profiles)
    service, family = paths.get(path, (None, ""))
    if request is not None or endpoint is not None:
        _judge_path(path, service, paths, tally)
    headers = {name.lower(): value for name, value in request.headers} if request else dict(_BARE_HEADERS)
    return Called(service, family == "stub", path, {**headers, "host": host}, request is not None)


def _place(request: RawRequest | None, endpoint: Endpoint | None) -> tuple[str, str]:
    if endpoint is not None:
        return endpoint.path, endpoint.host
    if request is None:
        return "", ""
    path = request.path
    if path.lower().startswith(("http://", "https://")):
        path = urlsplit(path).path
    return unquote(path), request.header("Host") or ""


def _judge_framing(request: RawRequest, message: Message, tally: Tally) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
    try:
        framing.check_head(message.version, headers, request.target.encode("latin-1"))
    except framing.UnacceptableError as error:
        tally.bad("HTTP", error.why)
    tally.good("HTTP", f"{request.method[:20]} with a body of {len(request.body)} octets")
    if message.left_over:
        tally.warn(
            "HTTP",
            f"The file goes on after the body as its framing counts it ({message.left_over} octets more). "
            "Was the file edited without its Content-Length?",
        )


def _judge_method(request: RawRequest, tally: Tally) -> None:
    if request.method == "POST":
        tally.good("HTTP-METHOD", "POST")
    else:
        tally.bad("HTTP-METHOD", f"the method is {request.method[:20]}")


def _judge_path(path: str, service: Service | None, paths: Iterable[str], tally: Tally) -> None:
    if service is None:
        tally.bad("HTTP-PATH", f"there is no service at the path {path[:200]!r}", " or ".join(paths))
    else:
        tally.good("HTTP-PATH", f"{path} is the {service.name}")


def judge_headers(called: Called, tally: Tally) -> bool:
    """Judge Content-Encoding; False if the body cannot be read because of it."""
    encoding = called.headers.get("content-encoding", "")
    if not called.is_http:
        return True
    if encoding.lower() in ("", "identity"):
        tally.good("HTTP-CONTENT-ENCODING", encoding or "none")
        return True
    tally.bad(
        "HTTP-CONTENT-ENCODING",
        f"Content-Encoding {encoding[:60]!r} is not accepted; send the message uncompressed.",
    )
    return False
