"""One inspection: which format the bytes are in, whether they keep to it, and whether it is the declared one."""

from contextlib import suppress
from typing import Protocol

from validator.formats import asf, bmp, gif, isobmff, jpeg, libmagic, mpeg, png, svg, tiff, webm
from validator.formats.polyglots.second_file import refuse_second_file
from validator.formats.polyglots.trailing import refuse_zip_tail
from validator.formats.reader import Budget, BudgetExceededError, RangeReader, TruncatedError
from validator.formats.riff import avi, webp
from validator.formats.unsupported import is_script, sentence_for
from validator.formats.verdict import RefusedError, Verdict


class Format(Protocol):
    """What each module of a format offers."""

    @property
    def BUDGET(self) -> Budget: ...  # noqa: N802  # a constant of the module

    def recognises(self, head: bytes, /) -> bool: ...

    def parse(self, reader: RangeReader, /) -> str: ...


_FORMATS: dict[str, Format] = {
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
"""In the order in which they are asked whether they recognise a file: text, which is recognised loosely, comes last."""

_LABELS = {
    "video/mp4": "an MP4 video",
    "video/quicktime": "a QuickTime video (MOV)",
    "video/mpeg": "an MPEG video",
    "video/x-msvideo": "an AVI video",
    "video/x-ms-wmv": "a Windows Media video (WMV)",
    "video/webm": "a WebM video",
    "image/jpeg": "a JPEG photo",
    "image/png": "a PNG picture",
    "image/gif": "a GIF picture",
    "image/webp": "a WebP picture",
    "image/svg+xml": "an SVG drawing",
    "image/tiff": "a TIFF picture",
    "image/bmp": "a BMP picture",
}
_OTHER_BUDGET = isobmff.BUDGET


def budget_for(declared: str) -> Budget:
    """What the inspection of a file may cost that was declared to be of this type."""
    declared_format = _FORMATS.get(declared)
    return declared_format.BUDGET if declared_format else _OTHER_BUDGET


def inspect(reader: RangeReader, declared: str) -> Verdict:
    """Judges a file by its bytes. Nothing but an error of the reader's fetch is raised."""
    if reader.size == 0:
        return Verdict(None, "malformed", "The file is empty.")
    try:
        found = _prove(reader, declared)
    except RefusedError as refusal:
        return Verdict(None, refusal.reason, refusal.detail)
    except TruncatedError:
        return Verdict(None, "malformed", "The file is cut off: its end is missing.")
    except BudgetExceededError:
        return Verdict(None, "malformed", "The file is too complicated to be checked.")
    if found != declared:
        return Verdict(found, "type_mismatch", _mismatch(found, declared))
    return Verdict(found)


def _prove(reader: RangeReader, declared: str) -> str:
    """The one type that structure, what stands beside the structure, and libmagic all agree with."""
    head = reader.head()
    for mime, candidate in _FORMATS.items():
        if not candidate.recognises(head) or (candidate is svg and declared != mime and is_script(head)):
            continue
        try:
            found = candidate.parse(reader)
        except BudgetExceededError:
            if _FORMATS.get(declared) is candidate:
                raise
            raise RefusedError("type_mismatch", _mismatch(mime, declared)) from None
        except (RefusedError, TruncatedError) as failure:
            if mime.startswith("video/") and getattr(failure, "reason", "malformed") == "malformed":
                _refuse_second_file(reader)  # the better answer, when a second file is what breaks the structure
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


def _mismatch(found: str, declared: str) -> str:
    return f"This is {_LABELS[found]}, but it was announced as {_LABELS.get(declared, 'another type')}."
