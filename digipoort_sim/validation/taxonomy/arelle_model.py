"""Arelle itself, as one taxonomy process uses it: set up once, a taxonomy loaded once, many instances.

Only this module and `report_loading` import Arelle, inside their functions: it must never reach the server.
"""

from __future__ import annotations

import gc
import logging
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from digipoort_sim.validation.taxonomy.guard import Guard
from digipoort_sim.validation.taxonomy.records import UNSATISFIED, Recorder
from digipoort_sim.validation.taxonomy.report_loading import REPORT, open_report, prepare_reports

INSTANCE: Final = "bericht.xbrl"
"""Name of the file in which an instance is given to Arelle; its folder is the current one."""
MAXIMUM_TAXONOMIES: Final = 12
"""So many taxonomies a process keeps loaded."""

LANGUAGES: Final = ("nl", "en")
"""The languages in which the message of an assertion comes, in this order."""

_NL_PLUGIN = "validate/NL"
_ABOUT_FACTS = ("_facts", "_nonNilFacts", "_dimensionsInUse")
_NOT_LOADED = ("FileNotLoadable", "IOerror", "xmlSchema:syntax", "xmlSyntax:")


class PackageBrokenError(Exception):
    """The taxonomy of an entry point cannot be loaded from its package."""


@dataclass
class LoadedTaxonomy:
    """A taxonomy in memory.

    Args:
        model: Arelle's model of it.
        problems: what Arelle has against the taxonomy itself.
    """

    model: Any
    problems: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.documents = frozenset(self.model.urlDocs.values())


class ArelleModel:
    """One controller of Arelle with the packages, and the taxonomies that were asked for last.

    Args:
        packages: paths of the taxonomy packages.
        guard: rests while Arelle's own parts are loaded, watches while contents of others are.
    """

    def __init__(self, packages: Sequence[str], guard: Guard) -> None:
        from arelle.Cntlr import Cntlr
        from arelle.ModelFormulaObject import FormulaOptions
        from arelle.ValidateXbrlCalcs import ValidateCalcsMode

        self._guard = guard
        self._taxonomies: OrderedDict[tuple[str, str], LoadedTaxonomy] = OrderedDict()
        self._recorder = Recorder((INSTANCE,))
        self._file = INSTANCE
        self._cntlr = Cntlr(uiLang="en", disable_persistent_config=True)
        self._cntlr.webCache.workOffline = True
        self._start_logging()
        self._manager = self._cntlr.modelManager
        self._manager.formulaOptions = FormulaOptions()
        self._manager.loadCustomTransforms()
        self._manager.validateCalcs = ValidateCalcsMode.XBRL_v2_1
        _speak_both_languages()
        _count_decimals_that_say_something()
        for package in packages:
            self._cntlr.packages.add(package)
        self._cntlr.packages.rebuild()

    def given(self, content: bytes) -> None:
        """Put a content where Arelle finds it: an instance, or (a zip) a report package."""
        self._file = REPORT if content.startswith(b"PK") else INSTANCE
        Path(self._file).write_bytes(content)

    def taxonomy(self, entrypoint: str, system: str) -> LoadedTaxonomy:
        """The taxonomy of an entry point, loaded if it is not yet.

        Args:
            system: name of the disclosure system whose rules are looked at later; empty for none.

        Raises:
            PackageBrokenError: a document of it cannot be read.
        """
        key = entrypoint, system
        if key not in self._taxonomies:
            self._choose(system)
            self._guard.armed = True
            try:
                self._taxonomies[key] = self._loaded(entrypoint)
            finally:
                self._guard.armed = False
            while len(self._taxonomies) > MAXIMUM_TAXONOMIES:
                _, oldest = self._taxonomies.popitem(last=False)
                self._manager.close(oldest.model)
            gc.collect()
            gc.freeze()  # what is shared with the processes that are forked stays shared
        self._taxonomies.move_to_end(key)
        return self._taxonomies[key]

    def records(self, taxonomy: LoadedTaxonomy, system: str) -> list[dict[str, Any]]:
        """All that Arelle has against the content that was `given` last.

        The taxonomy is changed by it: to be called in a process that is forked for it, and ends.
        """
        from arelle import ModelDocument, ModelXbrl, Validate

        self._choose(system)
        if self._file == REPORT:
            prepare_reports(self._manager)
        self._guard.armed = True
        self._recorder.taken()
        model = taxonomy.model
        self._manager.modelXbrl = model
        _forget_facts(model)
        model.modelDocument = ModelDocument.load(model, self._entry(model), isEntry=True)
        if model.modelDocument is None and self._file == REPORT:
            raise ValueError(f"the report cannot be loaded: {self._recorder.taken()[:3]}")
        with suppress(AttributeError):
            del model.entryLoadingUrl
        ModelXbrl.loadSchemalocatedSchemas(model)
        for hook in self._cntlr.plugins.hooks("ModelXbrl.LoadComplete"):
            hook(model)
        _pass_over(taxonomy.documents)
        Validate.validate(model)
        return self._recorder.taken()

    def _entry(self, model: Any) -> str:
        """What is to be loaded; its file is opened for the model, its names are known to the recorder."""
        from arelle.FileSource import FileSource

        if self._file == REPORT:
            entry, self._recorder.instances = open_report(self._cntlr, model)
            return entry
        model.fileSource = FileSource(INSTANCE, self._cntlr)
        return INSTANCE

    def _start_logging(self) -> None:
        """Arelle's messages go to the recorder and nowhere else."""
        logger = logging.getLogger("arelle")
        for handler in logger.handlers[:]:
            logger.removeHandler(handler)
        logger.propagate = False
        logger.setLevel(logging.INFO)
        logger.addHandler(self._recorder)
        for name in ("messageCodeFilter", "messageLevelFilter", "logRefObjectProperties"):
            setattr(logger, name, None)
        self._cntlr.logger, self._cntlr.logHandler = logger, self._recorder

    def _choose(self, system: str) -> None:
        """Let a disclosure system of the NL plugin take part, or none."""
        if system and not any(self._cntlr.plugins.hooks("DisclosureSystem.Types")):
            from arelle import PluginManager

            PluginManager.addPluginModule(_NL_PLUGIN)
            PluginManager.reset()
            self._manager.customTransforms = None
            self._manager.loadCustomTransforms()
        self._manager.validateDisclosureSystem = bool(system)
        self._manager.disclosureSystem.select(system or None)

    def _loaded(self, entrypoint: str) -> LoadedTaxonomy:
        from arelle import Validate

        self._recorder.taken()
        model = self._manager.load(entrypoint, "")
        problems = self._recorder.taken()
        missing = [problem for problem in problems if problem["code"].startswith(_NOT_LOADED)]
        if model.modelDocument is None or missing:
            self._manager.close(model)
            raise PackageBrokenError("; ".join(problem["text"] for problem in (missing or problems)[:5]))
        self._manager.validateDisclosureSystem = False  # its rules are about instances, as formulas are
        self._manager.formulaOptions.compileOnly = True
        Validate.validate(model)
        self._manager.formulaOptions.compileOnly = False
        return LoadedTaxonomy(model, [*problems, *self._recorder.taken()])


