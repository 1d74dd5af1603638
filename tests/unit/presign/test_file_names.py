"""File names: ordinary ones in any script are accepted, misleading ones refused."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from presign.models import UploadRequest, parse_as
from tests.unit.presign.fakes import body
from tests.unit.presign.refusals import complaints, outcome


@pytest.mark.parametrize(
    "name",
    [
        "IMG_0042.MOV",
        "a",
        "no extension",
        "two  spaces and.many.dots...jpg",
        ".hidden",
        "-rf",
        "--help.jpg",
        " leading and trailing ",
        "CON",
        "100%.jpg",
        "%2e%2e%2f.jpg",
        "“quoted” & <b>bold; 'x' \"y\".png",
        "Screenshot 2026-01-02 at 9.41.00\u202fAM.png",
        "写真 その1.jpg",
        "한국어.mp4",
        "صورة.jpg",
        "תמונה.jpg",
        "چی\u200cگفت.mp4",
        "क्\u200dष.png",
        "e\u0301te\u0301.jpg",
        "👨\u200d👩\u200d👧\u200d👦.jpg",
        "❤️\u200d🔥.gif",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f.png",
        "👍🏽.png",
        "\N{DIVISION SLASH}\N{FULLWIDTH SOLIDUS}.jpg",
        "x" * 255,
        "👍" * 255,
    ],
)
def test_ordinary_name_is_accepted(name):
    """In any script, with joiners, combining marks and emoji: a name is text, never a path."""
    assert parse_as(UploadRequest, body(fileName=name)).file_name == name


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029])
def test_control_character_is_refused(code):
    for name in (f"{chr(code)}a.jpg", f"a{chr(code)}.jpg", f"a.jpg{chr(code)}"):
        assert complaints(body(fileName=name)) == {"fileName": "must not contain control characters"}


@pytest.mark.parametrize("mark", "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_direction_mark_is_refused(mark):
    assert "direction" in complaints(body(fileName=f"photo{mark}gpj.exe"))["fileName"]


@pytest.mark.parametrize(
    "name", ["../x.jpg", "..", "../../etc/passwd", "/etc/passwd", "a/b", "a/", "C:\\x.jpg", "..\\x", "\\\\host\\x"]
)
def test_path_is_refused(name):
    assert list(complaints(body(fileName=name))) == ["fileName"]


@pytest.mark.parametrize("name", [".", "...", " ", ". . .", "\u3000", "\u200b", "\u2060\ufeff", "\u00ad.", "\u00a0"])
def test_invisible_name_is_refused(name):
    assert complaints(body(fileName=name)) == {"fileName": "must hold more than dots and invisible characters"}


@pytest.mark.parametrize("length", [0, 256, 10 * 1024])
def test_name_of_wrong_length_is_refused(length):
    assert list(complaints(body(fileName="x" * length))) == ["fileName"]


@given(st.text(max_size=300))
@example("\ud800")
@example("\x00" * 300)
def test_any_name_is_accepted_unchanged_or_refused_by_field(name):
    found = outcome(body(fileName=name))
    is_text = not any("\ud800" <= c <= "\udfff" for c in name)
    assert found == {"fileName" if is_text else "body"} or (
        isinstance(found, UploadRequest) and found.file_name == name
    )
