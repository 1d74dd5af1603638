"""The rules for issuing an upload URL."""

import re
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from presign.attempt_limiter import NoAttemptLimit
from presign.models import UploadRequest, parse_as
from presign.ports import LimiterUnavailableError, PasswordsUnavailableError, QuotaExceededError, UploadPassword
from presign.service import (
    FileTooLargeError,
    Issued,
    TooManyAttemptsError,
    UnsupportedTypeError,
    UploadNotFoundError,
    UploadService,
    WrongPasswordError,
)
from tests.unit.presign.fakes import ADDRESS, NOW, PASSWORD, FakeLedger, FakePasswords, FakeQuota, FakeSigner, body
from uploads.errors import LedgerError
from uploads.media_types import MEDIA_TYPES
from uploads.record import UPLOAD_ID, Status

MAX_BYTES = 1000
VALID_FOR = timedelta(hours=1)


@pytest.fixture
def ledger() -> FakeLedger:
    return FakeLedger()


@pytest.fixture
def passwords() -> FakePasswords:
    return FakePasswords()


@pytest.fixture
def signer(ledger) -> FakeSigner:
    return FakeSigner(ledger)


@pytest.fixture
def quota() -> FakeQuota:
    return FakeQuota()


@pytest.fixture
def service(ledger, passwords, quota, signer) -> UploadService:
    return UploadService(ledger, passwords, NoAttemptLimit(), quota, signer, MAX_BYTES, VALID_FOR, clock=lambda: NOW)


def issue(service: UploadService, **changes: Any) -> Issued:
    return service.issue(parse_as(UploadRequest, body(**{"fileSize": MAX_BYTES} | changes)), ADDRESS)


def test_issued_upload_is_recorded_as_declared(service, ledger):
    upload = issue(service, sha256="A" * 43 + "=").upload
    assert ledger.uploads == {upload.upload_id: upload}
    assert (upload.status, upload.content_type, upload.file_size, upload.file_name, upload.sha256) == (
        Status.ISSUED,
        "video/quicktime",
        MAX_BYTES,
        "IMG_0042.MOV",
        "A" * 43 + "=",
    )
    assert upload.created_at == upload.updated_at == NOW


def test_upload_is_recorded_before_its_url_is_signed(service, signer):
    issued = issue(service)  # FakeSigner asserts the order
    assert signer.signed == [(issued.upload, VALID_FOR)]


def test_expiry_is_that_of_the_signature(service):
    assert issue(service).expires_at == NOW + VALID_FOR


def test_unrecorded_upload_gets_no_url(service, ledger, signer):
    ledger.broken = LedgerError("down")
    with pytest.raises(LedgerError):
        issue(service)
    assert signer.signed == []


def test_ids_are_128_random_bits(service):
    ids = {issue(service).upload.upload_id for _ in range(1000)}
    assert len(ids) == 1000
    assert all(UPLOAD_ID.fullmatch(each) for each in ids)
    assert {digit for each in ids for digit in each} == set("0123456789abcdef")


@pytest.mark.parametrize("name", ["evil.php", "x.html", "a b+c%2f.exe", "\N{PILE OF POO}.svg"])
def test_key_contains_no_client_text(service, name):
    assert re.fullmatch(r"uploads/[0-9a-f]{32}\.mov", issue(service, fileName=name).upload.staging_key)


@pytest.mark.parametrize("mime", MEDIA_TYPES)
def test_key_has_the_extension_of_the_media_type(service, mime):
    upload = issue(service, contentType=mime).upload
    assert upload.content_type == mime
    assert upload.staging_key.endswith(f".{MEDIA_TYPES[mime].extension}")


@pytest.mark.parametrize("written", ["VIDEO/MP4", "Video/Mp4", "video/MP4"])
def test_content_type_is_recorded_in_lower_case(service, written):
    """MIME types are case-insensitive (RFC 9110, section 8.3.1), but signatures and later comparisons are not."""
    assert issue(service, contentType=written).upload.content_type == "video/mp4"


@pytest.mark.parametrize(
    "mime",
    [
        "application/octet-stream",
        "application/x-msdownload",
        "text/html",
        "image/heic",
        "image/jpg",
        "video/*",
        "*/*",
        " video/mp4",
        "video/mp4 ",
        "video/mp4\r\nx-amz-acl: public-read",
        "video/mp4;codecs=avc1",
        "video/mp4, text/html",
        "mp4",
        "\N{FULLWIDTH LATIN SMALL LETTER V}ideo/mp4",
    ],
)
def test_other_content_type_is_refused(service, ledger, mime):
    with pytest.raises(UnsupportedTypeError):
        issue(service, contentType=mime)
    assert not ledger.uploads