def _forget_facts(model: Any) -> None:
    """Take away what Arelle has remembered about facts: when the taxonomy was loaded there were none."""
    model._contextsInUseMarked = model._unitsInUseMarked = False
    for name in [name for name in vars(model) if name.startswith(_ABOUT_FACTS)]:
        delattr(model, name)


def _pass_over(documents: frozenset[Any]) -> None:
    """Documents of the taxonomy were looked at when it was loaded: only others are from now on."""
    from arelle import ValidateXbrlDTS

    check = ValidateXbrlDTS.checkDTS

    def check_others(validation: Any, document: Any, checked: set[Any]) -> None:
        checked |= documents
        check(validation, document, checked)

    ValidateXbrlDTS.checkDTS = check_others


def _count_decimals_that_say_something() -> None:
    """Zeros at the end of a fraction are no digits of a value (XSD, fractionDigits); Arelle counts them."""
    from arelle import XmlValidate

    XmlValidate.validateValue = _without_zeros(XmlValidate.validateValue)


def _without_zeros(original: Any) -> Any:
    def validate_value(
        model: Any,
        element: Any,
        attribute: Any,
        kind: Any,
        value: Any,
        nillable: bool = False,
        nil: bool = False,
        facets: Any = None,
    ) -> None:
        if facets and "fractionDigits" in facets:
            digits = value.strip().partition(".")[2].rstrip("0")
            if len(digits) <= facets["fractionDigits"]:
                facets = {name: facet for name, facet in facets.items() if name != "fractionDigits"}
        original(model, element, attribute, kind, value, nillable, nil, facets)

    return validate_value


def _speak_both_languages() -> None:
    """The message of an assertion that is not satisfied comes in Dutch and in English at once."""
    from arelle import ModelFormulaObject

    for kind in (ModelFormulaObject.ModelVariableSetAssertion, ModelFormulaObject.ModelConsistencyAssertion):
        kind.message = _in_both_languages(kind.message)


def _in_both_languages(original: Any) -> Any:
    def message(assertion: Any, satisfied: bool, preferred: str = "*", lang: str | None = None) -> Any:
        if satisfied or lang is not None or not (assertion.id or assertion.xlinkLabel):
            return original(assertion, satisfied, preferred, lang)
        if original(assertion, satisfied, preferred) is None:
            return _Bilingual([_Label(assertion.genLabel(lang=language)) for language in LANGUAGES])
        return _Bilingual([original(assertion, satisfied, preferred, language) for language in LANGUAGES])

    return message


@dataclass
class _Label:
    """The label of an assertion that has no message."""

    text: str | None

    def evaluate(self, _: Any, **__: Any) -> str:
        return self.text or ""


@dataclass
class _Bilingual:
    """The messages of one assertion, evaluated together."""

    messages: list[Any]

    def evaluate(self, context: Any, **arguments: Any) -> str:
        texts = (
            "" if message is None else str(message.evaluate(context, **arguments))  # an element can be falsy
            for message in self.messages
        )
        return UNSATISFIED + UNSATISFIED.join(texts)
