"""The media types that the public may upload. One list, for the URL generator, the validator and the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Family(StrEnum):
    """What a file is to its viewer; the value is the first part of its final key."""

    IMAGES = "images"
    VIDEOS = "videos"


@dataclass(frozen=True, slots=True)
class MediaType:
    """An accepted type: its MIME name, its family and the extension of its keys (without the dot)."""

    mime: str
    family: Family
    extension: str


_TYPES = (
    MediaType("video/mp4", Family.VIDEOS, "mp4"),
    MediaType("video/mpeg", Family.VIDEOS, "mpg"),
    MediaType("video/quicktime", Family.VIDEOS, "mov"),
    MediaType("video/x-msvideo", Family.VIDEOS, "avi"),
    MediaType("video/x-ms-wmv", Family.VIDEOS, "wmv"),
    MediaType("video/webm", Family.VIDEOS, "webm"),
    MediaType("image/jpeg", Family.IMAGES, "jpg"),
    MediaType("image/png", Family.IMAGES, "png"),
    MediaType("image/gif", Family.IMAGES, "gif"),
    MediaType("image/webp", Family.IMAGES, "webp"),
    MediaType("image/svg+xml", Family.IMAGES, "svg"),
    MediaType("image/tiff", Family.IMAGES, "tiff"),
    MediaType("image/bmp", Family.IMAGES, "bmp"),
)

MEDIA_TYPES: Mapping[str, MediaType] = MappingProxyType({kind.mime: kind for kind in _TYPES})
