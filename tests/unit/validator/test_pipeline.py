"""What the pipeline makes of one upload on a day when nothing fails."""

import time
from dataclasses import replace

import pytest

from tests.fakes import FakeScanner, etag_of, sha256_of
from tests.unit.validator.world import MAX_BYTES, Wire, World, bad, good
from uploads.errors import LeaseHeldError
from uploads.reasons import Reason
from uploads.record import Status
from validator import pipeline
from validator.formats.verdict import Verdict
from validator.pipeline import Outcome
from validator.ports import Infection, ScannerError


def test_good_file_is_promoted_recorded_and_leaves_the_staging_area(world):
    content = good()
    upload = world.uploaded(content)
    result = world.deliver(upload.staging_key)
    final = world.storage.final[upload.promotion_key]
    now = world.now(upload)
    assert (result.outcome, result.reason) == (Outcome.ACCEPTED, None)
    assert (now.status, now.final_key, now.etag) == (Status.ACCEPTED, upload.promotion_key, etag_of(content))
    assert final.content == content
    assert world.storage.staging == {}


def test_steps_come_in_the_order_that_carries_the_guarantees(world):
    """The final object is there before the verdict, and the verdict before the staging object goes."""
    wire = Wire()
    world.deliver(world.uploaded(good()).staging_key, wire=wire)
    assert [call for call in wire.calls if call != "chunk"] == [
        "claim", "find", "fetch", "read", "stream", "scan", "approve", "promote", "accept", "delete",
    ]  # fmt: skip


def test_verdict_is_recorded_before_a_bad_file_goes(world):
    wire = Wire()
    world.deliver(world.uploaded(bad()).staging_key, wire=wire)
    assert wire.calls[-2:] == ["reject", "delete"]
    assert "scan" not in wire.calls


def test_final_object_tells_type_name_and_upload_and_is_dated_by_the_day_of_issue(world):
    upload = world.uploaded(good("video/mp4"), "video/mp4")
    world.clock.advance(86_400)
    world.deliver(upload.staging_key)
    promotion = world.storage.final[f"videos/2026/11/23/{upload.upload_id}.mp4"].promotion
    assert (promotion.content_type, promotion.file_name) == ("video/mp4", "Ferien am Meer.png")
    assert promotion.upload_id == upload.upload_id
    assert not promotion.as_attachment


def test_type_of_the_final_object_is_the_one_that_was_found(world, monkeypatch):
    """Not the declared one, even where an inspection should let them differ."""
    upload = world.uploaded(good())
    monkeypatch.setattr(pipeline, "inspect", lambda reader, declared: Verdict("image/webp"))
    world.deliver(upload.staging_key)
    assert world.storage.final[upload.promotion_key].promotion.content_type == "image/webp"


def test_svg_is_served_as_an_attachment(world):
    upload = world.uploaded(good("image/svg+xml"), "image/svg+xml")
    world.deliver(upload.staging_key)
    assert world.storage.final[upload.promotion_key].promotion.as_attachment


def test_sha256_of_a_scanned_file_is_the_one_of_the_scanned_bytes(world):
    content = good(note="x" * 100)
    upload = world.uploaded(content)
    world.deliver(upload.staging_key)
    assert world.storage.final[upload.promotion_key].promotion.sha256 == sha256_of(content)
    assert world.now(upload).sha256 == sha256_of(content)


def test_declared_sha256_is_kept_where_nothing_is_scanned(unscanned_world):
    content = good()
    upload = unscanned_world.uploaded(content, sha256=sha256_of(content))
    unscanned_world.deliver(upload.staging_key)
    assert unscanned_world.storage.final[upload.promotion_key].promotion.sha256 == sha256_of(content)


def test_sha256_that_s3_computed_is_recorded_where_nobody_else_has(unscanned_world):
    content = good()
    upload = unscanned_world.uploaded(content)
    unscanned_world.deliver(upload.staging_key)
    assert unscanned_world.storage.final[upload.promotion_key].promotion.sha256 is None
    assert unscanned_world.now(upload).sha256 == sha256_of(content)


@pytest.mark.parametrize(
    ("content", "declared", "reason"),
    [
        (bad(), "image/png", Reason.MALFORMED),
        (good("image/gif"), "image/png", Reason.TYPE_MISMATCH),
        (good(note=FakeScanner.SIGNATURE.decode()), "image/png", Reason.INFECTED),
        (good(note="x" * MAX_BYTES), "image/png", Reason.TOO_LARGE),
    ],
)
def test_bad_file_is_rejected_with_its_reason_and_removed(world, content, declared, reason):
    upload = world.uploaded(content, declared)
    result = world.deliver(upload.staging_key)
    now = world.now(upload)
    assert (result.outcome, result.reason) == (Outcome.REJECTED, reason)
    assert (now.status, now.reason, now.detail) == (Status.REJECTED, reason, result.detail)
    assert result.detail.endswith(".")
    assert (world.storage.staging, world.storage.final) == ({}, {})


