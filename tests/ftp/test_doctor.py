"""What the doctor says of the file interfaces."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

from digipoort_sim.client.doctor_file_doors import FileDoor, check_file_doors, file_doors
from digipoort_sim.client.doctor_findings import Finding, Findings, Outcome
from digipoort_sim.pki.tls import client_context
from tests.ftp.conftest import Door


def examined(doors: tuple[FileDoor, ...], files: Path) -> Finding:
    """The finding about these doors."""
    findings = Findings()
    check_file_doors(doors, "localhost", client_context(files), 5.0, findings)
    return findings.all()[-1]


def test_every_door_takes_a_good_certificate(door: Door, client_files: Callable[[str], Path]) -> None:
    """All doors of ``endpoints.json`` are looked at, the one with implicit TLS too."""
    settings = door.rooms.settings.model_copy(update={"ftp_implicit_port": 0})
    object.__setattr__(door.rooms, "settings", settings)
    ports = {f"{key}_port": port for key, port in door.open().ports.items()}
    doors = file_doors({"ftp": "ftp://x", "ftp_gb": "ftp://y", **ports})
    assert [one.name for one in doors] == ["ftp", "ftp_gb", "ftp_implicit"]
    finding = examined(doors, client_files("00000003302162470000"))
    assert (finding.check, finding.outcome) == ("file-doors", Outcome.OK)
    assert finding.found.count("TLSv1.3") == 3


def test_a_refusal_names_the_door_and_the_alert(door: Door, bad_files: Callable[[str], Path]) -> None:
    """With TLS 1.3 the alert comes after the handshake, and is heard."""
    port = door.open().ports["ftp_gb"]
    finding = examined((FileDoor("ftp_gb", port),), bad_files("revoked"))
    assert (finding.outcome, finding.code) == (Outcome.FAILED, "certificate_revoked")
    assert finding.found.startswith(f"ftp_gb (port {port}): your certificate is revoked")


def test_who_is_no_file_door_is_told_of(client_files: Callable[[str], Path]) -> None:
    """A port where nobody listens, one that speaks something else, and one that hangs up."""
    files = client_files("00000003302162470000")
    with socket.create_server(("localhost", 0)) as listening:
        port = listening.getsockname()[1]

        def answer() -> None:
            for greeting in (b"SSH-2.0-x\r\n", b""):
                connection, _ = listening.accept()
                with connection:
                    connection.sendall(greeting)

        thread = threading.Thread(target=answer)
        thread.start()
        assert "it answers 'SSH-2.0-x'" in examined((FileDoor("ftp", port),), files).found
        assert "does not speak FTP, or hung up" in examined((FileDoor("ftp", port),), files).found
        thread.join()
    assert "nothing listens at localhost" in examined((FileDoor("ftp", port),), files).found
