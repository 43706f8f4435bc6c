"""Certificates that are bad on purpose, one fault each, for tests and demonstrations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from digipoort_sim.errors import ConfigError
from digipoort_sim.pki import build
from digipoort_sim.pki.authority import Authority
from digipoort_sim.pki.build import CertificatePlan, Extension
from digipoort_sim.pki.certificate import IssuedCertificate
from digipoort_sim.pki.hierarchy import ca_plan, generate_keys, make_hierarchy
from digipoort_sim.pki.oin import Oin
from digipoort_sim.pki.profile import HolderProfile

_HOLDER = HolderProfile("TRIAL Slecht Certificaat", "TRIAL Slecht Certificaat", "00000003123456780000")
_SHA256_WITH_RSA = bytes.fromhex("06092a864886f70d01010b")
_SHA1_WITH_RSA = bytes.fromhex("06092a864886f70d010105")


@dataclass(frozen=True)
class _Draft:
    """What a certificate is made of, before it is signed."""

    authority: Authority
    plan: CertificatePlan
    key: rsa.RSAPrivateKey
    issuer_key: rsa.RSAPrivateKey
    chain: tuple[x509.Certificate, ...]
    sign: Callable[[CertificatePlan, rsa.RSAPrivateKey], x509.Certificate] = CertificatePlan.signed_by

    def change(self, **fields: object) -> _Draft:
        """The same with other fields of the certificate."""
        return replace(self, plan=replace(self.plan, **fields))  # type: ignore[arg-type]

    def extended(self, value: x509.ExtensionType, *, critical: bool = True) -> _Draft:
        """The same with an extension put in or put in another's place."""
        rest = tuple(one for one in self.plan.extensions if one.value.oid != value.oid)
        return self.change(extensions=(*rest, Extension(value, critical)))


@dataclass(frozen=True)
class BadKind:
    """One way to be bad.

    Attributes:
        rule: of the refusal that `Trust.verify` gives.
        wrong: what is wrong with it, in words.
        alert: the TLS alert with which OpenSSL refuses it in the handshake; empty where OpenSSL sees
            nothing, so that the SOAP door answers with the fault x110 and the file door with 530.
        spoil: turns a good draft into the bad one; None where the authority has to do more.
    """

    rule: str
    wrong: str
    alert: str
    spoil: Callable[[_Draft], _Draft] | None

    @property
    def refused_by_tls(self) -> bool:
        """Whether OpenSSL sees it too and refuses it in the handshake."""
        return bool(self.alert)

    @property
    def refusal(self) -> str:
        """How it is refused, in words."""
        return f"TLS alert {self.alert}" if self.alert else "x110 (SOAP), 530 (FTPS)"


def make_bad(authority: Authority, kind: str) -> IssuedCertificate:
    """Make a client certificate with one fault.

    The authority's ledger knows only the kind ``revoked``.

    Args:
        kind: a name of `BAD_KINDS`.

    Raises:
        ConfigError: there is no such kind.
    """
    if kind not in BAD_KINDS:
        raise ConfigError(f"{kind!r} is not one of {', '.join(BAD_KINDS)}", rule="PKI-BAD-KIND")
    if BAD_KINDS[kind].spoil is None:
        return _revoked(authority)
    return spoiled(authority, kind, _HOLDER)


def spoiled(
    authority: Authority, kind: str, holder: HolderProfile, hosts: Iterable[str] = ()
) -> IssuedCertificate:
    """A certificate of this holder with one fault.

    Args:
        kind: a name of `BAD_KINDS`; the certificate is good if it is none.
    """
    key = generate_keys([authority.profile.end.key_bits])[0]
    plan = authority.end_plan(holder, key, hosts)
    draft = _Draft(authority, plan, key, authority.ca_key("tsp"), authority.ca_certificates[:0:-1])
    row = BAD_KINDS.get(kind)
    if row is not None and row.spoil is not None:
        draft = row.spoil(draft)
    return IssuedCertificate(draft.sign(draft.plan, draft.issuer_key), draft.key, draft.chain)


def _revoked(authority: Authority) -> IssuedCertificate:
    issued = authority.issue_client(Oin.parse(_HOLDER.oin), _HOLDER.organisation)
    authority.revoke(issued.serial)
    return issued


def _subject(draft: _Draft, *numbers: str) -> _Draft:
    """The same with other serialNumbers in the subject."""
    rest = [one for one in draft.plan.subject if one.oid != NameOID.SERIAL_NUMBER]
    return draft.change(
        subject=x509.Name([*rest, *(x509.NameAttribute(NameOID.SERIAL_NUMBER, text) for text in numbers)])
    )


def _self_signed(draft: _Draft) -> _Draft:
    itself = x509.AuthorityKeyIdentifier.from_issuer_public_key(draft.key.public_key())
    draft = draft.extended(itself, critical=False)
    return replace(draft.change(issuer=draft.plan.subject), issuer_key=draft.key, chain=())


