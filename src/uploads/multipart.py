"""A file that comes in parts, as the ledger keeps it."""

from dataclasses import dataclass
from enum import StrEnum


class MultipartState(StrEnum):
    """How far the parts are. What was once completing is never aborted, and the other way round."""

    OPEN = "open"
    COMPLETING = "completing"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Multipart:
    """How a file is cut: `part_count` parts of `part_bytes` bytes, but for the last one, which is the rest.

    `multipart_id` is S3's name for the multipart upload. `with_sha256` says that every part carries its digest.
    """

    multipart_id: str
    part_bytes: int
    part_count: int
    with_sha256: bool
    state: MultipartState = MultipartState.OPEN

    def size_of(self, number: int, file_size: int) -> int:
        """How many bytes part `number` (from 1) has of a file of `file_size` bytes."""
        return min(self.part_bytes, file_size - (number - 1) * self.part_bytes)
