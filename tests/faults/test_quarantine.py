"""Files that the scanner rejected: faults, crashes and stalls at every step into quarantine and out of it."""

import pytest
from botocore.exceptions import ClientError

from tests.faults import invariants
from tests.faults.cloud import DAY, FINAL, OPERATOR, STAGING
from tests.faults.files import NEW_MALWARE, infected_file
from tests.faults.programs import CRASHES, ERRORS, Fault, Program, at
from tests.faults.scene import FIRST, Scene
from tests.faults.storm import Sent

MODES = ("--judge-again", "--overrule")


def rejected(functions, parts: int = 0) -> tuple[Scene, Sent]:
    scene = Scene(functions)
    upload = scene.send_file(infected_file(), parts)
    scene.deliver(upload)
    return scene, upload


def check_final_state(scene: Scene) -> None:
    scene.drain()
    invariants.check_always(scene)
    invariants.check_nothing_lost(scene)
    scene.operate_until_done()
    invariants.check_always(scene)
    invariants.check_all_decided(scene)


def quarantined(scene: Scene) -> set[str]:
    return scene.cloud.s3.keys(STAGING, "quarantine/")


def item(scene: Scene, upload: Sent) -> dict:
    return scene.cloud.dynamodb.items[upload.upload_id]


def steps(functions, mode: str | None) -> int:
    """Returns the calls of a delivery, or of a release, without faults."""
    program = Program()
    if mode is None:
        scene = Scene(functions)
        scene.deliver(scene.send_file(infected_file()), program=program)
    else:
        scene, upload = rejected(functions)
        scene.release(upload, mode, program=program)
    return len(program.calls)


@pytest.mark.parametrize("fault", [*ERRORS, *CRASHES])
def test_fault_at_any_step_into_quarantine_loses_nothing(functions, fault):
    for step in range(steps(functions, None)):
        for parts in (0, 3):
            scene = Scene(functions)
            upload = scene.send_file(infected_file(), parts)
            scene.deliver(upload, FIRST, Program(at(step, fault)))
            scene.expire_lease()
            scene.deliver(upload, FIRST + 1)
            check_final_state(scene)
            assert invariants.status_of(scene, upload) == "rejected"
            assert len(quarantined(scene)) == 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fault", [*ERRORS, *CRASHES])
def test_release_that_fails_at_any_step_is_completed_by_the_next(functions, fault, mode):
    for step in range(steps(functions, mode)):
        scene, upload = rejected(functions, parts=3)
        scene.release(upload, mode, program=Program(at(step, fault)))
        invariants.check_always(scene)
        scene.cloud.now += 900
        scene.release(upload, mode)
        check_final_state(scene)
        expected = ("accepted", 0) if mode == "--overrule" else ("rejected", 1)
        assert (invariants.status_of(scene, upload), len(quarantined(scene))) == expected


@pytest.mark.parametrize("mode", MODES)
def test_release_stopped_with_ctrl_c_can_be_repeated_at_once(functions, mode):
    for step in range(steps(functions, mode)):
        scene, upload = rejected(functions)

        def stop(number, _operation, step=step):
            if number == step:
                raise KeyboardInterrupt

        assert scene.release(upload, mode, program=Program(stop)) == 130
        assert scene.release(upload, mode) == (0 if mode == "--overrule" else 1)
        check_final_state(scene)


def redrive_meanwhile(scene, upload):
    scene.operate()


def worker_meanwhile(scene, upload):
    scene.deliver(upload)


def other_order_meanwhile(scene, upload):
    scene.release(upload, "--judge-again")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("meanwhile", [redrive_meanwhile, worker_meanwhile, other_order_meanwhile])
def test_release_beside_another_program_ends_in_one_verdict(functions, meanwhile, mode):
    for step in range(steps(functions, mode)):
        scene, upload = rejected(functions)

        def interfere(number, _operation, scene=scene, upload=upload, step=step):
            if number == step:
                meanwhile(scene, upload)

        scene.release(upload, mode, program=Program(interfere))
        scene.release(upload, mode)
        check_final_state(scene)


