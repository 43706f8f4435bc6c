"""The check-digit rules of Dutch identification numbers; they take well-formed text."""

from __future__ import annotations

from stdnum.iso7064 import mod_97_10
from stdnum.nl import bsn


def passes_eleven_test(nine_digits: str) -> bool:
    """Whether a BSN, RSIN or fiscaal nummer of nine digits passes the 11-test and is not all zero."""
    return int(nine_digits) > 0 and bsn.checksum(nine_digits) == 0


def passes_mod_97(btw_id: str) -> bool:
    """Whether a btw-id (``NL`` + 9 digits + ``B`` + 2 digits) passes ISO 7064 mod 97-10."""
    return bool(mod_97_10.is_valid(btw_id))


def passes_becon_test(six_digits: str) -> bool:
    """Whether a BECON number passes its test: (6a+5b+4c+3d+2e) mod 11 = f."""
    total = sum(weight * int(digit) for weight, digit in zip(range(6, 1, -1), six_digits, strict=False))
    return total % 11 == int(six_digits[5])
