"""``demo``: a software vendor's day, from certificate to revocation, over real sockets."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from digipoort_sim.client.control import Control
from digipoort_sim.client.deliveries import is_refusal, wait_for_end
from digipoort_sim.client.faults import FaultError
from digipoort_sim.client.fetching import fetched
from digipoort_sim.client.mandates import mandate_parcel
from digipoort_sim.client.options import DemoOptions, FetchOptions, MandateKind, MandateOptions, Route, Via
from digipoort_sim.client.process import serving
from digipoort_sim.client.sending import FAULT, GOOD, REFUSED, Sender, reason_of
from digipoort_sim.client.soap import WusClient
from digipoort_sim.clock import Clocks, RealClock, parse_time
from digipoort_sim.errors import ConfigError, DigipoortSimError
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki.authority import Authority
from digipoort_sim.pki.oin import Oin

INTERMEDIARY_KVK = "30216247"
CLIENT_BSN = "999991772"
"""A test number that passes the 11-test; nobody has it."""
EMPLOYER_LHNR = "123456782L01"


class DemoFailedError(DigipoortSimError):
    """A step of the demonstration did not end as it should."""


@dataclass(frozen=True)
class _Day:
    """The vendor's day: where the simulator is and who calls."""

    state: Path
    cert: Path
    control: Control
    client: WusClient
    user: str
    password: str

    def deliver(
        self, kind: MandateKind, dienst: str, number: str, *, via: Via = "wus", code: str | None = None
    ) -> None:
        """Deliver a mandate message and follow it to its final status."""
        options = MandateOptions(
            route=self.route(via),
            kind=kind,
            dienst=dienst,
            client=number,
            code=code,
            form="xbrl" if via == "wus" else "xml",
        )
        sender = Sender.open(options.route)
        parcel = mandate_parcel(options, sender.folder, sender.catalogue)
        kenmerk = sender.send(parcel)
        _say(f"{parcel.berichtsoort} for {dienst} by {via.upper()}, kenmerk {kenmerk}")
        rows = wait_for_end(self.client, sender.catalogue, parcel.berichtsoort, kenmerk)
        _say("  " + " > ".join(row["statuscode"] for row in rows) + f"  {rows[-1]['statusomschrijving']}")
        if is_refusal(rows[-1]):
            raise DemoFailedError(f"{dienst} was refused: {reason_of(rows[-1])}", rule="DEMO")

    def route(self, via: Via) -> Route:
        """The way in by this door."""
        if via == "wus":
            return Route(state=self.state, cert=self.cert)
        return Route(state=self.state, cert=self.cert, via="ftp", user=self.user, password=self.password)

    def advance(self, duration: str) -> None:
        """Move the simulator's clock."""
        now = self.control.post("clock", {"advance": duration})["now"]
        _say(f"clock advanced by {duration}: it is {now}")

    def toestand(self, dienst: str) -> str:
        """The state of the one mandate for a dienst."""
        rows = list(self.control.rows("mandates", None))
        return str(next(row["toestand"] for row in rows if row["dienst"] == dienst))

    def expect(self, dienst: str, toestand: str) -> None:
        """Show the state of a mandate and see that it is as it should be."""
        found = self.toestand(dienst)
        _say(f"mandate {dienst}: {found}")
        if found != toestand:
            raise DemoFailedError(f"{dienst} is {found}, not {toestand}", rule="DEMO")

    def fetch(self, berichtsoort: str) -> list[Any]:
        """Fetch the client's service messages of a berichtsoort by WUS; a VIA is made by asking for it."""
        options = FetchOptions(
            state=self.state,
            cert=self.cert,
            berichtsoort=berichtsoort,
            belanghebbende=CLIENT_BSN,
            type="BSN",
        )
        messages = fetched(self.client, options)
        for message in messages:
            content = message.berichtInhoud
            _say(f"fetched {message.berichtsoort}: {content.bestandsnaam}, {len(content.inhoud)} bytes")
        return messages

    def code_of(self, dienst: str) -> str:
        """The activation code in the letter for a dienst, as the client would read it out."""
        letters = self.control.rows("letters", None)
        return str(next(row["activatieToken"] for row in letters if row["dienst"] == dienst))


