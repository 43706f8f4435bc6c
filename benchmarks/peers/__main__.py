"""Other stacks under the same load, one after the other in one run, beside our own server.

What each does is in its row: only the first two do the same work as we, less the store.
"""

from __future__ import annotations

import contextlib
import functools
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.__main__ import load, openssl_sign_rate, row
from benchmarks.messages import signed_requests
from benchmarks.simulator import COMMAND, started
from digipoort_sim.resources import schemas

HERE = Path(__file__).resolve().parent
NODE_PACKAGES = HERE.parents[1] / "tests" / "stacks" / "node"
JARS = ":".join(
    f"/usr/share/java/{name}.jar"
    for name in ("wss4j", "xmlsec", "commons-logging", "commons-codec", "slf4j-api", "slf4j-nop")
)
PASSWORD = "trial"
_WSDL, _XSD = "aanleverservice-1.2.wsdl", "digipoort-koppelvlak-1.2.xsd"


@dataclass(frozen=True)
class Peer:
    """A server to compare with.

    Attributes:
        command: starts it; it prints its port.
        needs: programs and files without which it is left out.
        warm_up: how many requests before it is measured.
        requests: how many are measured.
    """

    name: str
    command: list[str]
    needs: tuple[str, ...]
    warm_up: int
    requests: int

    def missing(self) -> list[str]:
        """What it needs and is not there."""
        return [need for need in self.needs if not (shutil.which(need) or Path(need).exists())]


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder))


def measure(folder: Path) -> None:
    """Our own server first and last, because machines drift; the peers in between."""
    state, client = folder / "state", folder / "client"
    command = [*COMMAND, "certs", "issue", "--kvk", "30216247", "--out", str(client), "--state", str(state)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for name in ("server.pem", "server.key", "ca.pem"):
        shutil.copy(state / "pki" / name, folder / name)
    requests = signed_requests(client, 30_000)
    row("openssl speed rsa2048, one core", f"{openssl_sign_rate():,.0f} sign/s")
    own = functools.partial(own_rate, state, client)
    first = own(requests[:5000])
    rates = {peer.name: peer_rate(peer, client, folder, requests[5000:20_000]) for peer in peers(folder)}
    ours = (first + own(requests[20_000:25_000])) / 2
    row("openssl speed rsa2048, one core", f"{openssl_sign_rate():,.0f} sign/s")
    row("this server, 2 workers: verify, XSD, store, sign", f"{ours:,.0f}/s")
    for name, rate in rates.items():
        row(
            name,
            "left out" if rate is None else f"{rate:,.0f}/s; this server is {ours / rate:.1f} times as fast",
        )


def own_rate(state: Path, client: Path, requests: list[bytes]) -> float:
    """Answers per second of our own server."""
    with started(state, "--workers", "2") as simulator:
        port = simulator.endpoints["wus_port"]
        rate_of(port, client, state, requests[:500])
        return rate_of(port, client, state, requests[500:])


def peers(folder: Path) -> list[Peer]:
    """All peers, with our server's certificate as theirs."""
    key, chain, ca = (str(folder / name) for name in ("server.key", "server.pem", "ca.pem"))
    wsdl = relative_wsdl(folder)
    classes = folder / "classes"
    node = ["node", str(HERE / "server.js")]
    node_needs = ("node", str(NODE_PACKAGES / "node_modules"))
    return [
        Peer(
            "Java HttpsServer with WSS4J: verify, XSD, sign",
            [
                *("java", "-Dsun.net.httpserver.nodelay=true", "-cp", f"{classes}:{JARS}", "Wss4jServer"),
                *(str(folder / "server.p12"), PASSWORD, ca, str(folder / _XSD), "16"),
            ],
            ("java", "javac", "openssl", *JARS.split(":")),
            3000,
            3000,
        ),
        Peer(
            "node with xml-crypto: verify, sign",
            [*node, "xml-crypto", key, chain, ca, str(wsdl), str(NODE_PACKAGES)],
            node_needs,
            200,
            600,
        ),
        Peer(
            "node-soap: checks and signs nothing",
            [*node, "soap", key, chain, ca, str(wsdl), str(NODE_PACKAGES)],
            node_needs,
            500,
            3000,
        ),
        Peer(
            "bare spyne in cheroot: checks and signs nothing",
            [sys.executable, "-m", "benchmarks.peers.spyne_server", key, chain, ca],
            (),
            500,
            3000,
        ),
    ]


def relative_wsdl(folder: Path) -> Path:
    """Our WSDL and XSD side by side, for servers that read files."""
    for name in (_WSDL, _XSD):
        text = (schemas() / "wus" / name).read_text()
        (folder / name).write_text(text.replace(f"/cpl/{_XSD}", _XSD))
    return folder / _WSDL


def peer_rate(peer: Peer, client: Path, folder: Path, requests: list[bytes]) -> float | None:
    """Answers per second of a peer; None if it cannot run here."""
    missing = peer.missing()
    if missing:
        print(f"{peer.name}: left out, without {', '.join(missing)}", file=sys.stderr)
        return None
    if peer.command[0] == "java":
        prepare_java(folder)
    with running(peer) as port:
        rate_of(port, client, folder, requests[: peer.warm_up])
        return rate_of(port, client, folder, requests[peer.warm_up : peer.warm_up + peer.requests])


def prepare_java(folder: Path) -> None:
    """Compile the Java peer, and make the key store that it reads."""
    command = ["openssl", "pkcs12", "-export", "-passout", f"pass:{PASSWORD}", "-out", folder / "server.p12"]
    subprocess.run([*command, "-inkey", folder / "server.key", "-in", folder / "server.pem"], check=True)
    source = HERE / "Wss4jServer.java"
    subprocess.run(["javac", "-nowarn", "-d", folder / "classes", "-cp", JARS, source], check=True)


@contextlib.contextmanager
def running(peer: Peer) -> Iterator[int]:
    """A peer that serves; gives its port."""
    process = subprocess.Popen(peer.command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.strip().isdigit():
            raise RuntimeError(f"{peer.name} did not start")
        yield int(line)
    finally:
        process.kill()
        process.wait()


def rate_of(port: int, client: Path, folder: Path, requests: list[bytes]) -> float:
    """Answers per second.

    Raises:
        RuntimeError: the server refused a request, so that it did other work than it should.
    """
    file = folder / "requests"
    file.write_bytes(pickle.dumps(requests))
    result = load(port, client, file)
    if result.refused:
        raise RuntimeError(f"{result.refused} of {result.answers} requests were refused")
    return result.rate


if __name__ == "__main__":
    main()
