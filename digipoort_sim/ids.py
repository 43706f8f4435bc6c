"""Identifiers and chance: the only room that asks the machine for either."""

from __future__ import annotations

import os
import random
import uuid
from typing import Protocol


class IdSource(Protocol):
    """Gives identifiers and random numbers."""

    def uuid(self) -> str:
        """A new UUID, in lower case with hyphens."""
        ...

    def token(self, length: int) -> bytes:
        """So many random bytes, fit for secrets."""
        ...

    def below(self, limit: int) -> int:
        """A whole number from 0 up to, not including, `limit`."""
        ...


class SystemIds:
    """Identifiers from the machine's random source."""

    def uuid(self) -> str:
        """A new random UUID."""
        digits = os.urandom(16).hex()
        # The 13th digit is the version, the two highest bits of the 17th the variant (RFC 9562); written
        # out, as uuid.UUID takes five times as long and every request needs two.
        variant = "89ab"[int(digits[16], 16) & 3]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def token(self, length: int) -> bytes:
        """So many bytes from the machine's random source."""
        return os.urandom(length)

    def below(self, limit: int) -> int:
        """A fair choice from 0 up to `limit`."""
        return random.SystemRandom().randrange(limit)


class SeededIds:
    """The same identifiers at every run, for tests and for made-up content."""

    def __init__(self, seed: int | str) -> None:
        self._random = random.Random(seed)  # noqa: S311 (repeatable on purpose, never for secrets)

    def uuid(self) -> str:
        """The next UUID of the seed's row."""
        return str(uuid.UUID(bytes=self.token(16), version=4))

    def token(self, length: int) -> bytes:
        """The next bytes of the seed's row."""
        return self._random.randbytes(length)

    def below(self, limit: int) -> int:
        """The next choice of the seed's row."""
        return self._random.randrange(limit)
