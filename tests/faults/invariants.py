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
    known = {upload.upload_id: upload for upload in storm.sent.values()}
    for key in storm.cloud.s3.keys(FINAL):
        upload = known[key.rpartition("/")[2].partition(".")[0]]
        assert status_of(storm, upload) != "rejected", f"a rejected file is in the final bucket: {key}"
        assert storm.cloud.s3.writes[FINAL, key] == 1, f"a final object was written twice: {key}"
        stored = storm.cloud.s3.objects[FINAL, key]
        assert stored.body == upload.files[0].body, f"other bytes than the first sent were promoted: {key}"
        assert upload.files[0].kind is not Kind.BAD, f"bad bytes were promoted: {key}"


def check_one_verdict(storm: Storm, upload: Sent) -> None:
    """Checks that an upload has at most one verdict, and that it is final."""
    history = [item["status"]["S"] for item in storm.cloud.dynamodb.history[upload.upload_id]]
    verdicts = [status for status in history if status in DECIDED]
    assert len(verdicts) <= 1, f"two verdicts: {history}"
    assert not verdicts or history[-1] == verdicts[0], f"a verdict was changed: {history}"


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
        if not upload.files or status_of(storm, upload) in DECIDED:
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
    left = {key for key in storm.cloud.s3.keys(STAGING) if not key.endswith(".exe")}
    assert left == set(), f"{len(left)} objects are left, such as {min(left)}"
    letters = [message.body for message in storm.cloud.sqs.queues[LETTERS].messages.values()]
    ours = [body for body in letters if ".exe" not in body]
    assert not ours, f"{len(ours)} dead letters are left, such as {ours[0]}"
