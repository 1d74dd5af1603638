"""Sends files with the page as people do."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.network import Network
from tests.browser.page import Page
from tests.browser.samples import large_picture, memory, photo
from tests.e2e import samples
from tests.e2e.api import Application

type Open = Callable[..., Page]

SLOW = 8_000_000  # bytes per second and connection


def final_content(application: Application, upload_id: str) -> bytes:
    key = application.status(upload_id)["finalKey"]
    final = application.s3.get_object(Bucket=application.stack["finalBucket"], Key=key)
    content: bytes = final["Body"].read()
    return content


def test_several_small_files_are_accepted_at_once(open_page: Open, network: Network) -> None:
    page = open_page()
    page.enter()
    page.add(
        photo("one.jpg", 1),
        photo("zwei & Grüße 🌍.JPG", 2),
        memory("three.png", "image/png", samples.image("image/png")),
        memory("four.svg", "image/svg+xml", samples.SVG),
    )
    page.send()
    for name in ("one.jpg", "zwei & Grüße 🌍.JPG", "three.png", "four.svg"):
        page.expect_result(name, "Accepted")
    puts = [request for request in network.sent if request.startswith("PUT ")]
    assert len(puts) == 4


def test_large_file_is_sent_in_parts_each_once(
    open_page: Open, network: Network, application: Application, tmp_path: Path
) -> None:
    path = large_picture(tmp_path, parts=5)
    page = open_page()
    page.enter()
    page.add(path)
    page.send()
    page.expect_result("panorama.bmp", "Accepted")
    assert network.parts() == dict.fromkeys(range(1, 6), 1)
    (upload_id,) = {key.split("/")[-2] for key in network.sent if key.endswith("/complete")}
    assert final_content(application, upload_id) == path.read_bytes()
    signings = sum(count for key, count in network.sent.items() if key.startswith("POST ") and key.endswith("/parts"))
    assert signings == 1


def test_refused_type_is_reported_before_sending(open_page: Open, network: Network) -> None:
    page = open_page()
    page.enter()
    page.add(memory("letter.pdf", "application/pdf", b"%PDF-1.7"), memory("IMG_0001.HEIC", "image/heic", b"heic"))
    page.expect_result("letter.pdf", "Not sent")
    expect(page.expect_result("IMG_0001.HEIC", "Not sent")).to_contain_text("Most compatible")
    assert not [request for request in network.sent if request.startswith(("POST", "PUT"))]


def test_file_over_the_limit_is_reported_before_sending(open_page: Open, network: Network) -> None:
    page = open_page(maxFileBytes=1000)
    page.enter()
    page.add(photo())
    expect(page.expect_result("holiday.jpg", "Not sent")).to_contain_text("at most 1000 B")
    assert not [request for request in network.sent if request.startswith(("POST", "PUT"))]


def test_file_with_a_wrong_type_is_refused_with_a_sentence(open_page: Open) -> None:
    page = open_page()
    page.enter()
    page.add(memory("really-a-photo.png", "image/png", samples.jpeg(7)), memory("virus.jpg", "image/jpeg", samples.ELF))
    page.send()
    expect(page.expect_result("really-a-photo.png", "Refused")).to_contain_text("is not what its name says")
    expect(page.expect_result("virus.jpg", "Refused")).to_contain_text("This kind of file is not accepted")


def test_wrong_password_is_requested_again_before_sending(open_page: Open, network: Network) -> None:
    page = open_page()
    page.enter("not the password")
    message = page.tab.locator("#password-message")
    expect(message).to_have_text("This password is not right. Please check it and try again.")
    assert not [request for request in network.sent if request.startswith(("POST", "PUT"))]
    page.enter()
    page.add(photo("one.jpg", 1), photo("two.jpg", 2))
    page.send()
    page.expect_result("one.jpg", "Accepted")
    page.expect_result("two.jpg", "Accepted")


def test_password_that_was_changed_meanwhile_is_requested_again(open_page: Open, network: Network) -> None:
    page = open_page()
    page.enter()
    page.add(photo("one.jpg", 1))
    refused: list[str] = []

    def refuse_once(route):
        if refused:
            route.continue_()
            return
        refused.append(route.request.url)
        route.fulfill(status=401, headers={"Access-Control-Allow-Origin": "*"}, json={"code": "wrong_password"})

    page.tab.route("**/upload/generate-url", refuse_once)
    page.send()
    expect(page.tab.locator("#password-message")).to_contain_text("This password is not right.")
    page.enter()
    page.expect_result("one.jpg", "Accepted")
    assert refused


def test_missing_password_is_reported(open_page: Open) -> None:
    page = open_page()
    page.enter("")
    expect(page.tab.locator("#password-message")).to_have_text("Please enter the password.")


def test_password_is_requested_once_per_session(open_page: Open) -> None:
    page = open_page()
    page.enter()
    page.add(photo("one.jpg", 1))
    page.send()
    page.expect_result("one.jpg", "Accepted")
    page.tab.reload()
    expect(page.tab.get_by_label("upload password")).to_be_hidden()
    page.expect_result("one.jpg", "Accepted")  # the results are still there
    page.add(photo("two.jpg", 2))
    page.send()
    page.expect_result("two.jpg", "Accepted")


def test_busy_service_is_waited_for(open_page: Open) -> None:
    page = open_page()
    refused = []

    def refuse_once(route):
        if refused:
            route.continue_()
            return
        refused.append(route.request.url)
        headers = {
            "Retry-After": "1",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "Retry-After",
        }
        route.fulfill(status=429, headers=headers, json={"code": "throttled"})

    page.tab.route("**/upload/generate-url", refuse_once)
    page.enter()
    page.add(photo())
    page.send()
    page.expect_result("holiday.jpg", "Accepted")
    assert refused


def test_cancelled_upload_leaves_no_parts(
    open_page: Open, network: Network, application: Application, tmp_path: Path
) -> None:
    page = sending(open_page, network, large_picture(tmp_path, parts=5))
    (upload_id,) = page.upload_ids()
    page.tab.get_by_role("button", name="Cancel", exact=True).first.click()
    expect(page.tab.get_by_role("button", name="choose files")).to_be_visible()
    page.tab.wait_for_timeout(500)
    left = application.s3.list_multipart_uploads(
        Bucket=application.stack["stagingBucket"], Prefix=f"uploads/{upload_id}"
    )
    assert left.get("Uploads", []) == []
    assert application.call("GET", f"/upload/{upload_id}/parts").status == 409
    page.add(photo("after.jpg"))
    page.send()
    page.expect_result("after.jpg", "Accepted")


def test_paused_upload_sends_nothing_until_resumed(open_page: Open, network: Network, tmp_path: Path) -> None:
    page = sending(open_page, network, large_picture(tmp_path, parts=6))
    page.tab.get_by_role("button", name="Pause", exact=True).click()
    wait_until_quiet(page, network)
    before = network.parts()
    page.tab.wait_for_timeout(1500)
    assert network.parts() == before
    assert len(before) < 6
    network.bytes_per_second = float("inf")
    page.tab.get_by_role("button", name="Resume", exact=True).click()
    page.expect_result("panorama.bmp", "Accepted")
    assert {number: count for number, count in network.parts().items() if number in before} == before


def test_broken_connection_resends_only_parts_in_progress(
    open_page: Open, network: Network, application: Application, tmp_path: Path
) -> None:
    page = sending(open_page, network, large_picture(tmp_path, parts=5))
    with network.cut():
        expect(page.tab.get_by_text("The connection is bad").first).to_be_visible()
        page.tab.wait_for_timeout(2500)
    network.bytes_per_second = float("inf")
    page.expect_result("panorama.bmp", "Accepted")
    assert network.parts() == dict.fromkeys(range(1, 6), 1)


def test_small_file_survives_a_broken_connection(open_page: Open, network: Network, tmp_path: Path) -> None:
    page = open_page(multipartThresholdBytes=64 * 1024 * 1024)
    page.enter()
    network.bytes_per_second = 4_000_000
    page.add(large_picture(tmp_path, parts=2, name="small-enough.bmp"))
    page.send()
    page.tab.wait_for_timeout(2000)
    with network.cut():
        page.tab.wait_for_timeout(1500)
    network.bytes_per_second = float("inf")
    page.expect_result("small-enough.bmp", "Accepted")


def test_reload_resends_only_parts_in_progress(
    open_page: Open, network: Network, application: Application, tmp_path: Path
) -> None:
    path = large_picture(tmp_path, parts=6)
    page = sending(open_page, network, path)
    (upload_id,) = page.upload_ids()
    page.tab.reload()
    expect(page.tab.get_by_text("Where you left off")).to_be_visible()
    before = network.parts()
    network.bytes_per_second = float("inf")
    page.send()
    page.expect_result("panorama.bmp", "Accepted")
    assert {number: count for number, count in network.parts().items() if number in before} == before
    assert final_content(application, upload_id) == path.read_bytes()


def test_expired_upload_begins_again_automatically(
    open_page: Open, network: Network, application: Application, tmp_path: Path
) -> None:
    page = sending(open_page, network, large_picture(tmp_path, parts=3))
    (upload_id,) = page.upload_ids()
    page.tab.get_by_role("button", name="Pause", exact=True).click()
    assert application.call("DELETE", f"/upload/{upload_id}").status == 204
    network.bytes_per_second = float("inf")
    page.tab.get_by_role("button", name="Resume", exact=True).click()
    page.expect_result("panorama.bmp", "Accepted")


def sending(open_page: Open, network: Network, path: Path) -> Page:
    """Returns a page that sends a file in parts, slowly enough to interrupt it."""
    page = open_page()
    page.enter()
    network.bytes_per_second = SLOW
    page.add(path)
    page.send()
    wait_for_parts(page, network, 1)
    return page


def wait_until_quiet(page: Page, network: Network) -> None:
    """Waits until S3 has processed everything that was sent before the pause."""
    for _ in range(60):
        if not network.busy():
            return
        page.tab.wait_for_timeout(500)
    raise AssertionError("something is still being sent")


def wait_for_parts(page: Page, network: Network, count: int, seconds: float = 30) -> None:
    for _ in range(int(seconds * 20)):
        if len(network.parts()) >= count:
            return
        page.tab.wait_for_timeout(50)
    raise AssertionError(f"only {network.parts()} have arrived")
