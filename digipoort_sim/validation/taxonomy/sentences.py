"""Sentences for the rules that instances break most; all others keep Arelle's English text."""

from __future__ import annotations

from typing import Final

SENTENCES: Final = {
    "xbrl:schemaImportMissing": (
        "Het element {naam} komt in de taxonomie niet voor.",
        "The element {naam} does not exist in the taxonomy.",
    ),
    "xmlSchema:elementUnexpected": (
        "Het element {element} mag hier niet staan.",
        "The element {element} is not allowed here.",
    ),
    "xmlSchema:elementOccurrencesError": (
        "Het element {element} komt {occurrences} keer voor; minstens {minOccurs}, hoogstens {maxOccurs}.",
        "The element {element} occurs {occurrences} times; at least {minOccurs}, at most {maxOccurs}.",
    ),
    "xmlSchema:abstractElement": (
        "Het element {element} is abstract: het kan geen waarde hebben.",
        "The element {element} is abstract: it cannot have a value.",
    ),
    "xmlSchema:attributesRequired": (
        "Het element {element} mist het verplichte attribuut {attributes}.",
        "The element {element} lacks the required attribute {attributes}.",
    ),
    "xmlSchema:attributesExtraneous": (
        "Het element {element} mag het attribuut {attributes} niet hebben.",
        "The element {element} must not have the attribute {attributes}.",
    ),
    "xmlSchema:nilNonNillableElement": (
        "Het element {element} mag niet xsi:nil zijn.",
        "The element {element} must not be xsi:nil.",
    ),
    "xmlSchema:nilElementHasContent": (
        "Het element {element} is xsi:nil en heeft toch inhoud.",
        "The element {element} is xsi:nil and still has content.",
    ),
    "xbrl.4.6.1:itemContextRef": (
        "Het feit {fact} heeft geen context: contextRef ontbreekt of verwijst naar niets.",
        "The fact {fact} has no context: contextRef is missing or refers to nothing.",
    ),
    "xbrl.4.6.2:numericUnit": (
        "Het feit {fact} is een getal en heeft geen eenheid: unitRef ontbreekt of verwijst naar niets.",
        "The fact {fact} is numeric and has no unit: unitRef is missing or refers to nothing.",
    ),
    "xbrl.4.8.2:monetaryFactUnit-notSingleMeasure": (
        "Het feit {fact} is een bedrag; de eenheid {unitID} moet één valuta zijn.",
        "The fact {fact} is an amount of money; the unit {unitID} must be one currency.",
    ),
    "xbrl.4.8.2:monetaryFactUnit-notMonetaryMeasure": (
        "Het feit {fact} is een bedrag; de eenheid {unitID} moet een valuta zijn, zoals iso4217:EUR.",
        "The fact {fact} is an amount of money; the unit {unitID} must be a currency such as iso4217:EUR.",
    ),
    "xbrl.4.8.2:sharesFactUnit-notSingleMeasure": (
        "Het feit {fact} telt aandelen; de eenheid {unitID} moet xbrli:shares zijn.",
        "The fact {fact} counts shares; the unit {unitID} must be xbrli:shares.",
    ),
    "xbrl.4.8.2:sharesFactUnit-notSharesMeasure": (
        "Het feit {fact} telt aandelen; de eenheid {unitID} moet xbrli:shares zijn.",
        "The fact {fact} counts shares; the unit {unitID} must be xbrli:shares.",
    ),
    "xbrl.4.8.2:measureElement": (
        "De eenheid {unitID} heeft een maat die niet kan: {measure}.",
        "The unit {unitID} has a measure that is not possible: {measure}.",
    ),
    "xbrl.4.6.3:missingPrecisionDecimals": (
        "Het feit {fact} is een getal en moet het attribuut decimals hebben.",
        "The fact {fact} is numeric and must have the attribute decimals.",
    ),
    "xbrl.4.6.3:extraneousPrecisionDecimals": (
        "Het feit {fact} is geen getal en mag het attribuut decimals niet hebben.",
        "The fact {fact} is not numeric and must not have the attribute decimals.",
    ),
    "xbrl.4.6.3:bothPrecisionAndDecimals": (
        "Het feit {fact} mag niet decimals en precision samen hebben.",
        "The fact {fact} must not have decimals and precision together.",
    ),
    "xbrl.4.6.5:decimals": (
        "De waarde {decimals} van het attribuut decimals van {fact} is ongeldig.",
        "The value {decimals} of the attribute decimals of {fact} is not valid.",
    ),
    "xbrl.4.7.2:contextPeriodType": (
        "De periode van de context {contextID} past niet bij het feit {fact}, dat {periodType} is "
        "(instant: één datum, duration: begin en einde).",
        "The period of the context {contextID} does not fit the fact {fact}, which is {periodType} "
        "(instant: one date, duration: start and end).",
    ),
    "xbrl.4.7.2:periodStartBeforeEnd": (
        "De context {contextID} moet eindigen nadat hij begint.",
        "The context {contextID} must end after it begins.",
    ),
    "xbrl.4.7.2:contextDateError": (
        "De context {contextID} heeft een datum die niet kan: {error}.",
        "The context {contextID} has a date that is not possible: {error}.",
    ),
    "xbrl.5.2.5.2:calcInconsistency": (
        "De som klopt niet: {concept} is {reportedSum}, maar de delen zijn samen {computedSum} "
        "(context {contextID}, eenheid {unitID}).",
        "The sum is not right: {concept} is {reportedSum}, but its parts add up to {computedSum} "
        "(context {contextID}, unit {unitID}).",
    ),
    "xbrldie:PrimaryItemDimensionallyInvalidError": (
        "Het feit {fact} mag niet met de dimensies van de context {contextID} staan.",
        "The fact {fact} must not stand with the dimensions of the context {contextID}.",
    ),
    "xbrldie:ExplicitMemberUndefinedQNameError": (
        "De context {contextID} noemt voor de dimensie {dimension} het lid {value}, dat er niet is.",
        "The context {contextID} names for the dimension {dimension} the member {value}, "
        "which does not exist.",
    ),
    "xbrldie:DefaultValueUsedInInstanceError": (
        "De context {contextID} noemt voor de dimensie {dimension} het standaardlid {value}; "
        "dat moet worden weggelaten.",
        "The context {contextID} names for the dimension {dimension} the default member {value}; "
        "that must be left out.",
    ),
    "xbrldie:RepeatedDimensionInInstanceError": (
        "De context {contextID} noemt de dimensie {dimension} meer dan eens.",
        "The context {contextID} names the dimension {dimension} more than once.",
    ),
    "xbrldie:ExplicitMemberNotExplicitDimensionError": (
        "De context {contextID} noemt {value} als dimensie met leden; dat is het niet.",
        "The context {contextID} names {value} as a dimension with members, which it is not.",
    ),
    "xbrldie:TypedMemberNotTypedDimensionError": (
        "De context {contextID} noemt {value} als dimensie met een eigen waarde; dat is het niet.",
        "The context {contextID} names {value} as a dimension with a value of its own, which it is not.",
    ),
    "xbrldie:IllegalTypedDimensionContentError": (
        "De waarde van de dimensie {dimension} in de context {contextID} is ongeldig: {error}.",
        "The value of the dimension {dimension} in the context {contextID} is not valid: {error}.",
    ),
    "FileNotLoadable": (
        "Het bericht verwijst naar een document dat niet in de taxonomiepakketten zit.",
        "The message refers to a document that is not in the taxonomy packages.",
    ),
    "IOerror": (
        "Het bericht verwijst naar een document dat niet in de taxonomiepakketten zit.",
        "The message refers to a document that is not in the taxonomy packages.",
    ),
}
"""Code of Arelle: Dutch and English, with names of the record's values in braces; {naam} is the element's."""

