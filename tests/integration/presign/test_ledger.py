"""The ledger against DynamoDB's own conditions: every transition of an upload's life, and none other."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.integration.presign.conftest import ID, NOON
from uploads.errors import LeaseHeldError, LeaseLostError, LedgerError, SettledError, UnknownUploadError
from uploads.ledger import Ledger
from uploads.reasons import Reason
from uploads.record import Status, Upload

LEASE = 310.0


def found(ledger: Ledger) -> Upload:
    upload = ledger.find(ID)
    assert upload is not None
    return upload


type Step = Callable[[Ledger, str], None]


def accept(ledger: Ledger, owner: str) -> None:
    ledger.accept(ID, owner, final_key="videos/2026/11/23/x.mov", etag='"e"', sha256="c2hh")


def reject(ledger: Ledger, owner: str) -> None:
    ledger.reject(ID, owner, reason=Reason.INFECTED, detail="Eicar", etag='"e"')


def hold(ledger: Ledger, owner: str) -> None:
    ledger.hold(ID, owner, etag='"e"', held_etag='"h"')


def release(ledger: Ledger, owner: str) -> None:
    ledger.release(ID, owner)


def withdraw(ledger: Ledger, owner: str) -> None:
    ledger.withdraw(ID, owner)


VERDICTS: dict[str, Step] = {"accepted": accept, "rejected": reject, "held": hold}
STEPS: dict[str, Step] = {**VERDICTS, "release": release, "withdraw": withdraw}


def test_an_issued_upload_is_found_as_it_was_issued(ledger):
    upload = found(ledger)
    assert (upload.status, upload.file_name, upload.file_size) == (
        Status.ISSUED,
        "写真 \N{PILE OF POO}.MOV",
        48_211_234,
    )
    assert upload.created_at == upload.updated_at == NOON


def test_an_unknown_upload_is_not_found(ledger):
    assert ledger.find("f" * 32) is None


def test_an_id_is_issued_once(ledger):
    with pytest.raises(LedgerError):
        ledger.issue(found(ledger))


def test_an_item_is_forgotten_after_30_days(ledger, dynamodb, table):
    """By the attribute that the template names to DynamoDB, in seconds since the epoch."""
    rule = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    item = dynamodb.get_item(TableName=table, Key={"uploadId": {"S": ID}})["Item"]
    assert item[rule["AttributeName"]] == {"N": str(int((NOON + timedelta(days=30)).timestamp()))}


def test_the_table_needs_nothing_but_its_key(described):
    assert described["KeySchema"] == [{"AttributeName": "uploadId", "KeyType": "HASH"}]
    assert not {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"} & set(described)


def test_a_claim_leases_the_upload_to_its_owner(ledger, clock):
    clock.advance(5)
    upload = ledger.claim(ID, "me", LEASE)
    assert (upload.status, upload.lease_until) == (Status.VALIDATING, clock.now.timestamp() + LEASE)
    assert upload.updated_at == clock.now
    assert found(ledger) == upload


def test_a_second_worker_waits_until_the_lease_runs_out(ledger, clock):
    until = ledger.claim(ID, "me", LEASE).lease_until
    for seconds in (0, LEASE / 2, LEASE / 2):
        clock.advance(seconds)
        with pytest.raises(LeaseHeldError) as held:
            ledger.claim(ID, "you", LEASE)
        assert held.value.until == until
    clock.advance(0.001)
    assert ledger.claim(ID, "you", LEASE).lease_until > until


def test_a_claim_whose_answer_was_lost_may_be_repeated(ledger, clock):
    """Botocore repeats a call that timed out, also one that DynamoDB did: the upload must not wait for the lease."""
    ledger.claim(ID, "me", LEASE)
    clock.advance(3)
    assert ledger.claim(ID, "me", LEASE).lease_until == clock.now.timestamp() + LEASE
    with pytest.raises(LeaseHeldError):
        ledger.claim(ID, "you", LEASE)


def test_an_unknown_upload_cannot_be_claimed_and_is_not_made_by_trying(ledger):
    with pytest.raises(UnknownUploadError):
        ledger.claim("f" * 32, "me", LEASE)
    assert ledger.find("f" * 32) is None


@pytest.mark.parametrize("status", VERDICTS)
def test_a_verdict_is_recorded_by_who_holds_the_lease(ledger, clock, status):
    ledger.claim(ID, "me", LEASE)
    clock.advance(7)
    VERDICTS[status](ledger, "me")
    upload = found(ledger)
    assert (upload.status, upload.etag, upload.updated_at) == (status, '"e"', clock.now)
    assert upload.created_at == NOON


def test_a_verdict_keeps_what_the_client_is_told(ledger):
    ledger.claim(ID, "me", LEASE)
    reject(ledger, "me")
    assert (found(ledger).reason, found(ledger).detail) == (Reason.INFECTED, "Eicar")


def test_an_accepted_upload_knows_its_final_key_and_hash(ledger):
    ledger.claim(ID, "me", LEASE)
    accept(ledger, "me")
    assert (found(ledger).final_key, found(ledger).sha256) == ("videos/2026/11/23/x.mov", "c2hh")


@pytest.mark.parametrize("status", VERDICTS)
@pytest.mark.parametrize("owner", ["me", "you"])
def test_a_verdict_stands(ledger, clock, status, owner):
    """Nobody claims a settled upload, however late, and nobody changes it."""
    ledger.claim(ID, "me", LEASE)
    VERDICTS[status](ledger, "me")
    settled = found(ledger)
    clock.advance(10 * LEASE)
    with pytest.raises(SettledError) as refused:
        ledger.claim(ID, owner, LEASE)
    assert refused.value.upload == settled
    for step in STEPS.values():
        with pytest.raises(LeaseLostError):
            step(ledger, owner)
    assert found(ledger) == settled


@pytest.mark.parametrize("step", STEPS)
def test_without_a_claim_nothing_changes(ledger, step):
    issued = found(ledger)
    with pytest.raises(LeaseLostError):
        STEPS[step](ledger, "me")
    assert found(ledger) == issued


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_lost_its_lease_to_another_changes_nothing(ledger, clock, step):
    ledger.claim(ID, "slow", LEASE)
    clock.advance(LEASE + 1)
    mine = ledger.claim(ID, "me", LEASE)
    with pytest.raises(LeaseLostError):
        STEPS[step](ledger, "slow")
    assert found(ledger) == mine


@pytest.mark.parametrize("step", STEPS)
def test_what_is_not_in_the_ledger_is_not_put_there_by_a_step(ledger, dynamodb, table, step):
    """DynamoDB's UpdateItem makes items; TTL may have taken this one meanwhile."""
    ledger.claim(ID, "me", LEASE)
    dynamodb.delete_item(TableName=table, Key={"uploadId": {"S": ID}})
    with pytest.raises(LeaseLostError):
        STEPS[step](ledger, "me")
    assert ledger.find(ID) is None


