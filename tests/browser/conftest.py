"""Fixtures: the upload page in a real Chromium, on the tests' local cloud."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from phenom.upload_page import build
from tests.browser.network import Network
from tests.browser.page import Page
from tests.conftest import require
from tests.e2e.api import Application

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
THRESHOLD_BYTES = 6 * 1024 * 1024


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    require(program, "Chromium (Debian: apt-get install chromium)")
    # By default Chromium bypasses the proxy for loopback addresses.
    started = playwright.chromium.launch(
        executable_path=program, args=FLAGS, proxy={"server": "http://unused", "bypass": "<-loopback>"}
    )
    yield started
    started.close()


@pytest.fixture(scope="session")
def address(application: Application) -> str:
    lacks = build.missing()
    require(lacks is None, str(lacks))
    url: str = application.stack["clientUrl"]
    return url


@pytest.fixture
def network() -> Iterator[Network]:
    network = Network()
    network.start()
    yield network
    network.stop()


@pytest.fixture
def open_page(
    browser: Browser,
    application: Application,
    address: str,
    network: Network,
) -> Iterator[Callable[..., Page]]:
    """Opens the page in a new session; asserts at the end that it kept its policy and used no other servers."""
    config = application.http.request("GET", f"{address}config.json").json()
    opened: list[Page] = []
    contexts: list[BrowserContext] = []

    def open_(context: dict[str, Any] | None = None, **settings: Any) -> Page:
        """Opens it. `context` configures the browser, `settings` override config.json."""
        session = browser.new_context(
            proxy={"server": network.address, "bypass": "<-loopback>"},
            **{"viewport": {"width": 1000, "height": 1000}, "locale": "en-GB"} | (context or {}),
        )
        contexts.append(session)
        changed = config | {"multipartThresholdBytes": THRESHOLD_BYTES} | settings
        session.route("**/config.json", lambda route: route.fulfill(json=changed))
        page = Page(session.new_page(), application, address)
        opened.append(page)
        page.open()
        return page

    yield open_
    for page in opened:
        page.assert_well_behaved()
    for context in contexts:
        context.close()
