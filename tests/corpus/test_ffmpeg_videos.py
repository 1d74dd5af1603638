"""Videos that ffmpeg writes, in every container and codec: they are accepted, and refused once they are truncated."""

from testkit.samples import ffmpeg_videos as recipes
from tests.unit.validator.formats.samples import reader_of, verdict_on
from validator.formats import libmagic
from validator.inspection import inspect


def test_each_video_gets_the_right_verdict_at_the_documented_cost(ffmpeg_videos, subtests):
    for recipe, path in ffmpeg_videos.items():
        with subtests.test(recipe.name):
            data = path.read_bytes()
            reader = reader_of(data, recipe.mime or "video/mp4")
            verdict = inspect(reader, recipe.mime or "video/mp4")
            assert (verdict.mime, verdict.accepted) == (recipe.mime, recipe.mime is not None)
            assert reader.cost.bytes_read <= 128 * 1024
            assert reader.cost.ranges <= 8


def test_truncated_video_is_refused(ffmpeg_videos):
    """MPEG program streams are left out: they may end after any packet."""
    for recipe, path in ffmpeg_videos.items():
        if recipe.mime in {None, recipes.MPEG}:
            continue
        data = path.read_bytes()
        for length in (len(data) - 1, len(data) * 9 // 10, len(data) // 2, len(data) // 10):
            assert not verdict_on(data[:length], recipe.mime).accepted, f"{recipe.name} truncated to {length}"


def test_libmagic_vetoes_no_video(ffmpeg_videos):
    """Libmagic takes some of them for another type or for none, but never for a denied type."""
    for recipe, path in ffmpeg_videos.items():
        if recipe.mime:
            libmagic.veto(path.read_bytes(), recipe.mime)
