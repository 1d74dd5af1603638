"""S3 in memory: the calls of the pipeline and the redrive, with S3's conditions and error codes."""
# ruff: noqa: N803 - arguments have the names of botocore

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.response import StreamingBody

from tests.faults.programs import refusal

PAGE = 25


@dataclass(frozen=True, slots=True)
class Stored:
    """One object."""

    body: bytes
    etag: str
    stored_at: float
    content_type: str = "binary/octet-stream"
    metadata: dict[str, str] = field(default_factory=dict)
    disposition: str | None = None
    with_sha256: bool = False

    @property
    def is_seal(self) -> bool:
        return not self.body

    @property
    def sha256(self) -> str:
        return base64.b64encode(hashlib.sha256(self.body).digest()).decode()


def etag_of(body: bytes, parts: int = 0) -> str:
    """Returns the ETag of an object sent in one piece or in parts."""
    digest = hashlib.md5(body).hexdigest()
    return f'"{digest}-{parts}"' if parts else f'"{digest}"'


class Answer(dict[str, Any]):
    """An answer whose body may break."""

    def broken(self) -> "Answer":
        length = int(self["ContentLength"])
        body = self["Body"].read()[: length // 2]
        return Answer(self, Body=StreamingBody(_Raw(body), length))


class _Raw:
    """The raw stream in botocore's StreamingBody, which detects an early end."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def read(self, amount: int | None = None) -> bytes:
        taken = self._body if amount is None else self._body[:amount]
        self._body = self._body[len(taken) :]
        return taken

    def close(self) -> None:
        """Does nothing."""


class S3:
    """All buckets. `writes` counts the writes of each object. Only an operator reads under quarantine/."""

    def __init__(self, now: Callable[[], float], created: Callable[[str, str], None]) -> None:
        self.objects: dict[tuple[str, str], Stored] = {}
        self.writes: Counter[tuple[str, str]] = Counter()
        self.is_operator = False
        self._now = now
        self._created = created

    def keys(self, bucket: str, prefix: str = "") -> set[str]:
        """Returns the keys of files; empty objects only seal used URLs."""
        return {
            key
            for (name, key), stored in self.objects.items()
            if name == bucket and key.startswith(prefix) and not stored.is_seal
        }

    def store(self, bucket: str, key: str, body: bytes, **properties: Any) -> Stored:
        properties.setdefault("etag", etag_of(body))
        stored = Stored(body, stored_at=self._now(), **properties)
        self.objects[bucket, key] = stored
        self.writes[bucket, key] += 1
        self._created(bucket, key)
        return stored

    def expire(self, bucket: str, prefix: str, seconds: float) -> None:
        """Deletes old objects, as a lifecycle rule does."""
        for (name, key), stored in list(self.objects.items()):
            if name == bucket and key.startswith(prefix) and stored.stored_at + seconds < self._now():
                del self.objects[name, key]

    def head_object(self, *, Bucket: str, Key: str, ChecksumMode: str = "") -> dict[str, Any]:
        self._check_readable("HeadObject", Key)
        stored = self.objects.get((Bucket, Key))
        if stored is None:
            raise refusal(404, "404", "HeadObject")
        answer = {"ETag": stored.etag, "ContentLength": len(stored.body), "Metadata": dict(stored.metadata)}
        return answer | ({"ChecksumSHA256": stored.sha256} if ChecksumMode and stored.with_sha256 else {})

    def get_object(self, *, Bucket: str, Key: str, IfMatch: str | None = None, Range: str | None = None) -> Answer:
        stored = self._matching("GetObject", Bucket, Key, IfMatch)
        body = stored.body
        if Range is not None:
            first, last = map(int, Range.removeprefix("bytes=").split("-"))
            if first >= len(body):
                raise refusal(416, "InvalidRange", "GetObject")
            body = body[first : last + 1]
        return Answer(Body=StreamingBody(_Raw(body), len(body)), ContentLength=len(body), ETag=stored.etag)

    def put_object(
        self, *, Bucket: str, Key: str, Body: bytes, IfMatch: str | None = None, Metadata: dict[str, str] | None = None
    ) -> dict[str, Any]:
        if IfMatch is not None:
            self._matching("PutObject", Bucket, Key, IfMatch)
        return {"ETag": self.store(Bucket, Key, Body, metadata=dict(Metadata or {})).etag}

    def copy_object(
        self,
        *,
        Bucket: str,
        Key: str,
        CopySource: dict[str, str],
        CopySourceIfMatch: str | None = None,
        IfNoneMatch: str | None = None,
        MetadataDirective: str = "COPY",
        Metadata: dict[str, str] | None = None,
        ContentType: str | None = None,
        ContentDisposition: str | None = None,
        ChecksumAlgorithm: str | None = None,
        TaggingDirective: str = "COPY",
        StorageClass: str = "STANDARD",
        ServerSideEncryption: str = "AES256",
    ) -> dict[str, Any]:
        assert (MetadataDirective, TaggingDirective, StorageClass) == ("REPLACE", "REPLACE", "STANDARD")
        source = self._matching("CopyObject", CopySource["Bucket"], CopySource["Key"], CopySourceIfMatch)
        if IfNoneMatch is not None and (Bucket, Key) in self.objects:
            raise refusal(412, "PreconditionFailed", "CopyObject")
        replace = MetadataDirective == "REPLACE"
        stored = self.store(
            Bucket,
            Key,
            source.body,
            content_type=ContentType or "binary/octet-stream" if replace else source.content_type,
            metadata=dict(Metadata or {}) if replace else source.metadata,
            disposition=ContentDisposition if replace else source.disposition,
            with_sha256=ChecksumAlgorithm == "SHA256",
        )
        checksum = {"ChecksumSHA256": stored.sha256} if stored.with_sha256 else {}
        return {"CopyObjectResult": {"ETag": stored.etag, **checksum}}

    def delete_object(self, *, Bucket: str, Key: str, IfMatch: str | None = None) -> dict[str, Any]:
        if IfMatch is not None:
            self._matching("DeleteObject", Bucket, Key, IfMatch)
        self.objects.pop((Bucket, Key), None)
        return {}

    def list_objects_v2(self, *, Bucket: str, Prefix: str = "", StartAfter: str = "") -> dict[str, Any]:
        keys = sorted(key for key in self.keys(Bucket, Prefix) if key > StartAfter)
        page = [self._listed(key, self.objects[Bucket, key]) for key in keys[:PAGE]]
        return ({"Contents": page} if page else {}) | {"IsTruncated": len(keys) > PAGE}

    def _listed(self, key: str, stored: Stored) -> dict[str, Any]:
        at = datetime.fromtimestamp(stored.stored_at, UTC)
        return {"Key": key, "ETag": stored.etag, "Size": len(stored.body), "LastModified": at}

    def _check_readable(self, operation: str, key: str) -> None:
        if key.startswith("quarantine/") and not self.is_operator:
            raise refusal(403, "AccessDenied", operation)

    def _matching(self, operation: str, bucket: str, key: str, etag: str | None) -> Stored:
        if operation != "DeleteObject":
            self._check_readable(operation, key)
        stored = self.objects.get((bucket, key))
        if stored is None:
            raise refusal(404, "NoSuchKey", operation)
        if etag is not None and stored.etag != etag:
            raise refusal(412, "PreconditionFailed", operation)
        return stored


class Pages:
    """The paginator of list_objects_v2."""

    def __init__(self, list_objects: Callable[..., dict[str, Any]]) -> None:
        self._list_objects = list_objects

    def paginate(self, **arguments: Any) -> Iterator[dict[str, Any]]:
        page = self._list_objects(**arguments)
        while page["IsTruncated"]:
            yield page
            page = self._list_objects(**arguments, StartAfter=page["Contents"][-1]["Key"])
        yield page
