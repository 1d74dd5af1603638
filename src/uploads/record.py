"""The record of one upload in the ledger."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from uploads.media_types import MEDIA_TYPES, MediaType
from uploads.multipart import Multipart
from uploads.reasons import Reason

UPLOAD_ID = re.compile(r"[0-9a-f]{32}")
"""128 random bits as hexadecimal digits: the capability for all later calls on the upload."""

STAGING_PREFIX = "uploads/"
HELD_PREFIX = "held/"
QUARANTINE_PREFIX = "quarantine/"


class Status(StrEnum):
    """The status of an upload."""

    ISSUED = "issued"
    VALIDATING = "validating"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    HELD = "held"


DECIDED = frozenset({Status.ACCEPTED, Status.REJECTED})
"""The statuses with a verdict, which is final. A *settled* upload is decided or held: no worker claims it."""


class ReleaseMode(StrEnum):
    """The order for a quarantined file: another scan, or no scan. The structure is checked in any case."""

    JUDGE_AGAIN = "judge_again"
    OVERRULE = "overrule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The last order to release an upload from quarantine: `by` is the operator's ARN, `because` their reason."""

    mode: ReleaseMode
    by: str
    because: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A ledger item.

    `file_size` is the declared size in bytes, `content_type` the declared type, `sha256` the digest in base64 (declared
    by the client and enforced by S3, or computed while scanning), `etag` the ETag of the object that was inspected.
    `approved_etag` is the ETag of an object found good: once it is set, the object may be in the final bucket.
    `held_etag` is the ETag of the held copy: once it is set, the copy replaces the staged object.
    `quarantined` is True while the file is kept under quarantine/, and `quarantine_etag` is the ETag of the object that
    was copied there; `signature` is what the scanner reported.
    `release` is None unless an operator has released it. `multipart` is None for a file that is sent in one piece.
    `password_label` is the label of the upload password, None when it has none.
    """

    upload_id: str
    status: Status
    content_type: str
    file_size: int
    file_name: str
    created_at: datetime
    updated_at: datetime
    sha256: str | None = None
    etag: str | None = None
    reason: Reason | None = None
    detail: str | None = None
    final_key: str | None = None
    lease_until: float = 0.0
    approved_etag: str | None = None
    held_etag: str | None = None
    quarantined: bool = False
    quarantine_etag: str | None = None
    signature: str | None = None
    release: Release | None = None
    multipart: Multipart | None = None
    password_label: str | None = None

    @property
    def media_type(self) -> MediaType:
        return MEDIA_TYPES[self.content_type]

    @property
    def staging_key(self) -> str:
        return f"{STAGING_PREFIX}{self._name}"

    @property
    def held_key(self) -> str:
        return f"{HELD_PREFIX}{self._name}"

    @property
    def quarantine_prefix(self) -> str:
        """All keys of this upload under quarantine/ begin so."""
        return f"{QUARANTINE_PREFIX}{self.upload_id}."

    def quarantine_key(self, etag: str) -> str:
        """Returns the key for the object with this ETag, so that a late worker never overwrites another object."""
        return f"{self.quarantine_prefix}{etag.strip('"')}.{self.media_type.extension}"

    @property
    def promotion_key(self) -> str:
        """The final key of an accepted file, dated by the day of issue so that a resumed promotion writes there too."""
        return f"{self.media_type.family}/{self.created_at:%Y/%m/%d}/{self._name}"

    @property
    def _name(self) -> str:
        return f"{self.upload_id}.{self.media_type.extension}"


def upload_id_from_key(staging_key: str) -> str | None:
    """Returns the id in a staging key, None for any other key."""
    name = staging_key.removeprefix(STAGING_PREFIX)
    upload_id, dot, _ = name.partition(".")
    return upload_id if dot and name != staging_key and UPLOAD_ID.fullmatch(upload_id) else None
