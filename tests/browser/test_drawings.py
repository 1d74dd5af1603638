"""Drawings that the validator accepts, in Chromium and librsvg: they open in seconds and run nothing in a page."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from testkit.corpus import bad_drawings, bad_editors, bad_svg, good_editors, good_limits, good_svg
from testkit.corpus.sample import SVG, Sample
from testkit.samples import drawings
from tests.conftest import require
from tests.unit.validator.formats.samples import verdict_on

SECONDS = 10
_WATCH = (
    "window.ran = []; for (const name of ['alert', 'confirm', 'prompt']) window[name] = (...said) => ran.push(said);"
)
_WITHIN = ("data:", "about:", "blob:")
_RUNS_SCRIPT = ("instruction-before", "instruction-inside", "breakout-cdata", "font-cdata", "title-cdata", "desc-cdata",
                "metadata-cdata", "after-title-cdata", "prefixed-root-cdata", "raw-text-comment")  # fmt: skip


def _content(sample: Sample) -> bytes:
    assert isinstance(sample.content, bytes)
    return sample.content


def _samples() -> dict[str, bytes]:
    families = (good_svg, good_editors, good_limits, bad_drawings, bad_editors, bad_svg)
    made = {each.name: _content(each) for family in families for each in family.samples() if each.declared == SVG}
    made |= {f"valid/{name}": data for name, data in drawings.valid().items()}
    return made | {f"hostile/{name}": data for name, (data, _) in drawings.hostile().items()}


def _accepted() -> dict[str, bytes]:
    return {name: data for name, data in _samples().items() if verdict_on(data, SVG).accepted}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1000, "height": 1000}, offline=True)
    context.add_init_script(_WATCH)
    context.set_default_timeout(SECONDS * 1000)
    yield context.new_page()
    context.close()


def _ran_in_page(page: Page, text: str) -> bool:
    """Returns True if the text runs a script in a page, in an element or as the page itself."""
    page.set_content("<div></div>")
    page.evaluate("text => document.querySelector('div').innerHTML = text", text)
    page.wait_for_timeout(30)
    inside = page.evaluate("ran.length")
    page.set_content(text, wait_until="commit")
    page.wait_for_timeout(30)
    return bool(inside or page.evaluate("ran.length"))


def _text_of(data: bytes) -> str:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16")
    return data.decode("utf-8-sig", errors="replace")


@pytest.mark.parametrize("name", _RUNS_SCRIPT)
def test_script_in_pasted_drawing_is_noticed(page: Page, name: str) -> None:
    """Shows that the next test would notice a script."""
    assert _ran_in_page(page, bad_drawings.PASTED[name])


def _requests(page: Page) -> list[str]:
    """Returns a list to which the page's requests for addresses outside of it are added."""
    found = list[str]()
    page.on("request", lambda sent: None if sent.url.startswith(_WITHIN) else found.append(sent.url))
    return found


def test_request_of_pasted_drawing_is_noticed(page: Page) -> None:
    """Shows that the next tests would notice a request."""
    requests = _requests(page)
    _ran_in_page(page, bad_drawings.PASTED["image-in-title"])
    assert requests == ["https://evil.example/"] * 2


def test_accepted_drawing_runs_and_loads_nothing_when_pasted(page: Page, subtests: pytest.Subtests) -> None:
    requests = _requests(page)
    for name, data in _accepted().items():
        with subtests.test(name):
            requests.clear()
            assert not _ran_in_page(page, _text_of(data))
            assert not requests


def test_accepted_drawing_opens_in_chromium(page: Page, tmp_path: Path, subtests: pytest.Subtests) -> None:
    requests = _requests(page)
    for name, data in _accepted().items():
        file = tmp_path / "drawing.svg"
        file.write_bytes(data)
        with subtests.test(name):
            started = time.monotonic()
            page.goto(file.as_uri(), timeout=SECONDS * 1000)
            page.screenshot(timeout=SECONDS * 1000)
            assert time.monotonic() - started < SECONDS
            assert not page.evaluate("ran.length")
            assert not [url for url in requests if url != file.as_uri()]


def test_accepted_drawing_opens_in_librsvg(tmp_path: Path, subtests: pytest.Subtests) -> None:
    program = shutil.which("rsvg-convert")
    require(program, "rsvg-convert (Debian: apt-get install librsvg2-bin)")
    for name, data in _accepted().items():
        file = tmp_path / "drawing.svg"
        file.write_bytes(data)
        with subtests.test(name):
            # Errors count as opened: librsvg does not draw everything that Chromium draws.
            command = [str(program), "--output", str(tmp_path / "drawing.png"), str(file)]
            subprocess.run(command, check=False, capture_output=True, timeout=SECONDS)
