"""``fetch``: what the ophaalservice has for this party."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from digipoort_sim.client.deliveries import GEEN_AUSP
from digipoort_sim.client.faults import FaultError
from digipoort_sim.client.options import FetchOptions
from digipoort_sim.client.running import Running, type_of
from digipoort_sim.client.sending import FAULT, GOOD
from digipoort_sim.client.soap import WusClient
from digipoort_sim.errors import ConfigError
from digipoort_sim.terminal import visible, visible_json
from digipoort_sim.wus.names import OPHALEN


def fetch(options: FetchOptions) -> int:
    """Fetch messages, print a row for each and write them if asked; gives the exit code: 0 good, 4 fault.

    Raises:
        ConfigError: an option is wrong or the simulator cannot be reached.
    """
    client = Running.find(options.state).client(options.cert, stub=options.stub)
    refused: list[FaultError] = []
    try:
        messages = fetched(client, options, refused)
    except FaultError as fault:
        print(visible(str(fault)), file=sys.stderr)
        return FAULT
    rows = [_row(message) for message in messages]
    if options.out is not None:
        _write(options.out, messages)
    for one in refused:
        print(visible(str(one)), file=sys.stderr)
    code = FAULT if refused else GOOD
    if options.as_json:
        print(visible_json(rows))
        return code
    for row in rows:
        print(visible(" ".join((row["kenmerk"], row["berichtsoort"], row["bestandsnaam"]))))
    if not (rows or refused):
        print(f"There is nothing {'new ' if options.new else ''}to fetch.", file=sys.stderr)
    return code


def fetched(client: WusClient, options: FetchOptions, refused: list[FaultError] | None = None) -> list[Any]:
    """The messages as zeep gives them: by identity, or by the list and then each by its kenmerk.

    A list marks nothing as given, so new messages are asked for as new ones by their kenmerk too.

    Args:
        refused: takes the faults of single messages of a list, such as of a too large one, so that the
            others come all the same; without it the first of them is raised.

    Raises:
        FaultError: Digipoort refused the question.
    """
    if options.belanghebbende is not None:
        return _by_identity(client, options, options.belanghebbende)
    new = "Nieuwe" if options.new else ""
    listed = client.call(
        OPHALEN,
        f"get{new}BerichtenLijst",
        berichtsoort=_absent_or(options.berichtsoort),
        autorisatieAdres=GEEN_AUSP,
    )
    messages: list[Any] = []
    for row in listed or ():
        operation = f"get{new}BerichtenKenmerk"
        try:
            answer = client.call(OPHALEN, operation, kenmerk=row.kenmerk, autorisatieAdres=GEEN_AUSP)
        except FaultError as fault:
            if refused is None:
                raise
            refused.append(fault)
        else:
            messages.extend(answer or ())
    return messages


def _by_identity(client: WusClient, options: FetchOptions, nummer: str) -> list[Any]:
    new = "Nieuwe" if options.new else ""
    answer = client.call(
        OPHALEN,
        f"get{new}Berichten",
        berichtsoort=_absent_or(options.berichtsoort),
        identiteitBelanghebbende={"nummer": nummer, "type": type_of(nummer, options.type)},
        autorisatieAdres=GEEN_AUSP,
    )
    return list(answer or ())


def _absent_or(value: str | None) -> Any:
    import zeep.xsd

    return zeep.xsd.SkipValue if value is None else value


def _row(message: Any) -> dict[str, str]:
    return {
        "kenmerk": message.kenmerk,
        "berichtsoort": message.berichtsoort,
        "bestandsnaam": message.berichtInhoud.bestandsnaam,
    }


def _write(out: Path, messages: list[Any]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for message in messages:
            # The name comes from outside: only its last part, and only plain characters.
            name = re.sub(r"[^A-Za-z0-9._-]", "_", Path(message.berichtInhoud.bestandsnaam).name)
            (out / f"{message.kenmerk}_{name}").write_bytes(message.berichtInhoud.inhoud)
    except OSError as error:
        raise ConfigError(f"{out} cannot be written: {error.strerror}", rule="OUT") from error
