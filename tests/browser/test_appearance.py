"""Appearance and accessibility: light, dark, phone, keyboard, and axe-core's rules.

Screenshots are kept in artifacts/; the README's picture comes from there.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FileChooser, expect

from tests.browser.page import PATIENCE_MS, Page
from tests.browser.samples import memory, photo, scenery
from tests.e2e.api import wait_for

type Open = Callable[..., Page]

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone-light": PHONE | {"color_scheme": "light"},
    "phone-dark": PHONE | {"color_scheme": "dark"},
}


def assert_looks_right(page: Page, name: str) -> None:
    page.screenshot(name)
    assert page.accessibility_faults() == [], name
    assert page.tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name


@pytest.mark.parametrize("look", LOOKS)
def test_page_is_accessible_in_every_state(open_page: Open, look: str) -> None:
    page = open_page(LOOKS[look] | {"reduced_motion": "reduce"})
    expect(page.tab.get_by_label("upload password")).to_be_focused()
    assert_looks_right(page, f"password-{look}")
    page.enter("")
    assert_looks_right(page, f"password-missing-{look}")
    page.enter()
    expect(page.tab.get_by_role("button", name="choose files")).to_be_visible()
    assert_looks_right(page, f"empty-{look}")
    page.add(
        scenery("beach.jpg", "image/jpeg", 140),
        scenery(
            "a-very-long-name-that-an-app-gives-" * 4 + ".jpg" if "phone" in look else "hills.jpg", "image/jpeg", 60
        ),
        scenery("screenshot.png", "image/png", 210),
        memory("IMG_0042.HEIC", "image/heic", b"heic"),
    )
    expect(page.tab.locator(".uppy-Dashboard-Item")).to_have_count(3)
    assert_looks_right(page, f"chosen-{look}")
    page.send()
    page.expect_result("beach.jpg", "Accepted")
    page.expect_result("screenshot.png", "Refused")
    if look == "light":  # the README's picture, without the message that Uppy shows for ten seconds
        expect(page.tab.locator(".uppy-Informer p")).to_have_count(0, timeout=20_000)
    assert_looks_right(page, f"upload-page-{look}")


def test_page_is_usable_with_the_keyboard_only(open_page: Open) -> None:
    page = open_page()
    choosers: list[FileChooser] = []
    # Registered first: otherwise the browser opens its own file chooser.
    page.tab.on("filechooser", lambda chooser: choosers.append(chooser))  # noqa: PLW0108 - Playwright marks the function
    keyboard = page.tab.keyboard
    expect(page.tab.get_by_label("upload password")).to_be_focused()
    keyboard.type(page.application.stack["password"])
    keyboard.press("Enter")
    choose = page.tab.get_by_role("button", name="choose files")
    reach(page, choose)
    keyboard.press("Enter")
    wait_for(lambda: choosers or page.tab.wait_for_timeout(100), PATIENCE_MS / 1000, "file chooser")
    choosers[0].set_files([photo()])
    send = page.tab.get_by_role("button", name="Send 1 file")
    expect(send).to_be_visible()
    reach(page, send)
    keyboard.press("Enter")
    page.expect_result("holiday.jpg", "Accepted")


def reach(page: Page, target: Any) -> None:
    """Presses Tab until the element has the focus."""
    for _ in range(20):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.tab.keyboard.press("Tab")
    raise AssertionError(f"{target} cannot be reached with the keyboard")


def test_phone_offers_the_camera(open_page: Open) -> None:
    page = open_page(PHONE)
    page.enter()
    expect(page.tab.get_by_role("tab", name="Take a photo")).to_be_visible()
    expect(page.tab.get_by_role("tab", name="Record a video")).to_be_visible()
    captures = page.tab.locator("input[type=file][capture]")
    assert captures.count() == 2


def test_file_picker_offers_the_accepted_types(open_page: Open) -> None:
    page = open_page()
    page.enter()
    accepted = page.tab.locator("input[type=file]").first.get_attribute("accept") or ""
    assert {"image/jpeg", "video/quicktime", ".mov", ".jpg"} <= {each.strip() for each in accepted.split(",")}
    assert "heic" not in accepted


def test_result_is_announced_to_screen_readers(open_page: Open) -> None:
    page = open_page()
    assert page.tab.locator("#results-list").get_attribute("aria-live") == "polite"


def test_page_without_settings_says_so(open_page: Open) -> None:
    page = open_page()
    page.tab.route("**/config.json", lambda route: route.fulfill(json={"apiUrl": ""}))
    page.tab.reload()
    expect(page.tab.get_by_role("alert").first).to_have_text(
        "This page is not set up properly. Please tell the person who gave you the address."
    )
