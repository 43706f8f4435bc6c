"""JAX-WS RI and WSS4J, from Debian's packages."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.stacks.contract import MtomFacts, Report, StackFacts, StockFacts
from tests.stacks.office import STACKS, Office, need, need_files

JARS = [
    Path("/usr/share/java") / f"{name}.jar"
    for name in ("jaxws-rt", "wss4j", "xmlsec", "commons-logging", "commons-codec", "slf4j-api", "slf4j-nop")
]
QUICK = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]

pytestmark = pytest.mark.heavy
need("java", "javac", "keytool", "wsimport")
need_files(*JARS)


def ran(*command: str | Path, **environ: str) -> None:
    """Run a command to its good end."""
    result = subprocess.run(
        [*map(str, command)],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert result.returncode == 0, f"{command[:2]}: {result.stdout}\n{result.stderr}"


def generated(office: Office, folder: Path) -> Path:
    """Classes that wsimport makes of the WSDLs, which it fetches by mutual TLS."""
    trust, sources = folder / "trust.p12", folder / "generated"
    sources.mkdir()
    ran(
        *("keytool", "-importcert", "-noprompt", "-alias", "digipoort-sim", "-file", office.good / "ca.pem"),
        *("-keystore", trust, "-storepass", "changeit"),
    )
    properties = {
        "keyStore": office.good / "client.p12",
        "keyStorePassword": "trial",
        "trustStore": trust,
        "trustStorePassword": "changeit",
    }
    options = [*QUICK, *(f"-Djavax.net.ssl.{name}={value}" for name, value in properties.items())]
    for service in ("aanleverservice", "statusinformatieservice", "ophaalservice"):
        url = f"{office.base}/wus/2.0/{service}/1.2?wsdl"
        ran("wsimport", "-quiet", "-Xnocompile", "-d", sources, url, WSIMPORT_OPTS=" ".join(options))
    return sources


@pytest.fixture(scope="module")
def report(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What the Java client saw."""
    folder = tmp_path_factory.mktemp("java")
    sources = [*generated(office, folder).rglob("*.java"), *(STACKS / "java").glob("*.java")]
    class_path = ":".join(map(str, [folder / "classes", *JARS]))
    ran("javac", "-nowarn", "-d", folder / "classes", "-cp", class_path, *sources)
    return office.report("java", *QUICK, "-cp", class_path, "Client")


class TestJaxWsAndWss4j(StackFacts, StockFacts, MtomFacts):
    """JAX-WS RI 2.3 with wsimport's classes, WSS4J 1.6 signing and judging in a SOAPHandler."""

    tampered = "signature or decryption was invalid"
    refused = "fatal alert: certificate_revoked"
