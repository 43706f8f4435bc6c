"""gSOAP with its wsse plugin, from Debian's packages."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.stacks.contract import Report, StackFacts, StockFacts
from tests.stacks.office import STACKS, Office, need, need_files

SHARE = Path("/usr/share/gsoap")
PLUGINS = [SHARE / "plugin" / f"{name}.c" for name in ("wsseapi", "wsaapi", "smdevp", "mecevp", "threads")]
FLAGS = ["-DWITH_OPENSSL", "-DWITH_DOM", "-DWITH_GZIP", "-DWITH_IPV6"]
LIBRARIES = ["-lgsoapssl", "-lssl", "-lcrypto", "-lz"]

pytestmark = pytest.mark.heavy
need("curl", "gcc", "soapcpp2", "wsdl2h")
need_files(*PLUGINS, Path("/usr/include/openssl/ssl.h"), Path("/usr/include/zlib.h"))


def ran(folder: Path, *command: str | Path) -> None:
    """Run a command to its good end."""
    result = subprocess.run(
        [*map(str, command)], cwd=folder, capture_output=True, text=True, check=False, timeout=100
    )
    assert result.returncode == 0, f"{command[:2]}: {result.stdout}\n{result.stderr}"


def wsdls(office: Office, folder: Path) -> list[str]:
    """The served WSDLs and XSD as files side by side: wsdl2h has no client certificate."""
    tls = ["--cacert", office.good / "ca.pem", "--cert", office.good / "client.pem"]
    xsd = "/cpl/digipoort-koppelvlak-1.2.xsd"
    files = {"aanlever.wsdl": "/wus/2.0/aanleverservice/1.2?wsdl", Path(xsd).name: xsd}
    files["status.wsdl"] = "/wus/2.0/statusinformatieservice/1.2?wsdl"
    for name, path in files.items():
        ran(
            folder,
            *("curl", "--silent", "--show-error", "--fail", *tls, "--key", office.good / "client.key"),
            *("--output", name, office.base + path),
        )
        (folder / name).write_text((folder / name).read_text().replace(f'"{xsd}"', f'"{Path(xsd).name}"'))
    return [name for name in files if name.endswith(".wsdl")]


@pytest.fixture(scope="module")
def report(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What the gSOAP client saw."""
    folder = tmp_path_factory.mktemp("gsoap")
    typemap = STACKS / "gsoap" / "typemap.dat"
    ran(folder, "wsdl2h", "-c", "-t", typemap, "-o", "digipoort.h", *wsdls(office, folder))
    ran(folder, "soapcpp2", "-c", "-C", "-L", "-w", "-x", "-I", f"{SHARE / 'import'}:{SHARE}", "digipoort.h")
    sources = [STACKS / "gsoap" / "client.c", folder / "soapC.c", folder / "soapClient.c"]
    headers = [f"-I{folder}", f"-I{SHARE / 'plugin'}", f"-I{SHARE}"]
    timeval = SHARE / "custom" / "struct_timeval.c"
    ran(folder, "gcc", "-w", *FLAGS, *headers, "-o", "client", *sources, *PLUGINS, timeval, *LIBRARIES)
    for vendor in (office.good, office.revoked):
        with (vendor / "client-bundle.pem").open("wb") as bundle:
            for part in ("client.key", "client.pem"):
                bundle.write((vendor / part).read_bytes())
    return office.report(folder / "client")


class TestGsoap(StackFacts, StockFacts):
    """gSOAP 2.8 with the code that wsdl2h made, chunked requests, and the wsse plugin judging the answers."""

    tampered = "signature or decryption was invalid"
