"""The command line at the counter for service messages."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_mandates import CLIENT, Run, asked, good, run
from tests.web.conftest import house, inner

__all__ = ["house", "inner", "run"]


def test_one_is_made_and_looked_at(run: Run) -> None:
    """``make`` makes one for a mandate; ``list`` and ``show`` have it; an ended mandate gets exit code 3."""
    mandate = asked(run, "VIA_2024")
    made = good(run, "servicemessages", "make", mandate)
    assert made["dienst"] == "VIA_2024"
    assert [row["kenmerk"] for row in good(run, "servicemessages", "list", "--mandate", mandate)] == [
        made["kenmerk"]
    ]
    assert good(run, "servicemessages", "show", made["kenmerk"])["gemachtigden"] == []
    assert "VIA_2024" in run("servicemessages", "list", "--client", CLIENT).out
    assert run("mandates", "revoke", mandate, "--side", "gemachtigde").code == 0
    ran = run("servicemessages", "make", mandate)
    assert (ran.code, "INGETROKKEN" in ran.err) == (3, True)


def test_an_own_file_is_put_in(run: Run, tmp_path: Path) -> None:
    """``put`` takes name and type from the file unless told otherwise; ``show --content`` gives the octets;
    what is wrong is exit code 2 with a word on it.
    """
    file = tmp_path / "aanslag.pdf"
    file.write_bytes(b"%PDF\x00\n")
    own = ("servicemessages", "put", str(file), "--berichtsoort", "SBA_IB", "--client", CLIENT)
    kept = good(run, *own, "--year", "2026", "--type", "bsn")
    assert (kept["bestandsnaam"], kept["mimeType"], kept["octets"]) == ("aanslag.pdf", "application/pdf", 6)
    told = good(
        run, *own, "--year", "2026", "--name", "b.xml", "--mime-type", "text/xml", "--at", "2027-01-01"
    )
    assert (told["bestandsnaam"], told["mimeType"]) == ("b.xml", "text/xml")
    assert told["tijdstempelAangeleverd"] == "2026-12-31T23:00:00.000Z"
    ran = run(*own)
    assert (ran.code, "give --year" in ran.err) == (2, True)
    shown = run("servicemessages", "show", kept["kenmerk"], "--content")
    assert shown.out == "%PDF\x00\n"
    assert run("servicemessages", "put", str(tmp_path / "no"), *own[3:]).code == 2
