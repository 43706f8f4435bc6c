"""Settings: where they come from, and what is said when one is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from digipoort_sim.config_loading import load_settings, masked, setting_rows
from digipoort_sim.errors import ConfigError


def write(path: Path, text: str) -> Path:
    """A file with this text."""
    path.write_text(text)
    return path


def test_later_sources_win_and_each_value_knows_its_own(tmp_path: Path) -> None:
    """Defaults, then the file in the state directory, then the environment, then options."""
    file = write(
        tmp_path / "config.toml", "wus_port = 1\nftp_port = 1\nweb_port = 1\n[wus]\nstrict_to = true\n"
    )
    environ = {"DIGIPOORT_SIM_FTP_PORT": "2", "DIGIPOORT_SIM_WEB_PORT": "2"}
    settings = load_settings({"state": tmp_path, "web_port": 3, "host": None}, environ=environ)
    assert (settings.wus_port, settings.ftp_port, settings.web_port) == (1, 2, 3)
    assert settings.wus.strict_to
    names = ("host", "wus_port", "wus.strict_to", "ftp_port", "web_port")
    assert [settings.origin(name) for name in names] == [
        "default",
        f"file {file}",
        f"file {file}",
        "environment DIGIPOORT_SIM_FTP_PORT",
        "option --web-port",
    ]


def test_a_row_of_an_interface_leaves_its_profile_as_it_is(tmp_path: Path) -> None:
    """Who sets one row of FTP GB, in a file or in the environment, still has the profile of FTP GB."""
    write(tmp_path / "config.toml", "[ftp_gb]\nlocked_minutes = 10\n")
    settings = load_settings({"state": tmp_path}, environ={"DIGIPOORT_SIM_FTP_GB__RETENTION_DAYS": "3"})
    assert (settings.ftp_gb.locked_minutes, settings.ftp_gb.retention_days) == (10, 3)
    assert (settings.ftp.profile, settings.ftp_gb.profile) == ("ftp-1.6.1", "gb-3.0")


def test_a_named_file_may_say_where_the_state_is(tmp_path: Path) -> None:
    """A file by option or DIGIPOORT_SIM_CONFIG is read in place of the one in the state directory."""
    write(tmp_path / "config.toml", "wus_port = 1\n")
    named = write(tmp_path / "other.toml", f"state = '{tmp_path}'\nftp_port = 5\n")
    by_option = load_settings(config_file=named, environ={})
    by_variable = load_settings(environ={"DIGIPOORT_SIM_CONFIG": str(named)})
    assert by_option == by_variable
    assert (by_option.state, by_option.ftp_port, by_option.wus_port) == (tmp_path, 5, 8443)


def test_the_state_directory_is_a_plain_path(tmp_path: Path) -> None:
    """However it is written, its path has no `..` in it, which the file door would refuse."""
    assert load_settings({"state": tmp_path / "a" / ".." / "b"}, environ={}).state == tmp_path / "b"


def test_text_of_the_environment_gets_its_type() -> None:
    """Numbers, booleans, choices of numbers, lists and none are read from text; empty is not given."""
    settings = load_settings(
        environ={
            "DIGIPOORT_SIM_WUS__FAULT_HTTP_STATUS": "200",
            "DIGIPOORT_SIM_WUS__STRICT_TO": "true",
            "DIGIPOORT_SIM_SERVER_NAMES": "a.example, b.example",
            "DIGIPOORT_SIM_REGISTER__LETTERS_PER_DAY": "none",
            "DIGIPOORT_SIM_REGISTER__OPT_OUT_DAYS": "3",
            "DIGIPOORT_SIM_AGENCIES__ENDPOINTS__UWV__URL": "https://localhost:1/x",
            "DIGIPOORT_SIM_AGENCIES__ENDPOINTS__UWV__OINS": "1, 2",
            "DIGIPOORT_SIM_HOST": "",
        }
    )
    assert settings.agencies.endpoints["uwv"].url == "https://localhost:1/x"
    assert settings.agencies.endpoints["uwv"].oins == ("1", "2")
    assert settings.origin("agencies.endpoints.uwv.url").endswith("__URL")
    assert (settings.wus.fault_http_status, settings.wus.strict_to) == (200, True)
    assert settings.server_names == ("a.example", "b.example")
    assert (settings.register_.letters_per_day, settings.register_.opt_out_days) == (None, 3)
    assert settings.host == "127.0.0.1"


def test_variables_that_kubernetes_adds_are_left_alone() -> None:
    """A service that is called digipoort-sim puts DIGIPOORT_SIM_PORT and others into every pod."""
    environ = {
        "DIGIPOORT_SIM_PORT": "tcp://10.0.0.1:8443",
        "DIGIPOORT_SIM_PORT_8443_TCP_ADDR": "10.0.0.1",
        "DIGIPOORT_SIM_SERVICE_HOST": "10.0.0.1",
        "DIGIPOORT_SIM_SERVICE_PORT_WUS": "8443",
    }
    assert load_settings(environ=environ) == load_settings(environ={})


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"DIGIPOORT_SIM_WUS_PORT": "x"}, "wus_port = 'x' (environment DIGIPOORT_SIM_WUS_PORT)"),
        ({"DIGIPOORT_SIM_WUS_PORT": "70000"}, "65535"),
        ({"DIGIPOORT_SIM_WUSPORT": "1"}, "DIGIPOORT_SIM_WUSPORT"),
        ({"DIGIPOORT_SIM_WUS__FAULT_HTTP_STATUS": "302"}, "wus.fault_http_status"),
        ({"DIGIPOORT_SIM_CONFIG": "/nowhere/x.toml"}, "/nowhere/x.toml cannot be read"),
    ],
)
def test_a_wrong_variable_is_named(environ: dict[str, str], says: str) -> None:
    """The error names the setting or the variable, and where it came from."""
    with pytest.raises(ConfigError) as error:
        load_settings(environ=environ)
    assert says in error.value.detail


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("wus_prot = 1", "there is no setting wus_prot"),
        ("[wus]\nnope = 1", "there is no setting wus.nope"),
        ("wus = 5", "wus = 5"),
        ("wus_port = 'x'", "wus_port"),
        ("=", "is not TOML"),
        ("state = '/x'", "cannot set 'state'"),
        ("\ufffe", "is not TOML"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, says: str) -> None:
    """The error names the setting and the file."""
    file = write(tmp_path / "config.toml", text)
    with pytest.raises(ConfigError) as error:
        load_settings({"state": tmp_path}, environ={})
    assert says in error.value.detail
    assert str(file) in error.value.detail


def test_a_value_in_place_of_a_section_is_an_error(tmp_path: Path) -> None:
    """A file that makes a section a number does not trip the environment that sets a part of it."""
    write(tmp_path / "config.toml", "wus = 5")
    with pytest.raises(ConfigError, match="wus must be a table"):
        load_settings({"state": tmp_path}, environ={"DIGIPOORT_SIM_WUS__STRICT_TO": "1"})


def test_passwords_are_masked_in_listings_and_errors() -> None:
    """The password of a database URL shows neither in the listing nor in an error."""
    url = "postgresql+psycopg://ann:s3cret@db/x?sslpassword=s3cret"
    settings = load_settings({"database_url": url}, environ={})
    shown = {row.name: row.value for row in setting_rows(settings)}
    assert shown["database_url"] == "postgresql+psycopg://ann:***@db/x?sslpassword=***"
    assert settings.database() == url
    assert masked("postgresql://ann:p%40ss@db/x") == "postgresql://ann:***@db/x"


def test_every_setting_is_listed_once_by_its_own_name() -> None:
    """The listing has sections flattened, in the names of the file."""
    names = [row.name for row in setting_rows(load_settings(environ={}))]
    assert len(names) == len(set(names))
    assert {"state", "wus.strict_to", "register.opt_out_days", "ftp.profile"} <= set(names)
