"""docs/large-files.md: its numbers, rules and keys are those of the program."""

from __future__ import annotations

import re
from pathlib import Path

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.config import Settings
from digipoort_sim.exchange.service_desk import MAXIMUM_FILE_BYTES
from digipoort_sim.ftp.road import contents
from digipoort_sim.validation.findings import NOT_CHECKED
from digipoort_sim.validation.streaming import markup

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "large-files.md").read_text()


def test_the_page_names_what_there_is(tmp_path: Path) -> None:
    """Rules stand in the catalogue, keys among what is not checked, and limits are the program's."""
    rules = load_catalogue().rules
    for rule in ("FTP-ZIP", "FTP-ZIP-MEMBERS", "FTP-ZIP-SIZE", "FTP-ZIP-DAMAGED", "FETCH-SIZE", "PAYLOAD"):
        assert f"`{rule}`" in PAGE
        assert rule in rules
    for key in re.findall(r"`(GROOT[A-Z-]*|XBRL-[A-Z-]+|IDENTITEIT)`", PAGE):
        assert key in NOT_CHECKED
    settings = Settings(state=tmp_path)
    assert settings.validation.max_whole_bytes == 64 * 1024**2
    assert settings.payloads_folder() == tmp_path / "payloads"
    assert (f"{markup.MAXIMUM_DEPTH:,}", markup.MAXIMUM_LEXEME) == ("2,048", 4 * 1024**2)
    assert (contents._RATIO, MAXIMUM_FILE_BYTES) == (500, 2 * 1024**3)
