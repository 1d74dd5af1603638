"""Inspection of a file: finds the format of its bytes, checks their structure, compares it with the declared type."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol

from uploads.media_types import MEDIA_TYPES
from validator.formats import asf, bmp, gif, isobmff, jpeg, libmagic, mpeg, png, svg, tiff, webm
from validator.formats.polyglots.second_file import refuse_second_file
from validator.formats.polyglots.trailing import refuse_zip_tail
from validator.formats.reader import Budget, BudgetExceededError, RangeReader, TruncatedError
from validator.formats.riff import avi, webp
from validator.formats.unsupported import is_script, sentence_for
from validator.formats.verdict import RefusedError, Verdict


class Format(Protocol):
    """The interface of a format's module."""

    @property
    def BUDGET(self) -> Budget: ...  # noqa: N802  # a constant of the module

    def recognises(self, head: bytes, /) -> bool: ...

    def parse(self, reader: RangeReader, /) -> str: ...


FORMATS: Mapping[str, Format] = {
    "image/jpeg": jpeg,
    "image/png": png,
    "image/gif": gif,
    "image/webp": webp,
    "image/tiff": tiff,
    "image/bmp": bmp,
    "video/mp4": isobmff,
    "video/quicktime": isobmff,
    "video/webm": webm,
    "video/x-msvideo": avi,
    "video/x-ms-wmv": asf,
    "video/mpeg": mpeg,
    "image/svg+xml": svg,
}
"""The parser of each media type. The first one that recognises a file decides; text, matched loosely, comes last."""

_SAVE_AGAIN = "Please open it in a photo program, save it again, and send that."
_CURED_BY_SAVING = ("malformed", "polyglot")
_OTHER_BUDGET = isobmff.BUDGET


def budget_for(declared: str) -> Budget:
    """Returns the limits for inspecting a file of the declared type."""
    declared_format = FORMATS.get(declared)
    return declared_format.BUDGET if declared_format else _OTHER_BUDGET


def inspect(reader: RangeReader, declared: str) -> Verdict:
    """Returns the verdict on a file, based on its bytes only. Raises nothing except errors of the reader's fetch."""
    if reader.size == 0:
        return Verdict(None, "malformed", "The file is empty.")
    try:
        found = _detect(reader, declared)
    except RefusedError as refusal:
        return Verdict(None, refusal.reason, _advise(refusal.detail, refusal.reason, declared))
    except TruncatedError:
        return Verdict(None, "malformed", _advise("The file is cut off: its end is missing.", "malformed", declared))
    except BudgetExceededError:
        return Verdict(None, "malformed", "The file is too complicated to be checked.")
    if found != declared:
        return Verdict(found, "type_mismatch", _mismatch_sentence(found, declared))
    return Verdict(found)


def _detect(reader: RangeReader, declared: str) -> str:
    """Returns the type that the structure proves, unless a second file in the bytes or libmagic contradicts it."""
    head = reader.head()
    for mime, candidate in FORMATS.items():
        if not candidate.recognises(head) or (candidate is svg and declared != mime and is_script(head)):
            continue
        try:
            found = candidate.parse(reader)
        except BudgetExceededError:
            if FORMATS.get(declared) is candidate:
                raise
            raise RefusedError("type_mismatch", _mismatch_sentence(mime, declared)) from None
        except (RefusedError, TruncatedError) as failure:
            if mime.startswith("video/") and getattr(failure, "reason", "malformed") == "malformed":
                _refuse_second_file(reader)  # the better answer if a second file is what breaks the structure
            raise
        refuse_zip_tail(reader)
        if found.startswith("video/"):
            refuse_second_file(reader)
        libmagic.veto(head, found)
        return found
    raise RefusedError("unsupported_type", sentence_for(head))


def _refuse_second_file(reader: RangeReader) -> None:
    with suppress(BudgetExceededError, TruncatedError):
        refuse_zip_tail(reader)
        refuse_second_file(reader)


def _advise(detail: str, reason: str, declared: str) -> str:
    """Returns the sentence with what to do about a picture: a new file lacks what was refused."""
    is_picture = declared.startswith("image/") and declared != "image/svg+xml"
    return f"{detail} {_SAVE_AGAIN}" if is_picture and reason in _CURED_BY_SAVING and "Please" not in detail else detail


def _mismatch_sentence(found: str, declared: str) -> str:
    announced = MEDIA_TYPES[declared].label if declared in MEDIA_TYPES else "another type"
    return f"This is {MEDIA_TYPES[found].label}, but it was announced as {announced}."
