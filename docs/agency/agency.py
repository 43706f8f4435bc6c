"""An example agency (uitvragende partij): it takes messages from Digipoort, and sets their status.

    python docs/agency/agency.py FOLDER [--port 9443] [--digipoort https://localhost:8443]

FOLDER is what `digipoort-sim certs issue --oin ... --host localhost` made: its one certificate serves TLS,
signs answers and calls the zetstatusservice. The verdict is a simple one: XML is processable, else it is not.
"""

from __future__ import annotations

import argparse
import base64
import queue
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from digipoort_sim.client.folder import CertificateFolder
from digipoort_sim.client.soap import FaultError, WusClient
from digipoort_sim.clock import RealClock, wire_time
from digipoort_sim.config import WusSettings
from digipoort_sim.errors import AuthenticationRefusal, DigipoortSimError, Refusal
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki.certificate import load_certificates
from digipoort_sim.wus import addressing, answer, document, envelope, fault, structure, verification
from digipoort_sim.wus.canonical import escape
from digipoort_sim.wus.names import AFLEVEREN, KOPPELVLAK, ZETSTATUS
from digipoort_sim.wus.signing import Signer

CLOCK, IDS = RealClock(), SystemIds()
AFLEVER = AFLEVEREN.operations["afleveren"]
MOST_OCTETS = 300 * 1024 * 1024


class Agency:
    """What the agency knows: its key, Digipoort's certificate, and the messages that it has."""

    def __init__(self, folder: CertificateFolder, digipoort: str) -> None:
        self.signer = Signer.from_pem(folder.key.read_bytes(), folder.client.read_bytes())
        self.digipoort = load_certificates(folder.service)[0].public_bytes(Encoding.DER)
        self.client = WusClient(digipoort, folder)
        self.seen: set[str] = set()
        self.verdicts: queue.Queue[tuple[str, bytes]] = queue.Queue()

    def take(self, raw: bytes, soap_action: str | None) -> tuple[int, bytes]:
        """Check an afleverRequest and answer it; gives the HTTP status and the answer."""
        root = None
        try:
            root = document.parse(raw, document.Limits(max_bytes=MOST_OCTETS))
            request = envelope.read(root)
            verified = verification.verify(request)  # Body, Timestamp and every WS-Addressing header
            if verified.certificate_der != self.digipoort:
                raise AuthenticationRefusal("The message is not signed by Digipoort.", rule="SIGNER")
            addressing.check_freshness(request, CLOCK.now(), WusSettings())
            addressing.check(request, AFLEVEREN, soap_action)
            structure.check(request.body_element)
        except Refusal as refusal:
            return 500, self._fault(refusal, root)
        fields = {etree.QName(child).localname: child for child in request.body_element}
        kenmerk = fields["kenmerk"].text or ""
        if kenmerk not in self.seen:  # Digipoort may send a message twice: then only answer once more
            self.seen.add(kenmerk)
            inhoud = fields["berichtInhoud"].findtext(f"{{{KOPPELVLAK}}}inhoud") or ""
            self.verdicts.put((kenmerk, base64.b64decode(inhoud)))
        body = "".join(
            f"<{name}>{escape(text)}</{name}>"
            for name, text in (
                ("kenmerk", kenmerk),
                ("berichtkenmerk", fields["berichtkenmerk"].text or ""),
                ("tijdstempelAfgeleverd", wire_time(CLOCK.now())),
            )
        )
        signed = answer.build(
            self.signer,
            AFLEVER,
            relates_to=request.message_id or "",
            message_id=f"urn:uuid:{IDS.uuid()}",
            body_xml=f'<afleverResponse xmlns="{KOPPELVLAK}">{body}</afleverResponse>'.encode(),
            created=CLOCK.now(),
            signature_algorithm=verified.signature_algorithm,
            digest_algorithm=verified.digest_algorithm,
            ids=IDS,
        )
        return 200, signed

    def _fault(self, refusal: Refusal, root: etree._Element | None) -> bytes:
        relates_to = None if root is None else envelope.message_id_of(root)
        new_id = f"urn:uuid:{IDS.uuid()}"
        return fault.build(AFLEVEREN, AFLEVER, refusal.number, refusal.detail, relates_to, new_id)

    def judge(self) -> None:
        """Set the status of one message after the other, by zetStatus."""
        while True:
            kenmerk, inhoud = self.verdicts.get()
            values = {"kenmerk": kenmerk, "tijdstempelStatus": CLOCK.now(), **verdict(inhoud)}
            try:
                self.client.call(ZETSTATUS, "zetStatus", **values)
                print(f"{kenmerk}: {values['statuscode']}", flush=True)
            except (FaultError, DigipoortSimError) as error:
                print(f"{kenmerk}: zetStatus failed: {error}", flush=True)


def verdict(inhoud: bytes) -> dict[str, object]:
    """500 for XML; 510 with the agency's own code for anything else."""
    try:
        document.parse(inhoud)
    except Refusal as refusal:
        fout = {"foutcode": "VB001", "foutbeschrijving": f"Niet verwerkbaar: {refusal.detail}"}
        return {"statuscode": "510", "statusFoutcode": fout}
    return {"statuscode": "500", "statusdetails": "Het bericht is verwerkt."}


class Handler(BaseHTTPRequestHandler):
    """One request of Digipoort."""

    agency: Agency
    timeout = 60

    def do_POST(self) -> None:
        """Answer an afleverRequest."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MOST_OCTETS:
            self.send_error(411)
            return
        status, body = self.agency.take(self.rfile.read(int(length)), self.headers.get("SOAPAction"))
        self.send_response(status)
        self.send_header("Content-Type", answer.CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="An example agency for digipoort-sim.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=9443)
    parser.add_argument("--digipoort", default="https://localhost:8443")
    options = parser.parse_args()
    folder = CertificateFolder.open(options.folder)
    Handler.agency = Agency(folder, options.digipoort)
    threading.Thread(target=Handler.agency.judge, daemon=True).start()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder.client, folder.key)
    context.load_verify_locations(folder.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print(f"the agency listens on https://localhost:{options.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
