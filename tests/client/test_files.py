"""Delivering files over connections that break, and what the answers are held against."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import shlex
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.client.depots import open_depot
from digipoort_sim.client.file_box import FileBox
from digipoort_sim.client.files import ReplyError, logged_in
from digipoort_sim.client.options import PutOptions, Route
from digipoort_sim.client.putting import put
from digipoort_sim.client.receipts import DifferentContentError, deliver_file
from digipoort_sim.client.running import Running
from digipoort_sim.client.uploading import Source, Upload
from digipoort_sim.errors import NotFoundError
from digipoort_sim.pki.oin import Oin
from digipoort_sim.testing.simulator import Simulator
from tests.wages import wage_return

pytestmark = pytest.mark.heavy

_BELASTINGDIENST = "00000002003214394002"
_CONTENT = wage_return().replace("</Loonaangifte>", f"<!--{'x' * 2_000_000}--></Loonaangifte>").encode()


@dataclass
class Trouble:
    """Lets a connection break when so many octets were sent, once for each number."""

    at: list[int]
    broken: int = 0

    def __call__(self, done: int) -> None:
        """Told how far it is."""
        if self.at and done >= self.at[0]:
            self.at.pop(0)
            self.broken += 1
            raise ConnectionResetError("the network is gone")


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """A simulator with all its file doors."""
    with Simulator(ftp_implicit_port=0) as running:
        yield running


@pytest.fixture(scope="module")
def boxes(simulator: Simulator) -> dict[str, FileBox]:
    """One account's files by interface."""
    oin = Oin.from_kvk("30216247")
    folder, account = simulator.certificate(oin), simulator.file_account(oin)
    return {
        "ftp": simulator.files(folder, account),
        "ftp_gb": simulator.files(folder, account, "ftp_gb"),
        "ftp_implicit": simulator.files(folder, account, "ftp_implicit"),
    }


def named(reference: str) -> str:
    """A good name at `ftp`."""
    return f"Aangifte_LH_{reference}_{_BELASTINGDIENST}.xml"


def wait_for_part(box: FileBox, name: str) -> None:
    """Wait until a part of an upload lies there, which a reset would take with it before."""
    until = time.monotonic() + 20
    while not any(entry.size for entry in box.entries("in") if entry.name.startswith(name)):
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("interface", "name"),
    [
        ("ftp", named("broken")),
        ("ftp_gb", "000000000L01_2026_01_1.xml"),
        ("ftp_implicit", named("implicit")),
    ],
)
def test_an_upload_goes_on_where_the_connection_broke(
    boxes: dict[str, FileBox], interface: str, name: str
) -> None:
    """Two connections that break in mid-upload: what is there stays, and the receipt has the checksum."""
    trouble = Trouble([700_000, 1_500_000])
    upload = Upload(boxes[interface].depot, name, Source.of_octets(_CONTENT), trouble)
    receipt, sent = deliver_file(upload)
    assert trouble.broken == 2
    assert sent.resumed > 0
    first, second = sent.broke_after
    assert first >= 700_000
    assert second >= 1_500_000
    assert receipt.sha256 == hashlib.sha256(_CONTENT).hexdigest()
    assert receipt.size == len(_CONTENT)
    assert receipt.kenmerk in boxes[interface].wait_for(f"{name}.status.xml").decode()


@pytest.mark.parametrize("same", [True, False])
def test_an_earlier_upload_is_taken_up_again(boxes: dict[str, FileBox], same: bool) -> None:
    """With `resume` only the rest is sent; if what lay there was something else, the receipt tells."""
    box, name = boxes["ftp"], named(f"earlier-{same}")
    half = _CONTENT[:1_000_000] if same else _CONTENT[:1_000_000].replace(b"xxx", b"yyy")
    with logged_in(box.depot.account, box.depot.folder) as ftp:
        ftp.storbinary(f"STOR /in/{name}.tmp", io.BytesIO(half))
    upload = Upload(box.depot, name, Source.of_octets(_CONTENT), lambda done: None, resume=True)
    if same:
        assert deliver_file(upload)[1].resumed == len(half)
    else:
        with pytest.raises(DifferentContentError, match="something else than was sent"):
            deliver_file(upload)


def test_a_box_delivers_lists_reads_and_removes(boxes: dict[str, FileBox]) -> None:
    """What a test suite does with an account's files."""
    box, name = boxes["ftp"], named("box")
    receipt = box.put(name, wage_return().encode())
    assert receipt.kenmerk in box.wait_for(f"{name}.status.xml").decode()
    assert f"{name}.ontvangst.xml" in box.names()
    box.remove(f"{name}.ontvangst.xml")
    assert f"{name}.ontvangst.xml" not in box.names()
    with pytest.raises(NotFoundError, match="did not come"):
        box.wait_for(f"{name}.ontvangst.xml", seconds=0)


def test_a_name_used_before_is_told_at_once(boxes: dict[str, FileBox]) -> None:
    """The reply of the door is the error, with its number."""
    box = boxes["ftp"]
    box.put(named("twice"), wage_return().encode())
    with pytest.raises(ReplyError, match="was delivered before") as refused:
        box.put(named("twice"), wage_return().encode())
    assert refused.value.code == 553


