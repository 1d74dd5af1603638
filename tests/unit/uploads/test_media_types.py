"""The table of accepted media types."""

import pytest

from uploads.media_types import MEDIA_TYPES, Family, MediaType, media_type_for

SPECIFIED = {
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


def test_specified_types_are_accepted_with_their_extensions():
    assert {mime: kind.extension for mime, kind in MEDIA_TYPES.items()}.items() >= SPECIFIED.items()


@pytest.mark.parametrize("kind", MEDIA_TYPES.values(), ids=lambda kind: kind.mime)
def test_family_follows_the_mime_name(kind):
    assert kind.family is (Family.VIDEOS if kind.mime.startswith("video/") else Family.IMAGES)


def test_extension_belongs_to_one_type_only():
    extensions = [extension for kind in MEDIA_TYPES.values() for extension in kind.extensions]
    assert len(set(extensions)) == len(extensions)


def test_name_and_label_belong_to_one_type_only():
    assert len({kind.name for kind in MEDIA_TYPES.values()}) == len(MEDIA_TYPES)
    assert len({kind.label for kind in MEDIA_TYPES.values()}) == len(MEDIA_TYPES)


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("IMG_0042.MOV", "video/quicktime"),
        ("holiday.2026.jpeg", "image/jpeg"),
        ("clip.vob", "video/mpeg"),
        ("page.html", None),
        ("no-extension", None),
        (".png", None),
        ("ends-with-a-dot.", None),
        ("", None),
    ],
)
def test_media_type_for_file_name(name, mime):
    assert media_type_for(name) == MEDIA_TYPES.get(mime)


def test_table_cannot_be_changed_at_run_time():
    with pytest.raises(TypeError):
        MEDIA_TYPES["text/html"] = MediaType("text/html", Family.IMAGES, ("html",), "HTML", "a page")  # type: ignore[index]