@pytest.mark.parametrize("verdict", [Verdict(None), Verdict(None, "unsupported_type", "What is this?")])
def test_bytes_that_prove_no_type_are_refused(world, monkeypatch, verdict):
    """Also when an inspection gives no reason: what has no proven type is not good."""
    monkeypatch.setattr(pipeline, "inspect", lambda reader, declared: verdict)
    upload = world.uploaded(good())
    assert world.deliver(upload.staging_key).reason is Reason.UNSUPPORTED_TYPE
    assert world.storage.final == {}


@pytest.mark.parametrize("difference", [-1, 1])
def test_file_of_another_size_than_announced_is_refused_unread(world, difference):
    upload = world.uploaded(good())
    world.ledger.uploads[upload.upload_id] = replace(upload, file_size=upload.file_size + difference)
    wire = Wire()
    assert world.deliver(upload.staging_key, wire=wire).reason is Reason.SIZE_MISMATCH
    assert "read" not in wire.calls


def test_file_over_the_limit_is_refused_unread(world):
    upload = world.uploaded(b"x" * (MAX_BYTES + 1))
    wire = Wire()
    assert world.deliver(upload.staging_key, wire=wire).reason is Reason.TOO_LARGE
    assert "read" not in wire.calls


def test_file_of_exactly_the_limit_is_looked_at(world):
    upload = world.uploaded(good().ljust(MAX_BYTES, b":"))
    assert world.deliver(upload.staging_key).outcome is Outcome.ACCEPTED


def test_unscannable_file_is_refused(world):
    world.scanner.scan = lambda chunks: Infection(Reason.UNSCANNABLE, "Too large for the scanner.")
    upload = world.uploaded(good())
    assert world.deliver(upload.staging_key).reason is Reason.UNSCANNABLE


def test_scanner_in_trouble_is_never_a_verdict(world):
    """The file stays, the lease is given back, and the next delivery tries again."""

    def scan(chunks: object) -> None:
        raise ScannerError("clamd: ConnectionRefusedError")

    works, world.scanner.scan = world.scanner.scan, scan
    upload = world.uploaded(good())
    with pytest.raises(ScannerError):
        world.deliver(upload.staging_key)
    assert world.storage.final == {}
    assert world.storage.staging.keys() == {upload.staging_key}
    world.clock.advance(1)
    world.scanner.scan = works
    assert world.deliver(upload.staging_key, 2, "another").outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("looked_at", [0, 1])
def test_scan_that_did_not_read_to_the_end_is_not_clean(world, looked_at):
    """Whatever a scanner says of bytes that it never took."""

    def scan(chunks: object) -> None:
        for _, _chunk in zip(range(looked_at), chunks, strict=False):
            pass

    world.scanner.scan = scan
    upload = world.uploaded(good(note="x" * 100))
    with pytest.raises(ScannerError, match="only"):
        world.deliver(upload.staging_key)
    assert world.storage.final == {}


def test_slow_storage_is_no_fault_of_the_file(world, monkeypatch):
    """The seconds of an inspection's budget are the processor's, or a slow S3 would refuse good files for ever."""

    def inspect(reader, declared):
        reader.read(0, 1)
        time.sleep(0.05)
        reader.check_time()
        return Verdict(declared)

    budget = replace(pipeline.budget_for("image/png"), max_seconds=0.04)
    monkeypatch.setattr(pipeline, "inspect", inspect)
    monkeypatch.setattr(pipeline, "budget_for", lambda declared: budget)
    upload = world.uploaded(good())
    assert world.deliver(upload.staging_key).outcome is Outcome.ACCEPTED


def test_outcome_tells_what_the_inspection_cost(world):
    content = good()
    result = world.deliver(world.uploaded(content).staging_key)
    assert (result.cost.bytes_read, result.cost.ranges) == (len(content), 1)


def test_while_another_worker_holds_the_lease_nothing_is_touched(world):
    upload = world.uploaded(good())
    world.ledger.claim(upload.upload_id, "another", 100)
    wire = Wire()
    with pytest.raises(LeaseHeldError) as held:
        world.deliver(upload.staging_key, wire=wire)
    assert held.value.until == world.clock().timestamp() + 100
    assert wire.calls == ["claim"]


def test_lease_that_ran_out_is_taken_over(world):
    upload = world.uploaded(good())
    world.ledger.claim(upload.upload_id, "dead worker", 100)
    world.clock.advance(101)
    assert world.deliver(upload.staging_key).outcome is Outcome.ACCEPTED


def test_news_of_an_object_that_is_gone_leaves_the_upload_as_it_was_issued(world):
    """It may yet be sent: nothing was judged."""
    upload = world.issue(file_size=len(good()))
    assert world.deliver(upload.staging_key).outcome is Outcome.OBJECT_MISSING
    assert world.now(upload).status is Status.ISSUED
    world.put(upload, good())
    assert world.deliver(upload.staging_key).outcome is Outcome.ACCEPTED


def test_without_a_scanner_structure_alone_decides(unscanned_world: World):
    upload = unscanned_world.uploaded(good(note=FakeScanner.SIGNATURE.decode()))
    wire = Wire()
    assert unscanned_world.deliver(upload.staging_key, wire=wire).outcome is Outcome.ACCEPTED
    assert "stream" not in wire.calls
