"""The doctor: examines a vendor's own set-up from its files to a signed call, and names what is wrong."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lxml import etree

from digipoort_sim.client import doctor_call
from digipoort_sim.client.doctor_certificate import check_certificate
from digipoort_sim.client.doctor_file_doors import FileDoor, check_file_doors
from digipoort_sim.client.doctor_files import Material, Places, read_material
from digipoort_sim.client.doctor_findings import Finding, Findings, Outcome
from digipoort_sim.client.doctor_network import (
    Answer,
    Line,
    Network,
    NoAnswerError,
    Target,
    client_context,
    look_at_server,
)
from digipoort_sim.client.doctor_words import (
    ABOUT_CERTIFICATES,
    words_of_alert,
    words_of_fault,
    words_of_no_connection,
)
from digipoort_sim.clock import RealClock, wire_time
from digipoort_sim.errors import ConfigError, DigipoortSimError
from digipoort_sim.pki.build import names_of
from digipoort_sim.pki.facts import shown_name
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.names import SERVICES, STATUSINFORMATIE, Service

_WSDL = "{http://schemas.xmlsoap.org/wsdl/}definitions"
_SMALL_SKEW, _LARGE_SKEW = 5.0, 60.0


@dataclass(frozen=True, kw_only=True)
class DoctorOptions:
    """What is to be examined.

    Attributes:
        target: the server; its path names a service, or stands before the services' own paths.
        places: the files.
        state: state directory of a simulator on this machine, for its CRL; None for none.
        stub: use the paths of the Aansluit Suite where the URL has none.
        nummer: of the belanghebbende that is asked about; None for the OIN of the certificate.
        type: of that number.
        sha: 1 or 256, the algorithms of the request's signature.
        timeout: seconds for each step of the way.
        file_doors: of a simulator that runs, on the host of the target.
    """

    target: Target
    places: Places
    state: Path | None = None
    stub: bool = False
    nummer: str | None = None
    type: str = "OIN"
    sha: Literal[1, 256] = 256
    timeout: float = 10.0
    file_doors: tuple[FileDoor, ...] = ()

    def __post_init__(self) -> None:
        for option, text in (("--belanghebbende", self.nummer), ("--type", self.type)):
            if text is not None and not (text.strip() and text.isprintable()):
                raise ConfigError(f"{option} {text!r} is empty or has control characters", rule="OPTION")


@dataclass(frozen=True)
class Diagnosis:
    """All findings, in the order of the checks."""

    findings: tuple[Finding, ...]

    @property
    def is_good(self) -> bool:
        """Whether nothing failed."""
        return not any(one.outcome is Outcome.FAILED for one in self.findings)


def examine(options: DoctorOptions) -> Diagnosis:
    """Examine a set-up. Nothing but the server of the URL is called, and the call only reads."""
    findings = Findings()
    material = read_material(options.places, findings)
    check_certificate(material, options.state, RealClock().now(), findings)
    if findings.has("ca-file") and not findings.is_good("ca-file"):
        _visit_without_trust(options, findings)
    else:
        _Visit(options, material, findings).run()
    return Diagnosis(findings.all())


def _visit_without_trust(options: DoctorOptions, findings: Findings) -> None:
    """All that can be told without a CA file: whether somebody is there."""
    network = Network(options.target, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), options.timeout)
    _check_tcp(network, findings)


def _check_tcp(network: Network, findings: Findings) -> bool:
    began = time.monotonic()
    try:
        address = network.connect()
    except OSError as error:
        findings.fail("tcp", *words_of_no_connection(error, network.target.shown))
        return False
    except UnicodeError:
        findings.fail("tcp", f"{network.target.host!r} is no host name", "look at the host name")
        return False
    findings.ok("tcp", f"{address} answers in {(time.monotonic() - began) * 1000:.0f} ms")
    return True


class _Visit:
    """The checks that need the server, each after the one that it stands on."""

    def __init__(self, options: DoctorOptions, material: Material, findings: Findings) -> None:
        self._options = options
        self._target = options.target
        self._material = material
        self._findings = findings
        self._has_own = bool(material.certificates) and findings.is_good("key-match")

    def run(self) -> None:
        own = self._material if self._has_own else Material(cas=self._material.cas)
        try:
            context = client_context(own, self._options.places)
        except (ssl.SSLError, ValueError) as error:
            self._findings.fail(
                "key-match", f"OpenSSL does not take this certificate and key: {error}", "export both anew"
            )
            context = client_context(Material(cas=self._material.cas), self._options.places)
        self._network = Network(self._target, context, self._options.timeout)
        if not _check_tcp(self._network, self._findings):
            return
        line = self._greet()
        if line is None or not self._has_own:
            return
        if self._options.file_doors:
            own_context = client_context(own, self._options.places)
            doors, timeout = self._options.file_doors, self._options.timeout
            check_file_doors(doors, self._target.host, own_context, timeout, self._findings)
        self._check_path(line)
        if self._findings.is_good("client-certificate"):
            self._check_call()

    def _greet(self) -> Line | None:
        """The checks ``tls`` and ``server-certificate``; a refusal of ours may come here already."""
        try:
            line = self._network.greet()
        except ssl.SSLCertVerificationError as error:
            self._findings.ok("tls", "the server speaks TLS")
            self._untrusted(error)
            return None
        except NoAnswerError as error:
            self._no_handshake(error)
            return None
        self._findings.ok("tls", f"{line.version}, {line.cipher}")
        self._trusted()
        return line

    def _trusted(self) -> None:
        vouching = "this machine" if self._options.places.ca is None else str(self._options.places.ca)
        self._findings.ok("server-certificate", f"good for {self._target.host}, by the CAs of {vouching}")

    def _no_handshake(self, error: NoAnswerError) -> None:
        findings, where = self._findings, self._target.shown
        if error.alert in ABOUT_CERTIFICATES or (error.alert == "handshake_failure" and not self._has_own):
            # It comes after the client has judged the server's certificate.
            findings.ok("tls", "the server speaks TLS")
            self._trusted()
            self._refused(error)
        elif error.alert:
            findings.fail("tls", *words_of_alert(error.alert), error.alert)
        elif error.timed_out:
            findings.fail(
                "tls",
                f"{where} takes the connection and then says nothing for {self._options.timeout:g} s",
                "is it the right port? A proxy or load balancer may hold the connection",
            )
        elif "WRONG_VERSION_NUMBER" in str(error) or "HTTP_REQUEST" in str(error):
            findings.fail("tls", f"{where} does not speak TLS", "is it a port of plain HTTP?")
        else:
            findings.fail("tls", f"the handshake fails: {error}", "is it the right host and port?")

    def _untrusted(self, error: ssl.SSLCertVerificationError) -> None:
        """The server's certificate is not good for us: say what it is."""
        shown = look_at_server(self._target, self._options.timeout)
        words = error.verify_message
        if shown is None:
            self._findings.fail("server-certificate", words, "give the right CA file with --ca")
            return
        names = ", ".join(names_of(shown)) or "none"
        issuer = shown_name(shown.issuer)
        if "ostname mismatch" in words or "address mismatch" in words:
            found = f"it is not for {self._target.host}; its names are: {names}"
            mend = "use one of these names in --url; a simulator: DIGIPOORT_SIM_SERVER_NAMES adds names"
        elif "expired" in words or "not yet valid" in words:
            start, end = wire_time(shown.not_valid_before_utc), wire_time(shown.not_valid_after_utc)
            found = f"{words}: valid from {start} to {end}, here it is {wire_time(RealClock().now())}"
            mend = "set this machine's clock right, or tell who runs the server"
        else:
            vouching = self._options.places.ca or "this machine"
            found = f"{issuer!r} issued it, for which no CA of {vouching} vouches ({words})"
            mend = "give the CA file of this server with --ca; a simulator's is ca.pem of 'certs issue'"
        self._findings.fail("server-certificate", found, mend)

    def _refused(self, error: NoAnswerError) -> None:
        if error.alert:
            self._findings.fail("client-certificate", *words_of_alert(error.alert), error.alert)
            return
        why = "nothing comes" if error.timed_out else f"the server hangs up without a word: {error}"
        self._findings.fail(
            "client-certificate",
            f"after the handshake {why}",
            "many servers drop a client whose certificate they refuse without telling; "
            "the checks of the certificate above may tell why",
        )

    # --- the service

    def _service(self) -> tuple[Service, str, str] | None:
        """The service that the URL names, what stands before its path, and its family; None if unknown."""
        path = self._target.path
        for service in SERVICES.values():
            for family, own in service.paths.items():
                if path.endswith(own):
                    return service, path.removesuffix(own), family
        if not path:
            return STATUSINFORMATIE, "", "stub" if self._options.stub else "preproduction"
        return None

    def _check_path(self, line: Line) -> None:
        """The checks ``client-certificate``, ``path`` and ``clock``: the WSDL is fetched."""
        found = self._service()
        path = self._target.path
        if found is not None:
            service, prefix, family = found
            path = prefix + service.paths[family]
        try:
            answer = self._network.ask("GET", f"{path}?wsdl")
        except ssl.SSLCertVerificationError as error:
            self._untrusted(error)
            return
        except NoAnswerError as error:
            self._refused(error)
            return
        self._check_clock(answer)
        if self._is_let_in(answer, line):
            self._check_wsdl(answer, path, found[0] if found else None)

    def _is_let_in(self, answer: Answer, line: Line) -> bool:
        fault = doctor_call.fault_in(answer.body)
        if fault is not None and fault[0].endswith("110"):
            found, mend = words_of_fault(*fault)
            self._findings.fail(
                "client-certificate", f"TLS accepts it, the service does not: {found}", mend, fault[0]
            )
            return False
        if answer.status in (401, 403):
            self._findings.fail(
                "client-certificate",
                f"TLS accepts it, the server answers HTTP {answer.status}",
                "the checks of the certificate above may tell why; a simulator: digipoort-sim events list",
                str(answer.status),
            )
            return False
        if line.asked_for_certificate is False:
            self._findings.warn(
                "client-certificate",
                "the server did not ask for a certificate in its handshake",
                "Digipoort always does: is this Digipoort, without a proxy in between?",
            )
        else:
            self._findings.ok("client-certificate", "the handshake and a question with it succeed")
        return True

    def _check_wsdl(self, answer: Answer, path: str, service: Service | None) -> None:
        findings, url = self._findings, self._target.url(path)
        family = "stub" if self._options.stub else "preproduction"
        known = f"the paths are {', '.join(one.paths[family] for one in SERVICES.values())}"
        if answer.status == 404:
            findings.fail("path", f"there is nothing at {url}", known, "404")
        elif 300 <= answer.status < 400:
            findings.fail(
                "path",
                f"{url} leads elsewhere, to {answer.location[:200]!r}",
                "use that URL if it is Digipoort; a SOAP client does not follow",
                str(answer.status),
            )
        elif answer.status != 200:
            findings.warn(
                "path",
                f"{url}?wsdl is answered with HTTP {answer.status}",
                "the signed call tells more",
                str(answer.status),
            )
        elif (namespace := _wsdl_namespace(answer.body)) is None:
            findings.fail("path", f"{url}?wsdl is no WSDL", f"is this Digipoort? {known}", "200")
        elif service is not None and namespace != service.namespace:
            findings.warn("path", f"{url}?wsdl is of another service: {namespace[:200]}", known)
        else:
            findings.ok("path", f"the WSDL is at {url}?wsdl")

    def _check_clock(self, answer: Answer) -> None:
        skew = answer.skew_seconds
        if skew is None:
            self._findings.warn("clock", "the server tells no time", "compare the clocks yourself")
            return
        side = "ahead of" if skew > 0 else "behind"
        found = f"this machine is {abs(skew):.0f} s {side} the server"
        mend = "set the clock by NTP: a Timestamp is refused that lies in the future or is too old"
        if abs(skew) <= _SMALL_SKEW:
            self._findings.ok("clock", f"this machine and the server agree within {_SMALL_SKEW:g} s")
        elif abs(skew) < _LARGE_SKEW:
            self._findings.warn("clock", found, mend)
        else:
            self._findings.fail("clock", found, mend)

    # --- the call

    def _check_call(self) -> None:
        found = self._service()
        if found is None:
            known = STATUSINFORMATIE.paths["preproduction"]
            self._findings.skip("call", f"the URL names no service that is known here, such as {known}")
            self._findings.skip("answer", "there was no call")
            return
        path = found[1] + STATUSINFORMATIE.paths[found[2]]
        try:
            raw, headers = doctor_call.request(
                self._material,
                self._target.url(path),
                self._options.nummer or self._own_number(),
                self._options.type,
                self._options.sha,
            )
        except DigipoortSimError as error:
            self._findings.fail("call", error.detail, "a signature needs an RSA key and its certificate")
            return
        self._send(path, raw, headers)

    def _send(self, path: str, raw: bytes, headers: dict[str, str]) -> None:
        try:
            answer = self._network.ask("POST", path, raw, headers)
        except (NoAnswerError, ssl.SSLCertVerificationError) as error:
            self._findings.fail(
                "call",
                f"the call gets no answer: {error}",
                "try again; if it stays so, ask who runs the server",
            )
            return
        doctor_call.judge(answer.status, answer.body, self._material.cas, self._findings)

    def _own_number(self) -> str:
        from cryptography.hazmat.primitives.serialization import Encoding

        from digipoort_sim.pki.offered import read_shown

        return read_shown(self._material.certificates[0].public_bytes(Encoding.DER)).oin[:35] or "0"


def _wsdl_namespace(body: bytes) -> str | None:
    """The target namespace of a WSDL; None if it is none."""
    try:
        root: etree._Element = parse(body)
    except DigipoortSimError:
        return None
    return root.get("targetNamespace", "") if root.tag == _WSDL else None
