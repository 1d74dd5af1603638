"""The table of accepted media types: the only one. The functions, the command line, the page and the schemas use it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Family(StrEnum):
    """The kind of file for a viewer; the value is the first part of a final key."""

    IMAGES = "images"
    VIDEOS = "videos"


@dataclass(frozen=True, slots=True)
class MediaType:
    """An accepted media type.

    `extensions` are the file extensions that clients use for it, in lower case and without the dot. For people, `name`
    stands in lists and `label` names one such file in a sentence.
    """

    mime: str
    family: Family
    extensions: tuple[str, ...]
    name: str
    label: str

    @property
    def extension(self) -> str:
        """The extension in object keys: the first of `extensions`."""
        return self.extensions[0]


_TABLE = (
    MediaType("video/mp4", Family.VIDEOS, ("mp4", "m4v"), "MP4", "an MP4 video"),
    MediaType("video/mpeg", Family.VIDEOS, ("mpg", "mpeg", "vob"), "MPEG", "an MPEG video"),
    MediaType("video/quicktime", Family.VIDEOS, ("mov", "qt"), "MOV", "a QuickTime video (MOV)"),
    MediaType("video/x-msvideo", Family.VIDEOS, ("avi",), "AVI", "an AVI video"),
    MediaType("video/x-ms-wmv", Family.VIDEOS, ("wmv", "asf"), "WMV", "a Windows Media video (WMV)"),
    MediaType("video/webm", Family.VIDEOS, ("webm",), "WebM", "a WebM video"),
    MediaType("image/jpeg", Family.IMAGES, ("jpg", "jpeg"), "JPEG", "a JPEG photo"),
    MediaType("image/png", Family.IMAGES, ("png",), "PNG", "a PNG picture"),
    MediaType("image/gif", Family.IMAGES, ("gif",), "GIF", "a GIF picture"),
    MediaType("image/webp", Family.IMAGES, ("webp",), "WebP", "a WebP picture"),
    MediaType("image/svg+xml", Family.IMAGES, ("svg",), "SVG", "an SVG drawing"),
    MediaType("image/tiff", Family.IMAGES, ("tiff", "tif"), "TIFF", "a TIFF picture"),
    MediaType("image/bmp", Family.IMAGES, ("bmp",), "BMP", "a BMP picture"),
)

MEDIA_TYPES: Mapping[str, MediaType] = MappingProxyType({kind.mime: kind for kind in _TABLE})
"""The table by MIME name."""


def media_type_for(file_name: str) -> MediaType | None:
    """Returns the media type that the extension of a file name stands for, None for any other extension."""
    stem, _, extension = file_name.rpartition(".")
    extension = extension.lower()
    return next((kind for kind in _TABLE if stem and extension in kind.extensions), None)
