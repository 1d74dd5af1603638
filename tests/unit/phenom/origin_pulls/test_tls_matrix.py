"""Which client certificates a server accepts that trusts the bundle of `phenom origin-certificate`."""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from phenom.origin_pulls import certificates
from phenom.origin_pulls.certificates import CertificateError, KeyPair
from phenom.origin_pulls.tls_attempts import VERSIONS, Origin, Verdict, attempt
from tests.unit.phenom.origin_pulls.tls_servers import HOST, Authority, tls_server

NOW = datetime.now(UTC)
A, B = certificates.create(HOST, 365), certificates.create(HOST, 365)
IMPOSTOR = certificates.create(HOST, 365, issuer=certificates.load(A.authority).subject)
CLIENTS: dict[str, KeyPair | None] = {
    "none": None,
    "a": A,
    "b": B,
    "foreign": certificates.create(HOST, 365),
    "impostor": IMPOSTOR,
    "expired": certificates.create(HOST, 31, now=NOW - timedelta(days=60)),
}
BUNDLES = {"a": [A], "a and b": [A, B], "b": [B], "expired": [CLIENTS["expired"]]}
ACCEPTED = {("a", "a"), ("a and b", "a"), ("a and b", "b"), ("b", "b")}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(trustme.CA())


@pytest.mark.parametrize("bundle", BUNDLES)
def test_only_certificates_of_the_bundle_are_accepted(authority: Authority, tmp_path: Path, bundle: str):
    path = tmp_path / "chat-client-ca.pem"
    path.write_text(certificates.render_bundle([pair.authority for pair in BUNDLES[bundle] if pair]))
    with tls_server(authority.server_context(path)) as port:
        origin = Origin("127.0.0.1", port, HOST, 3, authority.client_context)
        for (name, client), version in itertools.product(CLIENTS.items(), VERSIONS):
            found = attempt(origin, version, name, client)
            expected = Verdict.OPEN if (bundle, name) in ACCEPTED else Verdict.REFUSED
            assert found.verdict is expected, (bundle, version, name, found.found)


def test_certificate_is_for_clients_and_of_a_kind_that_aws_and_cloudflare_accept():
    leaf, authority = certificates.load(A.certificate), certificates.load(A.authority)
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    leaf_key, authority_key = leaf.public_key(), authority.public_key()
    assert isinstance(leaf_key, rsa.RSAPublicKey)
    assert leaf_key.key_size == 2048
    assert isinstance(authority_key, ec.EllipticCurvePublicKey)
    for certificate, is_authority in ((leaf, False), (authority, True)):
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        assert (constraints.value.ca, constraints.critical) == (is_authority, True)
        assert certificate.signature_hash_algorithm is not None
        assert certificate.signature_hash_algorithm.name == "sha256"
        assert certificate.version is x509.Version.v3


def test_authorities_have_different_names():
    assert certificates.subject(A.authority) != certificates.subject(B.authority)


def test_issuer_is_proved_by_the_signature_and_not_by_its_name():
    assert certificates.is_issued_by(A.certificate, A.authority)
    assert certificates.load(IMPOSTOR.certificate).issuer == certificates.load(A.certificate).issuer
    assert not certificates.is_issued_by(IMPOSTOR.certificate, A.authority)
    assert not certificates.is_issued_by("rubbish", A.authority)


def test_bundle_is_read_as_it_was_written():
    rendered = certificates.render_bundle([A.authority, B.authority])
    assert rendered.count("\n# ") + rendered.startswith("# ") == 2
    assert certificates.read_bundle(rendered) == [A.authority, B.authority]
    assert certificates.read_bundle(" \n") == []
    assert rendered.count("-----BEGIN CERTIFICATE-----") == 2, "module chat_edge counts them"


@pytest.mark.parametrize("text", ["rubbish", "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n"])
def test_unreadable_bundle_is_an_error(text: str):
    with pytest.raises(CertificateError):
        certificates.read_bundle(text)


def test_bundle_of_three_is_an_error():
    with pytest.raises(CertificateError, match="3 authorities"):
        certificates.render_bundle([A.authority, B.authority, IMPOSTOR.authority])
