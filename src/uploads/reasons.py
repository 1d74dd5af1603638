"""Why an upload was not accepted: the stable codes that clients, metrics and operators rely on."""

from enum import StrEnum


class Reason(StrEnum):
    """Verdict reasons. A client must be able to put each one into words."""

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
