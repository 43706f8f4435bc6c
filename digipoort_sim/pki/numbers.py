"""Identification numbers: their forms and tests, and the number and type that a message carries."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from digipoort_sim.errors import AuthenticationRefusal, IdentityRefusal
from digipoort_sim.pki.checkdigits import passes_becon_test, passes_eleven_test, passes_mod_97
from digipoort_sim.pki.oin import Oin

_SHOWN = 40


def _anything(number: str) -> bool:
    return True


def _eleven(number: str) -> bool:
    return passes_eleven_test(number[:9])


def _eleven_or_zeros(number: str) -> bool:
    # Real clients use 000000000L01 in their tests, so zeros are let through for this number only.
    return number.startswith("0" * 9) or _eleven(number)


@dataclass(frozen=True)
class NumberKind:
    """One kind of identification number.

    Attributes:
        name: how it is written, also as `type` in a message.
        form: the whole text must match it.
        must_be: the form in words.
        test: the check digits' test, for text of the right form.
        failed: the test in words.
    """

    name: str
    form: re.Pattern[str]
    must_be: str
    test: Callable[[str], bool] = _anything
    failed: str = ""


def _kind(
    name: str, form: str, must_be: str, test: Callable[[str], bool] = _anything, failed: str = ""
) -> tuple[str, NumberKind]:
    return name.lower(), NumberKind(name, re.compile(form), must_be, test, failed)


_NINE = "the 11-test (9a+8b+7c+6d+5e+4f+3g+2h-1i is a multiple of 11, not all zeros)"
_OB_SHORT = r"[0-9]{9}(B(?!00)[0-9]{2})?"
_OB_SHORT_WORDS = "9 digits, or 9 digits, B and 01 to 99"

KINDS: dict[str, NumberKind] = dict(
    (
        _kind("BSN", r"[0-9]{9}", "9 digits", _eleven, _NINE),
        _kind("RSIN", r"[0-9]{9}", "9 digits", _eleven, _NINE),
        _kind("Fi", _OB_SHORT, _OB_SHORT_WORDS, _eleven, _NINE),
        _kind("BTW", _OB_SHORT, _OB_SHORT_WORDS, _eleven, _NINE),
        _kind("LHnr", r"[0-9]{9}L(?!00)[0-9]{2}", "9 digits, L and 01 to 99", _eleven_or_zeros, _NINE),
        _kind("KvK", r"(?!00)[0-9]{8}", "8 digits that do not start with 00"),
        _kind("OB", r"[0-9]{9}B(?!00)[0-9]{2}", "9 digits, B and 01 to 99", _eleven, _NINE),
        _kind("btw-id", r"NL[0-9]{9}B[0-9]{2}", "NL, 9 digits, B and 2 digits", passes_mod_97, "mod 97-10"),
        _kind("BECON", r"[0-9]{6}", "6 digits", passes_becon_test, "(6a+5b+4c+3d+2e) mod 11 = f"),
        _kind("SWO", r"(SWO|swo)[0-9]{5}", "SWO and 5 digits"),  # software in use sends small letters
    )
)
"""Every kind of number but the OIN, by its name in lower case. ``OB`` is the omzetbelastingnummer."""

IDENTITY_TYPES: dict[str, str] = {
    name.lower(): name for name in ("BSN", "RSIN", "Fi", "BTW", "LHnr", "OIN", "KvK")
}
"""The types that an identity in a message may have, by their name in lower case."""

_DERIVED = (
    (re.compile(r"[0-9]{9}B[0-9]{2}"), "Fi"),
    (re.compile(r"[0-9]{9}L[0-9]{2}"), "LHnr"),
    (re.compile(r"[0-9]{8}"), "KvK"),
    (re.compile(r"[0-9]{8}[0-9A-Za-z]{12}"), "OIN"),
)


def check_number(kind: str, number: str) -> None:
    """Check the form and the check digits of a number.

    Args:
        kind: a name of `KINDS`, in any case, or ``OIN``.
        number: the number as it was given, without blanks or points.

    Raises:
        IdentityRefusal: the number is not one of this kind, or there is no such kind.
    """
    if kind.lower() == "oin":
        _check_oin(number)
        return
    row = KINDS.get(kind.lower())
    if row is None:
        raise IdentityRefusal(f"{kind[:_SHOWN]!r} is not a kind of number that is known", rule="NUMBER-KIND")
    if row.form.fullmatch(number) is not None and row.test(number):
        return
    rule = f"NUMBER-{row.name.upper()}"
    if row.form.fullmatch(number) is None:
        raise IdentityRefusal(f"{number[:_SHOWN]!r} is not a {row.name} number: {row.must_be}", rule=rule)
    raise IdentityRefusal(f"{number!r} is not a {row.name} number: it fails {row.failed}", rule=rule)


def is_number(kind: str, number: str) -> bool:
    """Whether the number is a good one of its kind; see `check_number`."""
    try:
        check_number(kind, number)
    except IdentityRefusal:
        return False
    return True


def canonical_type(type_: str) -> str:
    """The usual spelling of an identity's type, which is compared without regard to case.

    Raises:
        IdentityRefusal: the type is not known.
    """
    name = IDENTITY_TYPES.get(type_.lower())
    if name is None:
        known = ", ".join(IDENTITY_TYPES.values())
        raise IdentityRefusal(
            f"the type {type_[:_SHOWN]!r} of the identity is not one of {known}", rule="IDENTITY-TYPE"
        )
    return name


def check_identity(nummer: str, type_: str) -> None:
    """Check that an identity's `nummer` is valid for its `type`.

    Raises:
        IdentityRefusal: the type is not known or the number is not one of that type.
    """
    check_number(canonical_type(type_), nummer)


def derive_type(nummer: str) -> str | None:
    """The type that the form of a number points to; None where several are possible.

    Nine digits may be a BSN, an RSIN or a fiscaal nummer. The number's test is not done here.
    """
    return next((name for form, name in _DERIVED if form.fullmatch(nummer)), None)


def _check_oin(number: str) -> None:
    try:
        Oin.parse(number)
    except AuthenticationRefusal as refusal:
        raise IdentityRefusal(refusal.detail, rule=refusal.rule) from None