def test_who_stops_it_is_told_how_to_go_on(
    simulator: Simulator, boxes: dict[str, FileBox], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C in mid-upload: the name to go on with is told, and with it only the rest is sent."""
    file, depot = tmp_path / "loon.xml", boxes["ftp"].depot
    file.write_bytes(_CONTENT)
    user, password = depot.account.user, depot.account.password
    folder = depot.folder.client.parent
    route = Route(state=simulator.state, cert=folder, via="ftp", user=user, password=password)

    @contextlib.contextmanager
    def impatient(label: str, total: int) -> Iterator[Any]:
        def stop(done: int) -> None:
            if done > 1_000_000:
                wait_for_part(boxes["ftp"], label)
                raise KeyboardInterrupt

        yield stop

    with pytest.raises(KeyboardInterrupt):
        put(PutOptions(route=route, files=(file,), berichtsoort="Aangifte_LH"), impatient)
    said = shlex.split(capsys.readouterr().err)
    name = said[said.index("--name") + 1]
    assert {"digipoort-sim", str(file), str(folder), str(simulator.state)} <= set(said)
    assert put(PutOptions(route=route, files=(file,), name=name, resume=True, as_json=True)) == 0
    assert '"resumed": 0' not in capsys.readouterr().out


def test_a_break_is_told_in_one_line(
    simulator: Simulator, boxes: dict[str, FileBox], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After how many bytes the connection broke, beside the kenmerk; with ``--json`` no word."""
    file, depot = tmp_path / "loon.xml", boxes["ftp"].depot
    file.write_bytes(_CONTENT)
    user, password = depot.account.user, depot.account.password
    folder = depot.folder.client.parent
    route = Route(state=simulator.state, cert=folder, via="ftp", user=user, password=password)

    @contextlib.contextmanager
    def breaking(label: str, total: int) -> Iterator[Any]:
        trouble = Trouble([1_000_000])

        def told(done: int) -> None:
            if done >= 1_000_000 and not trouble.broken:
                wait_for_part(boxes["ftp"], label)
            trouble(done)

        yield told

    options = PutOptions(route=route, files=(file,), berichtsoort="Aangifte_LH")
    assert put(options, breaking) == 0
    said = capsys.readouterr().err
    assert re.fullmatch(r"the connection broke after 1,\d{3},\d{3} bytes; resumed\n", said)
    assert put(replace(options, as_json=True), breaking) == 0
    assert capsys.readouterr().err == ""


def test_what_was_delivered_before_is_a_success_to_who_goes_on(
    simulator: Simulator, boxes: dict[str, FileBox], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stopped while waiting for the receipt: `resume` gives the kenmerk; for another content it stays 553."""
    file, depot, name = tmp_path / "loon.xml", boxes["ftp"].depot, named("waiting")
    file.write_text(wage_return())
    user, password = depot.account.user, depot.account.password
    folder = depot.folder.client.parent
    route = Route(state=simulator.state, cert=folder, via="ftp", user=user, password=password)
    options = PutOptions(route=route, files=(file,), name=name, resume=True)
    Upload(depot, name, Source.of_path(file), lambda done: None).run()
    assert put(options) == 0
    said = capsys.readouterr()
    assert "was delivered before, with this content" in said.err
    receipt = boxes["ftp"].read(f"{name}.ontvangst.xml").decode()
    assert f">{said.out.strip()}<" in receipt
    assert put(replace(options, as_json=True)) == 0
    assert '"delivered_before": true' in capsys.readouterr().out
    file.write_text(wage_return().replace("2026", "2025"))
    assert put(options) == 4
    assert "553" in capsys.readouterr().err
    file.write_text(wage_return())
    boxes["ftp"].wait_for(f"{name}.status.xml")
    boxes["ftp"].remove(f"{name}.ontvangst.xml")
    assert put(options) == 4
    assert "553" in capsys.readouterr().err


def test_the_client_goes_by_the_rules_of_the_running_server(tmp_path: Path) -> None:
    """Settings that only the server was given: a profile of one's own, a marker, session reuse required."""
    own = tmp_path / "own.toml"
    own.write_text('extends = "ftp-1.6.1"\nin_folder = "naar"\nout_folder = "van"\nreceipt_suffix = ".ack"\n')
    rows = {"profile": str(own), "complete_when": "marker", "session_reuse": "required"}
    with Simulator(ftp=rows) as running:
        oin = Oin.from_kvk("30216247")
        folder, (user, password) = running.certificate(oin), running.file_account(oin)
        route = Route(state=running.state, cert=folder.client.parent, via="ftp", user=user, password=password)
        box = FileBox(open_depot(route, Running.find(running.state), folder))
        receipt = box.put(named("rules"), _CONTENT)
        assert receipt.sha256 == hashlib.sha256(_CONTENT).hexdigest()
        assert [entry.path for entry in box.entries()][:1] == [f"/van/{named('rules')}.ack"]
