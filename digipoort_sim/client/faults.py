"""What the client raises when the other side says no."""

from __future__ import annotations


class FaultError(Exception):
    """Digipoort answered with a SOAP fault, an error file or a refusing reply; as text it is one line.

    Attributes:
        foutcode: such as ``ALS100``; empty if the fault has none.
    """

    def __init__(self, foutcode: str, foutbeschrijving: str) -> None:
        text = f"{foutcode}: {foutbeschrijving}" if foutcode else foutbeschrijving
        super().__init__(" ".join(text.split()))
        self.foutcode = foutcode
        self.foutbeschrijving = foutbeschrijving
