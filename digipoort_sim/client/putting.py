"""``send --via ftp`` and ``ftp put``: deliver files, wait for their receipts, follow them."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from digipoort_sim.client.faults import FaultError
from digipoort_sim.client.file_names import DeliveryNames, Wanted
from digipoort_sim.client.file_words import told
from digipoort_sim.client.options import PutOptions
from digipoort_sim.client.receipts import Receipt, deliver_file
from digipoort_sim.client.sending import FAULT, GOOD, Sender
from digipoort_sim.client.uploading import Depot, Progress, Sent, Source, Upload
from digipoort_sim.errors import ConfigError
from digipoort_sim.resources import default_state
from digipoort_sim.terminal import visible, visible_json

Watch = Callable[[str, int], AbstractContextManager[Progress]]
"""Called with a label and a number of octets; what it gives is told how far they are."""

_HIGHEST_NUMBER = 9_999_999_999


@contextlib.contextmanager
def unwatched(label: str, total: int) -> Any:
    """Nobody watches."""
    yield lambda done: None


def put(options: PutOptions, watch: Watch = unwatched) -> int:
    """Deliver files; gives the exit code: 0 good, 3 refused, 4 fault.

    Raises:
        ConfigError: an option is wrong or the simulator cannot be reached.
    """
    sender = Sender.open(options.route)
    depot = sender.depot()
    work = _Putting(options, sender, depot, DeliveryNames(depot.profile, sender.catalogue), watch)
    named = [(path, work.name_of(path)) for path in options.files]
    results = [work.deliver(path, name) for path, name in named]
    if options.as_json:
        print(visible_json([result.row for result in results]))
    return max(result.code for result in results)


@dataclass(frozen=True)
class _Result:
    code: int
    row: dict[str, Any]


@dataclass(frozen=True)
class _Putting:
    options: PutOptions
    sender: Sender
    depot: Depot
    names: DeliveryNames
    watch: Watch

    def name_of(self, path: Path) -> str:
        """The name at the door."""
        Source.of_path(path)
        options = self.options
        if options.name is not None:
            return options.name
        asked = (options.berichtsoort, options.aanleverkenmerk, options.period, options.number)
        if not any(asked) and self.names.is_good(path.name):
            return path.name
        if options.resume and not (options.aanleverkenmerk or options.number):
            raise ConfigError("--resume needs the --name under which the upload broke off", rule="OPTION")
        wanted = Wanted(
            extension=path.suffix.removeprefix(".") or "xml",
            berichtsoort=options.berichtsoort,
            aanleverkenmerk=options.aanleverkenmerk or self.sender.ids.uuid(),
            belanghebbende=options.belanghebbende,
            period=options.period,
            number=options.number or 1 + self.sender.ids.below(_HIGHEST_NUMBER),
        )
        return self.names.made(wanted, path)

    def deliver(self, path: Path, name: str) -> _Result:
        """Deliver one file, and follow it if that was asked for."""
        row: dict[str, Any] = {"file": str(path), "name": name, "interface": self.options.route.interface}
        try:
            receipt, sent = self._uploaded(path, name)
        except KeyboardInterrupt:
            print(visible(f"stopped; go on with: {self._resuming(path, name)}"), file=sys.stderr)
            raise
        except FaultError as fault:
            text = _with_own_characters(told(fault, self.options.lang), name)
            print(visible(f"{path}: {text}" if len(self.options.files) > 1 else text), file=sys.stderr)
            return _Result(FAULT, {**row, "kenmerk": None, "error": text})
        row |= asdict(receipt) | {"resumed": sent.resumed, "delivered_before": sent.was_there}
        if self.options.as_json:
            return self._followed(row, receipt)
        for line in _how_it_went(name, sent):
            print(visible(line), file=sys.stderr)
        return _Result(self.sender.finish(self._berichtsoort(name), receipt.kenmerk), row)

    def _resuming(self, path: Path, name: str) -> str:
        """The command that goes on, as a shell takes it; an account that was given has to be given again."""
        route = self.options.route
        command = ["digipoort-sim", "ftp", "put", str(path), "--name", name, "--interface", route.interface]
        state = [] if route.state == default_state() else ["--state", str(route.state)]
        return shlex.join([*command, "--cert", str(route.cert), *state, "--resume"])

    def _uploaded(self, path: Path, name: str) -> tuple[Receipt, Sent]:
        source = Source.of_path(path)
        with self.watch(name, source.size) as progress:
            return deliver_file(Upload(self.depot, name, source, progress, self.options.resume))

    def _followed(self, row: dict[str, Any], receipt: Receipt) -> _Result:
        if not self.options.route.wait:
            return _Result(GOOD, row)
        last, code = self.sender.end_of(self._berichtsoort(receipt.name), receipt.kenmerk)
        return _Result(code, {**row, "status": last})

    def _berichtsoort(self, name: str) -> str:
        return self.names.berichtsoort_of(name)


def _with_own_characters(text: str, name: str) -> str:
    """A text with the letters of a name as they are, which replies of the door write as ``'\\xf6'``."""
    for letter in filter(str.isprintable, name):
        text = text.replace(ascii(letter), repr(letter))
    return text


def _how_it_went(name: str, sent: Sent) -> list[str]:
    """What a person wants to know of an upload that did not just go."""
    if sent.was_there:
        return [f"{name} was delivered before, with this content; its kenmerk:"]
    if sent.broke_after:
        times = "" if len(sent.broke_after) == 1 else f" {len(sent.broke_after)} times,"
        after = " and ".join(f"{octets:,}" for octets in sent.broke_after)
        return [
            f"the connection broke{times} after {after} bytes; {'resumed' if sent.resumed else 'sent anew'}"
        ]
    return [f"went on after the {sent.resumed:,} bytes that lay there"] if sent.resumed else []
