"""What an inspection says of a file."""

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
"""Why the bytes of a file are refused; a subset of the verdict reasons of the upload ledger."""


class RefusedError(Exception):
    """Raised by a parser: the bytes must not be promoted.

    `reason` is the machine's code, `detail` one sentence for a person. The sentence never quotes the file.
    """

    def __init__(self, reason: Refusal, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Refusal = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one inspection.

    `mime` is the type that the bytes prove, None when they prove none of the accepted ones.
    `reason` is None when the file is good.
    """

    mime: str | None
    reason: Refusal | None = None
    detail: str = ""

    @property
    def accepted(self) -> bool:
        return self.reason is None
