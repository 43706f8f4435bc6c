"""The wheel: complete, and working in an empty environment."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.mark.heavy
def test_wheel_holds_schemas_and_certificate_profile(wheel: Path) -> None:
    """The wheel contains the schemas, the certificate profile, the catalogue, templates and migrations."""
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "_data/schemas/wus/aanleverservice-1.2.wsdl",
        "_data/schemas/machtiging/machtiging.xsd",
        "_data/certs/profile.toml",
        "catalogue/data/statuses.toml",
        "web/portal/texts/en.toml",
        "web/templates/portal/base.html",
        "web/static/portal.css",
        "py.typed",
    ):
        assert f"digipoort_sim/{needed}" in names
    assert not [name for name in names if name.endswith((".key", ".p12", ".pem"))]


@pytest.mark.heavy
@pytest.mark.timeout(300)
def test_installed_wheel_issues_a_certificate(wheel: Path, tmp_path: Path) -> None:
    """`pip install dist/*.whl` in an empty environment gives a program that works."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    constraints = str(ROOT / "tests" / "constraints.txt")
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", constraints, str(wheel)], check=True, timeout=240)
    program = str(venv / "bin" / "digipoort-sim")
    command = [program, "certs", "issue", "--kvk", "30216247", "--out", str(tmp_path / "client")]
    result = subprocess.run(
        [*command, "--state", str(tmp_path / "state")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "SHA-256" in result.stdout
    assert {path.name for path in (tmp_path / "client").iterdir()} == {
        "client.pem",
        "client.key",
        "client.p12",
        "ca.pem",
        "service.pem",
    }