def demo(options: DemoOptions) -> int:
    """Run the main job and print it; gives the exit code: 0 good, 3 a step went wrong, 4 fault.

    Raises:
        ConfigError: the simulator does not start, or its state directory was used before.
    """
    began = time.monotonic()
    with _state(options.state) as state:
        _title("1. The simulator starts, certificates are made")
        with serving(state):
            try:
                _vendors_day(_morning(state))
            except (DemoFailedError, FaultError) as error:
                print(f"The demonstration failed: {error}", file=sys.stderr)
                return FAULT if isinstance(error, FaultError) else REFUSED
    _title(f"Done in {time.monotonic() - began:.1f} s. Nothing is left running.")
    return GOOD


def _vendors_day(day: _Day) -> None:
    now = parse_time(day.control.get("clock")["now"])
    sba, via = f"SBA_IB_{now.year}", f"VIA_{_year_of_via(now)}"
    _title("2. Mandate requests go in: by WUS (signed XBRL) and by FTPS (XML)")
    day.deliver("opvoeren", via, CLIENT_BSN)
    day.deliver("opvoeren", sba, CLIENT_BSN, via="ftp")
    day.deliver("opvoeren", "UWV-ZZ-ZW", EMPLOYER_LHNR)
    _title("3. Two weeks later the letters are written")
    day.advance("15d")
    _letters(day)
    _title("4. The client hands over the code; the software activates the mandate")
    day.deliver("activeren", via, CLIENT_BSN, code=day.code_of(via))
    day.expect(via, "ACTIEF")
    _title("5. Nobody refuses the other one: it becomes active by silence")
    day.advance("27d")
    day.expect(sba, "ACTIEF")
    _title("6. Service messages are fetched")
    if not day.fetch("VIA") or not day.fetch("SBA_IB"):
        raise DemoFailedError("no service messages for an active mandate", rule="DEMO")
    _title("7. A revocation ends it, at once")
    day.deliver("intrekken", sba, CLIENT_BSN)
    day.expect(sba, "INGETROKKEN")
    if day.fetch("SBA_IB"):
        raise DemoFailedError("messages were given after the revocation", rule="DEMO")
    _say("nothing to fetch for SBA_IB any more")


def _morning(state: Path) -> _Day:
    control = Control.find(state, timeout=None)
    if any(control.rows("mandates", 1)):
        raise ConfigError(
            f"{state} holds mandates already; the demonstration wants a state directory of its own",
            rule="DEMO-STATE",
        )
    cert = state / "demo-client"
    authority = Authority.open(state, Clocks(RealClock(), RealClock()), SystemIds())
    issued = authority.issue_client(Oin.from_kvk(INTERMEDIARY_KVK), "Demo Intermediair B.V.")
    authority.write_client_files(issued, cert)
    _say(f"client certificate with OIN {Oin.from_kvk(INTERMEDIARY_KVK).value}")
    account = control.post("ftp/accounts", {"oin": Oin.from_kvk(INTERMEDIARY_KVK).value})
    sender = Sender.open(Route(state=state, cert=cert))
    _say(f"WUS at {sender.running.wus}, FTPS at port {sender.running.ftp_port}")
    return _Day(state, cert, control, sender.running.client(cert), account["user"], account["password"])


def _letters(day: _Day) -> None:
    for row in day.control.rows("letters", None):
        code = row["activatieToken"]
        _say(
            f"letter of {row['datum']} about {row['dienst']}: "
            + (f"code {code}" if code else "no code, opt-out")
        )


def _year_of_via(now: datetime) -> int:
    """The last tax year of which the agency has VIA data: they come on 1 March of the next year."""
    return now.year - 1 if now.month >= 3 else now.year - 2


@contextlib.contextmanager
def _state(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="digipoort-sim-demo-") as folder:
        yield Path(folder)


def _title(text: str) -> None:
    print(f"\n{text}", flush=True)


def _say(text: str) -> None:
    print(f"   {text}", flush=True)
