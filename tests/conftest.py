"""What tests of every kind share."""

import os
from pathlib import Path

import pytest

from testkit.samples.ffmpeg_videos import Recipe, ffmpeg_present, ffmpeg_samples

CACHE = Path(__file__).parents[1] / ".cache" / "samples"


def require(condition: object, what: str) -> None:
    """Skips the test where the machine lacks something; in CI, which has everything, that is a failure."""
    if condition:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"needs {what}")


@pytest.fixture(scope="session")
def ffmpeg_videos() -> dict[Recipe, Path]:
    """Real videos of every container and codec, made once and kept."""
    require(ffmpeg_present(), "ffmpeg")
    return ffmpeg_samples(CACHE / "ffmpeg")
