"""The trade register's stand-in: made-up names, and the user's own from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from digipoort_sim.config import Settings
from digipoort_sim.errors import ConfigError
from digipoort_sim.register import names_file
from digipoort_sim.register.names_file import load_names, open_trade_register
from digipoort_sim.register.trade_names import Address, TradeName, TradeRegister, name_of
from digipoort_sim.server import open_inner

TOML = """
"30216247" = "TRIAL Kantoor Ann"
[111222333]
name = "Ł. Żółć"
street = "Papieren Pad 1"
postcode = "0001 AA"
place = "Fictiestad"
"""
CSV = 'Number;Name;Place\n30216247;"TRIAL; Kantoor\u20ac";\n\n123456782L01;Loonbedrijf;Nergenshuizen\n'


def _file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_made_up_names_are_fixed_and_belong_to_nobody() -> None:
    """A number always has the same name and address, by OIN, btw-id or core; the postcode is never issued."""
    register = TradeRegister()
    assert register.name_of("00000003123456780000") == register.name_of("12345678")
    assert register.name_of("12345678") != register.name_of("87654321")
    assert register.name_of("123456782L01", "LHnr") == register.name_of("123456782", "RSIN")
    assert register.find("NL123456782B01", "Fi") == register.find("00000002123456782000", "Fi")
    found = register.find("111222333", "BSN")
    assert found.origin == "fictitious"
    assert found.name == name_of("111222333", "BSN") != register.name_of("111222333")
    assert found.address.postcode.startswith("0")


def test_own_names_of_a_toml_file_win(tmp_path: Path) -> None:
    """Names and addresses of a TOML file stand in place of made-up ones; a missing address is made up."""
    register = open_trade_register(_file(tmp_path, "names.toml", TOML))
    own = register.find("111222333", "BSN")
    assert own == TradeName("111222333", "Ł. Żółć", Address("Papieren Pad 1", "0001 AA", "Fictiestad"), "own")
    assert own.address.lines == ("Papieren Pad 1", "0001 AA  Fictiestad")
    office = register.find("00000003302162470000")
    assert (office.name, office.origin) == ("TRIAL Kantoor Ann", "own")
    assert office.address == TradeRegister().find("30216247").address
    assert register.find("12345678").origin == "fictitious"


def test_own_names_of_a_csv_file_win(tmp_path: Path) -> None:
    """CSV works likewise, with the semicolons and quotes of a spreadsheet and with any of the columns."""
    register = open_trade_register(_file(tmp_path, "names.CSV", CSV))
    assert register.name_of("30216247") == "TRIAL; Kantoor€"
    assert register.find("123456782", "RSIN").address.lines == ("Nergenshuizen",)


def test_registered_names_come_after_own_ones(tmp_path: Path) -> None:
    """A name that was registered while the simulator ran beats a made-up one, and loses to the user's."""
    foreign = TradeName("823164757", "TRIAL Foreign Ltd", Address("", "", ""), "registered")
    register = TradeRegister(load_names(_file(tmp_path, "a.toml", TOML)))
    register = register.with_registered(lambda number: foreign if number == "823164757" else None)
    assert register.name_of("00000002823164757000") == "TRIAL Foreign Ltd"
    assert register.name_of("30216247") == "TRIAL Kantoor Ann"
    assert register.find("12345678").origin == "fictitious"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("n.txt", "", "must be a .toml or a .csv file"),
        ("n.toml", '\n"30216247" = "A"\n"3021" = "B"', "line 3: '3021' is not a KvK number"),
        ("n.toml", '"123456789" = "A"', "line 1: 123456789 does not pass the 11-test"),
        ("n.toml", '["30216247"]\nnaam = "A"', "line 1: 30216247: there is no field 'naam'"),
        ("n.toml", '"30216247" = 5', "line 1: name of 30216247 must be a text"),
        ("n.toml", '"30216247" = "A\\nB"', "line 1: name of 30216247 must be a text"),
        ("n.toml", '"30216247" = " "', "line 1: 30216247 has no name"),
        ("n.toml", '"30216247" = "A"\n"00000003302162470000" = "B"', "line 2: 00000003302162470000 has a"),
        ("n.toml", '"30216247" = "A', "not TOML: "),
        ("n.csv", "", "line 1: the header must have number and name"),
        ("n.csv", "number,name,name\n", "line 1: the header must have number and name"),
        ("n.csv", "number,name\n\n30216247\n", "line 3: 1 fields where the header has 2"),
        ("n.csv", 'number,name\n30216247,"A\n', "not CSV: "),
        ("n.csv", "number,name\n30216247," + "x" * 201, "line 2: name of 30216247 must be a text of at most"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, name: str, text: str, says: str) -> None:
    """Whatever is wrong with a file of names is one sentence with the line and what must be there."""
    with pytest.raises(ConfigError) as caught:
        load_names(_file(tmp_path, name, text))
    assert says in caught.value.detail
    assert caught.value.rule == "NAMES-FILE"


def test_files_have_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is missing, too large, too long or not UTF-8 is refused."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load_names(tmp_path / "none.toml")
    (tmp_path / "latin.csv").write_bytes("number,name\n30216247,Coöp\n".encode("latin-1"))
    with pytest.raises(ConfigError, match="line 2: not UTF-8"):
        load_names(tmp_path / "latin.csv")
    monkeypatch.setattr(names_file, "MAXIMUM_ENTRIES", 1)
    with pytest.raises(ConfigError, match="line 3: more than 1 names"):
        load_names(_file(tmp_path, "a.toml", TOML))
    monkeypatch.setattr(names_file, "MAXIMUM_FILE_BYTES", 8)
    with pytest.raises(ConfigError, match="larger than"):
        load_names(_file(tmp_path, "a.toml", TOML))


def test_the_server_reads_them_at_start(tmp_path: Path) -> None:
    """The setting names a file that the rooms' trade register has; a wrong file keeps it from starting."""
    path = _file(tmp_path, "names.toml", TOML)
    settings = Settings.model_validate({"state": tmp_path / "state", "register": {"names": path}})
    rooms = open_inner(settings)
    try:
        assert rooms.names.name_of("30216247") == "TRIAL Kantoor Ann"
    finally:
        rooms.close()
    path.write_text("x")
    with pytest.raises(ConfigError, match="not TOML"):
        open_inner(settings)
