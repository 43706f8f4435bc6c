"""OIN: the number of an organisation in the serialNumber of its certificate's subject.

Twenty characters: a prefix of 8 that names the register, a main number of 8 or 9, and a suffix that
fills up. The suffix is mostly zeros; older ones end in ``001``, so others are accepted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from digipoort_sim.errors import AuthenticationRefusal, ConfigError
from digipoort_sim.pki.checkdigits import passes_eleven_test

_LENGTH = 20
_PREFIX_LENGTH = 8


@dataclass(frozen=True)
class OinPrefix:
    """One register whose numbers stand in OINs.

    Attributes:
        prefix: the first eight digits of the OIN.
        kind: a short name of the register.
        main: the form of the main number; what follows it is the suffix.
    """

    prefix: str
    kind: str
    main: re.Pattern[str]


def _prefix(prefix: str, kind: str, main: str = r"[0-9A-Za-z]{9}") -> OinPrefix:
    return OinPrefix(prefix, kind, re.compile(main))


PREFIXES: dict[str, OinPrefix] = {
    row.prefix: row
    for row in (
        _prefix("00000001", "RSIN", r"[0-9]{9}"),
        _prefix("00000002", "Fi", r"[0-9]{9}"),
        _prefix("00000003", "KvK", r"[0-9]{8}"),
        _prefix("00000004", "SubOIN", r"[0-9]{9}"),
        _prefix("00000006", "Logius"),
        _prefix("00000007", "BRIN"),
        _prefix("00000008", "foreign"),
        _prefix("00000009", "UZI"),
        _prefix("00000010", "TRR-BD"),
        _prefix("00000099", "test"),
    )
}
"""The prefixes in use, by their text."""


@dataclass(frozen=True)
class Oin:
    """The number of an organisation, taken apart.

    Attributes:
        value: all twenty characters.
        prefix: the first eight, which name the register.
        kind: the register: RSIN, Fi, KvK, SubOIN, Logius, BRIN, foreign, UZI, TRR-BD or test.
        main: the number in that register.
        suffix: what follows; normally zeros.
    """

    value: str
    prefix: str
    kind: str
    main: str
    suffix: str

    @property
    def core(self) -> str:
        """The organisation's number in its register, such as the KvK number or the RSIN."""
        return self.main

    def __str__(self) -> str:
        return self.value

    @classmethod
    def parse(cls, text: str) -> Oin:
        """Take an OIN apart.

        Raises:
            AuthenticationRefusal: it has not the form of an OIN (rules ``OIN-...``).
        """
        if len(text) != _LENGTH:
            raise _refusal("OIN-LENGTH", text, f"an OIN has {_LENGTH} characters, this has {len(text)}")
        row = PREFIXES.get(text[:_PREFIX_LENGTH])
        if row is None:
            raise _refusal("OIN-PREFIX", text, f"the prefix is none of {', '.join(PREFIXES)}")
        match = row.main.match(text, _PREFIX_LENGTH)
        if match is None:
            raise _refusal("OIN-MAIN", text, f"what follows the prefix is no {row.kind} number")
        main, suffix = match[0], text[match.end() :]
        if not main.strip("0"):
            raise _refusal("OIN-MAIN", text, "the main number is all zeros")
        if not (suffix.isascii() and suffix.isdigit()):
            raise _refusal("OIN-SUFFIX", text, f"the suffix {suffix!r} is not digits")
        return cls(text, row.prefix, row.kind, main, suffix)

    @classmethod
    def from_number(cls, kind: str, number: str) -> Oin:
        """Make the OIN of a number that a user gave.

        Args:
            kind: ``kvk``, ``rsin``, ``fi``, ``test`` or ``oin``, in any case.
            number: 8 digits (kvk), 9 digits that pass the 11-test (rsin, fi), up to 9 letters and
                digits (test) or a whole OIN.

        Raises:
            ConfigError: the number has not the form of its kind, or there is no such kind.
        """
        form = _FORMS.get(kind.lower())
        if form is None:
            raise ConfigError(f"{kind!r} is not one of {', '.join(_FORMS)}", rule="OIN-KIND")
        if not form.good(number):
            raise ConfigError(f"{number!r} is not {form.must_be}", rule="OIN-NUMBER")
        try:
            return cls.parse(form.whole(number))
        except AuthenticationRefusal as refusal:
            raise ConfigError(refusal.detail, rule=refusal.rule) from None

    @classmethod
    def from_kvk(cls, number: str) -> Oin:
        """The OIN of a company by its KvK number of 8 digits."""
        return cls.from_number("kvk", number)

    @classmethod
    def from_rsin(cls, number: str) -> Oin:
        """The OIN of an organisation by its RSIN of 9 digits."""
        return cls.from_number("rsin", number)

    @classmethod
    def from_fi(cls, number: str) -> Oin:
        """The OIN of a foreign business by its fiscaal nummer of 9 digits."""
        return cls.from_number("fi", number)

    @classmethod
    def from_test(cls, number: str) -> Oin:
        """A test OIN (prefix 00000099), which anyone may use."""
        return cls.from_number("test", number)


@dataclass(frozen=True)
class _Form:
    """How a number that a user gives becomes an OIN."""

    must_be: str
    good: Callable[[str], bool]
    whole: Callable[[str], str]


def _is_nine(number: str) -> bool:
    return re.fullmatch(r"[0-9]{9}", number) is not None and passes_eleven_test(number)


def _is_kvk(number: str) -> bool:
    return re.fullmatch(r"(?!00)[0-9]{8}", number) is not None


def _is_test(number: str) -> bool:
    return re.fullmatch(r"[0-9A-Za-z]{1,9}", number) is not None


_FORMS = {
    "kvk": _Form("a KvK number: 8 digits, not starting with 00", _is_kvk, "00000003{}0000".format),
    "rsin": _Form("an RSIN: 9 digits that pass the 11-test", _is_nine, "00000001{}000".format),
    "fi": _Form("a fiscaal nummer: 9 digits that pass the 11-test", _is_nine, "00000002{}000".format),
    "test": _Form("a test number: 1 to 9 letters and digits", _is_test, "00000099{:0>9}000".format),
    "oin": _Form("an OIN", lambda number: True, str),
}


def _refusal(rule: str, text: str, why: str) -> AuthenticationRefusal:
    return AuthenticationRefusal(f"{text[:40]!r} is not an OIN: {why}", rule=rule)
