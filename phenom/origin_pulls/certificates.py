"""Client certificates for authenticated origin pulls, and the bundle of authorities that the load balancer trusts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_MOST_AUTHORITIES = 2  # module chat_edge accepts no more
_CLOCK_SKEW = timedelta(hours=1)
_RSA_BITS = 2048


class CertificateError(ValueError):
    """Text is no certificate, or a bundle has too many."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A certificate (PEM) of a new authority, and its private key, which has no representation for logs."""

    certificate: str
    authority: str
    private_key: "PrivateKey"


class PrivateKey:
    """A private key that is only kept in memory."""

    __slots__ = ("_key",)

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._key = key

    def pem(self) -> str:
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()


def create(host_name: str, days: int, *, now: datetime | None = None, issuer: x509.Name | None = None) -> KeyPair:
    """Returns a client certificate for `host_name`, issued by a new authority.

    The authority's key is not kept, so no second certificate that the load balancer accepts can ever be issued.
    `issuer` replaces the authority's name, to imitate another one.
    """
    start = (now or datetime.now(UTC)) - _CLOCK_SKEW
    end = start + timedelta(days=days)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    # Two authorities with one name in a bundle could be confused.
    name = issuer or _name(f"{host_name} origin pulls {start:%Y-%m-%d} {x509.random_serial_number():x}"[:64])
    authority = _authority(name, authority_key, start, end)
    key = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    leaf = (
        x509.CertificateBuilder()
        .subject_name(_name(host_name))
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host_name)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return KeyPair(_pem(leaf), _pem(authority), PrivateKey(key))


def _authority(name: x509.Name, key: ec.EllipticCurvePrivateKey, start: datetime, end: datetime) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _key_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def load(pem: str) -> x509.Certificate:
    """Returns the first certificate of the text. Raises CertificateError."""
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError as error:
        raise CertificateError("it is no certificate in PEM") from error


def read_bundle(text: str) -> list[str]:
    """Returns each authority of a bundle as PEM; comments between them are dropped. Raises CertificateError."""
    if not text.strip():
        return []
    try:
        return [_pem(found) for found in x509.load_pem_x509_certificates(text.encode())]
    except ValueError as error:
        raise CertificateError("it contains something that is no certificate") from error


def render_bundle(authorities: Sequence[str]) -> str:
    """Returns the file for the load balancer. Raises CertificateError for more authorities than it may have."""
    if len(authorities) > _MOST_AUTHORITIES:
        raise CertificateError(f"it would have {len(authorities)} authorities")
    return "".join(f"# {subject(each)}, until {expires(each):%Y-%m-%d}\n{each}" for each in authorities)


def is_issued_by(certificate: str, authority: str) -> bool:
    """Returns True when the authority signed the certificate; its name proves nothing."""
    try:
        load(certificate).verify_directly_issued_by(load(authority))
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def expires(pem: str) -> datetime:
    return load(pem).not_valid_after_utc


def subject(pem: str) -> str:
    return load(pem).subject.rfc4514_string()
