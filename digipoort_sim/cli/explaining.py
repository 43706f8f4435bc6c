"""``explain``: why a captured message would be accepted or refused; needs no server.

Exit codes: 0 all accepted, 1 one or more refused, 2 one or more could not be read.
"""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digipoort_sim.cli.choices import ConfigFile, StateIfGiven

if TYPE_CHECKING:
    from digipoort_sim.cli.kept import KeptEvent
    from digipoort_sim.config import Settings
    from digipoort_sim.wus.explaining import Explainer, Message

_REFUSED, _UNREADABLE = 1, 2
_HEAD = 64 * 1024
_LEAST_CUT = 256 * 1024
"""Octets of a request from which an event may keep the beginning only."""


def register(app: typer.Typer) -> None:
    """Add ``explain``."""
    app.command("explain")(_explain)


@dataclass(frozen=True)
class _Source:
    """One thing to explain: a file, standard input, or what was kept with an event."""

    name: str
    event: int | None = None

    @property
    def shown(self) -> str:
        return self.name if self.event is None else f"event {self.event}"


def _explain(
    ctx: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help="HTTP requests or bare envelopes as captured; - is stdin."),
    ] = None,
    event: Annotated[
        list[int] | None,
        typer.Option("--event", metavar="ID", min=0, help="The request kept with an event (repeatable)."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Judge at this xs:dateTime; without a zone Dutch time [now, or when the event was].",
        ),
    ] = None,
    trust: Annotated[
        list[Path] | None,
        typer.Option(metavar="CA.pem", help="CAs to trust [the authority of the state directory]."),
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option(metavar="URL", help="Where it was sent [Host and path of the request].")
    ] = None,
    crl: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="CRLs; without them revocation is not judged.")
    ] = None,
    state: StateIfGiven = None,
    config: ConfigFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per message.")] = False,
) -> None:
    """Tell, rule by rule, why a captured request would be accepted or refused; needs no server.

    Judged is all up to the XSD of the Body; not who the TLS client was, not the content.
    Exit codes: 0 all accepted, 1 some refused, 2 some not readable.
    """
    from digipoort_sim.config_loading import load_settings
    from digipoort_sim.errors import ConfigError

    sources = [*(_Source(name) for name in files or ()), *(_Source("event", id_) for id_ in event or ())]
    if not sources:
        raise ConfigError("name a FILE (- is standard input) or an event with --event ID", rule="OPTION")
    settings = load_settings({"state": state or ctx.obj}, config_file=config)
    explainer = _explainer(settings, at, trust or [], endpoint, crl or [])
    codes = {
        _explain_one(source, settings, explainer, as_json=as_json, own_time=at is None) for source in sources
    }
    raise typer.Exit(max(codes))


def _explainer(
    settings: Settings, at: str | None, trust: list[Path], endpoint: str | None, crl: list[Path]
) -> Explainer:
    from digipoort_sim.catalogue import load_catalogue
    from digipoort_sim.clock import RealClock
    from digipoort_sim.wus.explaining import Anchors, Endpoint, Explainer, moment_of

    return Explainer(
        settings,
        load_catalogue(settings.catalogue, settings.profiles).rules,
        Anchors.read(trust, crl, settings.state),
        RealClock().now() if at is None else moment_of(at),
        None if endpoint is None else Endpoint.parse(endpoint),
    )


def _explain_one(
    source: _Source, settings: Settings, explainer: Explainer, *, as_json: bool, own_time: bool
) -> int:
    from digipoort_sim.cli.explanations import print_explanation, print_unreadable
    from digipoort_sim.cli.kept import kept_with
    from digipoort_sim.errors import DigipoortSimError

    try:
        kept = None if source.event is None else kept_with(source.event, settings)
        message = _message(source, settings) if kept is None else _message_of(kept)
    except DigipoortSimError as error:
        print_unreadable(source.shown, error.detail, as_json=as_json)
        return _UNREADABLE
    except OSError as error:
        print_unreadable(source.shown, f"it cannot be read: {error.strerror or error}", as_json=as_json)
        return _UNREADABLE
    if own_time and kept is not None and kept.judged is not None:
        explainer = explainer.at(kept.judged)
    explanation = explainer.explain(message)
    fields = None if kept is None else kept.fields
    print_explanation(source.shown, explanation, as_json=as_json, event=fields)
    return 0 if explanation.accepted else _REFUSED


def _message(source: _Source, settings: Settings) -> Message:
    from digipoort_sim.wus.explaining import largest_file, read_message

    most = largest_file(settings.wus.max_request_bytes)
    raw, whole = _read(source.name, most)
    return read_message(raw, whole=whole)


def _message_of(kept: KeptEvent) -> Message:
    from digipoort_sim.cli.kept import no_request
    from digipoort_sim.wus.explaining import UnreadableError, read_message

    try:
        message = read_message(kept.raw)
    except UnreadableError as error:
        raise UnreadableError(no_request(kept), rule=error.rule) from error
    if message.objection is not None and len(kept.raw) >= _LEAST_CUT:
        raise UnreadableError(
            f"only the first {len(kept.raw)} octets were kept with the event; explain the whole request from "
            "a file",
            rule="EXPLAIN-FILE",
        )
    return message


def _read(name: str, most: int) -> tuple[bytes, bool]:
    """What a file or standard input holds; of one that holds more than allowed only the beginning."""
    with contextlib.ExitStack() as stack:
        file = sys.stdin.buffer if name == "-" else stack.enter_context(Path(name).open("rb"))
        size = os.fstat(file.fileno()).st_size if name != "-" else 0
        raw = file.read(_HEAD if size > most else most + 1)
    whole = max(size, len(raw)) <= most
    return (raw if whole else raw[:_HEAD]), whole
