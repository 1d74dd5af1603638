"""The contract of storage adapters, for S3Storage on moto and for the fake of the unit tests."""

import pytest

from tests.fakes import FakeStorage, etag_of
from tests.integration.validator.conditional_s3 import ConditionalS3
from tests.integration.validator.conftest import FINAL, STAGING
from validator.ports import ObjectChangedError, Promotion, StagedObject
from validator.s3_storage import S3Storage

KEY = f"uploads/{'a' * 32}.png"
HELD = f"held/{'a' * 32}.png"
QUARANTINED = f"quarantine/{'a' * 32}.png"
CONTENT = b"the first content"
OTHER = b"something different"
PROMOTION = Promotion(f"images/2026/11/23/{'a' * 32}.png", "image/png", "a" * 32, "IMG.png", None, as_attachment=False)


class FakeCloud:
    def __init__(self) -> None:
        self.storage = FakeStorage()

    def put(self, content: bytes) -> None:
        self.storage.staging[KEY] = content

    def remove(self) -> None:
        del self.storage.staging[KEY]

    def staged(self, key: str) -> bytes | None:
        return self.storage.staging.get(key)

    def finals(self) -> list[bytes]:
        return [final.content for final in self.storage.final.values()]


class MotoCloud:
    def __init__(self, s3) -> None:
        self._s3 = s3
        self.storage = S3Storage(ConditionalS3(s3), STAGING, FINAL)

    def put(self, content: bytes) -> None:
        self._s3.put_object(Bucket=STAGING, Key=KEY, Body=content)

    def remove(self) -> None:
        self._s3.delete_object(Bucket=STAGING, Key=KEY)

    def staged(self, key: str) -> bytes | None:
        keys = [each["Key"] for each in self._s3.list_objects_v2(Bucket=STAGING).get("Contents", [])]
        return self._s3.get_object(Bucket=STAGING, Key=key)["Body"].read() if key in keys else None

    def finals(self) -> list[bytes]:
        """Returns every version, so that an overwritten object is detected."""
        versions = self._s3.list_object_versions(Bucket=FINAL).get("Versions", [])
        ids = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in versions]
        return [self._s3.get_object(Bucket=FINAL, **each)["Body"].read() for each in ids]


@pytest.fixture(params=["fake", "s3"])
def cloud(request) -> FakeCloud | MotoCloud:
    cloud = FakeCloud() if request.param == "fake" else MotoCloud(request.getfixturevalue("s3"))
    cloud.put(CONTENT)
    return cloud


@pytest.fixture
def staged(cloud) -> StagedObject:
    found = cloud.storage.find(KEY)
    assert found is not None
    return found


def test_find_returns_etag_and_size(staged):
    assert staged == StagedObject(KEY, etag_of(CONTENT), len(CONTENT))


def test_find_of_a_missing_object_returns_none(cloud):
    assert cloud.storage.find("uploads/missing") is None
    assert cloud.storage.find(HELD) is None


@pytest.mark.parametrize(("offset", "length"), [(0, 1), (4, 5), (0, len(CONTENT)), (len(CONTENT) - 1, 1)])
def test_fetch_returns_exactly_the_range(cloud, staged, offset, length):
    assert cloud.storage.fetch(staged)(offset, length) == CONTENT[offset : offset + length]


def test_stream_returns_the_whole_object(cloud, staged):
    assert b"".join(cloud.storage.stream(staged)) == CONTENT


@pytest.mark.parametrize("replacement", [OTHER, None])
@pytest.mark.parametrize(
    "call",
    [
        lambda storage, staged: storage.fetch(staged)(0, 1),
        lambda storage, staged: b"".join(storage.stream(staged)),
        lambda storage, staged: storage.promote(staged, PROMOTION),
        lambda storage, staged: storage.hold(staged, HELD),
        lambda storage, staged: storage.quarantine(staged, QUARANTINED),
    ],
    ids=["fetch", "stream", "promote", "hold", "quarantine"],
)
def test_replaced_or_deleted_object_cannot_be_read_or_copied(cloud, staged, call, replacement):
    cloud.put(replacement) if replacement else cloud.remove()
    with pytest.raises(ObjectChangedError):
        call(cloud.storage, staged)
    assert (cloud.finals(), cloud.staged(HELD)) == ([], None)


def test_fetch_after_a_replacement_raises(cloud, staged):
    fetch = cloud.storage.fetch(staged)
    assert fetch(0, 3) == CONTENT[:3]
    cloud.put(OTHER)
    with pytest.raises(ObjectChangedError):
        fetch(3, 3)


def test_promoted_returns_the_etag_of_the_source(cloud, staged):
    assert cloud.storage.promoted(PROMOTION.key) is None
    promoted = cloud.storage.promote(staged, PROMOTION)
    assert promoted.source_etag == staged.etag
    assert cloud.storage.promoted(PROMOTION.key).source_etag == staged.etag
    assert cloud.finals() == [CONTENT]


@pytest.mark.parametrize("since", [None, "removed", "replaced"])
def test_repeated_promotion_copies_once(cloud, staged, since):
    """Also if a worker that died had deleted the source already."""
    first = cloud.storage.promote(staged, PROMOTION)
    if since == "removed":
        cloud.remove()
    if since == "replaced":
        cloud.put(OTHER)
    assert cloud.storage.promote(staged, PROMOTION).source_etag == first.source_etag
    assert cloud.finals() == [CONTENT]


def test_final_key_is_written_once(cloud, staged):
    cloud.storage.promote(staged, PROMOTION)
    cloud.put(OTHER)
    with pytest.raises(ObjectChangedError):
        cloud.storage.promote(cloud.storage.find(KEY), PROMOTION)
    assert cloud.finals() == [CONTENT]


def test_hold_copies_the_staged_object(cloud, staged):
    cloud.storage.hold(staged, HELD)
    cloud.storage.hold(staged, HELD)
    assert (cloud.staged(KEY), cloud.staged(HELD)) == (CONTENT, CONTENT)
    assert cloud.storage.find(HELD).etag == staged.etag


def test_seal_is_idempotent_and_is_not_found(cloud, staged):
    cloud.storage.seal(staged)
    cloud.storage.seal(staged)
    assert cloud.storage.find(KEY) is None


def test_seal_leaves_a_replacement_of_the_object(cloud, staged):
    cloud.put(OTHER)
    cloud.storage.seal(staged)
    assert cloud.staged(KEY) == OTHER


def test_delete_is_idempotent(cloud, staged):
    cloud.storage.delete(staged)
    cloud.storage.delete(staged)
    assert cloud.staged(KEY) is None


def test_delete_leaves_a_replacement_of_the_object(cloud, staged):
    cloud.put(OTHER)
    cloud.storage.delete(staged)
    assert cloud.staged(KEY) == OTHER
