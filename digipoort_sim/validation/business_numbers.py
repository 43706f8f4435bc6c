"""Check digits of Dutch numbers, each told in words where they are wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)
_MODULUS = 97
_LETTERS_FROM = ord("A") - 10


def _passes_eleven(digits: str) -> bool:
    """The eleven test of BSN and RSIN."""
    return sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True)) % 11 == 0


def _passes_97(number: str) -> bool:
    """The test of VAT identification numbers since 2020: letters count from A = 10."""
    digits = "".join(str(ord(sign) - _LETTERS_FROM) if sign.isalpha() else sign for sign in f"NL{number}")
    return int(digits) % _MODULUS == 1


def _bsn(number: str) -> str:
    if not re.fullmatch(r"[0-9]{9}", number):
        return "9 cijfers / 9 digits"
    return "" if _passes_eleven(number) else "elfproef / eleven test"


def _ob_number(number: str) -> str:
    if not re.fullmatch(r"[0-9]{9}B[0-9]{2}", number):
        return "9 cijfers, B, 2 cijfers / 9 digits, B, 2 digits"
    good = _passes_eleven(number[:9]) or _passes_97(number)
    return "" if good else "elfproef of modulo 97 / eleven test or modulo 97"


def _lh_number(number: str) -> str:
    if not re.fullmatch(r"[0-9]{9}L[0-9]{2}", number):
        return "9 cijfers, L, 2 cijfers / 9 digits, L, 2 digits"
    return "" if _passes_eleven(number[:9]) else "elfproef / eleven test"


CHECKS_OF_NUMBERS: Final[Mapping[str, Callable[[str], str]]] = {
    "bsn": _bsn,
    "ob-number": _ob_number,
    "lh-number": _lh_number,
}
"""By the name in the catalogue: what is expected of a number in Dutch and English, empty if it is right."""