def _other_authority(draft: _Draft, named: Callable[[str], str]) -> _Draft:
    """The same under another root, whose CAs have names that are made from the names of ours."""
    profile = draft.authority.profile
    cas = tuple(replace(ca, common_name=named(ca.common_name)) for ca in profile.cas)
    profile = replace(profile, cas=cas)
    keys = generate_keys([2048] * len(profile.cas))
    cas_made = make_hierarchy(profile, keys, draft.authority.times(), draft.authority.new_serial)
    tsp_key = keys[-1].public_key()
    extensions = build.end_extensions(profile, draft.key.public_key(), profile.cas[-1], tsp_key)
    changed = draft.change(issuer=cas_made[-1].subject, extensions=extensions)
    return replace(changed, issuer_key=keys[-1], chain=tuple(cas_made[:0:-1]))


def _below_another_ca(draft: _Draft) -> _Draft:
    """The same under a CA that the TSP CA, whose path length is 0, had no right to make."""
    authority = draft.authority
    tsp = authority.profile.cas[-1]
    sub = replace(tsp, common_name="TRIAL SIMULATOR Sub CA")
    tsp_key, key = draft.issuer_key, generate_keys([2048])[0]
    plan = ca_plan(
        authority.profile,
        (sub, key.public_key()),
        (tsp, tsp_key.public_key()),
        authority.times(),
        authority.new_serial(),
    )
    extensions = build.end_extensions(authority.profile, draft.key.public_key(), sub, key.public_key())
    changed = draft.change(issuer=plan.subject, extensions=extensions)
    return replace(changed, issuer_key=key, chain=(plan.signed_by(tsp_key), *draft.chain))


def _other_case(draft: _Draft) -> _Draft:
    """The same with its issuer's name in lower case, which OpenSSL takes for the same name."""
    attributes = [
        x509.NameAttribute(one.oid, str(one.value).lower())
        if one.oid == NameOID.COMMON_NAME
        else x509.NameAttribute(one.oid, one.value)
        for one in draft.plan.issuer
    ]
    return draft.change(issuer=x509.Name(attributes))


def _weak(draft: _Draft) -> _Draft:
    key = generate_keys([1024])[0]
    changed = draft.change(public_key=key.public_key())
    return replace(
        changed.extended(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False), key=key
    )


