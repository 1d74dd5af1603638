"""The main use case: a 400 MB video over a network that breaks twice."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from testkit.samples.ffmpeg_videos import ffmpeg_present
from tests.browser.network import Network
from tests.browser.page import Page
from tests.browser.samples import PART
from tests.browser.test_sending import final_content, wait_for_parts
from tests.conftest import require
from tests.e2e.api import Application

LEAST_BYTES = 400_000_000
VERDICT_MS = 300_000


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Creates the video uncompressed, which is fast."""
    require(ffmpeg_present(), "ffmpeg")
    path = tmp_path / "concert.avi"
    source = "testsrc=size=1280x720:rate=25:duration=11.8"
    codec = "-c:v rawvideo -pix_fmt yuv420p"
    subprocess.run(
        ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", source, *codec.split(), str(path)],
        check=True,
        timeout=120,
    )
    assert LEAST_BYTES <= path.stat().st_size < 500_000_000
    return path


def test_400_mb_video_arrives_when_the_connection_breaks_twice(
    open_page: Callable[..., Page], network: Network, application: Application, video: Path
) -> None:
    page = open_page(multipartThresholdBytes=64 * 1024 * 1024)
    page.enter()
    network.bytes_per_second = 20_000_000
    page.add(video)
    page.send()
    for arrived in (12, 30):
        wait_for_parts(page, network, arrived, seconds=200)
        page.screenshot(f"400-mb-after-{arrived}-parts")
        with network.cut():
            page.tab.wait_for_timeout(4000)
    network.bytes_per_second = float("inf")
    page.expect_result("concert.avi", "Accepted", within_ms=VERDICT_MS)
    page.screenshot("400-mb-accepted")
    assert network.cuts == 2
    parts = -(-video.stat().st_size // PART)
    assert network.parts() == dict.fromkeys(range(1, parts + 1), 1)
    (upload_id,) = {key.split("/")[-2] for key in network.sent if key.endswith("/complete")}
    assert final_content(application, upload_id) == video.read_bytes()
