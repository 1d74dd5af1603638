"""The part of a ledger record that describes a multipart upload."""

from dataclasses import dataclass
from enum import StrEnum


class MultipartState(StrEnum):
    """The state of a multipart upload. A completing one is never aborted, an aborted one never completed."""

    OPEN = "open"
    COMPLETING = "completing"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Multipart:
    """A file in `part_count` parts of `part_bytes` bytes each; the last part is the rest.

    `multipart_id` is S3's id of the multipart upload. With `with_sha256`, every part carries its digest.
    """

    multipart_id: str
    part_bytes: int
    part_count: int
    with_sha256: bool
    state: MultipartState = MultipartState.OPEN

    def part_size(self, number: int, file_size: int) -> int:
        """Returns the bytes in part `number` (from 1) of a file of `file_size` bytes."""
        return min(self.part_bytes, file_size - (number - 1) * self.part_bytes)
