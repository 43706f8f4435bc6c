"""The control API's operations on letters, letter boxes and names."""

from __future__ import annotations

from digipoort_sim.web.api import letters, names
from digipoort_sim.web.operations import Operation, Parameter

_CLIENT = Parameter("vertegenwoordigde", "only of the client with this number")
_FORMAT = Parameter("format", "json unless given; svg is the QR code", choices=letters.FORMATS)
_TYPE = Parameter(
    "type",
    "type of the number; a BSN has a person's name where it is made up",
    choices=("BSN", "RSIN", "Fi", "KvK", "LHnr"),
)


def letter_operations(base: str) -> tuple[Operation, ...]:
    """Every operation on letters, letter boxes and names.

    Args:
        base: what all paths begin with.
    """
    return (
        Operation(
            "GET",
            f"{base}/letters",
            "Letters to clients, oldest first",
            letters.list_letters,
            "Letter",
            many=True,
            pages=True,
            query=(_CLIENT,),
        ),
        Operation(
            "GET",
            f"{base}/letters/{{id}}",
            "One letter",
            letters.show_letter,
            "LetterWithState",
            query=(_FORMAT,),
        ),
        Operation(
            "POST",
            f"{base}/letters/{{id}}/return",
            "The client sends the letter back and so refuses",
            letters.return_letter,
            "Outcome",
            conflict="MandateProblem",
        ),
        Operation(
            "GET",
            f"{base}/letter-boxes",
            "Clients who have letters, by number",
            letters.list_letter_boxes,
            "LetterBox",
            many=True,
            pages=True,
        ),
        Operation(
            "GET",
            f"{base}/names/{{number}}",
            "Name and address of a number or OIN",
            names.show_name,
            "Name",
            query=(_TYPE,),
        ),
    )
