"""A JPEG without an end marker is accepted only if its last scan is complete."""

import pytest
from PIL import Image

from testkit.samples.images import jpeg, saved
from tests.unit.validator.formats.parsing import outcome, parser_of

OPTIONS = [
    {}, {"subsampling": 0}, {"subsampling": 1}, {"subsampling": 2}, {"optimize": True}, {"quality": 100},
    {"restart_marker_blocks": 1}, {"restart_marker_blocks": 7}, {"restart_marker_rows": 1},
]  # fmt: skip


def noise(mode: str, **options: object) -> bytes:
    return saved(Image.effect_noise((93, 71), 80).convert(mode), "JPEG", **options)


def verdict(data: bytes) -> str:
    return outcome(parser_of("jpeg"), data)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("options", OPTIONS)
def test_complete_scan_needs_no_end_marker(mode, options):
    for photo in (noise(mode, **options), jpeg(mode, **options)):
        assert [verdict(photo[:-2] + rest) for rest in (b"", b"\xff", bytes(9))] == ["image/jpeg"] * 3


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("options", OPTIONS)
def test_scan_without_its_last_bytes_is_malformed(mode, options):
    photo = noise(mode, **options)
    start, last = photo.index(b"\xff\xda") + 30, len(photo) - 4
    assert {verdict(photo[:end]) for end in (*range(start, last, last // 6), last)} == {"malformed"}


def test_scan_with_many_bytes_more_is_malformed():
    assert verdict(noise("L")[:-2] + bytes(20)) == "malformed"


def test_scan_of_too_few_restart_intervals_is_malformed():
    photo = noise("L", restart_marker_blocks=4)
    last = max(photo.rfind(b"\xff" + bytes((code,))) for code in range(0xD0, 0xD8))
    assert verdict(photo[:last]) == "malformed"


def test_scan_with_restarts_that_it_does_not_announce_is_malformed():
    photo = noise("L", restart_marker_blocks=4)
    at = photo.index(b"\xff\xdd")
    assert verdict((photo[:at] + photo[at + 6 :])[:-2]) == "malformed"


def test_scan_with_a_code_that_the_table_does_not_have_is_malformed():
    photo = noise("L", optimize=True)
    start = photo.index(b"\xff\xda") + 10
    assert verdict(photo[:start] + b"\xff\x00" * (len(photo) - start)) == "malformed"


def test_scan_without_its_huffman_table_is_malformed():
    photo = noise("L")
    at = photo.index(b"\xff\xc4")
    length = 2 + int.from_bytes(photo[at + 2 : at + 4])
    assert verdict((photo[:at] + photo[at + length :])[:-2]) == "malformed"


def test_progressive_image_needs_its_end_marker():
    """Its last scan may be complete and others missing."""
    assert verdict(noise("RGB", progressive=True)[:-2]) == "malformed"
