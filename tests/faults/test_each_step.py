"""Every single step of every program: it fails there, dies there, or stands still there while others go on."""

import itertools

import pytest

from tests.faults import invariants
from tests.faults.cloud import DAY, LETTERS, QUEUE, STAGING, Functions
from tests.faults.files import Kind
from tests.faults.scene import EXHAUSTED, FIRST, Scene
from tests.faults.storm import event
from tests.faults.weather import CRASHES, ERRORS, Fault, Program, at

KINDS = list(Kind)
IN_ONE_PIECE, IN_PARTS = 0, 3


def steps(functions: Functions, kind: Kind, receives: int) -> int:
    """How many calls a delivery makes on a good day."""
    scene, program = Scene(functions), Program()
    scene.deliver(scene.send(kind), receives, program)
    return len(program.calls)


def check_the_end(scene: Scene) -> None:
    scene.drain()
    invariants.check_always(scene)
    invariants.check_nothing_lost(scene)
    scene.operate_until_done()
    invariants.check_always(scene)
    invariants.check_all_judged(scene)


@pytest.mark.parametrize("receives", [FIRST, EXHAUSTED])
@pytest.mark.parametrize("fault", [*ERRORS, *CRASHES])
def test_fault_at_any_step_of_a_delivery_costs_nothing(functions, fault, receives):
    for kind in KINDS:
        for step in range(steps(functions, kind, receives)):
            scene = Scene(functions)
            upload = scene.send(kind)
            scene.deliver(upload, receives, Program(at(step, fault)))
            scene.lease_runs_out()
            scene.deliver(upload, receives + 1)
            check_the_end(scene)


def successor_judges(scene, upload):
    scene.deliver(upload)


def successor_knows_more(scene, upload):
    scene.cloud.clamd.knows_more = True
    scene.deliver(upload)


def successor_holds(scene, upload):
    scene.deliver(upload, EXHAUSTED)


def successor_holds_and_a_replay_comes(scene, upload):
    scene.deliver(upload, EXHAUSTED)
    scene.replay(upload)


def all_is_over_and_a_replay_comes(scene, upload):
    scene.deliver(upload)
    scene.replay(upload)


def operator_redrives_what_a_successor_held(scene, upload):
    scene.deliver(upload, EXHAUSTED)
    scene.cloud.clamd.knows_more = True
    scene.operate()


def operator_redrives_in_spite_of_a_replay(scene, upload):
    scene.deliver(upload, EXHAUSTED)
    scene.replay(upload)
    scene.operate()
    scene.replay(upload)


def successor_dies_before_its_verdict(scene, upload):
    scene.deliver(upload, program=Program(lambda _, name: Fault.CRASH_AFTER if name == "copy_object" else None))
    scene.lease_runs_out()
    scene.cloud.clamd.knows_more = True


def successor_refuses_and_dies_before_it_deletes(scene, upload):
    """The object is there, so that a late copy of it would succeed."""
    scene.cloud.clamd.knows_more = True
    scene.deliver(upload, program=Program(lambda _, name: Fault.CRASH_BEFORE if name == "delete_object" else None))


MEANWHILE = [
    successor_refuses_and_dies_before_it_deletes,
    successor_judges,
    successor_knows_more,
    successor_holds,
    successor_holds_and_a_replay_comes,
    all_is_over_and_a_replay_comes,
    operator_redrives_what_a_successor_held,
    operator_redrives_in_spite_of_a_replay,
    successor_dies_before_its_verdict,
]


