"""What a letter says, sentence by sentence, in plain Dutch; its forms (HTML, PDF, text) only lay it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.letters.wording import Wording, dutch_day

MARK = "SIMULATIE: gemaakt door digipoort-sim. Dit is geen echte brief en hij heeft geen waarde."
FORM_TITLE = "Afwijzen/intrekken machtigingsregistratie"
RETURN_ADDRESS = (
    "Logius, Machtigingenregister Digipoort (simulatie)",
    "Postbus 0",
    "0000 AA  Nergenshuizen",
)
"""Where the form goes; no such place exists."""

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it.

    Attributes:
        points: a list that follows the first paragraphs.
        after: paragraphs behind the list.
        shows_code: whether the activation code and the QR code stand at its end.
    """

    heading: str
    paragraphs: tuple[str, ...]
    points: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    shows_code: bool = False


@dataclass(frozen=True, slots=True)
class ReturnForm:
    """The form to return, on a page of its own.

    Attributes:
        choices: boxes to tick.
        lines: what is to be filled in.
        testers: how to do in the simulator what returning does.
    """

    title: str
    intro: tuple[str, ...]
    facts: Facts
    choices: tuple[str, ...]
    lines: tuple[str, ...]
    address: tuple[str, ...]
    testers: str


@dataclass(frozen=True, slots=True)
class Content:
    """A whole letter.

    Attributes:
        mark: says on every page that this is a simulation.
        sender: the agency's name and its address.
        reference: date, reference and the like, beside the address.
        recipient: lines of the address window.
        code: the activation code; None in an opt-out letter.
    """

    mark: str
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    reference: Facts
    title: str
    salutation: str
    intro: tuple[str, ...]
    facts: Facts
    sections: tuple[Section, ...]
    closing: tuple[str, ...]
    form: ReturnForm
    code: str | None


def content(brief: Wording, catalogue: Catalogue) -> Content:
    """The letter that goes with these values."""
    return Content(
        mark=MARK,
        sender=(f"{brief.afzender} (simulatie)", "Postbus 0, 0000 AA  Nergenshuizen"),
        recipient=(brief.client.name, *brief.client.address.lines),
        reference=(
            ("Datum", brief.datum),
            ("Ons kenmerk", brief.kenmerk),
            ("Onderwerp", "registratie van een machtiging"),
        ),
        title=_title(brief),
        salutation="Geachte heer of mevrouw,",
        intro=_intro(brief),
        facts=_facts(brief),
        sections=(_consent(brief), _refusal(brief), _length(brief, catalogue), _stopping(brief)),
        closing=("Met vriendelijke groet,", f"{brief.afzender} (simulatie)"),
        form=_form(brief),
        code=brief.activatie_token,
    )


def _title(brief: Wording) -> str:
    if brief.verlenging:
        return f"Uw machtiging voor {brief.kantoor.name} wordt verlengd"
    return f"{brief.kantoor.name} vraagt een machtiging"


def _intro(brief: Wording) -> tuple[str, ...]:
    if brief.verlenging and brief.jaar is not None:
        return (
            f"{brief.kantoor.name} is uw gemachtigde voor het {brief.soort_jaar} {brief.jaar - 1}. Wij "
            f"willen deze machtiging verlengen met het jaar {brief.jaar}. Uw gemachtigde mag dan ook over "
            "dat jaar digitale berichten ophalen die voor u zijn.",
            "In deze brief leest u wat u moet doen als u het hiermee eens bent, of juist niet.",
        )
    return (
        f"{brief.kantoor.name} wil uw gemachtigde worden. Een gemachtigde mag digitale berichten ophalen die "
        "voor u zijn.",
        "In deze brief leest u om welke berichten het gaat. Ook leest u wat u moet doen als u het hiermee "
        "eens bent, of juist niet.",
    )


def _facts(brief: Wording) -> Facts:
    rows = [
        ("Gemachtigde", brief.kantoor.name),
        ("Nummer gemachtigde", brief.kantoor_nummer),
        ("Dienst", f"{brief.dienst.name} ({brief.dienst_code})"),
    ]
    if brief.dienst.letter_text:
        rows.append(("Uw gemachtigde krijgt", brief.dienst.letter_text))
    rows.append(_period(brief))
    rows.append((f"Uw {brief.nummer_naam}", brief.nummer))
    return tuple(rows)


def _period(brief: Wording) -> tuple[str, str]:
    if brief.jaar is not None:
        return brief.soort_jaar.capitalize(), str(brief.jaar)
    if brief.dienst.term == "continuous":
        return "Periode", "doorlopend, voor de komende jaren"
    return "Periode", "tot u of uw gemachtigde de machtiging intrekt"


