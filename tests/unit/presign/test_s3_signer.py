"""Our URLs are boto3's, byte for byte, without boto3's cost."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import botocore.auth
import pytest
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presign.s3_signer import S3Signer
from uploads.media_types import MEDIA_TYPES
from uploads.multipart import Multipart
from uploads.record import Status, Upload

NOW = datetime(2026, 11, 23, 11, 0, 0, tzinfo=UTC)
BUCKET = "phenom-dev-staging-123456789012"
SHA256 = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
TOKEN = "IQoJb3JpZ2luX2VjEHAaCXVzLWVhc3QtMSJ/+=="


@pytest.fixture(autouse=True)
def still_clock(monkeypatch):
    """Both sides sign at NOW: botocore asks a helper of its own for the time."""
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: NOW.replace(tzinfo=None))


def upload(mime: str = "image/jpeg", size: int = 1234, sha256: str | None = None) -> Upload:
    return Upload(
        upload_id="0123456789abcdef" * 2,
        status=Status.ISSUED,
        content_type=mime,
        file_size=size,
        file_name="never in a URL.jpg",
        created_at=NOW,
        updated_at=NOW,
        sha256=sha256,
    )


def credentials(token: str | None = None) -> ReadOnlyCredentials:
    return ReadOnlyCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)


@cache
def boto3_client(region: str, endpoint: str | None, token: str | None) -> Any:
    return boto3.session.Session(*credentials(token)[:3], region_name=region).client(
        "s3",
        endpoint_url=endpoint,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path" if endpoint else "virtual", "us_east_1_regional_endpoint": "regional"},
        ),
    )


def signed_by_boto3(of: Upload, region: str, endpoint: str | None, token: str | None, seconds: int) -> str:
    parameters = {
        "Bucket": BUCKET,
        "Key": of.staging_key,
        "ContentType": of.content_type,
        "ContentLength": of.file_size,
        "IfNoneMatch": "*",
    } | ({"ChecksumSHA256": of.sha256} if of.sha256 else {})
    url: str = boto3_client(region, endpoint, token).generate_presigned_url(
        "put_object", Params=parameters, ExpiresIn=seconds
    )
    return url


@pytest.mark.parametrize("sha256", [None, SHA256])
@pytest.mark.parametrize("token", [None, TOKEN])
@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "eu-central-1", "ap-southeast-4", "us-gov-west-1"])
def test_on_aws_a_url_is_boto3s_with_the_regional_virtual_host(region, token, sha256):
    ours = S3Signer(lambda: credentials(token), region, BUCKET).sign_put(upload(sha256=sha256), timedelta(hours=1))
    assert ours.url == signed_by_boto3(upload(sha256=sha256), region, None, token, 3600)
    assert ours.url.startswith(f"https://{BUCKET}.s3.{region}.amazonaws.com/uploads/")


@pytest.mark.parametrize("token", [None, TOKEN])
@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1:4566",
        "http://localhost:4566/",
        "http://localhost:80",
        "https://s3.example.org:443",
        "http://[::1]:4566",
        "http://S3.Local.Example/under/a/path/",
    ],
)
def test_in_the_local_cloud_a_url_is_boto3s_addressed_by_path(endpoint, token):
    """Whatever the endpoint looks like: default ports, IPv6, capitals, a slash at the end."""
    ours = S3Signer(lambda: credentials(token), "us-east-1", BUCKET, endpoint).sign_put(upload(), timedelta(minutes=5))
    assert ours.url == signed_by_boto3(upload(), "us-east-1", endpoint, token, 300)
    assert f"/{BUCKET}/uploads/" in ours.url


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    mime=st.sampled_from(sorted(MEDIA_TYPES)),
    size=st.integers(1, 5 * 10**9),
    seconds=st.integers(1, 604_800),
    sha256=st.none() | st.just(SHA256),
)
def test_any_upload_is_signed_as_boto3_would(mime, size, seconds, sha256):
    of = upload(mime, size, sha256)
    ours = S3Signer(credentials, "eu-west-1", BUCKET).sign_put(of, timedelta(seconds=seconds))
    assert ours.url == signed_by_boto3(of, "eu-west-1", None, None, seconds)


def signed_headers(url: str) -> set[str]:
    return set(parse_qs(urlsplit(url).query)["X-Amz-SignedHeaders"][0].split(";"))


def test_size_type_and_once_only_are_in_the_signature():
    signed = S3Signer(credentials, "us-east-1", BUCKET).sign_put(upload(), timedelta(hours=1))
    assert signed_headers(signed.url) == {"host", "content-length", "content-type", "if-none-match"}


def test_the_hash_is_in_the_signature_when_the_client_gave_one():
    signed = S3Signer(credentials, "us-east-1", BUCKET).sign_put(upload(sha256=SHA256), timedelta(hours=1))
    assert "x-amz-checksum-sha256" in signed_headers(signed.url)
    assert signed.headers == {"Content-Type": "image/jpeg", "If-None-Match": "*", "x-amz-checksum-sha256": SHA256}


def test_the_client_is_told_to_send_what_is_signed_and_a_browser_would_not_send_by_itself():
    """Browsers set Host and Content-Length, and forbid scripts to."""
    signed = S3Signer(credentials, "us-east-1", BUCKET).sign_put(upload(), timedelta(hours=1))
    assert {name.lower() for name in signed.headers} == signed_headers(signed.url) - {"host", "content-length"}


def test_each_property_of_an_upload_changes_its_signature():
    signer = S3Signer(credentials, "us-east-1", BUCKET)
    variants = [
        upload(),
        upload(mime="image/png"),
        upload(size=1235),
        upload(sha256=SHA256),
        upload(sha256=SHA256[::-1]),
    ]
    signatures = {signer.sign_put(each, timedelta(hours=1)).url.rpartition("=")[2] for each in variants}
    assert len(signatures) == len(variants)


def test_a_url_is_signed_with_the_credentials_of_the_moment():
    """Lambda's are renewed: a signer that kept the first ones would hand out dead URLs."""
    keys = iter(["AKIDFIRST", "AKIDSECOND"])
    signer = S3Signer(lambda: ReadOnlyCredentials(next(keys), "secret", None), "us-east-1", BUCKET)
    urls = [signer.sign_put(upload(), timedelta(hours=1)).url for _ in range(2)]
    assert ["AKIDFIRST" in urls[0], "AKIDSECOND" in urls[1]] == [True, True]


