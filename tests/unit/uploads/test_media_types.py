"""The one list of what the public may upload."""

import pytest

from uploads.media_types import MEDIA_TYPES, Family, MediaType

IN_THE_CONTRACT = {
    "video/mp4": "mp4",
    "video/mpeg": "mpg",
    "video/quicktime": "mov",
    "video/x-msvideo": "avi",
    "video/x-ms-wmv": "wmv",
    "video/webm": "webm",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
    "image/tiff": "tiff",
    "image/bmp": "bmp",
}


def test_exactly_the_thirteen_types_of_the_contract_are_accepted():
    assert {mime: kind.extension for mime, kind in MEDIA_TYPES.items()} == IN_THE_CONTRACT


@pytest.mark.parametrize("kind", MEDIA_TYPES.values(), ids=str)
def test_a_type_goes_to_the_family_that_its_name_says(kind):
    assert kind.family is (Family.VIDEOS if kind.mime.startswith("video/") else Family.IMAGES)


def test_no_two_types_share_an_extension():
    """The extension of a key tells the type."""
    assert len({kind.extension for kind in MEDIA_TYPES.values()}) == len(MEDIA_TYPES)


def test_nobody_adds_a_type_at_run_time():
    with pytest.raises(TypeError):
        MEDIA_TYPES["text/html"] = MediaType("text/html", Family.IMAGES, "html")  # type: ignore[index]
