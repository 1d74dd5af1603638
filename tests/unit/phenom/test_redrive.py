"""`phenom redrive`: exit codes, output, and what it leaves unchanged.

tests/faults prove that it loses nothing when it is interrupted or AWS fails.
"""

import json
import re
from collections.abc import Iterator

import pytest

from tests.faults.cloud import LETTERS, QUEUE, STAGING, Functions, build
from tests.faults.files import Kind
from tests.faults.programs import Fault, Program
from tests.faults.scene import EXHAUSTED, Scene
from tests.faults.storm import event

UNKNOWN = f"uploads/{'f' * 32}.jpg"


@pytest.fixture(scope="module")
def functions() -> Iterator[Functions]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield build(monkeypatch)


@pytest.fixture
def scene(functions) -> Scene:
    return Scene(functions)


def letters(scene: Scene) -> list[str]:
    return [message.body for message in scene.cloud.sqs.queues[LETTERS].messages.values()]


def test_empty_backlog_is_a_success(scene, capsys):
    assert scene.operate() == 0
    assert capsys.readouterr().out == "0 uploads are held or in the dead-letter queue.\nNothing to do.\n"


def test_held_uploads_get_their_verdicts_and_are_counted(scene, capsys):
    for kind in (Kind.GOOD, Kind.GOOD, Kind.BAD):
        upload = scene.send(kind)
        scene.deliver(upload, EXHAUSTED)
        scene.cloud.sqs.send(LETTERS, event(upload.key))
    assert scene.operate() == 0
    out, err = capsys.readouterr()
    assert out == "3 uploads are held or in the dead-letter queue.\n2 accepted, 1 rejected\n"
    assert re.search("Readmitting uploads .* 3/3", err)
    assert re.search("Verdicts .* 3/3", err)
    assert (letters(scene), scene.cloud.s3.keys(STAGING)) == ([], set())


def test_dry_run_lists_uploads_and_changes_nothing(scene, capsys):
    upload = scene.send(Kind.GOOD)
    scene.deliver(upload, EXHAUSTED)
    scene.cloud.sqs.send(LETTERS, event(UNKNOWN))
    before = dict(scene.cloud.s3.objects), dict(scene.cloud.dynamodb.items), letters(scene)
    assert scene.functions.redrive("--dry-run") == 0
    assert (scene.cloud.s3.objects, scene.cloud.dynamodb.items, letters(scene)) == before
    assert scene.cloud.sqs.next_visible(LETTERS) <= scene.cloud.now, "the next run must receive the dead letter"
    out = capsys.readouterr().out
    assert f"  {upload.key}  held\n" in out
    assert f"  {UNKNOWN}  unknown to the ledger\n" in out


def test_upload_that_is_held_again_is_a_failure(scene, capsys):
    upload = scene.send(Kind.GOOD)
    scene.deliver(upload, EXHAUSTED)
    scene.cloud.idle = lambda: scene.deliver(upload, EXHAUSTED)
    assert scene.functions.redrive() == 1
    assert "1 held" in capsys.readouterr().out


def test_missing_verdict_is_a_failure(scene, capsys):
    scene.deliver(scene.send(Kind.GOOD), EXHAUSTED)
    scene.cloud.idle = lambda: None
    assert scene.functions.redrive("--wait", "120") == 1
    assert "1 unfinished" in capsys.readouterr().out


@pytest.mark.parametrize("key", [UNKNOWN, "uploads/not ours.jpg", "images/a.jpg"])
def test_unknown_upload_is_named_and_unchanged(scene, capsys, key):
    scene.cloud.s3.store(STAGING, key, b"content")
    scene.cloud.sqs.send(LETTERS, event(key))
    assert scene.operate() == 1
    assert f"{key} is unknown to the ledger" in capsys.readouterr().err
    assert (scene.cloud.s3.keys(STAGING), len(letters(scene))) == ({key}, 1)


def test_key_with_another_extension_is_not_the_upload(scene, capsys):
    upload = scene.send(Kind.GOOD)
    scene.deliver(upload, EXHAUSTED)
    scene.cloud.sqs.send(LETTERS, event(f"uploads/{upload.upload_id}.exe"))
    assert scene.operate() == 1
    out, err = capsys.readouterr()
    assert "1 accepted" in out
    assert ".exe is unknown to the ledger" in err


def test_upload_without_an_object_is_named_and_stays_held(scene, capsys):
    upload = scene.send(Kind.GOOD)
    scene.deliver(upload, EXHAUSTED)
    scene.cloud.s3.objects.clear()
    scene.cloud.sqs.send(LETTERS, event(upload.key))
    assert scene.operate() == 1
    assert f"{upload.key} has no object any more" in capsys.readouterr().err
    assert scene.cloud.dynamodb.items[upload.upload_id]["status"]["S"] == "held"
    assert len(letters(scene)) == 1


def test_foreign_dead_letter_is_counted_and_kept(scene, capsys):
    scene.cloud.sqs.send(LETTERS, "this is no event")
    assert scene.operate() == 0
    assert "1 dead letters are no upload events" in capsys.readouterr().out
    assert letters(scene) == ["this is no event"]


def test_message_locked_by_another_run_is_a_failure(scene, capsys):
    upload = scene.send(Kind.GOOD)
    scene.cloud.sqs.send(LETTERS, event(upload.key))
    assert scene.cloud.sqs.take(LETTERS, 900) is not None
    assert scene.operate() == 1
    assert "1 messages are locked by another run" in capsys.readouterr().out


def test_leftovers_of_a_decided_upload_are_removed(scene):
    """Deleting the object had failed, and the ledger was down when the message went to the dead-letter queue."""
    upload = scene.send(Kind.GOOD)
    scene.deliver(upload, program=failing("put_object"))
    scene.deliver(upload, EXHAUSTED, failing("update_item"))
    scene.cloud.sqs.send(LETTERS, event(upload.key))
    assert len(scene.cloud.s3.keys(STAGING)) == 2
    assert scene.operate() == 0
    assert (letters(scene), scene.cloud.s3.keys(STAGING)) == ([], set())


def failing(operation: str) -> Program:
    return Program(lambda _, name: Fault.UNREACHABLE if name == operation else None)


@pytest.mark.parametrize("operation", ["list_objects_v2", "receive_message", "get_queue_attributes", "get_item"])
def test_unreachable_service_ends_the_run_and_the_next_one_continues(scene, capsys, operation):
    upload = scene.send(Kind.GOOD)
    scene.deliver(upload, EXHAUSTED)
    assert scene.operate(failing(operation)) == 2
    assert "Could not connect" in capsys.readouterr().err
    assert scene.operate() == 0


def test_ctrl_c_says_that_nothing_is_lost(scene, capsys):
    def stop() -> None:
        raise KeyboardInterrupt

    scene.deliver(scene.send(Kind.GOOD), EXHAUSTED)
    scene.cloud.idle = stop
    assert scene.functions.redrive() == 130
    assert "Nothing is lost" in capsys.readouterr().err
    assert scene.cloud.sqs.next_visible(QUEUE) <= scene.cloud.now


def test_json_has_uploads_and_verdicts(scene, capsys):
    upload = scene.send(Kind.GOOD)
    scene.deliver(upload, EXHAUSTED)
    scene.cloud.idle = lambda: scene.deliver(upload)
    assert scene.functions.redrive("--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "uploads": [{"key": upload.key, "status": "held"}],
        "foreign": 0,
        "locked": 0,
        "verdicts": {"accepted": 1},
        "failed": {},
    }
