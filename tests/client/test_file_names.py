"""How a file gets its name at the file door."""

from __future__ import annotations

from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.client.depots import profile_of
from digipoort_sim.client.faults import FaultError
from digipoort_sim.client.file_names import DeliveryNames, Wanted
from digipoort_sim.client.file_words import told
from digipoort_sim.client.files import ReplyError
from digipoort_sim.client.options import FileInterface
from digipoort_sim.config import Settings
from digipoort_sim.errors import ConfigError
from tests.wages import wage_return


def names(interface: FileInterface) -> DeliveryNames:
    """The names of an interface, by its built-in profile."""
    return DeliveryNames(profile_of(Settings(), interface), load_catalogue())


def test_a_name_is_made_of_the_options() -> None:
    """Berichtsoort and aanleverkenmerk as given; the receiver follows from the catalogue."""
    wanted = Wanted("xbrl", "Omzetbelasting", "ref-1")
    assert names("ftp").made(wanted) == "Omzetbelasting_ref-1_00000002003214394002.xbrl"
    assert names("ftp").is_good("Omzetbelasting_ref-1_00000002003214394002.xbrl")
    assert not names("ftp").is_good("omzetbelasting.xbrl")


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("2026-03-01", "2026-03-31", "123456782L01_2026_03_7.xml"),
        ("2026-01-26", "2026-02-22", "123456782L01_2026_02_7.xml"),
        ("2026-12-28", "2027-01-24", "123456782L01_2027_01_7.xml"),
        ("2026-02-01", "2026-02-28", "123456782L01_2026_02_7.xml"),
    ],
)
def test_a_name_for_large_messages_is_read_from_the_content(
    tmp_path: Path, first: str, last: str, name: str
) -> None:
    """Loonheffingennummer, year and period come from the wage return: a month, or four weeks."""
    period = f"<TijdvakAangifte><DatAanvTv>{first}</DatAanvTv><DatEindTv>{last}</DatEindTv></TijdvakAangifte>"
    file = tmp_path / "loon.xml"
    file.write_text(wage_return("123456782L01").replace("</LhNr>", f"</LhNr>{period}"))
    assert names("ftp_gb").made(Wanted(number=7), file) == name


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    """An option that would help stands in the error, also when the content is no XML."""
    file = tmp_path / "loon.xml"
    file.write_text("no xml")
    with pytest.raises(ConfigError, match="--belanghebbende and --period"):
        names("ftp_gb").made(Wanted(), file)
    with pytest.raises(ConfigError, match="--period is a year and a number, such as 2026-1, not jan"):
        names("ftp_gb").made(Wanted(period="jan"), file)
    with pytest.raises(ConfigError, match="takes no zip files"):
        names("ftp_gb").made(Wanted("zip"), file)
    with pytest.raises(ConfigError, match="--berichtsoort"):
        names("ftp").made(Wanted(aanleverkenmerk="ref-1"))
    with pytest.raises(ConfigError, match="give one with --name"):
        names("ftp").made(Wanted("xml", "Omzetbelasting", "no good reference!"))


def test_a_reply_is_told_with_what_to_do() -> None:
    """The door's words, and advice in the language that was asked for; other faults as they are."""
    reply = ReplyError("553 x was delivered before")
    assert told(reply, "en").startswith("553 x was delivered before. Give it another name")
    assert "andere naam" in told(reply, "nl")
    assert told(FaultError("ALS140", "no identity"), "en") == "ALS140: no identity"
