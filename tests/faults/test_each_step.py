"""Faults, crashes and stalls at every step of a delivery and of a redrive."""

import itertools

import pytest

from tests.faults import invariants
from tests.faults.cloud import DAY, LETTERS, QUEUE, STAGING, Functions
from tests.faults.files import Kind
from tests.faults.programs import CRASHES, ERRORS, Fault, Program, at
from tests.faults.scene import EXHAUSTED, FIRST, Scene
from tests.faults.storm import event

KINDS = list(Kind)
IN_ONE_PIECE, IN_PARTS = 0, 3


def steps(functions: Functions, kind: Kind, receives: int) -> int:
    """Returns the number of calls of a delivery without faults."""
    scene, program = Scene(functions), Program()
    scene.deliver(scene.send(kind), receives, program)
    return len(program.calls)


def check_final_state(scene: Scene) -> None:
    scene.drain()
    invariants.check_always(scene)
    invariants.check_nothing_lost(scene)
    scene.operate_until_done()
    invariants.check_always(scene)
    invariants.check_all_decided(scene)


@pytest.mark.parametrize("receives", [FIRST, EXHAUSTED])
@pytest.mark.parametrize("fault", [*ERRORS, *CRASHES])
def test_fault_at_any_step_of_a_delivery_loses_nothing(functions, fault, receives):
    for kind in KINDS:
        for step in range(steps(functions, kind, receives)):
            scene = Scene(functions)
            upload = scene.send(kind)
            scene.deliver(upload, receives, Program(at(step, fault)))
            scene.expire_lease()
            scene.deliver(upload, receives + 1)
            check_final_state(scene)


def successor_decides(scene, upload):
    scene.deliver(upload)


def successor_has_newer_signatures(scene, upload):
    scene.cloud.clamd.knows_more = True
    scene.deliver(upload)


def successor_holds(scene, upload):
    scene.deliver(upload, EXHAUSTED)


def successor_holds_and_a_replay_follows(scene, upload):
    scene.deliver(upload, EXHAUSTED)
    scene.replay(upload)


def successor_decides_and_a_replay_follows(scene, upload):
    scene.deliver(upload)
    scene.replay(upload)


def operator_redrives_the_held_upload(scene, upload):
    scene.deliver(upload, EXHAUSTED)
    scene.cloud.clamd.knows_more = True
    scene.operate()


def operator_redrives_despite_a_replay(scene, upload):
    scene.deliver(upload, EXHAUSTED)
    scene.replay(upload)
    scene.operate()
    scene.replay(upload)


def successor_dies_before_its_verdict(scene, upload):
    scene.deliver(upload, program=Program(lambda _, name: Fault.CRASH_AFTER if name == "copy_object" else None))
    scene.expire_lease()
    scene.cloud.clamd.knows_more = True


def successor_rejects_and_dies_before_the_delete(scene, upload):
    """The object still exists, so that a late copy of it would succeed."""
    scene.cloud.clamd.knows_more = True
    scene.deliver(upload, program=Program(lambda _, name: Fault.CRASH_BEFORE if name == "delete_object" else None))


MEANWHILE = [
    successor_rejects_and_dies_before_the_delete,
    successor_decides,
    successor_has_newer_signatures,
    successor_holds,
    successor_holds_and_a_replay_follows,
    successor_decides_and_a_replay_follows,
    operator_redrives_the_held_upload,
    operator_redrives_despite_a_replay,
    successor_dies_before_its_verdict,
]


@pytest.mark.parametrize("meanwhile", MEANWHILE, ids=lambda function: function.__name__)
@pytest.mark.parametrize("receives", [FIRST, EXHAUSTED])
def test_worker_that_stalls_beyond_its_lease_changes_no_verdict(functions, meanwhile, receives):
    """It must not delete, promote or record anything that contradicts what happened meanwhile."""
    for kind, parts in itertools.product(KINDS, (IN_ONE_PIECE, IN_PARTS)):
        for step in range(1, steps(functions, kind, receives) + 1):
            scene = Scene(functions)
            upload = scene.send(kind, parts)

            def stall(number, _operation, scene=scene, upload=upload, step=step):
                if number == step:
                    scene.expire_lease()
                    meanwhile(scene, upload)

            scene.deliver(upload, receives, Program(stall))
            scene.expire_lease()
            scene.deliver(upload, receives + 1)
            check_final_state(scene)


def given_up(functions: Functions) -> Scene:
    """Returns a scene with an upload for each way into the dead-letter queue, and dead letters with two uploads."""
    scene = Scene(functions)
    held, replayed, never_held, without_ledger, judged = (scene.send(kind) for kind in (Kind.GOOD,) * 4 + (Kind.BAD,))
    scene.deliver(held, EXHAUSTED)
    scene.deliver(replayed, EXHAUSTED)
    scene.replay(replayed)
    scene.deliver(never_held, program=Program(at(1, Fault.CRASH_BEFORE)))
    down = Program(lambda _, name: Fault.UNREACHABLE if name == "update_item" else None)
    scene.deliver(without_ledger, EXHAUSTED, down)
    scene.deliver(judged, program=Program(lambda _, name: Fault.UNREACHABLE if name == "delete_object" else None))
    scene.expire_lease()
    for keys in ((held.key, never_held.key), (replayed.key,), (without_ledger.key, judged.key), (judged.key,)):
        scene.cloud.sqs.send(LETTERS, event(*keys))
    scene.cloud.sqs.queues[QUEUE].messages.clear()
    return scene


def redrive_steps(functions: Functions) -> int:
    scene, program = given_up(functions), Program()
    scene.operate(program)
    return len(program.calls)


@pytest.mark.parametrize("fault", [*ERRORS, *CRASHES])
def test_redrive_that_fails_at_any_step_is_completed_by_the_next(functions, fault):
    for step in range(redrive_steps(functions)):
        scene = given_up(functions)
        scene.operate(Program(at(step, fault)))
        scene.cloud.now += 900
        check_final_state(scene)


def test_redrive_stopped_with_ctrl_c_can_be_repeated_at_once(functions):
    """The next run need not wait until the messages that the first one locked become visible."""
    for step in range(redrive_steps(functions)):
        scene = given_up(functions)

        def stop(number, _operation, step=step):
            if number == step:
                raise KeyboardInterrupt

        assert scene.operate(Program(stop)) == 130
        assert scene.operate() == 0
        check_final_state(scene)


def test_dry_run_changes_nothing(functions):
    scene = given_up(functions)
    before = dict(scene.cloud.s3.objects), dict(scene.cloud.dynamodb.items)
    assert scene.functions.redrive("--dry-run") == 0
    assert (scene.cloud.s3.objects, scene.cloud.dynamodb.items) == before
    assert scene.operate() == 0
    check_final_state(scene)


def test_object_held_for_ten_days_is_still_validated(functions):
    """Lifecycle rules have emptied uploads/, with and without a record of the hold in the ledger."""
    scene = Scene(functions)
    held, without_ledger = scene.send(Kind.GOOD, IN_PARTS), scene.send(Kind.GOOD)
    scene.deliver(held, EXHAUSTED)
    down = Program(lambda _, name: Fault.UNREACHABLE if name == "update_item" else None)
    scene.deliver(without_ledger, EXHAUSTED, down)
    scene.cloud.now += 10 * DAY
    scene.cloud.s3.expire(STAGING, "uploads/", DAY)
    scene.cloud.s3.expire(STAGING, "held/", 14 * DAY)
    check_final_state(scene)
    assert {invariants.status_of(scene, upload) for upload in (held, without_ledger)} == {"accepted"}
