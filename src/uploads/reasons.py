"""The reasons for not accepting an upload: stable codes for clients, metrics and operators."""

from enum import StrEnum


class Reason(StrEnum):
    """The reason of a verdict. Clients have a sentence for each."""

    UNSUPPORTED_TYPE = "unsupported_type"
    TYPE_MISMATCH = "type_mismatch"
    MALFORMED = "malformed"
    SIZE_MISMATCH = "size_mismatch"
    TOO_LARGE = "too_large"
    ACTIVE_CONTENT = "active_content"
    POLYGLOT = "polyglot"
    DECOMPRESSION_BOMB = "decompression_bomb"
    INFECTED = "infected"
    UNSCANNABLE = "unscannable"
    REPLAYED = "replayed"
    UNKNOWN_UPLOAD = "unknown_upload"


QUARANTINED = frozenset({Reason.INFECTED, Reason.UNSCANNABLE})
"""The reasons of the scanner, which can be wrong: such a file is kept under quarantine/ instead of deleted."""
