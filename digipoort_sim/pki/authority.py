"""The TRIAL authority in a state directory: made at first use, issues and revokes certificates.

Several processes may use one state directory at once: whatever writes holds the lock beside the
folder, and every file is replaced by rename.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from digipoort_sim.clock import Clocks, RealClock, parse_time, wire_time
from digipoort_sim.errors import ConfigError, ConflictError, NotFoundError
from digipoort_sim.ids import IdSource
from digipoort_sim.pki import build, client_files, crl
from digipoort_sim.pki.certificate import (
    IssuedCertificate,
    key_pem,
    load_certificates,
    load_key,
    pem_bundle,
    serial_text,
)
from digipoort_sim.pki.folder import SECRET, PkiPaths, locked, replace_file
from digipoort_sim.pki.hierarchy import generate_keys, later, make_hierarchy
from digipoort_sim.pki.ledger import CertificateRow, IssuedLedger, Revocations
from digipoort_sim.pki.oin import Oin
from digipoort_sim.pki.profile import HolderProfile, Profile, Seat, load_profile

LONGEST_NAME = 64


class Authority:
    """The authority of one state directory; `open` makes it.

    Attributes:
        paths: where its files lie.
        revocations: which certificates are revoked, now.
        profile: names, lengths and terms.
    """

    def __init__(self, paths: PkiPaths, clocks: Clocks, ids: IdSource) -> None:
        self.paths = paths
        self.revocations = Revocations(paths.revoked)
        self.profile: Profile = load_profile()
        self._clocks = clocks
        self._ids = ids
        self._issued = IssuedLedger(paths.issued)

    @classmethod
    def open(cls, state: Path, clocks: Clocks, ids: IdSource, server_names: Iterable[str] = ()) -> Authority:
        """The authority of a state directory, made if it is not there, with all that is due renewed.

        Args:
            state: the state directory, made if it is not there.
            server_names: host names and addresses that the server certificate has beside the profile's.

        Raises:
            ConfigError: the directory cannot be used or a name is no host name.
        """
        authority = cls(PkiPaths(state / "pki"), clocks, ids)
        names = tuple(server_names)
        try:
            state.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not authority.paths.folder.is_dir():
                authority._create(names)
            authority.maintain(names)
        except OSError as error:
            raise ConfigError(f"{state} cannot be used: {error.strerror}", rule="PKI-STATE") from None
        return authority

    def lock(self) -> AbstractContextManager[None]:
        """Hold the authority's files as they are, among processes and threads."""
        return locked(self.paths.lock)

    @cached_property
    def ca_certificates(self) -> tuple[x509.Certificate, ...]:
        """Root, intermediate and TSP CA."""
        return load_certificates(self.paths.ca_file)

    def ca_key(self, ca: str) -> rsa.RSAPrivateKey:
        """The private key of ``root``, ``intermediate`` or ``tsp``."""
        return load_key(self.paths.ca_key(ca))

    def issue_client(
        self, oin: Oin, name: str, hosts: Iterable[str] = (), seat: Seat | None = None
    ) -> IssuedCertificate:
        """Issue a client certificate.

        Args:
            oin: stands in the serialNumber of the subject.
            name: the organisation, printable and 1 to 64 octets of UTF-8.
            hosts: host names and addresses, for a party that serves too, such as an agency.
            seat: where a foreign party is based.

        Raises:
            ConfigError: the name or a host cannot stand in a certificate.
        """
        if not (name.isprintable() and 0 < len(name.strip().encode()) <= LONGEST_NAME):
            raise ConfigError(
                f"the name {name[:80]!r} does not fit: 1 to {LONGEST_NAME} printable characters; one outside "
                "ASCII counts for 2 to 4",
                rule="PKI-NAME",
            )
        template = self.profile.end.client_common_name
        room = LONGEST_NAME - len(template.format(name="").encode())
        common_name = template.format(name=name.strip().encode()[:room].decode(errors="ignore"))
        holder = HolderProfile(name.strip(), common_name, oin.value, seat=seat)
        key = generate_keys([self.profile.end.key_bits])[0]
        with self.lock():
            return self._certify("client", holder, key, hosts)

    def service_identity(self) -> IssuedCertificate:
        """The certificate and key that sign answers, as they lie in the state directory."""
        with self.lock():
            certificate = load_certificates(self.paths.service_certificate)[0]
            return IssuedCertificate(certificate, load_key(self.paths.service_key), self._chain())

    def write_client_files(
        self,
        issued: IssuedCertificate,
        out: Path,
        password: str = "trial",  # noqa: S107 (the known default of a trial file)
    ) -> None:
        """Write the five files of a client; existing ones are replaced.

        They are ``client.pem`` (with TSP and intermediate CA), ``client.key``, ``client.p12``,
        ``ca.pem`` and ``service.pem``.

        Args:
            out: the folder, made if it is not there.
            password: of the PKCS#12 file.

        Raises:
            ConfigError: the folder cannot be written or the password is empty.
        """
        client_files.write(issued, self.paths, out, password)

    def list_certificates(self) -> list[CertificateRow]:
        """Every end certificate that was issued, oldest first."""
        revoked = {serial_text(serial): at for serial, at in self.revocations.all().items()}
        return [replace(row, revoked_at=revoked.get(serial)) for serial, row in self._issued.rows().items()]

    def revoke(self, serial_or_file: str | Path) -> CertificateRow:
        """Revoke a certificate; every process sees it at its next request.

        Args:
            serial_or_file: the serial number in hex (colons are allowed) or a PEM or DER file.

        Raises:
            NotFoundError: this authority did not issue it.
            ConflictError: it is revoked already.
        """
        serial = crl.serial_of(serial_or_file)
        with self.lock():
            row = self._issued.rows().get(serial_text(serial))
            if row is None:
                raise NotFoundError(
                    f"no certificate with serial number {serial_text(serial)} was issued here",
                    rule="PKI-UNKNOWN-SERIAL",
                )
            if self.revocations.is_revoked(serial):
                raise ConflictError(f"certificate {row.serial} is revoked already", rule="PKI-REVOKED-TWICE")
            at = wire_time(self._clocks.security.now())
            self.revocations.add(serial, at)
            self._write_crls()
        return replace(row, revoked_at=at)

    def maintain(self, server_names: Iterable[str] = ()) -> None:
        """Renew what is due: CRLs of a day old, server and service certificates near their end.

        Call it at least daily; costs about a millisecond when nothing is due.
        """
        names = self._server_names(server_names)
        if not (self._crl_due() or self._end_due("server", names) or self._end_due("service")):
            return
        with self.lock():
            if self._end_due("server", names):
                self._renew("server", dict.fromkeys((*self._present_names(), *names)))
            if self._end_due("service"):
                self._renew("service")
            if self._crl_due():
                self._write_crls()

    def times(self) -> tuple[datetime, datetime]:
        """The earliest and the latest of real, security and simulator's time, in whole seconds."""
        clocks = (RealClock(), self._clocks.security, self._clocks.simulator)
        moments = sorted(clock.now().replace(microsecond=0) for clock in clocks)
        return moments[0], moments[-1]

    # Making it

    def _create(self, server_names: Sequence[str]) -> None:
        """Make the whole folder under another name, then move it into place."""
        with self.lock():
            if self.paths.folder.is_dir():
                return
            making = self.paths.folder.with_name(".pki.making")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(mode=0o700)
            Authority(PkiPaths(making), self._clocks, self._ids)._fill(server_names)
            making.rename(self.paths.folder)

    def _fill(self, server_names: Sequence[str]) -> None:
        cas, bits = self.profile.cas, self.profile.end.key_bits
        names = self._server_names(server_names)
        keys = generate_keys([*(ca.key_bits for ca in cas), bits, bits])
        certificates = make_hierarchy(self.profile, keys[: len(cas)], self.times(), self.new_serial)
        for ca, key, certificate in zip(cas, keys, certificates, strict=False):
            replace_file(self.paths.ca_key(ca.id), key_pem(key), SECRET)
            replace_file(self.paths.ca_certificate(ca.id), pem_bundle(certificate))
        replace_file(self.paths.ca_file, pem_bundle(*certificates))
        self.paths.revoked.touch(SECRET)
        self._renew("server", names, keys[-2])
        self._renew("service", key=keys[-1])
        self._write_crls()

    # Issuing

    def end_plan(
        self, holder: HolderProfile, key: rsa.RSAPrivateKey, names: Iterable[str] = ()
    ) -> build.CertificatePlan:
        """The fields of a new end certificate under the TSP CA.

        It starts a day before the earlier clock and ends the profile's days after the start, counted
        from the later clock, so that it is good by every clock.
        """
        earliest, latest = self.times()
        tsp, tsp_certificate = self.profile.cas[-1], self.ca_certificates[-1]
        tsp_key = tsp_certificate.public_key()
        if not isinstance(tsp_key, rsa.RSAPublicKey):
            raise ConfigError(f"{self.paths.ca_file} has a TSP CA without an RSA key", rule="PKI-STATE")
        return build.CertificatePlan(
            subject=build.end_name(self.profile, holder),
            public_key=key.public_key(),
            issuer=tsp_certificate.subject,
            serial=self.new_serial(),
            valid_from=earliest - self.profile.backdate,
            valid_to=later(latest - self.profile.backdate, self.profile.end.valid),
            extensions=build.end_extensions(self.profile, key.public_key(), tsp, tsp_key, names),
        )

    def _certify(
        self, kind: str, holder: HolderProfile, key: rsa.RSAPrivateKey, names: Iterable[str] = ()
    ) -> IssuedCertificate:
        plan = self.end_plan(holder, key, names)
        certificate = plan.signed_by(self.ca_key("tsp"))
        issued = IssuedCertificate(certificate, key, self._chain())
        row = CertificateRow(
            serial=issued.serial,
            kind=kind,
            subject=holder.organisation,
            oin=holder.oin,
            not_before=wire_time(plan.valid_from),
            not_after=wire_time(plan.valid_to),
            sha1=issued.sha1,
            sha256=issued.sha256,
        )
        self._issued.add(row)
        return issued

    def _renew(
        self, kind: str, names: Iterable[str] = (), key: rsa.RSAPrivateKey | None = None
    ) -> IssuedCertificate:
        """Issue a certificate of the simulator itself and put it with its key in its place."""
        key = key or generate_keys([self.profile.end.key_bits])[0]
        holder = self.profile.server if kind == "server" else self.profile.service
        issued = self._certify(kind, holder, key, names)
        path, key_path = self._places(kind)
        replace_file(key_path, issued.key_pem(), SECRET)
        replace_file(path, issued.chain_pem() if kind == "server" else issued.certificate_pem())
        return issued

    def new_serial(self) -> int:
        """A new serial number of 127 bits, not used before."""
        known = self._issued.rows()
        while True:
            serial = int.from_bytes(self._ids.token(16)) >> 1 | 1 << 126
            if serial_text(serial) not in known:
                return serial

    def _chain(self) -> tuple[x509.Certificate, ...]:
        return self.ca_certificates[:0:-1]

    # What is due

    def _server_names(self, more: Iterable[str]) -> tuple[str, ...]:
        names = (*self.profile.server.names, *more)
        return tuple(dict.fromkeys(str(build.general_name(text).value) for text in names))

    def _present_names(self) -> tuple[str, ...]:
        path = self.paths.server_chain
        return build.names_of(load_certificates(path)[0]) if path.exists() else ()

    def _end_due(self, kind: str, names: Iterable[str] = ()) -> bool:
        """Whether a certificate of the simulator itself must be issued anew.

        It is missing, revoked, near its end, lacks a name, or a crash left it with another's key.
        """
        path, key_path = self._places(kind)
        if not (path.exists() and key_path.exists()):
            return True
        certificate = load_certificates(path)[0]
        left = certificate.not_valid_after_utc - self.times()[1]
        if left < self.profile.renew_before or self.revocations.is_revoked(certificate.serial_number):
            return True
        if not set(names) <= set(build.names_of(certificate)):
            return True
        return load_key(key_path).public_key() != certificate.public_key()

    def _places(self, kind: str) -> tuple[Path, Path]:
        """Where the certificate and the key of the simulator itself lie."""
        paths = self.paths
        if kind == "server":
            return paths.server_chain, paths.server_key
        return paths.service_certificate, paths.service_key

    def _crl_due(self) -> bool:
        return crl.is_due(self.paths, self.profile, self.times()[1], len(self.revocations.all()))

    def _write_crls(self) -> None:
        """Make the CRLs of the three CAs anew; only the TSP CA's has entries."""
        earliest, latest = self.times()
        revoked = {serial: parse_time(at) for serial, at in self.revocations.all().items()}
        start = crl.next_start(self.paths, earliest - self.profile.backdate)
        end = later(latest, self.profile.crl_valid)
        lists = [
            build.build_crl(
                certificate, self.ca_key(ca.id), start, end, revoked if ca is self.profile.cas[-1] else {}
            )
            for ca, certificate in zip(self.profile.cas, self.ca_certificates, strict=True)
        ]
        replace_file(self.paths.crl_file, crl.pem(lists))
