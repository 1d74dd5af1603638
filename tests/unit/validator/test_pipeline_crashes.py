"""The pipeline when a worker dies or a call fails at any single step, before or after its effect."""

import contextlib
import itertools
from collections.abc import Iterator

import pytest

from tests.fakes import FakeScanner
from tests.unit.validator.world import CrashError, Fault, Wire, World, bad, good
from uploads.record import Status, Upload
from validator.pipeline import Outcome
from validator.ports import ScannerError
from validator.retries import ATTEMPTS

INFECTED = good(note=FakeScanner.SIGNATURE.decode())
CASES = [(good(), Status.ACCEPTED), (bad(), Status.REJECTED), (INFECTED, Status.REJECTED)]


def steps(content: bytes, attempt: int = 1) -> list[str]:
    """Returns the calls that a worker makes when nothing fails."""
    world, wire = World(), Wire()
    world.deliver(world.uploaded(content).staging_key, attempt, wire=wire)
    return wire.calls


def at(step: int, fault: Fault) -> Wire:
    return Wire(lambda number, _: fault if number == step else None)


def failed_delivery(world: World, upload: Upload, attempt: int, wire: Wire) -> None:
    """Makes one delivery, which may fail in any way, and lets its lease expire."""
    with contextlib.suppress(CrashError, Exception):
        world.deliver(upload.staging_key, attempt, f"worker {attempt}", wire)
    world.expire_lease()


def assert_one_verdict(world: World, upload: Upload, content: bytes, status: Status) -> None:
    assert world.now(upload).status is status
    assert world.ledger.verdicts[upload.upload_id] == [status]
    assert upload.staging_key not in world.storage.staging
    finals = [final.content for final in world.storage.final.values()]
    assert finals == ([content] if status is Status.ACCEPTED else [])


def plans(world: World) -> Iterator[tuple[int, Fault, bytes, Status]]:
    for (content, status), fault in itertools.product(CASES, Fault):
        for step in range(len(steps(content))):
            yield step, fault, content, status


def test_fault_at_any_step_still_leads_to_one_verdict(world):
    for step, fault, content, status in plans(world):
        here = World()
        upload = here.uploaded(content)
        failed_delivery(here, upload, 1, at(step, fault))
        here.deliver(upload.staging_key, 2, "survivor")
        assert_one_verdict(here, upload, content, status)


def test_faults_in_two_deliveries_still_lead_to_one_verdict(world):
    for first, fault, content, status in plans(world):
        for second in range(len(steps(content))):
            here = World()
            upload = here.uploaded(content)
            failed_delivery(here, upload, 1, at(first, fault))
            failed_delivery(here, upload, 2, at(second, fault))
            here.deliver(upload.staging_key, 3, "survivor")
            assert_one_verdict(here, upload, content, status)


@pytest.mark.parametrize("fault", list(Fault))
def test_fault_at_any_step_of_holding_still_leads_to_held(world, fault):
    attempt = ATTEMPTS + 1
    for step in range(len(steps(good(), attempt))):
        here = World()
        upload = here.uploaded(good())
        failed_delivery(here, upload, attempt, at(step, fault))
        assert here.storage.staging.keys() & {upload.staging_key, upload.held_key}
        assert here.deliver(upload.staging_key, attempt + 1, "survivor").outcome is Outcome.HELD
        assert here.ledger.verdicts[upload.upload_id] == [Status.HELD]
        assert here.storage.staging == {upload.held_key: good()}
        assert here.storage.final == {}


@pytest.mark.parametrize("fault", [Fault.ERROR_BEFORE, Fault.ERROR_AFTER])
def test_failed_delivery_releases_its_lease(world, fault):
    """The retry need not wait for the lease to expire, at whichever step before the verdict the delivery failed."""
    names = steps(good())
    for step in range(1, names.index("accept")):
        here = World()
        upload = here.uploaded(good())
        with pytest.raises(Exception, match=names[step]):
            here.deliver(upload.staging_key, 1, "unlucky", at(step, fault))
        here.clock.advance(1)
        assert here.deliver(upload.staging_key, 2, "survivor").outcome is Outcome.ACCEPTED


def test_claim_repeated_by_the_same_owner_succeeds(world):
    """Botocore repeats a call if its answer was lost."""
    upload = world.uploaded(good())
    world.ledger.claim(upload.upload_id, "worker", 100)
    assert world.deliver(upload.staging_key, owner="worker").outcome is Outcome.ACCEPTED


def test_failed_release_does_not_hide_the_first_error(world):
    upload = world.uploaded(good())
    wire = Wire(lambda _, name: Fault.ERROR_BEFORE if name in {"scan", "release"} else None)
    with pytest.raises(ScannerError, match="scan"):
        world.deliver(upload.staging_key, wire=wire)


def test_worker_that_lost_its_lease_records_no_verdict(world):
    """It stalled for longer than its lease; the worker that took over decides."""
    for name in steps(good()):
        if name == "claim":
            continue
        here = World()
        upload = here.uploaded(good())

        def overtaken(_number, called, here=here, upload=upload, name=name):
            if called == name and upload.upload_id not in here.ledger.verdicts:
                here.expire_lease()
                here.deliver(upload.staging_key, 1, "successor")

        failed_delivery(here, upload, 1, Wire(overtaken))
        assert_one_verdict(here, upload, good(), Status.ACCEPTED)
