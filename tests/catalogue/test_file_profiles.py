"""Profiles of the file interfaces: reading own ones, and everything that can be wrong in them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from digipoort_sim.catalogue.file_profiles import load_profile, profiles_in_force
from digipoort_sim.catalogue.file_profiles.pattern import Parts, check_pattern
from digipoort_sim.config import FtpSettings, Settings
from digipoort_sim.config_loading import load_settings
from digipoort_sim.errors import ConfigError

EXTENDS = 'extends = "ftp-1.6.1"\n'


def own(tmp_path: Path, toml: str) -> FtpSettings:
    """Settings that name a file with this content."""
    file = tmp_path / "own.toml"
    file.write_text(toml)
    return FtpSettings(profile=str(file))


def told(settings: FtpSettings) -> str:
    """What is said of a profile that cannot be used."""
    with pytest.raises(ConfigError) as caught:
        load_profile(settings)
    assert caught.value.rule == "FTP-PROFILE"
    return caught.value.detail


def test_a_value_is_written_plainly_or_with_its_label(tmp_path: Path) -> None:
    """A plain value is the simulator's, or of the file's own label; a table says its label and a note."""
    rows = 'retention_days = 3\nin_folder = { value = "van", provenance = "inferred", note = "seen" }\n'
    for head, label in (("", "simulator"), ('provenance = "published"\n', "published")):
        profile = load_profile(own(tmp_path, EXTENDS + head + rows))
        assert (profile.name, profile.retention_days, profile.in_folder) == ("own", 3, "van")
        sources = profile.sources
        assert sources["retention_days"].provenance == label
        assert (sources["in_folder"].provenance, sources["in_folder"].note) == ("inferred", "seen")
        assert sources["in_folder"].origin == f"file {tmp_path / 'own.toml'}"
        assert sources["out_folder"].origin == "profile ftp-1.6.1"


def test_a_profile_of_ones_own_extends_another(tmp_path: Path) -> None:
    """Paths in ``extends`` are beside the file that has it."""
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "first.toml").write_text('extends = "second.toml"\nresume = false\n')
    (folder / "second.toml").write_text('extends = "gb-3.0"\nresume = true\nretention_days = 4\n')
    profile = load_profile(own(tmp_path, 'extends = "base/first.toml"\n'))
    assert (profile.resume, profile.retention_days, profile.complete_when) == (False, 4, "close")


def test_a_relative_profile_is_beside_the_settings_or_in_the_state(tmp_path: Path) -> None:
    """The file of the settings goes first; from the environment only the state directory counts."""
    state, etc = tmp_path / "state", tmp_path / "etc"
    for folder, days in ((state, 5), (etc, 6)):
        folder.mkdir()
        (folder / "own.toml").write_text(f"{EXTENDS}retention_days = {days}\n")
    config = etc / "settings.toml"
    config.write_text('[ftp]\nprofile = "own.toml"\n')
    options = {"state": state}
    assert (
        profiles_in_force(load_settings(options, config_file=config, environ={}))["ftp"].retention_days == 6
    )
    environ = {"DIGIPOORT_SIM_FTP__PROFILE": "own.toml"}
    assert profiles_in_force(load_settings(options, environ=environ))["ftp"].retention_days == 5
    missing = Settings(state=state, ftp=FtpSettings(profile="none.toml"))
    with pytest.raises(ConfigError, match=r"there is no FTP profile .*none\.toml; put the file there"):
        profiles_in_force(missing)


def test_settings_are_judged_as_rows_are() -> None:
    """What a setting puts over a row must be as good as what a file says; it is told as a setting."""
    settings = FtpSettings(temporary_suffix="")
    with pytest.raises(ConfigError, match="environment X: temporary_suffix: it is empty"):
        load_profile(settings, lambda name: "environment X")
    assert told(settings).startswith("settings: temporary_suffix: it is empty")


@pytest.mark.parametrize(
    ("rows", "key", "mend"),
    [
        ("retention_dags = 3", "retention_dags", "did you mean retention_days?"),
        ("foo = 3", "foo", "lists the rows"),
        ("retention_days = 0", "retention_days", "from 1 to 36500"),
        ('retention_days = "3"', "retention_days", "a whole number"),
        ("retention_days = true", "retention_days", "a whole number"),
        ("resume = 1", "resume", "true or false"),
        ('session_reuse = "always"', "session_reuse", "one of: off, wanted, required"),
        ('minimum_tls = "1.3"\nmaximum_tls = "1.2"', "minimum_tls", "change maximum_tls too"),
        ("title = 3", "title", "a text of at most 1000"),
        ('title = "a\\u0007"', "title", "printable"),
        ("in_folder = { value = 'x', label = 'y' }", "in_folder", "use note, provenance, value"),
        ("in_folder = { value = 'x', provenance = 'sure' }", "in_folder", "one of recorded, published"),
        ("in_folder = { value = 'x', note = 3 }", "in_folder", "note must be a text"),
        ("provenance = 'sure'", "provenance", "one of recorded, published"),
        ("in_folder = 'out'", "in_folder", "different names"),
        ("out_folder = 'IN'", "out_folder", "different names"),
        ("out_folder = 'a/b'", "out_folder", "letters and digits"),
        ("out_folder = '..'", "out_folder", "letters and digits"),
        ("temporary_suffix = ''", "temporary_suffix", "1 to 40 letters"),
        ("temporary_suffix = '.xml'", "temporary_suffix", "another suffix"),
        ("marker_suffix = '.x.tmp'", "marker_suffix", "make their ends differ"),
        ("status_suffix = '.xml'", "status_suffix", "make their ends differ"),
        ("error_suffix = '/x'", "error_suffix", "1 to 40 letters"),
        ("passive_first_port = 65500", "passive_ports", "take fewer ports"),
        ("passive_ports = 0", "passive_ports", "from 1 to 65535"),
        ("max_name_length = 229", "max_name_length", "use at most"),
        ("max_command_bytes = 100", "max_command_bytes", "max_name_length + 20"),
        ("file_name = '('", "file_name", "missing )"),
        ("file_name = '(?P<ext>(a+)+)'", "file_name", "{1,40}"),
        ("file_name = '(?P<ext>.*.*.*.*x)'", "file_name", "{1,40}"),
        ("file_name = '(?P<ext>(?:a|aa){60})'", "file_name", "{1,40}"),
        ("file_name = '(?P<berichtsoort>{berichtsoort})'", "file_name", "(?P<ext>...)"),
        ("file_name = 'x(?P<ext>xml)'", "file_name", "give the row berichtsoort"),
        (f"file_name = '(?P<ext>{'a' * 1000})'", "file_name", "at most 1000"),
        (f"file_name = '{'(' * 450}{')' * 450}(?P<ext>x)'", "file_name", ""),
        ("file_name_parts = { ext = 'x' }", "file_name_parts", "each group of file_name"),
        ("file_name_example = 'x.xml'", "file_name_example", "good by it"),
        ("message_name = '{berichtsoort}'", "message_name", "use {kenmerk}"),
        ("message_name = '{kenmerk'", "message_name", "use {kenmerk}"),
        ("message_name = '{kenmerk.x}'", "message_name", "use {kenmerk}"),
        ("message_name = '/{kenmerk}'", "message_name", "letters, digits, dots"),
        ("mime_types = { XML = ['text/xml'] }", "mime_types", "in small letters"),
        ("mime_types = { xml = [] }", "mime_types.xml", "a list of mimeTypes"),
        ("mime_types = { xml = ['text'] }", "mime_types.xml", "a list of mimeTypes"),
        ("mime_types = {}", "mime_types", "a line for every extension"),
        ("mime_types = 3", "mime_types", "a table"),
    ],
)
def test_what_is_wrong_is_told_with_file_row_and_cure(tmp_path: Path, rows: str, key: str, mend: str) -> None:
    """The one line names the file, the row, and what to do."""
    text = told(own(tmp_path, f"{EXTENDS}{rows}\n"))
    assert f": {key}: " in text
    assert mend in text
    assert text.startswith((f"file {tmp_path / 'own.toml'}: ", "profile ftp-1.6.1: "))


@pytest.mark.parametrize(
    ("toml", "text"),
    [
        ("x =", "it is not TOML"),
        ("title = 'x'", 'there is no such row in it; give it, or begin with extends = "ftp-1.6.1"'),
        ("extends = 3", "extends: it must be a text"),
        ("extends = 'ftp-9'", "there is no FTP profile 'ftp-9'; there are: ftp-1.6.1, gb-3.0"),
        ("extends = 'own.toml'", "it comes back to itself"),
        ("x" * 2**20 + "xx", "larger than 1 MiB"),
        ("[" * 5000, "it is not TOML"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, toml: str, text: str) -> None:
    """Not TOML, too large, incomplete, or extending what is not there or itself."""
    assert text in told(own(tmp_path, toml))


def test_a_good_pattern_is_quick_with_any_name() -> None:
    """The slowest pattern that is let through takes no noticeable time for the longest bad name."""
    template = r"(?P<a>.{1,60})(?P<b>.{1,60})_(?P<c>.{1,20})\.(?P<ext>xml)"
    groups = check_pattern(template)
    assert groups == {"a", "b", "c", "ext"}
    parts = Parts(template, [])
    began = time.process_time()
    wrong = parts.wrong_part("_" * 230)
    assert time.process_time() - began < 1.0
    assert wrong is not None
    assert wrong.part == "ext"


def test_a_pattern_with_alternatives_is_not_taken_apart() -> None:
    """Where the parts cannot be told, no part is blamed."""
    assert Parts("(?P<ext>a)|(?P<x>b)", []).wrong_part("c") is None
