"""The file door of a running simulator as a route's party uses it."""

from __future__ import annotations

from digipoort_sim.catalogue.file_profiles import Profile, profiles_in_force
from digipoort_sim.client.control import Control
from digipoort_sim.client.files import FileAccount
from digipoort_sim.client.folder import CertificateFolder
from digipoort_sim.client.options import FileInterface, Route
from digipoort_sim.client.running import Running
from digipoort_sim.client.uploading import Depot
from digipoort_sim.config import Settings
from digipoort_sim.errors import ConfigError

_HOST = "localhost"


def open_depot(route: Route, running: Running, folder: CertificateFolder) -> Depot:
    """The file door of a route, with the rules that its server goes by; nothing is sent yet.

    Raises:
        UnreachableError: the simulator does not answer.
        ConfigError: the interface is not open there.
    """
    profile = _served(Control.find(route.state), route.interface)
    return depot_at(running, route.interface, (route.user or "", route.password or ""), folder, profile)


def depot_at(
    running: Running,
    interface: FileInterface,
    account: tuple[str, str],
    folder: CertificateFolder,
    profile: Profile,
) -> Depot:
    """The file door of a running simulator for an account (its name and its password).

    Raises:
        ConfigError: the interface is not open there.
    """
    port = _port(running, interface)
    return Depot(FileAccount(_HOST, port, *account, implicit=interface == "ftp_implicit"), folder, profile)


def profile_of(settings: Settings, interface: FileInterface) -> Profile:
    """The rules of an interface.

    Raises:
        ConfigError: there is no such profile.
    """
    return profiles_in_force(settings)[_key(interface)]


def _served(control: Control, interface: FileInterface) -> Profile:
    """The rules of a running server, which may have settings that only it was given."""
    for profile in control.get("ftp/profiles"):
        if profile["interface"] == _key(interface):
            return Profile.of_rows(profile["name"], profile["rows"])
    raise ConfigError(f"the simulator has no file interface {interface}", rule="OPTION")


def _key(interface: FileInterface) -> str:
    return "ftp_gb" if interface == "ftp_gb" else "ftp"


def _port(running: Running, interface: FileInterface) -> int:
    ports = {"ftp": running.ftp_port, "ftp_gb": running.ftp_gb_port}
    port = ports.get(interface, running.ftp_implicit_port)
    if port is None:
        raise ConfigError(
            "nothing speaks TLS from the first octet there; start the server with --ftp-implicit-port N"
            if interface == "ftp_implicit"
            else f"the simulator has no file interface {interface}",
            rule="OPTION",
        )
    return port
