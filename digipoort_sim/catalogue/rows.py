"""The kinds of line that the catalogue has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Provenance = Literal["recorded", "published", "inferred", "simulator"]
"""How sure we are: seen, stated in public, concluded, or chosen by the simulator."""


@dataclass(frozen=True)
class StatusCode:
    """A status of a process.

    Attributes:
        code: the statuscode on the wire.
        omschrijving: the statusomschrijving on the wire, with its final period.
        final: whether the process ends with it.
        foutcode: the statusFoutcode that goes with it once it is final; empty if none.
    """

    code: str
    omschrijving: str
    provenance: Provenance
    final: bool = False
    foutcode: str = ""
    note: str = ""


@dataclass(frozen=True)
class Fault:
    """A foutcode, of a SOAP fault or in a statusFoutcode.

    Attributes:
        text: the foutbeschrijving; ``{melding}`` stands where the message goes.
    """

    code: str
    text: str
    provenance: Provenance
    note: str = ""


@dataclass(frozen=True)
class Agency:
    """A receiver of messages (uitvragende partij).

    Attributes:
        key: our short name of it, such as ``belastingdienst``.
        oin: its OIN, used in identiteitOntvanger and file names.
        open_to_foreign: whether foreign businesses may exchange messages with it.
    """

    key: str
    name: str
    oin: str
    provenance: Provenance
    open_to_foreign: bool = False


@dataclass(frozen=True)
class Berichtsoort:
    """A kind of message: which process it starts, who receives it, what its content must be.

    Attributes:
        agency: key of the receiving agency.
        form: what the content is checked as.
        entrypoint: regular expression for the file name of the schemaRef; empty if not XBRL.
        identity_types: types that identiteitBelanghebbende may have; empty = any known type.
        identity_scheme: scheme of the XBRL entity identifier that holds the identity.
        identity_xpath: XPath of the identity in content that is XML but not XBRL.
        attachments: how many bijlagen may go with it.
        attachment_types: mimeTypes that they may have; empty = any.
        root: regular expression for the root element of content that is XML, as ``{namespace}name``.
        schema: XSD for content that is XML, relative to the folder of schemas (the user's, or ``schemas/``);
            ``{jaar}`` is the year in the root's namespace, ``{versie}`` its attribute version.
        validators: names of the checks of its content, in their order; empty = those of the form.
        mandate: which mandate message it is, if it is one.
        direction: ``in`` if parties deliver it, ``out`` if they fetch it.
        dienst: for fetched messages: the dienst (without year) whose mandate opens them.
        kind: for fetched messages: ``kennisgeving`` if it is one; empty for ``mededeling`` (s).
        flow: key of the flow that it belongs to; empty if none is known.
        interfaces: doors that it goes by, in place of those of its flow.
        domestic_only: whether neither foreign businesses may deliver it, nor others on their behalf.
        authenticates: whether the process has step 200.
        requires_ausp: whether an autorisatieAdres of a registered AuSP must be given; else 220.
        answers: whether the agency answers (500 or 510); without an answer 400 is final.
        rejected_with: the status when the agency rejects; 710 is that of a process not known publicly.
        failed_with: the status when the agency fails for good; 720 likewise.
        step_delay_seconds: time between two steps, by the simulator's clock.
    """

    name: str
    agency: str
    provenance: Provenance
    form: Literal["xbrl", "xml", "any", "mandate", "report-package"] = "any"
    entrypoint: str = ""
    identity_types: tuple[str, ...] = ()
    identity_scheme: str = ""
    identity_xpath: str = ""
    mime_types: tuple[str, ...] = ()
    attachments: int = 0
    attachment_types: tuple[str, ...] = ()
    root: str = ""
    schema: str = ""
    validators: tuple[str, ...] = ()
    mandate: Literal["", "opvoeren", "activeren", "intrekken", "opvragen"] = ""
    direction: Literal["in", "out"] = "in"
    dienst: str = ""
    kind: Literal["", "mededeling", "kennisgeving"] = ""
    flow: str = ""
    interfaces: tuple[str, ...] = ()
    domestic_only: bool = False
    authenticates: bool = True
    requires_ausp: bool = False
    answers: bool = True
    rejected_with: Literal["510", "710"] = "510"
    failed_with: Literal["410", "720"] = "410"
    step_delay_seconds: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Dienst:
    """A digital service for which a mandate can be registered.

    Attributes:
        code: the service code without its year, such as ``SBA_IB``.
        term: per tax year, once, or continuous.
        consent: active by silence (opt-out) or by a code from the letter.
        first_year: the first year that can be asked for; 0 if bounded by `years_back`.
        years_back: how many years before the present one can be asked for.
        years_ahead: how many years after the present one can be asked for.
        client_types: types of number by which the client may be named.
        clients: who may have it, in English, where the types do not say all; stands in refusals.
        exclusive: whether only one gemachtigde at a time can have it.
        berichtsoort: the berichtsoort of its service messages; empty if it has none of its own.
        reference_dates: of a continuous one: month-day, the service code that is registered on that day,
            and how many years ahead (``12-01 VIA 0``).
        extended_on: of a yearly one: month-day on which the older scheme (MAU, a setting) extends an active
            registration of that year to the next (``08-01``); empty if it never does.
        message_form: what those messages are, where there is a `berichtsoort`.
        letter_text: what the gemachtigde gets under it, in plain Dutch, for the letter to the client; the
            letter goes without where it is empty.
        name_en: its name in the English portal, for a service of one's own; the portal has its own words for
            the published ones.
    """

    code: str
    name: str
    agency: str
    term: Literal["year", "once", "continuous"]
    consent: Literal["opt-out", "code"]
    client_types: tuple[str, ...]
    provenance: Provenance
    first_year: int = 0
    years_back: int = 0
    years_ahead: int = 1
    clients: str = ""
    exclusive: bool = False
    berichtsoort: str = ""
    message_form: Literal["xbrl", "xml", "pdf"] = "xml"
    reference_dates: tuple[str, ...] = ()
    extended_on: str = ""
    letter_text: str = ""
    name_en: str = ""
    note: str = ""


@dataclass(frozen=True)
class MandateOutcome:
    """How the register's answer shows in the statuses of a mandate message.

    Attributes:
        key: the register's own name of the outcome or refusal.
        statuscode: 500, or of a refusal 510 or, as of a process not known publicly, 710.
        text: statusomschrijving for a good one, else the Dutch reason.
        text_en: the reason in English.
        code: the code that goes with a refusal.
    """

    key: str
    statuscode: Literal["500", "510", "710"]
    text: str
    text_en: str
    provenance: Provenance
    code: str = ""

    @property
    def good(self) -> bool:
        """Whether the register did what was asked."""
        return self.statuscode == "500"


@dataclass(frozen=True)
class ScenarioStep:
    """One status that a scenario sets.

    Attributes:
        after_seconds: how long after the step before it, by the simulator's clock; 0 = 10 ms later.
        details: key of a document for statusdetails, such as ``responsemessage``.
    """

    statuscode: str
    after_seconds: float = 0.0
    foutcode: str = ""
    details: str = ""


@dataclass(frozen=True)
class Scenario:
    """A scenario of the Aansluit Suite, chosen by the value of aanleverkenmerk.

    Attributes:
        fault_on: the service that answers a SOAP fault; empty if none.
        busy_on: the service that answers slowly (zwaarbelast) or not at all (overbelast).
        steps: the statuses of an accepted delivery.
    """

    aanleverkenmerk: str
    provenance: Provenance
    summary: str
    steps: tuple[ScenarioStep, ...] = ()
    fault_on: Literal["", "aanleverservice", "statusinformatieservice"] = ""
    busy_on: Literal["", "aanleverservice", "statusinformatieservice"] = ""
    overloaded: bool = False


@dataclass(frozen=True)
class FileScenario:
    """A fault of the file door that a file asks for by its name.

    Attributes:
        volgnummer: the number that stands for it in names without aanleverkenmerk; 0 if there is none.
        kind: the fault, as in ``digipoort-sim ftp fault kinds``; the fields below are its parameters, and
            empty ones those that are not given.
        times: how many times it strikes for one file; 0 = each time.
    """

    aanleverkenmerk: str
    provenance: Provenance
    summary: str
    kind: str
    volgnummer: int = 0
    times: int = 1
    command: str = ""
    after_bytes: int = 0
    seconds: float = 0.0
    bytes_per_second: int = 0
    how: str = ""
    text: str = ""
    plain: bool = False


@dataclass(frozen=True)
class Flow:
    """A line of the table "Berichtenstromen": which flow goes by which interface.

    Attributes:
        agency: who asks for it, in words; the berichtsoorten say which receiver of ours stands in.
        interface: what the table says.
        interfaces: the doors that this means: ``wus``, ``ftp``; empty if it is not simulated.
        tolerated: further doors that the simulator lets it through by, with an event that warns.
    """

    key: str
    agency: str
    flow: str
    interface: str
    provenance: Provenance
    interfaces: tuple[str, ...] = ()
    tolerated: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class OinRegister:
    """A register whose numbers stand in OINs, known by the first eight digits.

    Attributes:
        prefix: those digits.
        kind: short name of the register.
        text: what its numbers are, in Dutch.
        text_en: the same in English.
        foreign: whether who has such an OIN is on the foreign route.
    """

    prefix: str
    kind: str
    text: str
    text_en: str
    provenance: Provenance
    foreign: bool = False


@dataclass(frozen=True)
class FiscalRule:
    """A rule of the sums about fiscal representatives: the security and the liability.

    Attributes:
        text: the rule in Dutch.
        text_en: the rule in English.
        value: its figure (a percentage, euros, years) or ``ja``/``nee``; empty if it has none.
    """

    key: str
    text: str
    text_en: str
    provenance: Provenance
    value: str = ""


@dataclass(frozen=True)
class Rule:
    """A rule that a door judges by, as faults, events and ``explain`` name it.

    Attributes:
        id: its stable name, such as ``WSS-COVERAGE``.
        summary: what is expected.
        mend: what to do when it is not so.
        source: where the rule comes from.
        severity: ``warning`` if no door refuses for it: only ``explain`` tells it, or an event.
        replies: of a rule of the file door: the FTP reply codes with which it refuses.
    """

    id: str
    provenance: Provenance
    summary: str
    mend: str
    source: str
    severity: Literal["error", "warning"] = "error"
    replies: tuple[str, ...] = ()
