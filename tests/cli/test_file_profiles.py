"""``ftp profiles`` and ``ftp profile``: every row with its provenance; an own profile is checked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from digipoort_sim.cli.main import main


def test_the_profiles_in_force_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An own profile beside the settings' file is in force; the one that it replaces is listed too."""
    (tmp_path / "own.toml").write_text('extends = "ftp-1.6.1"\ntitle = "Ours"\nretention_days = 3\n')
    (tmp_path / "settings.toml").write_text('[ftp]\nprofile = "own.toml"\nmax_connections = 9\n')
    options = ["--state", str(tmp_path / "state"), "--config", str(tmp_path / "settings.toml")]
    assert main(["ftp", "profiles", *options, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    names = [(one["interface"], one["name"], one["title"]) for one in found]
    assert names == [
        ("ftp", "own", "Ours"),
        ("ftp_gb", "gb-3.0", "FTP GB 3.0 (grote berichten)"),
        (None, "ftp-1.6.1", "Bestandsuitwisseling FTP 1.6.1"),
    ]
    assert main(["ftp", "profiles", *options]) == 0
    head, first, *_ = (line.split() for line in capsys.readouterr().out.splitlines())
    assert head[3:] == ["rows", "recorded", "published", "inferred", "simulator", "own"]
    assert int(first[3]) == sum(map(int, first[4:8])) == len(found[0]["rows"])
    assert int(first[8]) == 3
    origins = {row["key"]: (row["value"], row["provenance"], row["origin"]) for row in found[0]["rows"]}
    assert origins["retention_days"] == (3, "simulator", f"file {tmp_path / 'own.toml'}")
    assert origins["max_connections"] == (9, "simulator", f"file {tmp_path / 'settings.toml'}")
    assert origins["minimum_tls"] == ("1.2", "published", "profile ftp-1.6.1")


def test_one_profile_is_shown_with_every_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its name, by the interface, or by the path of a file; a person sees label, origin and note."""
    assert main(["ftp", "profile", "ftp_gb", "--state", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("gb-3.0: FTP GB 3.0 (grote berichten), in force on ftp_gb\n")
    assert "its receiver is the receiver of all files" in shown
    assert "jaar: the year, of 4 digits; periode:" in shown
    assert main(["ftp", "profile", "gb-3.0", "--state", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["interface"] is None


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ('extends = "ftp-1.6.1"\nretention_dags = 3', "retention_dags: there is no such row; did you mean"),
        ('extends = "gb-3.0"\nberichtsoort = "Foo"', "berichtsoort: 'Foo' is none that can be delivered"),
    ],
)
def test_a_profile_that_is_wrong_is_a_wrong_setting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], toml: str, told: str
) -> None:
    """Exit code 2 and one line with file, row and what to do: for ``ftp profile`` and for ``serve``."""
    file = tmp_path / "own.toml"
    file.write_text(toml)
    (tmp_path / "settings.toml").write_text('[ftp_gb]\nprofile = "own.toml"\n')
    options = ["--state", str(tmp_path / "state")]
    assert main(["ftp", "profile", str(file), *options]) == 2
    assert f"digipoort-sim: file {file}: {told}" in capsys.readouterr().err
    ports = ["--wus-port", "0", "--ftp-port", "0", "--web-port", "0"]
    settings = ["--config", str(tmp_path / "settings.toml")]
    assert main(["serve", *options, *ports, *settings]) == 2
    said = capsys.readouterr().err
    assert f"file {file}: {told}" in said
    assert len(said.splitlines()) == 1
