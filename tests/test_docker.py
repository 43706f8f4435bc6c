"""The image and the compose file: linted, and the image's own install and start steps run as they stand."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.catalogue.file_profiles import profiles_in_force
from digipoort_sim.config import Settings

ROOT = Path(__file__).parent.parent
DOCKERFILE = ROOT / "docker" / "Dockerfile"
COMPOSE = ROOT / "docker" / "compose.yaml"


def instructions(word: str) -> list[str]:
    """The arguments of each instruction with this word, continuation lines joined."""
    text = re.sub(r"\\\n\s*", " ", DOCKERFILE.read_text())
    return re.findall(rf"^{word}\s+(.*)$", text, re.MULTILINE)


def compose() -> dict[str, Any]:
    """The compose file, read."""
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return loaded


def test_dockerfile_passes_its_linter() -> None:
    """hadolint finds nothing in the Dockerfile."""
    linter = shutil.which("hadolint", path=os.path.dirname(sys.executable))
    if linter is None:
        pytest.skip("hadolint is not installed")
    result = subprocess.run([linter, str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_compose_file_passes_its_linter() -> None:
    """yamllint finds no error in the compose file."""
    pytest.importorskip("yamllint", reason="yamllint is not installed")
    rules = "{extends: relaxed, rules: {line-length: {max: 110}}}"
    command = [sys.executable, "-m", "yamllint", "--strict", "-d", rules, str(COMPOSE)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_image_runs_without_root() -> None:
    """The last USER is not root, and the state directory is the declared volume."""
    assert instructions("USER")[-1].split(":")[0] not in ("root", "0")
    assert instructions("VOLUME") == ["/state"]


def test_health_check_is_readyz() -> None:
    """The image's health is what `readyz` says."""
    assert '["digipoort-sim", "readyz"]' in instructions("HEALTHCHECK")[0]


def test_every_port_of_the_file_interfaces_is_open() -> None:
    """The image and the compose file have control ports and passive ranges of both profiles."""
    profiles = profiles_in_force(Settings())
    firsts = [profile.passive_first_port for profile in profiles.values()]
    ends = [profile.passive_first_port + profile.passive_ports for profile in profiles.values()]
    assert firsts[1:] == ends[:-1]
    passive = f"{firsts[0]}-{ends[-1] - 1}"
    assert instructions("EXPOSE")[0].split() == ["8443", "2121", "2122", "8080", passive]
    ports = compose()["services"]["digipoort"]["ports"]
    assert {f"127.0.0.1:{port}:{port}" for port in ("2121", "2122", passive)} <= set(ports)


def test_compose_root_is_read_only() -> None:
    """In compose the root file system is read-only, no capability is kept, and the state is a volume."""
    service = compose()["services"]["digipoort"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "state:/state" in service["volumes"]
    assert service["environment"]["DIGIPOORT_SIM_DATABASE_URL"].startswith("postgresql+psycopg://")


@pytest.mark.heavy
@pytest.mark.timeout(300)
def test_install_and_start_steps_work_in_a_clean_environment(tmp_path: Path) -> None:
    """The image's pip step gives a program that ENTRYPOINT, CMD and ENV start, healthy."""
    source = _copied_sources(tmp_path / "source")
    prefix = tmp_path / "opt"
    step = next(step for step in instructions("RUN") if "pip" in step)
    step = step.replace("/opt/digipoort-sim", str(prefix)).replace(
        "python -m venv", f"{sys.executable} -m venv"
    )
    arguments = dict(line.split("=", 1) for line in instructions("ARG"))
    subprocess.run(["sh", "-euc", step], cwd=source, check=True, timeout=240, env=os.environ | arguments)
    environment = _image_environment(prefix, tmp_path / "state")
    command = json.loads(instructions("ENTRYPOINT")[0]) + json.loads(instructions("CMD")[-1])
    with subprocess.Popen(command, env=environment, cwd="/") as process:
        try:
            assert _healthy(environment), "the health check never succeeded"
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0


def _copied_sources(target: Path) -> Path:
    """What the COPY instructions of the build stage bring in."""
    target.mkdir()
    for line in instructions("COPY"):
        if line.startswith("--from"):
            continue
        *names, into = line.split()
        for name in names:
            origin = ROOT / name
            place = target / name if into == "./" else target / into
            place.parent.mkdir(parents=True, exist_ok=True)
            if origin.is_dir():
                shutil.copytree(origin, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(origin, place)
    return target


def _image_environment(prefix: Path, state: Path) -> dict[str, str]:
    """The ENV of the image, on free ports and a state directory of the test."""
    text = " ".join(instructions("ENV"))
    image = dict(pair.split("=", 1) for pair in text.split())
    image["PATH"] = f"{prefix}/bin:{os.environ['PATH']}"
    image["DIGIPOORT_SIM_STATE"] = str(state)
    return image | {f"DIGIPOORT_SIM_{door}_PORT": "0" for door in ("WUS", "FTP", "WEB")}


def _healthy(environment: dict[str, str]) -> bool:
    command = re.search(r"CMD (\[.*\])", instructions("HEALTHCHECK")[0])
    assert command is not None
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if subprocess.run(json.loads(command[1]), env=environment, check=False).returncode == 0:
            return True
    return False