def _sha1_signed(plan: CertificatePlan, key: rsa.RSAPrivateKey) -> x509.Certificate:
    """Sign with SHA-1, by hand, because `cryptography` no longer does that for certificates."""
    good = plan.signed_by(key)
    body = good.tbs_certificate_bytes.replace(_SHA256_WITH_RSA, _SHA1_WITH_RSA)
    whole = good.public_bytes(Encoding.DER).replace(_SHA256_WITH_RSA, _SHA1_WITH_RSA)
    signature = key.sign(body, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 (bad on purpose)
    return x509.load_der_x509_certificate(whole.replace(good.signature, signature))


def _tampered(plan: CertificatePlan, key: rsa.RSAPrivateKey) -> x509.Certificate:
    good = plan.signed_by(key)
    wrong = bytes([good.signature[0] ^ 1]) + good.signature[1:]
    return x509.load_der_x509_certificate(good.public_bytes(Encoding.DER).replace(good.signature, wrong))


def _usage(draft: _Draft) -> _Draft:
    flags = dict.fromkeys(
        ("digital_signature", "content_commitment", "data_encipherment", "key_agreement"), False
    )
    rest = dict.fromkeys(("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False)
    return draft.extended(x509.KeyUsage(**flags, **rest, key_encipherment=True))


def _wide(text: str) -> str:
    """A text in the wide letters of East Asian type, which look much like the plain ones."""
    return "".join(chr(ord(one) + 0xFEE0) for one in text)


def _pss_signed(plan: CertificatePlan, key: rsa.RSAPrivateKey) -> x509.Certificate:
    """Sign with RSASSA-PSS and SHA-512, as the coming generation of PKIoverheid will."""
    pss = padding.PSS(padding.MGF1(hashes.SHA512()), padding.PSS.DIGEST_LENGTH)
    return plan.builder().sign(key, hashes.SHA512(), rsa_padding=pss)


_UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")
_CONSTRAINTS = x509.NameConstraints([x509.DNSName("example.test")], None)
_SERVER_ONLY = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
_CODE_SIGNING = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
_YEARS = timedelta(days=3 * 365)
_UNKNOWN_CA = "unknown_ca"
_BAD = "bad_certificate"
_PURPOSE = "unsupported_certificate"

BAD_KINDS: dict[str, BadKind] = {
    "expired": BadKind(
        "CERT-EXPIRED",
        "it was valid until yesterday",
        "certificate_expired",
        lambda draft: draft.change(valid_from=draft.plan.valid_from - _YEARS, valid_to=draft.plan.valid_from),
    ),
    "not-yet-valid": BadKind(
        "CERT-NOT-YET-VALID",
        "it is valid in three years only",
        _BAD,
        lambda draft: draft.change(valid_from=draft.plan.valid_to - timedelta(days=1)),
    ),
    "revoked": BadKind(
        "CERT-REVOKED", "it was issued and then revoked; it stands in the CRL", "certificate_revoked", None
    ),
    "self-signed": BadKind("CERT-UNKNOWN-ISSUER", "it signed itself", _UNKNOWN_CA, _self_signed),
    "unknown-root": BadKind(
        "CERT-UNKNOWN-ISSUER",
        "its CAs are others, under a root of their own",
        _UNKNOWN_CA,
        lambda draft: _other_authority(draft, lambda name: f"TRIAL Other {name[6:]}"),
    ),
    "same-names": BadKind(
        "CERT-LOOKALIKE",
        "its CAs have the names of ours and other keys",
        _UNKNOWN_CA,
        lambda draft: _other_authority(draft, str),
    ),
    "look-alike-names": BadKind(
        "CERT-LOOKALIKE",
        "the names of its CAs look like ours, but are written with other characters",
        _UNKNOWN_CA,
        lambda draft: _other_authority(draft, lambda name: name[:-2] + _wide(name[-2:])),
    ),
    "path-too-long": BadKind(
        "CERT-PATH-LENGTH",
        "a CA stands above it that the TSP CA had no right to make",
        _UNKNOWN_CA,
        _below_another_ca,
    ),
    "bad-signature": BadKind(
        "CERT-SIGNATURE",
        "its issuer's signature is changed by one bit",
        "decrypt_error",
        lambda draft: replace(draft, sign=_tampered),
    ),
    "sha1": BadKind(
        "CERT-ALGORITHM",
        "it is signed with SHA-1",
        _BAD,
        lambda draft: replace(draft, sign=_sha1_signed),
    ),
    "weak-key": BadKind("CERT-WEAK-KEY", "its RSA key has 1024 bits", _BAD, _weak),
    "server-only": BadKind(
        "CERT-PURPOSE",
        "its extendedKeyUsage is serverAuth alone",
        _PURPOSE,
        lambda draft: draft.extended(_SERVER_ONLY),
    ),
    "code-signing": BadKind(
        "CERT-PURPOSE",
        "its extendedKeyUsage is codeSigning",
        _PURPOSE,
        lambda draft: draft.extended(_CODE_SIGNING),
    ),
    "unknown-critical": BadKind(
        "CERT-CRITICAL",
        "it has a critical extension that nobody knows",
        "certificate_unknown",
        lambda draft: draft.extended(_UNKNOWN),
    ),
    "no-digital-signature": BadKind(
        "CERT-KEY-USAGE", "its keyUsage lacks digitalSignature", _PURPOSE, _usage
    ),
    "ca": BadKind(
        "CERT-IS-A-CA",
        "it is one of a CA (CA:TRUE)",
        "",
        lambda draft: draft.extended(x509.BasicConstraints(ca=True, path_length=None)),
    ),
    "name-constraints": BadKind(
        "CERT-CRITICAL",
        "it has critical nameConstraints, which only a CA may have",
        "",
        lambda draft: draft.extended(_CONSTRAINTS),
    ),
    "pss": BadKind(
        "CERT-ALGORITHM",
        "it is signed with RSASSA-PSS, as the coming PKIoverheid G4; Digipoort does not accept that yet",
        "",
        lambda draft: replace(draft, sign=_pss_signed),
    ),
    "issuer-in-other-case": BadKind(
        "CERT-LOOKALIKE", "its issuer's name is written in lower case", "", _other_case
    ),
    "name-of-a-ca": BadKind(
        "CERT-LOOKALIKE",
        "its subject is the name of the TSP CA",
        "",
        lambda draft: draft.change(subject=draft.plan.issuer),
    ),
    "no-oin": BadKind("OIN-MISSING", "its subject has no serialNumber", "", _subject),
    "two-oins": BadKind(
        "OIN-AMBIGUOUS",
        "its subject has two serialNumbers",
        "",
        lambda draft: _subject(draft, _HOLDER.oin, _HOLDER.oin),
    ),
    "short-oin": BadKind(
        "OIN-LENGTH", "its OIN has 19 characters", "", lambda draft: _subject(draft, _HOLDER.oin[:-1])
    ),
    "long-oin": BadKind(
        "OIN-LENGTH", "its OIN has 21 characters", "", lambda draft: _subject(draft, f"{_HOLDER.oin}0")
    ),
    "oin-of-no-register": BadKind(
        "OIN-PREFIX", "its OIN has a prefix of no register", "", lambda draft: _subject(draft, "9" * 20)
    ),
    "oin-with-letters": BadKind(
        "OIN-MAIN",
        "its OIN has letters where a KvK number should be",
        "",
        lambda draft: _subject(draft, "00000003ABCDEFGH0000"),
    ),
}
"""The kinds of bad certificates, by name."""
