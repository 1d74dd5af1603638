"""Storage adapter for the staging and the final bucket on S3.

Every call is conditional on the ETag that `find` returned, so that exactly the checked bytes are copied and deleted. No
property of a staged object reaches its copy (tags, storage class, headers, metadata): a client chose them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from botocore.exceptions import ClientError

from runtime.aws_errors import code_of
from uploads.record import HELD_PREFIX
from validator.formats.reader import Fetch
from validator.ports import ObjectChangedError, Promoted, Promotion, StagedObject

STREAM_CHUNK_BYTES = 1024 * 1024
OVERRULED_METADATA = "overruled"
"""Metadata of a held copy that an operator made to overrule the scanner (phenom/commands/release.py)."""
COPIED_CLEAN: Mapping[str, Any] = {
    "MetadataDirective": "REPLACE",
    "TaggingDirective": "REPLACE",
    "StorageClass": "STANDARD",
    "ServerSideEncryption": "AES256",
}
"""Arguments of every copy: without metadata and tags of its source, with our class and encryption."""
MAX_NAME_METADATA_BYTES = 1024  # S3 allows 2 KB for all user metadata of an object

_ARCHIVES = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_SEAL = "sealed"
_GONE = frozenset({"404", "NoSuchKey", "NotFound"})
_PRECONDITION = frozenset({"412", "PreconditionFailed"})


class S3Client(Protocol):
    """The part of botocore's S3 client that is used here."""

    def head_object(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def get_object(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def copy_object(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def put_object(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def delete_object(self, **kwargs: Any) -> Mapping[str, Any]: ...


class S3Storage:
    """Implements validator.ports.Storage."""

    def __init__(self, client: S3Client, staging_bucket: str, final_bucket: str) -> None:
        self._client = client
        self._staging = staging_bucket
        self._final = final_bucket

    def find(self, key: str) -> StagedObject | None:
        head = self._head(self._staging, key)
        metadata = head.get("Metadata", {}) if head else {}
        if head is None or (head["ContentLength"] == 0 and _SEAL in metadata):
            return None
        storage_class = head.get("StorageClass", "STANDARD")
        return StagedObject(
            key,
            head["ETag"],
            head["ContentLength"],
            archived=storage_class if storage_class in _ARCHIVES else None,
            # Only held copies: the sender of a staged object chose its metadata.
            overruled=key.startswith(HELD_PREFIX) and OVERRULED_METADATA in metadata,
        )

    def fetch(self, staged: StagedObject) -> Fetch:
        def fetch(offset: int, length: int) -> bytes:
            answer = self._get(staged, Range=f"bytes={offset}-{offset + length - 1}")
            body: bytes = answer["Body"].read()
            return body

        return fetch

    def stream(self, staged: StagedObject) -> Iterator[bytes]:
        """Yields the whole object in chunks of STREAM_CHUNK_BYTES. A body that ends early raises."""
        chunks: Iterator[bytes] = self._get(staged)["Body"].iter_chunks(STREAM_CHUNK_BYTES)
        return chunks

    def promote(self, staged: StagedObject, promotion: Promotion) -> Promoted:
        """Copies the object to the final bucket unless it is there already. S3 computes a SHA-256 of the copy."""
        try:
            answer = self._copy(staged, **self._promotion_arguments(staged, promotion), IfNoneMatch="*")
        except ObjectChangedError:
            existing = self.promoted(promotion.key)
            if existing is None or existing.source_etag != staged.etag:
                raise
            return existing
        return Promoted(staged.etag, answer["CopyObjectResult"].get("ChecksumSHA256"))

    def promoted(self, final_key: str) -> Promoted | None:
        head = self._head(self._final, final_key, ChecksumMode="ENABLED")
        if head is None or "source-etag" not in head["Metadata"]:
            return None
        return Promoted(f'"{head["Metadata"]["source-etag"]}"', head.get("ChecksumSHA256"))

    def hold(self, staged: StagedObject, held_key: str) -> str:
        """Copies the object to `held_key`, unless there is one: that one was sent first."""
        try:
            answer = self._copy(staged, Bucket=self._staging, Key=held_key, IfNoneMatch="*", **COPIED_CLEAN)
        except ObjectChangedError:
            existing = self.find(held_key)
            if existing is None:
                raise
            return existing.etag
        return str(answer["CopyObjectResult"]["ETag"])

    def quarantine(self, staged: StagedObject, quarantine_key: str) -> None:
        """Copies the object to `quarantine_key`, over an earlier copy, which has the same bytes.

        The validator may not read there, so it cannot look for that copy first.
        """
        self._copy(
            staged, Bucket=self._staging, Key=quarantine_key, ContentType="application/octet-stream", **COPIED_CLEAN
        )

    def seal(self, staged: StagedObject) -> None:
        """Replaces the object by an empty one, which lasts until the lifecycle rule of uploads/ deletes it."""
        self._unless_replaced(self._client.put_object, staged, Body=b"", Metadata={_SEAL: "yes"})

    def delete(self, staged: StagedObject) -> None:
        self._unless_replaced(self._client.delete_object, staged)

    def _unless_replaced(self, call: Callable[..., Mapping[str, Any]], staged: StagedObject, **extra: Any) -> None:
        """Makes the call unless the object is gone or was replaced: the replacement has its own event."""
        try:
            call(Bucket=self._staging, Key=staged.key, IfMatch=staged.etag, **extra)
        except ClientError as error:
            if code_of(error) not in _GONE | _PRECONDITION:
                raise

    def _promotion_arguments(self, staged: StagedObject, promotion: Promotion) -> dict[str, Any]:
        metadata = {
            "upload-id": promotion.upload_id,
            "file-name": _to_ascii(promotion.file_name),
            "source-etag": staged.etag.strip('"'),
        }
        if promotion.sha256:
            metadata["sha256"] = promotion.sha256
        disposition = {"ContentDisposition": "attachment"} if promotion.as_attachment else {}
        return {
            "Bucket": self._final,
            "Key": promotion.key,
            "ContentType": promotion.content_type,
            **COPIED_CLEAN,
            "Metadata": metadata,
            "ChecksumAlgorithm": "SHA256",
            **disposition,
        }

    def _get(self, staged: StagedObject, **extra: Any) -> Mapping[str, Any]:
        return _call_on_unchanged(
            self._client.get_object, Bucket=self._staging, Key=staged.key, IfMatch=staged.etag, **extra
        )

    def _copy(self, staged: StagedObject, **target: Any) -> Mapping[str, Any]:
        source = {"Bucket": self._staging, "Key": staged.key}
        return _call_on_unchanged(self._client.copy_object, CopySource=source, CopySourceIfMatch=staged.etag, **target)

    def _head(self, bucket: str, key: str, **extra: Any) -> Mapping[str, Any] | None:
        try:
            return self._client.head_object(Bucket=bucket, Key=key, **extra)
        except ClientError as error:
            if code_of(error) in _GONE:
                return None
            raise


def _call_on_unchanged(call: Callable[..., Mapping[str, Any]], **arguments: Any) -> Mapping[str, Any]:
    try:
        return call(**arguments)
    except ClientError as error:
        if code_of(error) in _GONE | _PRECONDITION:
            raise ObjectChangedError(arguments.get("Key", "")) from error
        raise


def _to_ascii(name: str) -> str:
    """Returns the name as percent-encoded UTF-8 of at most MAX_NAME_METADATA_BYTES, cut between characters."""
    encoded = ""
    for character in name:
        encoded += quote(character, safe=" ")
        if len(encoded) > MAX_NAME_METADATA_BYTES:
            return encoded[: len(encoded) - len(quote(character, safe=" "))]
    return encoded
