"""The pipeline with one upload, when nothing fails."""

import time
from dataclasses import replace

import pytest

from tests.fakes import FakeScanner, etag_of, sha256_of
from tests.unit.validator.world import MAX_BYTES, MAX_PIXELS, Wire, World, bad, good
from uploads.errors import LeaseHeldError
from uploads.reasons import Reason
from uploads.record import Status
from validator import pipeline
from validator.formats.verdict import RefusedError, Verdict
from validator.pipeline import Outcome
from validator.ports import Infection, ScannerError


def test_valid_file_is_promoted_recorded_and_deleted_from_staging(world):
    content = good()
    upload = world.uploaded(content)
    result = world.deliver(upload.staging_key)
    final = world.storage.final[upload.promotion_key]
    now = world.now(upload)
    assert (result.outcome, result.reason) == (Outcome.ACCEPTED, None)
    assert (now.status, now.final_key, now.etag) == (Status.ACCEPTED, upload.promotion_key, etag_of(content))
    assert final.content == content
    assert world.storage.staging == {}


def test_steps_of_a_valid_file_come_in_the_documented_order(world):
    """The final object exists before the verdict is recorded, and the verdict before the staging object is deleted."""
    wire = Wire()
    world.deliver(world.uploaded(good()).staging_key, wire=wire)
    assert [call for call in wire.calls if call != "chunk"] == [
        "claim", "find", "fetch", "read", "stream", "scan", "approve", "promote", "accept", "seal",
    ]  # fmt: skip


def test_rejection_is_recorded_before_the_object_is_deleted(world):
    wire = Wire()
    world.deliver(world.uploaded(bad()).staging_key, wire=wire)
    assert wire.calls[-2:] == ["reject", "seal"]
    assert "scan" not in wire.calls


def test_final_object_has_type_name_upload_id_and_the_date_of_issue(world):
    upload = world.uploaded(good("video/mp4"), "video/mp4")
    world.clock.advance(86_400)
    world.deliver(upload.staging_key)
    promotion = world.storage.final[f"videos/2026/11/23/{upload.upload_id}.mp4"].promotion
    assert (promotion.content_type, promotion.file_name) == ("video/mp4", "Ferien am Meer.png")
    assert promotion.upload_id == upload.upload_id
    assert not promotion.as_attachment


def test_final_object_has_the_type_that_was_found(world, monkeypatch):
    """Not the declared one, even if an inspection let them differ."""
    upload = world.uploaded(good())
    monkeypatch.setattr(pipeline, "inspect", lambda reader, declared: Verdict("image/webp"))
    world.deliver(upload.staging_key)
    assert world.storage.final[upload.promotion_key].promotion.content_type == "image/webp"


def test_svg_is_promoted_as_an_attachment(world):
    upload = world.uploaded(good("image/svg+xml"), "image/svg+xml")
    world.deliver(upload.staging_key)
    assert world.storage.final[upload.promotion_key].promotion.as_attachment


def test_sha256_of_a_scanned_file_is_computed_from_the_scanned_bytes(world):
    content = good(note="x" * 100)
    upload = world.uploaded(content)
    world.deliver(upload.staging_key)
    assert world.storage.final[upload.promotion_key].promotion.sha256 == sha256_of(content)
    assert world.now(upload).sha256 == sha256_of(content)


def test_declared_sha256_is_kept_without_a_scanner(unscanned_world):
    content = good()
    upload = unscanned_world.uploaded(content, sha256=sha256_of(content))
    unscanned_world.deliver(upload.staging_key)
    assert unscanned_world.storage.final[upload.promotion_key].promotion.sha256 == sha256_of(content)


def test_sha256_computed_by_s3_is_recorded_if_there_is_no_other(unscanned_world):
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
def test_invalid_file_is_rejected_with_its_reason_and_deleted(world, content, declared, reason):
    upload = world.uploaded(content, declared)
    result = world.deliver(upload.staging_key)
    now = world.now(upload)
    assert (result.outcome, result.reason) == (Outcome.REJECTED, reason)
    assert (now.status, now.reason, now.detail) == (Status.REJECTED, reason, result.detail)
    assert result.detail.endswith(".")
    assert (world.storage.staging, world.storage.final) == ({}, {})


