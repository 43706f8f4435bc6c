"""curl, with messages that the program xmlsec1 signed and answers that it verifies."""

from __future__ import annotations

import base64
import itertools
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from lxml import etree

from tests.stacks.contract import ALGORITHMS, MtomFacts, Report, StackFacts
from tests.stacks.office import CONTENT, STACKS, Office, need

pytestmark = pytest.mark.heavy
need("curl", "openssl", "xmlsec1")

TYPES = "http://logius.nl/digipoort/koppelvlakservices/1.2/"
NAMESPACE = "http://logius.nl/digipoort/wus/2.0"
ACTIONS = {
    "aanleveren": f"{NAMESPACE}/aanleverservice/1.2/AanleverService/aanleverenRequest",
    "getStatussenProces": (
        f"{NAMESPACE}/statusinformatieservice/1.2/StatusinformatieService/getStatussenProcesRequest"
    ),
    "getNieuweStatussenProces": (
        f"{NAMESPACE}/statusinformatieservice/1.2/StatusinformatieService/getNieuweStatussenProcesRequest"
    ),
}
SCRIPTS = STACKS / "xmlsec1"
STATUS_PATH = "/wus/2.0/statusinformatieservice/1.2"
BOUNDARY = "digipoort-sim-boundary"


@dataclass
class Shell:
    """A vendor with nothing but programs of the shell."""

    office: Office
    work: Path

    def __post_init__(self) -> None:
        self._numbers = itertools.count()

    def ran(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program."""
        return subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, timeout=60)

    def file(self, content: bytes) -> Path:
        """A file with this content."""
        path = self.work / f"{next(self._numbers)}.xml"
        path.write_bytes(content)
        return path

    def signed(self, sha: str, path: str, operation: str, body: str) -> bytes:
        """The envelope that sign.sh makes of a body."""
        url, action = self.office.base + path, ACTIONS[operation]
        ran = self.ran(SCRIPTS / "sign.sh", self.office.good, sha, url, action, self.file(body.encode()))
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.encode()

    def curl(self, path: str, *options: str | Path, folder: Path | None = None) -> str:
        """What curl shows of a call."""
        used = folder or self.office.good
        tls = ["--cacert", used / "ca.pem", "--cert", used / "client.pem", "--key", used / "client.key"]
        ran = self.ran("curl", "--silent", "--show-error", *tls, *options, self.office.base + path)
        return ran.stdout or ran.stderr

    def post(self, path: str, message: bytes, content_type: str = "text/xml; charset=utf-8") -> str:
        """The answer to a message."""
        sent = self.file(message)
        return self.curl(path, "-H", f"Content-Type: {content_type}", "--data-binary", f"@{sent}")

    def call(self, sha: str, path: str, operation: str, body: str) -> str:
        """The answer to a signed body."""
        return self.post(path, self.signed(sha, path, operation, body))

    def verified(self, answer: str) -> subprocess.CompletedProcess[str]:
        """What verify.sh says to an answer."""
        return self.ran(SCRIPTS / "verify.sh", self.office.good, self.file(answer.encode()))


def delivery(berichtsoort: str = "Omzetbelasting", kenmerk: str = "xmlsec1", bijlagen: int = 0) -> str:
    """The body of a delivery."""
    inhoud = base64.b64encode(CONTENT.read_bytes()).decode()
    more = "".join(
        f"<bijlage><mimeType>text/plain</mimeType><bestandsnaam>{number}.txt</bestandsnaam>"
        f"<inhoud>{base64.b64encode(b'bijlage' * 100).decode()}</inhoud></bijlage>"
        for number in range(bijlagen)
    )
    more = f"<berichtBijlagen>{more}</berichtBijlagen>" if more else ""
    return (
        f'<aanleverRequest xmlns="{TYPES}"><berichtsoort>{berichtsoort}</berichtsoort>'
        f"<aanleverkenmerk>{kenmerk}</aanleverkenmerk><identiteitBelanghebbende><nummer>001000044B37</nummer>"
        "<type>Fi</type></identiteitBelanghebbende><rolBelanghebbende>Intermediair</rolBelanghebbende>"
        "<berichtInhoud><mimeType>text/xml</mimeType><bestandsnaam>ob.xbrl</bestandsnaam>"
        f"<inhoud>{inhoud}</inhoud></berichtInhoud>{more}"
        "<autorisatieAdres>http://geenausp.nl</autorisatieAdres></aanleverRequest>"
    )


def texts(answer: str, name: str) -> list[str]:
    """The texts of all elements with this local name."""
    return [str(one.text) for one in etree.fromstring(answer.encode()).iter(f"{{*}}{name}")]


def covered(shell: Shell, answer: str) -> list[str]:
    """The parts that xmlsec1 found signed."""
    ran = shell.verified(answer)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


def statuses(shell: Shell, sha: str, kenmerk: str, operation: str) -> str:
    """The answer with the statuses of a process."""
    body = f'<{operation}Request xmlns="{TYPES}"><kenmerk>{kenmerk}</kenmerk></{operation}Request>'
    return shell.call(sha, STATUS_PATH, operation, body)


def final_statuses(shell: Shell, sha: str, kenmerk: str) -> str:
    """The same, when the process has come to its end."""
    until = time.monotonic() + 20
    while "500" not in texts(answer := statuses(shell, sha, kenmerk, "getStatussenProces"), "statuscode"):
        assert time.monotonic() < until, answer
        time.sleep(0.1)
    return answer


def run(shell: Shell, sha: str) -> Report:
    """The vendor's day, with these algorithms."""
    path = "/wus/2.0/aanleverservice/1.2"
    answer = shell.call(sha, path, "aanleveren", delivery())
    stub = shell.call(sha, "/cpl/aanleverservice/1.2", "aanleveren", delivery(kenmerk="Happyflow"))
    fault = shell.call(sha, path, "aanleveren", delivery(berichtsoort="Onbestaand"))
    (kenmerk,) = texts(answer, "kenmerk")
    seen = final_statuses(shell, sha, kenmerk)
    new = [statuses(shell, sha, kenmerk, "getNieuweStatussenProces") for _ in range(2)]
    signature, *digests = re.findall(r'<(?:SignatureMethod|DigestMethod) Algorithm="([^"]+)"', answer)
    return {
        "kenmerk": kenmerk,
        "stubKenmerk": texts(stub, "kenmerk")[0],
        "covered": covered(shell, answer),
        "statusCovered": covered(shell, seen),
        "algorithms": {"signature": signature, "digests": sorted(set(digests))},
        "tampered": shell.verified(answer.replace("<wsa:RelatesTo", '<wsa:RelatesTo a="b"')).stderr,
        "statuses": texts(seen, "statuscode"),
        "new": texts(new[0], "statuscode"),
        "newAgain": texts(new[1], "statuscode"),
        "fault": {name: texts(fault, name)[0] for name in ("foutcode", "foutbeschrijving")},
    }


def as_mtom(envelope: bytes) -> bytes:
    """A signed envelope with each inhoud moved to an attachment, which changes no digest."""
    contents: list[bytes] = []

    def moved(found: re.Match[bytes]) -> bytes:
        contents.append(base64.b64decode(found[1]))
        href = b"cid:%d@example.org" % len(contents)
        return (
            b'<inhoud><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="%s"/></inhoud>'
            % href
        )

    root = re.sub(rb"<inhoud>([^<]+)</inhoud>", moved, envelope)
    start = (
        b'--%s\r\nContent-Type: application/xop+xml; charset=UTF-8; type="text/xml"\r\n' % BOUNDARY.encode()
    )
    parts = start + b"Content-Transfer-Encoding: 8bit\r\nContent-ID: <root@example.org>\r\n\r\n" + root
    for number, content in enumerate(contents, 1):
        parts += b"\r\n--%s\r\nContent-Type: text/xml\r\nContent-Transfer-Encoding: binary\r\n" % (
            BOUNDARY.encode()
        )
        parts += b"Content-ID: <%d@example.org>\r\n\r\n" % number + content
    return parts + b"\r\n--%s--\r\n" % BOUNDARY.encode()


def mtom(shell: Shell) -> Report:
    """A delivery with three attachments."""
    path = "/wus/2.0/aanleverservice/1.2"
    content_type = (
        f'multipart/related; boundary="{BOUNDARY}"; type="application/xop+xml"; '
        'start="<root@example.org>"; start-info="text/xml"'
    )
    message = as_mtom(shell.signed("sha256", path, "aanleveren", delivery("TEST", bijlagen=2)))
    assert message.count(b"Content-ID:") == 4
    answer = shell.post(path, message, content_type)
    (kenmerk,) = texts(answer, "kenmerk") or pytest.fail(answer)
    return {"kenmerk": kenmerk, "covered": covered(shell, answer), "contentType": content_type}


@pytest.fixture(scope="module")
def shell(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """The vendor."""
    return Shell(office, tmp_path_factory.mktemp("xmlsec1"))


@pytest.fixture(scope="module")
def report(shell: Shell, office: Office) -> Report:
    """What the shell saw."""
    refused = shell.curl(f"{STATUS_PATH}?wsdl", folder=office.revoked)
    return {**{sha: run(shell, sha) for sha in ALGORITHMS}, "mtom": mtom(shell), "refused": refused}


class TestXmlsec1(StackFacts, MtomFacts):
    """xmlsec1 signs and verifies, openssl judges the signer; the MTOM message has three attachments."""

    tampered = "data and digest do not match"

    def test_actions_are_those_of_the_wsdl(self, shell: Shell) -> None:
        """The WSDLs that curl gets have the Actions that these messages carry."""
        wsdls = [
            shell.curl(f"/wus/2.0/{name}/1.2?wsdl") for name in ("aanleverservice", "statusinformatieservice")
        ]
        assert all(f'soapAction="{action}"' in "".join(wsdls) for action in ACTIONS.values())
