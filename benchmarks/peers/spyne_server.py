"""Bare spyne in cheroot, as its own documentation has it: typed objects, mutual TLS, no signature, no store.

Arguments: key, certificate chain, trusted CAs. Prints its port.
"""

from __future__ import annotations

import ssl
import sys
from typing import Any

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server

from digipoort_sim.clock import RealClock, wire_time
from digipoort_sim.ids import SystemIds
from digipoort_sim.wus import spyne_shim  # noqa: F401 (must come before spyne)
from digipoort_sim.wus.names import AANLEVEREN, KOPPELVLAK

from spyne import Application, ComplexModel, Service, Unicode, rpc  # isort: skip
from spyne.protocol.soap import Soap11  # isort: skip
from spyne.server.wsgi import WsgiApplication  # isort: skip

CONNECTIONS = 64


class Identiteit(ComplexModel):
    """number and type."""

    __namespace__ = KOPPELVLAK
    nummer = Unicode
    type = Unicode


class Inhoud(ComplexModel):
    """The content; its octets stay text."""

    __namespace__ = KOPPELVLAK
    mimeType = Unicode  # noqa: N815 (a word of the wire)
    bestandsnaam = Unicode
    inhoud = Unicode


class Request(ComplexModel):
    """aanleverRequest."""

    __namespace__ = KOPPELVLAK
    berichtsoort = Unicode
    aanleverkenmerk = Unicode
    identiteitBelanghebbende = Identiteit  # noqa: N815
    rolBelanghebbende = Unicode  # noqa: N815
    berichtInhoud = Inhoud  # noqa: N815
    autorisatieAdres = Unicode  # noqa: N815


class Response(ComplexModel):
    """aanleverResponse."""

    __namespace__ = KOPPELVLAK
    kenmerk = Unicode
    berichtsoort = Unicode
    aanleverkenmerk = Unicode
    tijdstempelAangeleverd = Unicode  # noqa: N815
    identiteitBelanghebbende = Identiteit  # noqa: N815


class Aanleverservice(Service):  # type: ignore[misc]
    """The one operation."""

    @rpc(Request, _returns=Response, _body_style="bare", _in_message_name=f"{{{KOPPELVLAK}}}aanleverRequest")
    def aanleveren(ctx: Any, request: Request) -> Response:  # noqa: N805 (spyne's way)
        """Answer a delivery."""
        return Response(
            kenmerk=SystemIds().uuid(),
            berichtsoort=request.berichtsoort,
            aanleverkenmerk=request.aanleverkenmerk,
            tijdstempelAangeleverd=wire_time(RealClock().now()),
            identiteitBelanghebbende=request.identiteitBelanghebbende,
        )


class RoutedByName(Soap11):  # type: ignore[misc]
    """spyne looks for operations in the service's namespace only; the body has that of the types."""

    def decompose_incoming_envelope(self, ctx: Any, message: Any = Soap11.REQUEST) -> None:
        super().decompose_incoming_envelope(ctx, message)
        ctx.method_request_string = f"{{{AANLEVEREN.namespace}}}aanleverRequest"


def main() -> None:
    """Serve until killed."""
    key, certificate, ca = sys.argv[1:4]
    application = Application(
        [Aanleverservice], AANLEVEREN.namespace, in_protocol=RoutedByName(), out_protocol=Soap11()
    )
    server = Server(("127.0.0.1", 0), WsgiApplication(application), numthreads=10)
    server.keep_alive_conn_limit = CONNECTIONS
    adapter = BuiltinSSLAdapter(certificate, key, ca)
    adapter.context.verify_mode = ssl.CERT_REQUIRED
    server.ssl_adapter = adapter
    server.prepare()
    print(server.bind_addr[1], flush=True)
    server.serve()


if __name__ == "__main__":
    main()
