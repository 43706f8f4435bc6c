"""``mandate``: make a mandate message and deliver it."""

from __future__ import annotations

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.client.deliveries import Attachment, Parcel
from digipoort_sim.client.folder import CertificateFolder
from digipoort_sim.client.options import MandateOptions
from digipoort_sim.client.running import rol_of, type_of
from digipoort_sim.client.sending import Sender, deliver_and_report
from digipoort_sim.register.messages import MandateMessage, MessageKind, render_mandate_message


def mandate(options: MandateOptions) -> int:
    """Deliver a mandate message; gives the exit code: 0 good, 3 refused, 4 fault.

    Raises:
        ConfigError: an option is wrong or the simulator cannot be reached.
    """
    sender = Sender.open(options.route)
    parcel = mandate_parcel(options, sender.folder, sender.catalogue)
    return deliver_and_report(options.route, parcel, sender)


def mandate_parcel(options: MandateOptions, folder: CertificateFolder, catalogue: Catalogue) -> Parcel:
    """The parcel with the mandate message that the options ask for.

    Raises:
        ConfigError: the type of the client's number is not clear.
    """
    kind = MessageKind(options.kind)
    type_ = _client_type(options, catalogue)
    message = MandateMessage(
        kind=kind,
        dienst=options.dienst,
        id_vertegenwoordigde=options.client,
        type_vertegenwoordigde=type_,
        id_gemachtigde=folder.oin().value,
        activatie_token=options.code if kind is MessageKind.ACTIVEREN else None,
        form=options.form,
    )
    berichtsoort = next(b.name for b in catalogue.berichtsoorten.values() if b.mandate == options.kind)
    content = render_mandate_message(message, options.form)
    return Parcel(
        berichtsoort=berichtsoort,
        nummer=options.client,
        type=type_,
        rol=rol_of(folder, options.client, None),
        content=Attachment(f"{berichtsoort}.xml", "text/xml", content),
    )


def _client_type(options: MandateOptions, catalogue: Catalogue) -> str:
    """As given; else the one type that the dienst allows; else what the number shows."""
    for dienst in catalogue.diensten.values():
        named = options.dienst in (dienst.code, f"{dienst.code}_{options.dienst[-4:]}")
        if named and options.type is None and len(dienst.client_types) == 1:
            return dienst.client_types[0]
    return type_of(options.client, options.type)
