"""The reference SOAP client: zeep on the simulator's WSDLs, with WS-Security around it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import requests
import zeep
import zeep.exceptions
import zeep.wsa
from lxml import etree

from digipoort_sim import resources
from digipoort_sim.client.answers import check_answer
from digipoort_sim.client.faults import FaultError
from digipoort_sim.client.folder import CertificateFolder
from digipoort_sim.client.trouble import unreachable_door
from digipoort_sim.clock import RealClock
from digipoort_sim.errors import ConfigError
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki.trust import Trust
from digipoort_sim.wus.names import KOPPELVLAK, SOAP, Service
from digipoort_sim.wus.signing import Signer, sign_request

GEEN_AUSP = "http://geenausp.nl"
_TIMEOUT_SECONDS = 90.0
_SHOWN_CHARACTERS = 500


class WusClient:
    """Calls the three services as one party.

    Args:
        base: URL of the server without a path, such as ``https://localhost:8443``.
        folder: the party's certificate folder.
        stub: use the paths of the Aansluit Suite.
        sha: 1 or 256, the algorithms of the signature.
    """

    def __init__(self, base: str, folder: CertificateFolder, *, stub: bool = False, sha: int = 256) -> None:
        self._base = base.rstrip("/")
        self._stub = stub
        self._folder = folder
        self._session = requests.Session()
        # REQUESTS_CA_BUNDLE and proxies of the environment would win over what is set below.
        self._session.trust_env = False
        self._session.cert = (str(folder.client), str(folder.key))
        self._session.verify = str(folder.ca)
        self._security = _Security(folder, sha)
        self._clients: dict[str, Any] = {}

    def call(self, service: Service, operation: str, **fields: Any) -> Any:
        """Call an operation with the fields of its request; gives zeep's object of the response.

        Raises:
            FaultError: the answer is a SOAP fault.
            UnreachableError: there is no answer.
            AuthenticationRefusal: the answer's own signature is not good.
        """
        try:
            return self._proxy(service)[operation](**fields)
        except zeep.exceptions.Fault as fault:
            raise _fault_error(fault) from fault
        except zeep.exceptions.TransportError as error:
            raise FaultError("", _without_soap(error)) from error
        except zeep.exceptions.ValidationError as error:
            raise ConfigError(f"the request does not fit the WSDL: {error}", rule="REQUEST") from error
        except requests.exceptions.RequestException as error:
            raise unreachable_door(error, self._base, self._folder) from error

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _proxy(self, service: Service) -> Any:
        proxy = self._clients.get(service.wsdl)
        if proxy is None:
            client = zeep.Client(
                service.wsdl,
                transport=_LocalWsdl(session=self._session, operation_timeout=_TIMEOUT_SECONDS),
                wsse=self._security,
                plugins=[zeep.wsa.WsAddressingPlugin()],
                settings=zeep.Settings(xml_huge_tree=True),
            )
            binding = next(iter(client.wsdl.bindings))
            proxy = client.create_service(
                binding, self._base + service.paths["stub" if self._stub else "preproduction"]
            )
            self._clients[service.wsdl] = proxy
        return proxy


class _LocalWsdl(zeep.Transport):  # type: ignore[misc]
    """Reads WSDL and XSD from the project's own files; only calls go over the network."""

    def load(self, url: str) -> bytes:
        """The file of that name."""
        return (resources.schemas() / "wus" / Path(url).name).read_bytes()


class _Security:
    """zeep's hook for WS-Security: signs what goes out, checks what comes in."""

    def __init__(self, folder: CertificateFolder, sha: int) -> None:
        self._signer = Signer.from_pem(folder.key.read_bytes(), folder.client.read_bytes())
        self._sha: Literal[1, 256] = 1 if sha == 1 else 256
        self._ids = SystemIds()
        self._trust = Trust.from_pem(folder.ca)

    def apply(self, envelope: etree._Element, headers: dict[str, str]) -> tuple[Any, dict[str, str]]:
        sign_request(envelope, self._signer, sha=self._sha, created=RealClock().now(), ids=self._ids)
        return envelope, headers

    def verify(self, envelope: etree._Element) -> etree._Element:
        if envelope.find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault") is None:
            check_answer(envelope, self._trust, RealClock().now())
        return envelope


def _fault_error(fault: zeep.exceptions.Fault) -> FaultError:
    if fault.detail is not None:
        code = fault.detail.findtext(f".//{{{KOPPELVLAK}}}foutcode")
        text = fault.detail.findtext(f".//{{{KOPPELVLAK}}}foutbeschrijving")
        if code:
            return FaultError(code, text or "")
    return FaultError("", str(fault.message))


def _without_soap(error: zeep.exceptions.TransportError) -> str:
    """An answer that is no SOAP, such as that of an overloaded server."""
    content = error.content.decode("utf-8", "replace") if isinstance(error.content, bytes) else error.message
    return f"HTTP {error.status_code}: {content[:_SHOWN_CHARACTERS]}"