def test_a_late_worker_may_finish_when_nobody_took_over(ledger, clock):
    ledger.claim(ID, "slow", LEASE)
    clock.advance(LEASE + 1)
    accept(ledger, "slow")
    assert found(ledger).status is Status.ACCEPTED


def test_a_released_upload_can_be_claimed_at_once(ledger):
    ledger.claim(ID, "me", LEASE)
    release(ledger, "me")
    assert found(ledger).status is Status.VALIDATING
    assert ledger.claim(ID, "you", LEASE).lease_until > 0


def test_a_withdrawn_upload_is_as_if_never_claimed(ledger):
    ledger.claim(ID, "me", LEASE)
    withdraw(ledger, "me")
    assert found(ledger).status is Status.ISSUED
    assert ledger.claim(ID, "you", LEASE).status is Status.VALIDATING


def test_a_held_upload_is_readmitted_as_if_never_claimed(ledger, clock):
    ledger.claim(ID, "me", LEASE)
    hold(ledger, "me")
    clock.advance(1)
    ledger.readmit(ID, '"h"')
    assert (found(ledger).status, found(ledger).updated_at) == (Status.ISSUED, clock.now)
    assert ledger.claim(ID, "you", LEASE).status is Status.VALIDATING


@pytest.mark.parametrize("steps", [[], ["accepted"], ["rejected"]], ids=str)
def test_what_is_not_held_is_not_readmitted(ledger, steps):
    """A redrive may run while uploads are on their way: it must not undo a verdict, nor take a lease away."""
    ledger.claim(ID, "me", LEASE)
    for step in steps:
        STEPS[step](ledger, "me")
    before = found(ledger)
    ledger.readmit(ID, '"h"')
    assert found(ledger) == before


def test_what_was_put_aside_without_the_ledger_is_readmitted_when_no_worker_is_at_it(ledger):
    """The ledger was down when it was put aside: it says that the upload was issued, or that a worker gave up."""
    for give_up in (withdraw, release):
        ledger.claim(ID, "me", LEASE)
        give_up(ledger, "me")
        ledger.readmit(ID, '"h"')
        assert (found(ledger).status, found(ledger).held_etag) == (Status.ISSUED, '"h"')


def test_nothing_is_readmitted_that_never_was(ledger):
    ledger.readmit("f" * 32, '"h"')
    assert ledger.find("f" * 32) is None