WRONG_VALUE: Final = (
    "De waarde '{value}' van {element} is ongeldig: {reden}.",
    "The value '{value}' of {element} is not valid: {reason}.",
)
WRONG_ATTRIBUTE: Final = (
    "De waarde '{value}' van het attribuut {attribute} van {element} is ongeldig: {reden}.",
    "The value '{value}' of the attribute {attribute} of {element} is not valid: {reason}.",
)

REASONS: Final = (
    (r"pattern facet (.*)", "zij past niet bij het patroon {0}", "it does not match the pattern {0}"),
    (r"length (\d+), expected (\d+)", "zij is {0} tekens lang, niet {1}", "it has {0} characters, not {1}"),
    (r"length (\d+), minLength (\d+)", "minstens {1} tekens, niet {0}", "at least {1} characters, not {0}"),
    (r"length (\d+), maxLength (\d+)", "hoogstens {1} tekens, niet {0}", "at most {1} characters, not {0}"),
    (r"totalDigits facet (\d+)", "hoogstens {0} cijfers", "at most {0} digits"),
    (r"fraction digits facet (\d+)", "hoogstens {0} decimalen", "at most {0} decimals"),
    (r" ?> maxInclusive (.*)", "hoogstens {0}", "at most {0}"),
    (r" ?>= maxExclusive (.*)", "kleiner dan {0}", "less than {0}"),
    (r" ?< minInclusive (.*)", "minstens {0}", "at least {0}"),
    (r" ?<= minExclusive (.*)", "groter dan {0}", "more than {0}"),
    (r".* is not in .*?\[(.*)\]\)?", "zij is niet een van {0}", "it is none of {0}"),
    (r"zero is not allowed", "zij mag niet nul zijn", "it must not be zero"),
)
"""Why Arelle says that a value is wrong: pattern, Dutch, English; otherwise it is not of its type."""

