"""What to do about a reply of the file door that says no, in two languages."""

from __future__ import annotations

from typing import Literal

from digipoort_sim.client.faults import FaultError
from digipoort_sim.client.files import ReplyError

Language = Literal["nl", "en"]

_ADVICE: dict[int, tuple[str, str]] = {
    421: (
        "The server ended the session; try again in a moment. Why: digipoort-sim events list",
        "De server heeft de sessie beëindigd; probeer het zo weer. Waarom: digipoort-sim events list",
    ),
    425: (
        "No data connection came about: is the passive port range open between you and the server?",
        "Er kwam geen dataverbinding tot stand: staat de passieve poortreeks open?",
    ),
    426: (
        "The transfer was cut off; go on with --resume.",
        "De overdracht is afgebroken; ga door met --resume.",
    ),
    451: ("Trouble in the server; try again.", "Storing in de server; probeer het opnieuw."),
    452: (
        "The server has no room left; try again later.",
        "De server heeft geen ruimte meer; probeer later.",
    ),
    522: (
        "The data connection must show the same certificate, and reuse the TLS session if the profile asks.",
        "De dataverbinding moet hetzelfde certificaat tonen, en de TLS-sessie hergebruiken als het profiel "
        "dat wil.",
    ),
    530: (
        "Which one does not, or whether the account is locked: digipoort-sim events list; to unlock it: "
        "digipoort-sim ftp account unlock USER",
        "Wat niet klopt, of dat het account geblokkeerd is: digipoort-sim events list; deblokkeren: "
        "digipoort-sim ftp account unlock USER",
    ),
    550: (
        "There is no such file, or it may not be done there. What there is: digipoort-sim ftp ls",
        "Dat bestand is er niet, of het mag daar niet. Wat er is: digipoort-sim ftp ls",
    ),
    552: (
        "The file, or all of /in together, is too large; the limits are those of the interface's profile.",
        "Het bestand, of heel /in samen, is te groot; de grenzen staan in het profiel van de interface.",
    ),
    553: (
        "Give it another name (--name), one that follows the interface's rule and was not used before.",
        "Geef het een andere naam (--name), volgens de regel van de interface en niet eerder gebruikt.",
    ),
}


def told(fault: FaultError, lang: Language) -> str:
    """A refusal in one line, and for a reply of the file door what to do."""
    advice = _ADVICE.get(fault.code) if isinstance(fault, ReplyError) else None
    if advice is None:
        return str(fault)
    text = str(fault)
    return f"{text}{'' if text.endswith('.') else '.'} {advice[0 if lang == 'en' else 1]}"