@pytest.mark.parametrize("verdict", [Verdict(None), Verdict(None, "unsupported_type", "Unknown type.")])
def test_file_without_a_proven_type_is_rejected(world, monkeypatch, verdict):
    """Also if the inspection gives no reason."""
    monkeypatch.setattr(pipeline, "inspect", lambda reader, declared: verdict)
    upload = world.uploaded(good())
    assert world.deliver(upload.staging_key).reason is Reason.UNSUPPORTED_TYPE
    assert world.storage.final == {}


@pytest.mark.parametrize("difference", [-1, 1])
def test_file_of_another_size_than_announced_is_rejected_unread(world, difference):
    upload = world.uploaded(good())
    world.ledger.uploads[upload.upload_id] = replace(upload, file_size=upload.file_size + difference)
    wire = Wire()
    assert world.deliver(upload.staging_key, wire=wire).reason is Reason.SIZE_MISMATCH
    assert "read" not in wire.calls


def test_file_over_the_size_limit_is_rejected_unread(world):
    upload = world.uploaded(b"x" * (MAX_BYTES + 1))
    wire = Wire()
    assert world.deliver(upload.staging_key, wire=wire).reason is Reason.TOO_LARGE
    assert "read" not in wire.calls


def test_file_of_exactly_the_size_limit_is_accepted(world):
    upload = world.uploaded(good().ljust(MAX_BYTES, b":"))
    assert world.deliver(upload.staging_key).outcome is Outcome.ACCEPTED


def test_unscannable_file_is_rejected(world):
    world.scanner.scan = lambda chunks: Infection(Reason.UNSCANNABLE, "Too large for the scanner.")
    upload = world.uploaded(good())
    assert world.deliver(upload.staging_key).reason is Reason.UNSCANNABLE


def test_scanner_error_gives_no_verdict_and_is_retried(world):
    """The object stays, the lease is released, and the next delivery tries again."""

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


@pytest.mark.parametrize("scanned", [0, 1])
def test_scan_that_did_not_read_every_chunk_is_not_clean(world, scanned):

    def scan(chunks: object) -> None:
        for _, _chunk in zip(range(scanned), chunks, strict=False):
            pass

    world.scanner.scan = scan
    upload = world.uploaded(good(note="x" * 100))
    with pytest.raises(ScannerError, match="only"):
        world.deliver(upload.staging_key)
    assert world.storage.final == {}


def test_slow_storage_does_not_use_up_the_budget_of_seconds(world, monkeypatch):
    """The budget counts CPU seconds: otherwise a slow S3 would get good files rejected."""

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


def test_picture_limit_is_the_setting(world, monkeypatch):
    def inspect(reader, declared):
        reader.pixels.check(1000, MAX_PIXELS // 1000)
        with pytest.raises(RefusedError, match="decompression_bomb"):
            reader.pixels.check(1000, MAX_PIXELS // 1000 + 1)
        return Verdict(declared)

    monkeypatch.setattr(pipeline, "inspect", inspect)
    upload = world.uploaded(good())
    assert world.deliver(upload.staging_key).outcome is Outcome.ACCEPTED


def test_result_contains_the_cost_of_the_inspection(world):
    content = good()
    result = world.deliver(world.uploaded(content).staging_key)
    assert (result.cost.bytes_read, result.cost.ranges) == (len(content), 1)


def test_leased_upload_is_not_touched(world):
    upload = world.uploaded(good())
    world.ledger.claim(upload.upload_id, "another", 100)
    wire = Wire()
    with pytest.raises(LeaseHeldError) as held:
        world.deliver(upload.staging_key, wire=wire)
    assert held.value.until == world.clock().timestamp() + 100
    assert wire.calls == ["claim"]


def test_expired_lease_is_taken_over(world):
    upload = world.uploaded(good())
    world.ledger.claim(upload.upload_id, "dead worker", 100)
    world.clock.advance(101)
    assert world.deliver(upload.staging_key).outcome is Outcome.ACCEPTED


def test_event_of_a_missing_object_leaves_the_upload_issued(world):
    """The client may still send the file."""
    upload = world.issue(file_size=len(good()))
    assert world.deliver(upload.staging_key).outcome is Outcome.OBJECT_MISSING
    assert world.now(upload).status is Status.ISSUED
    world.put(upload, good())
    assert world.deliver(upload.staging_key).outcome is Outcome.ACCEPTED


def test_file_is_not_scanned_without_a_scanner(unscanned_world: World):
    upload = unscanned_world.uploaded(good(note=FakeScanner.SIGNATURE.decode()))
    wire = Wire()
    assert unscanned_world.deliver(upload.staging_key, wire=wire).outcome is Outcome.ACCEPTED
    assert "stream" not in wire.calls