def test_new_definitions_clear_a_file_that_is_judged_again(functions):
    scene = Scene(functions)
    upload = scene.send_file(infected_file(NEW_MALWARE))
    scene.cloud.clamd.knows_more = True
    scene.deliver(upload)
    assert scene.release(upload) == 1
    assert item(scene, upload)["quarantined"] == {"BOOL": True}
    scene.cloud.clamd.knows_more = False
    assert scene.release(upload) == 0
    assert (item(scene, upload)["status"]["S"], quarantined(scene)) == ("accepted", set())
    assert item(scene, upload)["quarantined"] == {"BOOL": False}
    check_final_state(scene)


def test_overruled_upload_is_promoted_like_any_other(functions):
    scene, upload = rejected(functions)
    assert scene.release(upload, "--overrule") == 0
    (key,) = scene.cloud.s3.keys(FINAL)
    final = scene.cloud.s3.objects[FINAL, key]
    assert final.metadata["file-name"] == "Ferien 1.jpg"
    assert final.metadata["sha256"] == final.sha256 == item(scene, upload)["sha256"]["S"]
    assert item(scene, upload)["releasedBy"] == {"S": OPERATOR}
    assert item(scene, upload)["releasedBecause"] == {"S": "the photographer is known"}
    assert scene.release(upload, "--overrule") == 0, "repeated"
    check_final_state(scene)


def test_overruled_upload_is_still_rejected_for_its_structure(functions):
    scene, upload = rejected(functions)
    (key,) = quarantined(scene)
    scene.cloud.s3.store(STAGING, key, b"MZ".ljust(3000, b"\0"))  # as if the rules had changed
    assert scene.release(upload, "--overrule") == 1
    assert item(scene, upload)["status"] == {"S": "rejected"}
    assert item(scene, upload)["reason"]["S"] not in {"infected", "unscannable"}
    assert item(scene, upload)["quarantined"] == {"BOOL": True}, "an operator's file is not deleted by a new rule"
    assert scene.cloud.s3.keys(FINAL) == set()


def test_mark_of_another_object_or_order_overrules_nothing(functions):
    """Neither the metadata of a staged object, which its sender chose, nor only the ledger skip the scanner."""
    scene = Scene(functions)
    upload = scene.send_file(infected_file())
    stored = scene.cloud.s3.objects[STAGING, upload.key]
    scene.cloud.s3.store(STAGING, upload.key, stored.body, metadata={"overruled": "yes"})
    scene.cloud.dynamodb.items[upload.upload_id] |= {
        "releaseMode": {"S": "overrule"}, "releasedBy": {"S": "me"}, "releasedBecause": {"S": "so"},
        "releasedAt": {"S": "2026-11-23T12:00:00.000Z"},
    }  # fmt: skip
    scene.deliver(upload, 6)
    scene.operate()
    assert item(scene, upload)["reason"] == {"S": "infected"}


@pytest.mark.parametrize("operation", ["head_object", "get_object", "copy_object"])
def test_function_cannot_read_quarantine(functions, operation):
    scene, _upload = rejected(functions)
    (key,) = quarantined(scene)
    client = functions.stage.client("s3")
    arguments = {"Bucket": STAGING, "Key": key}
    if operation == "copy_object":
        arguments = {"Bucket": STAGING, "Key": "held/x", "CopySource": arguments, "MetadataDirective": "REPLACE",
                     "TaggingDirective": "REPLACE"}  # fmt: skip
    with pytest.raises(ClientError, match="AccessDenied"):
        getattr(client, operation)(**arguments)


def test_release_after_the_file_expired_is_refused(functions, capsys):
    scene, upload = rejected(functions)
    scene.cloud.now += 31 * DAY
    scene.cloud.s3.expire(STAGING, "quarantine/", 30 * DAY)
    assert scene.release(upload) == 2
    assert "quarantine keeps files for 30 days" in capsys.readouterr().err


def test_worker_that_dies_before_the_verdict_leaves_a_copy_that_an_acceptance_outlives(functions):
    """Definitions that were corrected in between accept the file; `quarantine list` shows the copy as a leftover."""
    scene = Scene(functions)
    upload = scene.send_file(infected_file(NEW_MALWARE))
    scene.cloud.clamd.knows_more = True
    scene.deliver(upload, program=Program(lambda _, name: Fault.CRASH_AFTER if name == "copy_object" else None))
    scene.cloud.clamd.knows_more = False
    scene.expire_lease()
    scene.deliver(upload)
    assert (item(scene, upload)["status"]["S"], len(quarantined(scene))) == ("accepted", 1)
    assert scene.release(upload) == 0
    assert quarantined(scene) == set()
