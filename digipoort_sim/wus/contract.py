"""The service contract, in spyne: which operations there are, and the way from a body to its function.

spyne gets a Body whose signature was verified and that is valid by the XSD, as an lxml element, and
gives back what the operation's function returned. It does not parse, map or serialise anything: the
WSDL and the XSD are files (`schemas/wus`), the answer is written and signed elsewhere.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar, cast

from lxml import etree

from digipoort_sim.wus import spyne_shim  # noqa: F401 (must come before spyne)
from digipoort_sim.wus.names import (
    AANLEVEREN,
    KOPPELVLAK,
    OPHALEN,
    SERVICES,
    STATUSINFORMATIE,
    ZETSTATUS,
    Operation,
    local_name,
)
from digipoort_sim.wus.names import Service as ServiceNames

from spyne import Application, Fault, MethodContext, Service, rpc  # isort: skip
from spyne.error import ResourceNotFoundError  # isort: skip
from spyne.model.primitive import AnyXml  # isort: skip
from spyne.protocol.soap import Soap11  # isort: skip
from spyne.server import ServerBase  # isort: skip

# spyne writes every fault with its traceback to the log; ours become events instead.
logging.getLogger("spyne").setLevel(logging.CRITICAL)

Answer = TypeVar("Answer")
Perform = Callable[[Operation, etree._Element], Any]


class OperationFault(Fault):  # type: ignore[misc]
    """A fault of an operation; `cause` is the exception that its function raised."""

    def __init__(self, cause: Exception) -> None:
        super().__init__("Client", str(cause))
        self.cause = cause


def _operation(operation: Operation) -> Any:
    """Declare a function as an operation: document/literal, the bare body element."""

    def run(ctx: MethodContext, body: etree._Element) -> Any:
        try:
            return ctx.udc(operation, body)
        except Exception as error:
            raise OperationFault(error) from error

    run.__name__ = operation.name
    return rpc(
        AnyXml,
        _returns=AnyXml,
        _body_style="bare",
        _in_message_name=operation.request_tag,
        _out_message_name=operation.response_tag,
    )(run)


class AanleverService(Service):  # type: ignore[misc]
    """The aanleverservice."""

    aanleveren = _operation(AANLEVEREN.operations["aanleveren"])


class StatusinformatieService(Service):  # type: ignore[misc]
    """The statusinformatieservice."""

    getBerichtsoorten = _operation(STATUSINFORMATIE.operations["getBerichtsoorten"])  # noqa: N815
    getProcessen = _operation(STATUSINFORMATIE.operations["getProcessen"])  # noqa: N815
    getStatussenProces = _operation(STATUSINFORMATIE.operations["getStatussenProces"])  # noqa: N815
    getNieuweStatussenProces = _operation(  # noqa: N815
        STATUSINFORMATIE.operations["getNieuweStatussenProces"]
    )
    getNieuweStatussen = _operation(STATUSINFORMATIE.operations["getNieuweStatussen"])  # noqa: N815


class OphaalService(Service):  # type: ignore[misc]
    """The ophaalservice."""

    getBerichten = _operation(OPHALEN.operations["getBerichten"])  # noqa: N815
    getNieuweBerichten = _operation(OPHALEN.operations["getNieuweBerichten"])  # noqa: N815
    getBerichtenLijst = _operation(OPHALEN.operations["getBerichtenLijst"])  # noqa: N815
    getNieuweBerichtenLijst = _operation(OPHALEN.operations["getNieuweBerichtenLijst"])  # noqa: N815
    getBerichtenKenmerk = _operation(OPHALEN.operations["getBerichtenKenmerk"])  # noqa: N815
    getNieuweBerichtenKenmerk = _operation(OPHALEN.operations["getNieuweBerichtenKenmerk"])  # noqa: N815


class ZetStatusService(Service):  # type: ignore[misc]
    """The zetstatusservice, for agencies."""

    zetStatus = _operation(ZETSTATUS.operations["zetStatus"])  # noqa: N815


class VerifiedBody(Soap11):  # type: ignore[misc]
    """An input protocol that takes a body element as it is, already parsed, verified and valid."""

    def create_in_document(self, ctx: MethodContext, charset: str | None = None) -> None:
        """The document is the body element that the transport was given."""
        ctx.in_document = ctx.in_string

    def decompose_incoming_envelope(self, ctx: MethodContext, message: Any = None) -> None:
        """The element's name decides the operation; spyne looks it up in the service's namespace."""
        body = ctx.in_document
        ctx.in_body_doc = body
        ctx.method_request_string = body.tag.replace(KOPPELVLAK, self.app.tns, 1)

    def generate_method_contexts(self, ctx: MethodContext) -> list[MethodContext]:
        """The one operation, in the context itself: spyne would copy it for each of several."""
        handles = self.get_call_handles(ctx)
        if len(handles) != 1:
            raise ResourceNotFoundError(ctx.method_request_string)
        ctx.descriptor = handles[0]
        return [ctx]

    def deserialize(self, ctx: MethodContext, message: Any) -> None:
        """The function gets the element itself."""
        ctx.in_object = ctx.in_body_doc


_OF_THE_MESSAGE = (
    *("udc", "in_string", "in_document", "in_body_doc", "in_object", "in_error"),
    *("out_object", "out_error", "method_request_string"),
)
_MOST_SPARE_CONTEXTS = 16


class CallContext(MethodContext):  # type: ignore[misc]
    """The context of one call, without what spyne does for others at each of its fifty attributes and
    four events: checking their names, and looking for listeners, of which there are none.
    """

    __setattr__ = object.__setattr__

    def fire_event(self, event: str, *args: Any, **options: Any) -> None:
        """Nothing."""

    def let_go(self) -> None:
        """Forget the message: a context and its parts hold each other, so they outlive the call."""
        for name in _OF_THE_MESSAGE:
            setattr(self, name, None)


class ContractServer(ServerBase):  # type: ignore[misc]
    """spyne's transport for one service: it is called, instead of listening."""

    transport = "digipoort-sim"

    def __init__(self, application: Application) -> None:
        super().__init__(application)
        # A context has fifty attributes, which cost as much to make as the rest of a call.
        self._spare: deque[CallContext] = deque(maxlen=_MOST_SPARE_CONTEXTS)

    def call(self, body: etree._Element, perform: Perform) -> Any:
        """Run the operation that the body element names."""
        try:
            context = self._spare.pop()
        except IndexError:
            context = CallContext(self, MethodContext.SERVER)
        context.udc = perform
        context.in_string = body
        try:
            result = self._result(self.generate_contexts(context)[0])
        finally:
            context.let_go()
        self._spare.append(context)  # one that met an error is not used again
        return result

    def _result(self, context: CallContext) -> Any:
        if context.in_error is None:
            self.get_in_object(context)
            self.get_out_object(context)
        error = context.in_error or context.out_error
        if error is not None:
            raise error.cause if isinstance(error, OperationFault) else error
        return context.out_object[0]


def _server(names: ServiceNames, service: type[Service]) -> ContractServer:
    application = Application(
        [service], names.namespace, name=service.__name__, in_protocol=VerifiedBody(), out_protocol=Soap11()
    )
    return ContractServer(application)


_SERVERS = {
    AANLEVEREN.name: _server(AANLEVEREN, AanleverService),
    STATUSINFORMATIE.name: _server(STATUSINFORMATIE, StatusinformatieService),
    OPHALEN.name: _server(OPHALEN, OphaalService),
    ZETSTATUS.name: _server(ZETSTATUS, ZetStatusService),
}


def dispatch(
    service: ServiceNames, body: etree._Element, perform: Callable[[Operation, etree._Element], Answer]
) -> Answer:
    """Let spyne find the operation that a body element asks for, and run it.

    Args:
        body: the body element; it names an operation of this service.
        perform: gets the operation and the body element; what it returns or raises is passed on.
    """
    return cast(Answer, _SERVERS[service.name].call(body, perform))


def operations() -> dict[str, set[str]]:
    """The operations that spyne knows, per service."""
    return {
        name: {local_name(key) for key in _SERVERS[name].app.interface.service_method_map}
        for name in SERVICES
    }
