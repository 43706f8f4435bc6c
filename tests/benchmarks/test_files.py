"""The benchmark of the file door, on small files: it measures what it says, beside vsftpd in the same run."""

from __future__ import annotations

import shutil
import sys

import pytest

from benchmarks import files

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(shutil.which("vsftpd") is None, reason="vsftpd is not installed"),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


def test_the_file_door_is_measured_beside_vsftpd_and_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both directions to both servers with TLS, the bare disk, memory over idle, and many sessions."""
    monkeypatch.setattr(files, "_FILE_BYTES", 64 * 1024**2)
    monkeypatch.setattr(files, "_LARGE_BYTES", 256 * 1024**2)
    monkeypatch.setattr(files, "_RUNS", 1)
    monkeypatch.setattr(files, "_SESSIONS", 25)
    monkeypatch.setattr(files, "_IDLE_SECONDS", 0.5)
    rows: dict[str, str] = {}
    files.measure(rows.__setitem__)
    for line in rows.items():
        print(*line, sep=": ")
    told = "\n".join(rows)
    for direction in ("upload", "download"):
        assert f"{direction} of 67 MB by curl, TLS 1.3, to ours" in told
        assert f"{direction} of 67 MB by curl, TLS 1.3, to vsftpd" in told
        assert f"{direction}: ours as part of vsftpd's speed" in told
        over_idle = rows[f"{direction} of 268 MB: memory over idle"]
        assert float(over_idle.split()[0]) < 60, over_idle
    assert any(what.startswith("plain disk") for what in rows)
    assert not any("REFUSED" in what for what in rows)