NO_TYPE: Final = ("het is geen {soort}", "it is not {kind}")
TYPES: Final = {
    "decimal": ("getal met een punt als decimaalteken", "a number with a point before the decimals"),
    "integer": ("geheel getal", "a whole number"),
    "nonNegativeInteger": ("geheel getal van nul of meer", "a whole number of zero or more"),
    "positiveInteger": ("geheel getal groter dan nul", "a whole number above zero"),
    "date": ("datum (jjjj-mm-dd)", "a date (yyyy-mm-dd)"),
    "dateTime": ("datum met tijd (jjjj-mm-ddTuu:mm:ss)", "a date with a time (yyyy-mm-ddThh:mm:ss)"),
    "XBRLI_DATEUNION": ("datum (jjjj-mm-dd)", "a date (yyyy-mm-dd)"),
    "time": ("tijd (uu:mm:ss)", "a time (hh:mm:ss)"),
    "gYear": ("jaar (jjjj)", "a year (yyyy)"),
    "boolean": ("true of false", "true or false"),
    "anyURI": ("URI", "a URI"),
    "QName": ("naam met een bekende prefix", "a name with a known prefix"),
    "NCName": ("naam zonder prefix", "a name without a prefix"),
    "ID": ("naam die als id kan", "a name that can be an id"),
    "IDREF": ("naam die als id kan", "a name that can be an id"),
}
"""Simple types by what Arelle calls them: Dutch, English."""
UNSATISFIED: Final = (
    "Aan de regel {rule} van de taxonomie is niet voldaan.",
    "The rule {rule} of the taxonomy is not satisfied.",
)
OTHER: Final = ("De controle met de taxonomie ({rule}) meldt: {text}", "{text}")
PACKAGE: Final = (
    "De taxonomie zelf is niet in orde; dat ligt niet aan het bericht: {text}",
    "The taxonomy itself is not in order, which is not the message's fault: {text}",
)
