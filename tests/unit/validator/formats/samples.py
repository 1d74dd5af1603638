"""One valid file of each type, and the inspection of bytes in memory."""

from testkit.samples import images
from testkit.samples.videos import asf, avi, file_type, mp4, program_stream, webm
from validator.formats.reader import Budget, RangeReader
from validator.formats.verdict import Verdict
from validator.inspection import budget_for, inspect

VIDEOS = {
    "video/mp4": mp4(),
    "video/quicktime": mp4(before=file_type(b"qt  ")),
    "video/webm": webm(),
    "video/x-msvideo": avi(),
    "video/x-ms-wmv": asf(),
    "video/mpeg": program_stream(),
}
IMAGES = {f"image/{kind}": next(iter(made().values())) for kind, made in images.VALID.items()}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
VALID = VIDEOS | IMAGES | {"image/svg+xml": SVG}


def reader_of(data: bytes, declared: str = "video/mp4", budget: Budget | None = None) -> RangeReader:
    return RangeReader(lambda at, length: data[at : at + length], len(data), budget or budget_for(declared))


def verdict_on(data: bytes, declared: str) -> Verdict:
    return inspect(reader_of(data, declared), declared)
