"""Invariants of the pipeline, which must hold under all faults."""

from tests.faults.cloud import FINAL, LETTERS, STAGING
from tests.faults.files import Kind
from tests.faults.storm import Sent, Storm

DECIDED = {"accepted", "rejected"}


def status_of(storm: Storm, upload: Sent) -> str:
    return storm.cloud.dynamodb.items[upload.upload_id]["status"]["S"]


def check_always(storm: Storm) -> None:
    """Checks what must hold at any time: one verdict, only checked bytes promoted."""
    for upload in storm.sent.values():
        check_one_verdict(storm, upload)
        if status_of(storm, upload) == "accepted":
            check_accepted(storm, upload)
        if status_of(storm, upload) == "rejected":
            assert upload.files[0].kind is not Kind.GOOD, f"a good upload was rejected: {upload.upload_id}"
        check_quarantine(storm, upload)
    known = {upload.upload_id: upload for upload in storm.sent.values()}
    for key in storm.cloud.s3.keys(FINAL):
        upload = known[key.rpartition("/")[2].partition(".")[0]]
        assert status_of(storm, upload) != "rejected", f"a rejected file is in the final bucket: {key}"
        assert storm.cloud.s3.writes[FINAL, key] == 1, f"a final object was written twice: {key}"
        stored = storm.cloud.s3.objects[FINAL, key]
        assert stored.body == upload.files[0].body, f"other bytes than the first sent were promoted: {key}"
        overruled = storm.cloud.dynamodb.items[upload.upload_id].get("releaseMode") == {"S": "overrule"}
        may_be = upload.files[0].kind is not Kind.BAD or (overruled and upload.files[0].is_infected)
        assert may_be, f"bad bytes were promoted: {key}"


def check_one_verdict(storm: Storm, upload: Sent) -> None:
    """Checks that an upload has at most one verdict, which is final; each release of a rejected one allows one more."""
    verdict = None
    for item in storm.cloud.dynamodb.history[upload.upload_id]:
        status = item["status"]["S"]
        if verdict == "rejected" and status == "validating" and item["leaseOwner"] == {"S": "release"}:
            verdict = None
        assert verdict in {None, status}, f"a verdict was changed: {upload.upload_id}"
        assert verdict is None or status not in DECIDED, f"two verdicts: {upload.upload_id}"
        verdict = status if status in DECIDED else None


def check_quarantine(storm: Storm, upload: Sent) -> None:
    """Checks that an upload that the scanner rejected says so, and that its file is kept."""
    item = storm.cloud.dynamodb.items[upload.upload_id]
    quarantined = storm.is_quarantined(upload)
    if status_of(storm, upload) == "rejected":
        assert quarantined == (item["reason"]["S"] in {"infected", "unscannable"})
    assert not (quarantined and status_of(storm, upload) == "accepted")
    if quarantined:
        etag = item["quarantineEtag"]["S"].strip('"')
        key = upload.key.replace("uploads/", "quarantine/").replace(".", f".{etag}.")
        stored = storm.cloud.s3.objects.get((STAGING, key))
        assert stored is not None, f"a quarantined file was lost: {upload.upload_id}"
        assert stored.body == upload.files[0].body, f"other bytes are in quarantine: {upload.upload_id}"


def check_accepted(storm: Storm, upload: Sent) -> None:
    item = storm.cloud.dynamodb.items[upload.upload_id]
    stored = storm.cloud.s3.objects[FINAL, item["finalKey"]["S"]]
    assert stored.metadata["upload-id"] == upload.upload_id
    assert stored.content_type == upload.declared
    assert item["sha256"]["S"] == stored.sha256
    assert stored.disposition == ("attachment" if upload.declared == "image/svg+xml" else None)


def check_nothing_lost(storm: Storm) -> None:
    """Checks before a redrive: each sent upload has a verdict, or its file exists and an operator can find it."""
    letters = "".join(message.body for message in storm.cloud.sqs.queues[LETTERS].messages.values())
    held = storm.cloud.s3.keys(STAGING, "held/")
    for upload in storm.sent.values():
        if not upload.files or status_of(storm, upload) in DECIDED or storm.is_quarantined(upload):
            continue
        held_key = upload.key.replace("uploads/", "held/")
        kept = [storm.cloud.s3.objects.get((STAGING, key)) for key in (held_key, upload.key)]
        bodies = [each.body for each in kept if each]
        assert upload.files[0].body in bodies[:1], f"lost or replaced: {upload.upload_id}"
        assert upload.upload_id in letters or held_key in held, f"neither held nor a dead letter: {upload.upload_id}"


def check_all_decided(storm: Storm) -> None:
    """Checks after a redrive: each sent upload has a verdict, nothing is left in staging and queue."""
    for upload in storm.sent.values():
        if upload.files:
            assert status_of(storm, upload) in DECIDED, f"{status_of(storm, upload)}: {upload.upload_id}"
        else:
            assert status_of(storm, upload) not in DECIDED | {"held"}
    left = {
        key
        for (bucket, key), stored in storm.cloud.s3.objects.items()
        if bucket == STAGING and not key.endswith(".exe") and not key.startswith("quarantine/") and not stored.is_seal
    }
    assert left == set(), f"{len(left)} objects are left, such as {min(left)}"
    letters = [message.body for message in storm.cloud.sqs.queues[LETTERS].messages.values()]
    ours = [body for body in letters if ".exe" not in body]
    assert not ours, f"{len(ours)} dead letters are left, such as {ours[0]}"
