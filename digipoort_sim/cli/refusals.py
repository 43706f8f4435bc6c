"""How commands tell a refusal of the register: code, reason in one language, what is to be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, Literal

import typer

Language = Literal["nl", "en"]
Lang = Annotated[Language, typer.Option("--lang", help="Language of the simulator's texts.")]


@contextmanager
def told(lang: Language, as_json: bool) -> Iterator[None]:
    """Tell a refusal that comes out of the block; with `as_json` its whole document is printed.

    Raises:
        ConflictError: the refusal, as one line.
    """
    from digipoort_sim.cli.printing import print_json
    from digipoort_sim.client.control import RegisterRefusal
    from digipoort_sim.errors import ConflictError

    try:
        yield
    except RegisterRefusal as refusal:
        if as_json:
            print_json(refusal.document)
        raise ConflictError(_line(refusal.document, lang), rule=refusal.rule) from None


def words(document: Mapping[str, Any], lang: Language) -> str:
    """The register's words in an outcome or a refusal."""
    return str(document["text" if lang == "nl" else "textEn"])


def _line(document: Mapping[str, Any], lang: Language) -> str:
    more = str(document["detail"]).removeprefix(document["textEn"]).strip()
    return f"{document['code']} {words(document, lang)}{f' ({more})' if more else ''}"
