"""docs/file-profiles.md: its profile can be used, and its commands run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from digipoort_sim.catalogue.file_profiles import profiles_in_force
from digipoort_sim.cli.main import main
from digipoort_sim.config import Settings
from digipoort_sim.config_loading import load_settings
from tests.docs.test_clients import ROOT

PAGE = (ROOT / "docs" / "file-profiles.md").read_text()


def blocks(language: str) -> list[str]:
    """The page's blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_profile_and_the_settings_of_the_page_work(tmp_path: Path) -> None:
    """The page's own profile is in force with the page's settings, labels and all."""
    own, settings = blocks("toml")
    (tmp_path / "own.toml").write_text(own)
    (tmp_path / "settings.toml").write_text(settings)
    loaded = load_settings({"state": tmp_path}, config_file=tmp_path / "settings.toml", environ={})
    profile = profiles_in_force(loaded)["ftp"]
    assert (profile.in_folder, profile.retention_days) == ("naar_digipoort", 14)
    assert profile.sources["in_folder"].provenance == "published"


def test_the_commands_of_the_page_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line ends well, and says what the page says of ports and names."""
    for line in blocks("sh")[0].splitlines():
        assert main([*line.partition("#")[0].split()[1:], "--state", str(tmp_path)]) == 0
    assert "Aangifte_LH" in capsys.readouterr().out
    for profile in profiles_in_force(Settings()).values():
        last = profile.passive_first_port + profile.passive_ports - 1
        assert f"passive {profile.passive_first_port}-{last}" in PAGE
        assert f"`{profile.name}`" in PAGE
