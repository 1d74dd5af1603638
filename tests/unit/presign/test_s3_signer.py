"""Signed URLs equal boto3's byte for byte, without the cost of its client."""

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
    """Both sides sign at NOW: botocore reads the time from this helper."""
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


def signed_by_boto3(it: Upload, region: str, endpoint: str | None, token: str | None, seconds: int) -> str:
    parameters = {
        "Bucket": BUCKET,
        "Key": it.staging_key,
        "ContentType": it.content_type,
        "ContentLength": it.file_size,
        "IfNoneMatch": "*",
    } | ({"ChecksumSHA256": it.sha256} if it.sha256 else {})
    url: str = boto3_client(region, endpoint, token).generate_presigned_url(
        "put_object", Params=parameters, ExpiresIn=seconds
    )
    return url


@pytest.mark.parametrize("sha256", [None, SHA256])
@pytest.mark.parametrize("token", [None, TOKEN])
@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "eu-central-1", "ap-southeast-4", "us-gov-west-1"])
def test_url_on_aws_equals_boto3_with_the_regional_virtual_host(region, token, sha256):
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
def test_url_in_the_local_cloud_equals_boto3_addressed_by_path(endpoint, token):
    """For default ports, IPv6, capitals and a trailing slash."""
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
def test_any_upload_is_signed_as_by_boto3(mime, size, seconds, sha256):
    it = upload(mime, size, sha256)
    ours = S3Signer(credentials, "eu-west-1", BUCKET).sign_put(it, timedelta(seconds=seconds))
    assert ours.url == signed_by_boto3(it, "eu-west-1", None, None, seconds)


def signed_headers(url: str) -> set[str]:
    return set(parse_qs(urlsplit(url).query)["X-Amz-SignedHeaders"][0].split(";"))


def test_signature_binds_size_type_and_if_none_match():
    signed = S3Signer(credentials, "us-east-1", BUCKET).sign_put(upload(), timedelta(hours=1))
    assert signed_headers(signed.url) == {"host", "content-length", "content-type", "if-none-match"}


def test_signature_binds_the_declared_sha256():
    signed = S3Signer(credentials, "us-east-1", BUCKET).sign_put(upload(sha256=SHA256), timedelta(hours=1))
    assert "x-amz-checksum-sha256" in signed_headers(signed.url)
    assert signed.headers == {"Content-Type": "image/jpeg", "If-None-Match": "*", "x-amz-checksum-sha256": SHA256}


def test_headers_are_the_signed_ones_that_browsers_do_not_set():
    """Browsers set Host and Content-Length themselves, and do not let scripts do it."""
    signed = S3Signer(credentials, "us-east-1", BUCKET).sign_put(upload(), timedelta(hours=1))
    assert {name.lower() for name in signed.headers} == signed_headers(signed.url) - {"host", "content-length"}


def test_every_bound_property_changes_the_signature():
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


def test_url_is_signed_with_the_current_credentials():
    """Lambda's credentials change; URLs signed with expired ones would not work."""
    keys = iter(["AKIDFIRST", "AKIDSECOND"])
    signer = S3Signer(lambda: ReadOnlyCredentials(next(keys), "secret", None), "us-east-1", BUCKET)
    urls = [signer.sign_put(upload(), timedelta(hours=1)).url for _ in range(2)]
    assert ["AKIDFIRST" in urls[0], "AKIDSECOND" in urls[1]] == [True, True]


def test_secret_key_is_not_in_the_url():
    assert (
        credentials().secret_key not in S3Signer(credentials, "us-east-1", BUCKET).sign_put(upload(), timedelta(1)).url
    )


PARTS = Multipart(multipart_id="2~a/b+c=.d_e", part_bytes=1000, part_count=3, with_sha256=True)


@pytest.mark.parametrize("endpoint", [None, "http://127.0.0.1:4566"])
@pytest.mark.parametrize("sha256", [None, SHA256])
@pytest.mark.parametrize(("number", "size"), [(1, 1000), (3, 345)])
def test_part_url_equals_boto3(number, size, sha256, endpoint):
    it = upload(size=2345)
    ours = S3Signer(credentials, "us-east-1", BUCKET, endpoint).sign_part(it, PARTS, number, sha256, timedelta(hours=1))
    parameters = {
        "Bucket": BUCKET,
        "Key": it.staging_key,
        "UploadId": PARTS.multipart_id,
        "PartNumber": number,
        "ContentLength": size,
    } | ({"ChecksumSHA256": sha256} if sha256 else {})
    assert ours.url == boto3_client("us-east-1", endpoint, None).generate_presigned_url(
        "upload_part", Params=parameters, ExpiresIn=3600
    )


def test_part_signature_binds_size_and_sha256():
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