@pytest.mark.parametrize("size", [1, MAX_BYTES - 1, MAX_BYTES])
def test_file_up_to_the_limit_is_accepted(service, size):
    assert issue(service, fileSize=size).upload.file_size == size


@pytest.mark.parametrize("size", [MAX_BYTES + 1, 2**63, 10**1000])
def test_file_over_the_limit_is_refused_with_the_limit(service, ledger, size):
    with pytest.raises(FileTooLargeError) as refused:
        issue(service, fileSize=size)
    assert refused.value.max_bytes == MAX_BYTES
    assert not ledger.uploads


@pytest.mark.parametrize("password", [PASSWORD + " ", PASSWORD.upper(), "x", " "])
def test_wrong_password_is_refused(service, ledger, password):
    with pytest.raises(WrongPasswordError):
        issue(service, password=password)
    assert not ledger.uploads


def test_password_is_checked_before_type_and_size(service):
    with pytest.raises(WrongPasswordError):
        issue(service, password="wrong", contentType="text/html", fileSize=10**9)


def test_unavailable_passwords_issue_nothing(service, passwords):
    passwords.broken = PasswordsUnavailableError("down")
    with pytest.raises(PasswordsUnavailableError):
        issue(service)


def test_upload_is_found_by_its_id(service):
    upload = issue(service).upload
    assert service.find(upload.upload_id) is upload


def test_unknown_id_is_not_found(service):
    with pytest.raises(UploadNotFoundError):
        service.find("f" * 32)


@pytest.mark.parametrize(
    "upload_id",
    ["", "generate-url", "f" * 31, "f" * 33, "F" * 32, "f" * 32 + "\n", "../" + "f" * 29, "٣" * 32, "f" * 31 + "\x00"],
)
def test_malformed_id_is_rejected_before_the_ledger(service, ledger, upload_id):
    ledger.broken = AssertionError("was asked")
    with pytest.raises(UploadNotFoundError):
        service.find(upload_id)


class FakeLimiter:
    """Makes every address wait `wait` seconds; `failed` lists the counted addresses."""

    def __init__(self, wait: int = 0) -> None:
        self.wait = wait
        self.failed: list[str] = []

    def retry_after(self, _address: str) -> int:
        return self.wait

    def record_failure(self, address: str) -> None:
        self.failed.append(address)


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_limited_address_is_refused_before_the_password_check(service, passwords, password):
    limiter = FakeLimiter(wait=7)
    with pytest.raises(TooManyAttemptsError) as refused:
        issue(replace(service, limiter=limiter), password=password)
    assert (refused.value.retry_after, passwords.asked, limiter.failed) == (7, [], [])


def test_wrong_password_is_counted_by_address(service):
    limiter = FakeLimiter()
    with pytest.raises(WrongPasswordError):
        replace(service, limiter=limiter).issue(parse_as(UploadRequest, body(password="wrong")), ADDRESS)
    assert limiter.failed == [ADDRESS]


@pytest.mark.parametrize("changes", [{}, {"contentType": "text/html"}, {"fileSize": MAX_BYTES + 1}])
def test_other_outcomes_are_not_counted(service, changes):
    limiter = FakeLimiter()
    with suppress(UnsupportedTypeError, FileTooLargeError):
        issue(replace(service, limiter=limiter), **changes)
    assert limiter.failed == []


def test_uncounted_wrong_password_is_unavailable(service, monkeypatch):
    limiter = FakeLimiter()

    def fail(_address: str) -> None:
        raise LimiterUnavailableError

    monkeypatch.setattr(limiter, "record_failure", fail)
    with pytest.raises(LimiterUnavailableError):
        issue(replace(service, limiter=limiter), password="wrong")


def test_issued_upload_counts_once_for_its_password(service, passwords, quota):
    passwords.label = "partner"
    assert issue(service).upload.password_label == "partner"
    assert quota.counted == [UploadPassword("partner", "v1/0")]


@pytest.mark.parametrize(
    "changes", [{"password": "wrong"}, {"contentType": "text/html"}, {"fileSize": MAX_BYTES + 1}], ids=str
)
def test_refused_request_uses_no_quota(service, quota, changes):
    with suppress(WrongPasswordError, UnsupportedTypeError, FileTooLargeError):
        issue(service, **changes)
    assert quota.counted == []


def test_used_up_quota_issues_nothing(service, ledger, quota):
    quota.broken = QuotaExceededError(10, 60, None)
    with pytest.raises(QuotaExceededError):
        issue(service)
    assert not ledger.uploads