@pytest.mark.parametrize("meanwhile", MEANWHILE, ids=lambda function: function.__name__)
@pytest.mark.parametrize("receives", [FIRST, EXHAUSTED])
def test_worker_that_stood_still_for_longer_than_its_lease_does_no_harm(functions, meanwhile, receives):
    """Whatever happened meanwhile: it deletes, promotes and records nothing that is not so."""
    for kind, parts in itertools.product(KINDS, (IN_ONE_PIECE, IN_PARTS)):
        for step in range(1, steps(functions, kind, receives) + 1):
            scene = Scene(functions)
            upload = scene.send(kind, parts)

            def stand_still(number, _operation, scene=scene, upload=upload, step=step):
                if number == step:
                    scene.lease_runs_out()
                    meanwhile(scene, upload)

            scene.deliver(upload, receives, Program(stand_still))
            scene.lease_runs_out()
            scene.deliver(upload, receives + 1)
            check_the_end(scene)


def given_up(functions: Functions) -> Scene:
    """Each way in which an upload can be given up, and dead letters that speak of two."""
    scene = Scene(functions)
    held, replayed, never_held, without_ledger, judged = (scene.send(kind) for kind in (Kind.GOOD,) * 4 + (Kind.BAD,))
    scene.deliver(held, EXHAUSTED)
    scene.deliver(replayed, EXHAUSTED)
    scene.replay(replayed)
    scene.deliver(never_held, program=Program(at(1, Fault.CRASH_BEFORE)))
    down = Program(lambda _, name: Fault.UNREACHABLE if name == "update_item" else None)
    scene.deliver(without_ledger, EXHAUSTED, down)
    scene.deliver(judged, program=Program(lambda _, name: Fault.UNREACHABLE if name == "delete_object" else None))
    scene.lease_runs_out()
    for keys in ((held.key, never_held.key), (replayed.key,), (without_ledger.key, judged.key), (judged.key,)):
        scene.cloud.sqs.send(LETTERS, event(*keys))
    scene.cloud.sqs.queues[QUEUE].messages.clear()
    return scene


def redrive_steps(functions: Functions) -> int:
    scene, program = given_up(functions), Program()
    scene.operate(program)
    return len(program.calls)


@pytest.mark.parametrize("fault", [*ERRORS, *CRASHES])
def test_redrive_interrupted_at_any_step_is_taken_up_by_the_next(functions, fault):
    for step in range(redrive_steps(functions)):
        scene = given_up(functions)
        scene.operate(Program(at(step, fault)))
        scene.cloud.now += 900
        check_the_end(scene)


def test_redrive_stopped_by_hand_at_any_step_is_taken_up_at_once(functions):
    """The next run need not wait until what the first one had in its hands comes back."""
    for step in range(redrive_steps(functions)):
        scene = given_up(functions)

        def stop(number, _operation, step=step):
            if number == step:
                raise KeyboardInterrupt

        assert scene.operate(Program(stop)) == 130
        assert scene.operate() == 0
        check_the_end(scene)


def test_dry_run_leaves_all_as_it_is_for_the_run_that_follows(functions):
    scene = given_up(functions)
    before = dict(scene.cloud.s3.objects), dict(scene.cloud.dynamodb.items)
    assert scene.functions.redrive("--dry-run") == 0
    assert (scene.cloud.s3.objects, scene.cloud.dynamodb.items) == before
    assert scene.operate() == 0
    check_the_end(scene)


def test_what_was_held_ten_days_ago_is_judged_all_the_same(functions):
    """The staging area was cleaned up long ago, whether the ledger knew of the hold or not."""
    scene = Scene(functions)
    held, without_ledger = scene.send(Kind.GOOD, IN_PARTS), scene.send(Kind.GOOD)
    scene.deliver(held, EXHAUSTED)
    down = Program(lambda _, name: Fault.UNREACHABLE if name == "update_item" else None)
    scene.deliver(without_ledger, EXHAUSTED, down)
    scene.cloud.now += 10 * DAY
    scene.cloud.s3.expire(STAGING, "uploads/", DAY)
    scene.cloud.s3.expire(STAGING, "held/", 14 * DAY)
    check_the_end(scene)
    assert {invariants.status_of(scene, upload) for upload in (held, without_ledger)} == {"accepted"}
