"""Many sessions at the file door at once, from a process of its own: how long each delivery takes."""

from __future__ import annotations

import ftplib
import io
import json
import netrc
import ssl
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

RECEIVER = "00000002003214394002"
_WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Crowd:
    """What the sessions saw.

    Attributes:
        logged_in: seconds until all of them had logged in.
        delivered: seconds from the first upload to the last 250.
        receipted: seconds from the first upload to the last receipt.
        p50, p99: milliseconds of one delivery, from STOR to the reply to RNTO.
        refused: replies that were refusals, and broken connections.
    """

    sessions: int
    deliveries: int
    logged_in: float
    delivered: float
    receipted: float
    p50: float
    p99: float
    refused: int
    first_refusal: str


class Client(ftplib.FTP_TLS):
    """ftplib whose data channels reuse the TLS session of the control channel."""

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[Any, int | None]:
        """Open a data channel."""
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        session = self.sock.session  # type: ignore[union-attr]
        return self.context.wrap_socket(connection, server_hostname=self.host, session=session), size


def content_of(number: int) -> bytes:
    """A small loonaangifte."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Loonaangifte xmlns="http://xml.belastingdienst.nl/schemas/Loonaangifte/2026/01" version="2.0">'
        f"<Bericht><IdBer>{number}</IdBer></Bericht>"
        "<AdministratieveEenheid><LhNr>000000000L01</LhNr></AdministratieveEenheid></Loonaangifte>\n"
    ).encode()


class Sessions:
    """So many sessions, each in a thread of its own, that do the same."""

    def __init__(self, port: int, folder: Path, sessions: int, each: int) -> None:
        self._port = port
        self._context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        self._context.load_cert_chain(folder / "client.pem", folder / "client.key")
        found = netrc.netrc(folder / "account.netrc").authenticators("localhost")
        if found is None:
            raise RuntimeError("no account in account.netrc")
        self._user, _, self._password = found
        self._sessions, self._each = sessions, each
        self._ready = threading.Barrier(sessions + 1)
        self.times: list[float] = []
        self.refusals: list[str] = []

    def run(self) -> Crowd:
        """Log in all together, then deliver, then wait for the receipts."""
        before, began = self._receipts(), time.perf_counter()
        with ThreadPoolExecutor(self._sessions) as pool:
            runs = [pool.submit(self._one, number) for number in range(self._sessions)]
            self._ready.wait(_WAIT_SECONDS)
            logged_in = time.perf_counter()
            for run in runs:
                run.result()
        delivered = time.perf_counter()
        self._await_receipts(before)
        receipted = time.perf_counter()
        times = sorted(self.times) or [0.0]
        return Crowd(
            self._sessions,
            len(self.times),
            logged_in - began,
            delivered - logged_in,
            receipted - logged_in,
            1000 * times[len(times) // 2],
            1000 * times[len(times) * 99 // 100],
            len(self.refusals),
            self.refusals[0] if self.refusals else "",
        )

    def login(self) -> Client:
        """A session that has logged in and protects its data channels."""
        client = Client(context=self._context, timeout=_WAIT_SECONDS)
        client.connect("localhost", self._port)
        client.login(self._user, self._password)
        client.prot_p()
        return client

    def _one(self, number: int) -> None:
        client = None
        try:
            client = self.login()
        except (OSError, EOFError, ftplib.Error) as error:
            self.refusals.append(repr(error))
        self._ready.wait(_WAIT_SECONDS)
        if client is None:
            return
        try:
            for turn in range(self._each):
                self._deliver(client, number, turn)
            client.quit()
        except (OSError, EOFError, ftplib.Error) as error:
            self.refusals.append(repr(error))

    def _deliver(self, client: Client, number: int, turn: int) -> None:
        name = f"Aangifte_LH_{time.time_ns()}-{number}-{turn}_{RECEIVER}.xml"
        began = time.perf_counter()
        client.storbinary(f"STOR /in/{name}.tmp", io.BytesIO(content_of(number)))
        client.rename(f"/in/{name}.tmp", f"/in/{name}")
        self.times.append(time.perf_counter() - began)

    def _await_receipts(self, before: int) -> None:
        until = time.monotonic() + _WAIT_SECONDS
        while self._receipts() < before + len(self.times) and time.monotonic() < until:
            time.sleep(0.1)

    def _receipts(self) -> int:
        client = self.login()
        there = sum(name.endswith(".ontvangst.xml") for name in client.nlst("/out"))
        client.quit()
        return there


def main() -> None:
    """Run as a process: port, folder of the client, sessions, deliveries of each; prints the result."""
    port, folder, sessions, each = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    print(json.dumps(asdict(Sessions(port, folder, sessions, each).run())))


if __name__ == "__main__":
    main()
