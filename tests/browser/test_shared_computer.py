"""A browser that several people use: without a password it shows no earlier files, and it can forget everything."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.browser.network import Network
from tests.browser.page import Page
from tests.browser.samples import large_picture, photo
from tests.e2e.api import Application

type Open = Callable[..., Page]

SLOW = 4_000_000  # bytes per second and connection
LEFTOVERS = """async () => {
    const contents = [];
    for (const { name } of await indexedDB.databases()) {
        const database = await new Promise((resolve, reject) => {
            const request = indexedDB.open(name);
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
        });
        contents.push([name, [...database.objectStoreNames]]);
        database.close();
    }
    return { local: { ...localStorage }, session: { ...sessionStorage }, databases: contents };
}"""


def leave_unfinished(open_page: Open, network: Network, tmp_path: Path) -> Page:
    """Returns the page of a person who sent one file, and left while the second was on its way."""
    page = open_page()
    page.enter()
    network.bytes_per_second = SLOW
    small = tmp_path / "private-party.jpg"
    small.write_bytes(photo()["buffer"])
    page.add(large_picture(tmp_path, parts=5, name="private-holiday.bmp"), small)
    page.send()
    page.expect_result("private-party.jpg", "Accepted")
    for _ in range(600):
        if network.parts():
            break
        page.tab.wait_for_timeout(50)
    assert len(page.upload_ids()) >= 1
    page.tab.wait_for_timeout(1000)  # Uppy writes with a delay
    return page


def come_next(page: Page) -> Page:
    """Closes the tab and returns a new one of the same browser profile."""
    context = page.tab.context
    page.tab.close()
    following = Page(context.new_page(), page.application, page.address)
    following.open()
    return following


def text_and_pictures(page: Page) -> str:
    """Returns everything in the document, hidden or not."""
    content: str = page.tab.evaluate("document.documentElement.outerHTML")
    return content


def test_next_person_with_a_wrong_password_sees_nothing(open_page: Open, network: Network, tmp_path: Path) -> None:
    page = come_next(leave_unfinished(open_page, network, tmp_path))
    seen: list[str] = [text_and_pictures(page)]
    page.tab.evaluate(
        """() => {
            window.seen = [];
            new MutationObserver(() => window.seen.push(document.documentElement.outerHTML))
                .observe(document, { subtree: true, childList: true, attributes: true });
        }"""
    )
    page.enter("anything")
    expect(page.tab.locator("#password-message")).to_contain_text("This password is not right.")
    page.tab.wait_for_timeout(1500)
    seen += page.tab.evaluate("window.seen")
    seen.append(text_and_pictures(page))
    assert len(seen) > 2
    assert not [state for state in seen if "private" in state or "blob:" in state]
    expect(page.tab.locator("#upload")).to_be_hidden()
    page.assert_well_behaved()


def test_files_appear_after_the_right_password_and_can_be_sent(
    open_page: Open, network: Network, tmp_path: Path
) -> None:
    page = come_next(leave_unfinished(open_page, network, tmp_path))
    page.enter("anything")
    expect(page.tab.locator("#password-message")).to_contain_text("This password is not right.")
    page.enter()
    expect(page.tab.get_by_text("Where you left off")).to_be_visible()
    item = page.tab.locator(".uppy-Dashboard-Item").filter(has_text="private-holiday")
    expect(item).to_be_visible()
    expect(item.locator("img[src^='blob:']")).to_be_visible()
    network.bytes_per_second = float("inf")
    page.send()
    page.expect_result("private-holiday.bmp", "Accepted")
    page.assert_well_behaved()


def assert_forgotten(page: Page, application: Application, upload_ids: list[str]) -> None:
    expect(page.tab.get_by_text("This browser keeps nothing of this page any more.")).to_be_visible()
    expect(page.tab.get_by_label("upload password")).to_be_visible()
    left: dict[str, Any] = page.tab.evaluate(LEFTOVERS)
    assert left == {"local": {}, "session": {}, "databases": []}
    assert "private" not in text_and_pictures(page)
    open_parts = application.s3.list_multipart_uploads(Bucket=application.stack["stagingBucket"]).get("Uploads", [])
    assert not [each for each in open_parts if any(upload_id in each["Key"] for upload_id in upload_ids)]


def test_forget_everything_leaves_nothing_while_sending(
    open_page: Open, network: Network, application: Application, tmp_path: Path
) -> None:
    page = leave_unfinished(open_page, network, tmp_path)
    upload_ids = page.upload_ids()
    page.tab.get_by_role("button", name="Forget everything").click()
    assert_forgotten(page, application, upload_ids)
    page.tab.reload()
    expect(page.tab.get_by_text("keeps nothing")).to_have_count(0)
    network.bytes_per_second = float("inf")
    page.enter()
    expect(page.tab.get_by_role("button", name="choose files")).to_be_visible()
    page.add(photo("mine.jpg", 2))
    page.send()
    page.expect_result("mine.jpg", "Accepted")


def test_forget_everything_needs_no_password(
    open_page: Open, network: Network, application: Application, tmp_path: Path
) -> None:
    first = leave_unfinished(open_page, network, tmp_path)
    upload_ids = first.upload_ids()
    page = come_next(first)
    page.tab.get_by_role("button", name="Forget everything").click()
    assert_forgotten(page, application, upload_ids)
    page.assert_well_behaved()


def test_forget_everything_includes_other_tabs(
    open_page: Open, network: Network, application: Application, tmp_path: Path
) -> None:
    first = leave_unfinished(open_page, network, tmp_path)
    upload_ids = first.upload_ids()
    page = Page(first.tab.context.new_page(), application, first.address)
    page.open()
    page.tab.get_by_role("button", name="Forget everything").click()
    for each in (page, first):
        assert_forgotten(each, application, upload_ids)
