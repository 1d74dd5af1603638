"""The verdict of an inspection, and the error by which parsers refuse a file."""

from dataclasses import dataclass
from typing import Literal

type Refusal = Literal[
    "unsupported_type",
    "type_mismatch",
    "malformed",
    "active_content",
    "polyglot",
    "decompression_bomb",
]
"""Reasons to refuse a file: a subset of the reasons in the upload ledger (uploads.reasons)."""


class RefusedError(Exception):
    """Raised by a parser for a file that must not be promoted.

    `reason` is a code for programs, `detail` one sentence for people. The sentence never quotes the file.
    """

    def __init__(self, reason: Refusal, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Refusal = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one file.

    `mime` is the type that the bytes prove, None if they prove no accepted type. `reason` is None if the file is
    accepted.
    """

    mime: str | None
    reason: Refusal | None = None
    detail: str = ""

    @property
    def accepted(self) -> bool:
        return self.reason is None