def test_the_secret_key_is_not_in_the_url():
    assert (
        credentials().secret_key not in S3Signer(credentials, "us-east-1", BUCKET).sign_put(upload(), timedelta(1)).url
    )


PARTS = Multipart(multipart_id="2~a/b+c=.d_e", part_bytes=1000, part_count=3, with_sha256=True)


@pytest.mark.parametrize("endpoint", [None, "http://127.0.0.1:4566"])
@pytest.mark.parametrize("sha256", [None, SHA256])
@pytest.mark.parametrize(("number", "size"), [(1, 1000), (3, 345)])
def test_the_url_of_a_part_is_boto3s(number, size, sha256, endpoint):
    of = upload(size=2345)
    ours = S3Signer(credentials, "us-east-1", BUCKET, endpoint).sign_part(of, PARTS, number, sha256, timedelta(hours=1))
    parameters = {
        "Bucket": BUCKET,
        "Key": of.staging_key,
        "UploadId": PARTS.multipart_id,
        "PartNumber": number,
        "ContentLength": size,
    } | ({"ChecksumSHA256": sha256} if sha256 else {})
    assert ours.url == boto3_client("us-east-1", endpoint, None).generate_presigned_url(
        "upload_part", Params=parameters, ExpiresIn=3600
    )


def test_size_and_digest_of_a_part_are_in_its_signature():
    signer = S3Signer(credentials, "us-east-1", BUCKET)
    plain = signer.sign_part(upload(size=2345), PARTS, 1, None, timedelta(hours=1))
    assert signed_headers(plain.url) == {"host", "content-length"}
    assert plain.headers == {}
    digested = signer.sign_part(upload(size=2345), PARTS, 1, SHA256, timedelta(hours=1))
    assert signed_headers(digested.url) == {"host", "content-length", "x-amz-checksum-sha256"}
    assert digested.headers == {"x-amz-checksum-sha256": SHA256}
    others = [
        signer.sign_part(upload(size=2345), PARTS, 2, None, timedelta(hours=1)),
        signer.sign_part(upload(size=2345), PARTS, 3, None, timedelta(hours=1)),
    ]
    assert len({each.url.rpartition("=")[2] for each in (plain, digested, *others)}) == 4