def _consent(brief: Wording) -> Section:
    heading = "Bent u het hiermee eens?"
    if brief.activatie_token is None:
        return Section(
            heading,
            (
                f"Dan hoeft u niets te doen. De machtiging gaat vanzelf in op {brief.ingangsdatum}. Dat is "
                f"{brief.termijn} na de datum van deze brief.",
            ),
        )
    return Section(
        heading,
        (
            "Geef dan de activatiecode aan uw gemachtigde, of laat de QR-code scannen. Uw gemachtigde stuurt "
            "de code naar het register. Vanaf dat moment geldt de machtiging.",
            f"De code is {brief.termijn} geldig: tot en met {brief.laatste_dag}.",
        ),
        shows_code=True,
    )


def _refusal(brief: Wording) -> Section:
    heading = "Bent u het er niet mee eens?"
    if brief.activatie_token is None:
        return Section(
            heading,
            (
                "Stuur dan deze brief of het formulier op de laatste bladzijde terug. Zorg dat het uiterlijk "
                f"op {brief.laatste_dag} binnen is. De machtiging gaat dan niet in.",
            ),
        )
    return Section(
        heading,
        (
            "Geef de code dan aan niemand. U hoeft verder niets te doen: zonder code gaat de machtiging niet "
            "in. U mag ook deze brief of het formulier op de laatste bladzijde terugsturen.",
        ),
    )


def _length(brief: Wording, catalogue: Catalogue) -> Section:
    heading = "Hoe lang geldt de machtiging?"
    if brief.jaar is not None:
        return Section(heading, (_year_bound(brief),))
    if brief.dienst.term == "continuous":
        return _continuous(heading, brief, catalogue)
    only = f" Zij geldt alleen voor {brief.nummer_naam} {brief.nummer}."
    return Section(
        heading,
        (
            "U geeft deze machtiging één keer. Zij blijft geldig tot u of uw gemachtigde haar intrekt."
            + (only if brief.dienst.agency == "uwv" else ""),
        ),
    )


def _year_bound(brief: Wording) -> str:
    year = f"De machtiging geldt alleen voor het {brief.soort_jaar} {brief.jaar}. "
    if brief.dienst.extended_on and brief.verlenging:
        return year + "Wordt zij daarna weer verlengd? Dan krijgt u daarover een nieuwe brief."
    return (
        year + "Voor een ander jaar is een nieuwe machtiging nodig. Daarover krijgt u dan een nieuwe brief."
    )


def _continuous(heading: str, brief: Wording, catalogue: Catalogue) -> Section:
    return Section(
        heading,
        (
            "Deze machtiging is doorlopend. Zij geldt tot u of uw gemachtigde haar intrekt. Het register "
            "maakt er elk jaar vanzelf deze machtigingen bij, en u krijgt daar geen brief meer over:",
        ),
        tuple(_reference_dates(brief, catalogue)),
        (
            "Voor andere jaren geldt deze machtiging niet. Trekt u haar in? Dan blijven de machtigingen per "
            "jaar die er al zijn, bestaan. Die trekt u apart in.",
        ),
    )


def _reference_dates(brief: Wording, catalogue: Catalogue) -> Iterator[str]:
    for entry in sorted(brief.dienst.reference_dates):
        day, code, ahead = entry.split()
        month, number = (int(part) for part in day.split("-"))
        which = "dat jaar" if int(ahead) == 0 else "het jaar daarna"
        yield f"op {dutch_day(month, number)}: {catalogue.diensten[code].name}, voor {which}."


def _stopping(brief: Wording) -> Section:
    return Section(
        "Wilt u later stoppen?",
        (
            "U kunt een machtiging altijd intrekken. Dat werkt meteen. U doet dit in het "
            "Machtigingenregister van Digipoort, met het formulier op de laatste bladzijde, of u vraagt het "
            "uw gemachtigde. Hebt u meer machtigingen? Dan trekt u iedere machtiging apart in.",
        ),
    )


def _form(brief: Wording) -> ReturnForm:
    return ReturnForm(
        title=FORM_TITLE,
        intro=(
            "Met dit formulier laat u weten dat u een machtiging niet wilt, of niet meer wilt. Gebruik per "
            "machtiging één formulier. Stuur het met een postzegel naar het adres hieronder.",
        ),
        facts=(
            ("Kenmerk van de brief", brief.kenmerk),
            ("Naam", brief.client.name),
            (brief.nummer_naam[0].upper() + brief.nummer_naam[1:], brief.nummer),
            ("Gemachtigde", brief.kantoor.name),
            ("Nummer gemachtigde", brief.kantoor_nummer),
            ("Dienst", f"{brief.dienst.name} ({brief.dienst_code})"),
            _period(brief),
        ),
        choices=(
            "De machtiging geldt nog niet: ik wijs de registratie af.",
            "De machtiging geldt al: ik trek de registratie in.",
        ),
        lines=("Datum", "Plaats", "Handtekening"),
        address=RETURN_ADDRESS,
        testers="Voor testers: in de simulatie stuurt u dit formulier op met het commando "
        f"digipoort-sim letters return {brief.kenmerk}",
    )
