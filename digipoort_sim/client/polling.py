"""``poll``: the statuses of a process."""

from __future__ import annotations

import sys

from digipoort_sim.client.deliveries import statuses
from digipoort_sim.client.faults import FaultError
from digipoort_sim.client.options import PollOptions
from digipoort_sim.client.running import Running
from digipoort_sim.client.sending import FAULT, GOOD
from digipoort_sim.client.validation_results import result_lines
from digipoort_sim.terminal import visible, visible_json


def poll(options: PollOptions) -> int:
    """Print the statuses of a process; gives the exit code: 0 good, 4 fault.

    Raises:
        ConfigError: an option is wrong or the simulator cannot be reached.
    """
    client = Running.find(options.state).client(options.cert, stub=options.stub)
    try:
        rows = statuses(client, options.kenmerk, new=options.new)
    except FaultError as fault:
        print(visible(str(fault)), file=sys.stderr)
        return FAULT
    if options.as_json:
        print(visible_json(rows))
        return GOOD
    for row in rows:
        print(visible(f"{row['tijdstempelStatus']} {row['statuscode']} {row['statusomschrijving']}"))
        fout = row["statusFoutcode"]
        if fout is not None:
            print(visible(f"    {fout['foutcode']}: {fout['foutbeschrijving']}"))
        for line in result_lines(row["statusdetails"]):
            print(visible(f"    {line}"))
    if not rows:
        print(_nothing(options), file=sys.stderr)
    return GOOD


def _nothing(options: PollOptions) -> str:
    """Why there is nothing: Digipoort's answer does not tell, and is no fault."""
    if options.new:
        return f"There is nothing new about {options.kenmerk} for this certificate."
    return f"There are no statuses: {options.kenmerk} is unknown, or not delivered with this OIN."
