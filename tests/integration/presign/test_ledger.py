"""The ledger on DynamoDB in moto: every transition that is allowed, and those that are not."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.fakes import NOON
from tests.integration.presign.conftest import ID
from uploads.errors import LeaseHeldError, LeaseLostError, LedgerError, SettledError, UnknownUploadError
from uploads.ledger import DynamoDbLedger
from uploads.reasons import Reason
from uploads.record import Status, Upload

LEASE = 310.0


def found(ledger: DynamoDbLedger) -> Upload:
    upload = ledger.find(ID)
    assert upload is not None
    return upload


type Step = Callable[[DynamoDbLedger, str], None]


def accept(ledger: DynamoDbLedger, owner: str) -> None:
    ledger.accept(ID, owner, final_key="videos/2026/11/23/x.mov", etag='"e"', sha256="c2hh")


def reject(ledger: DynamoDbLedger, owner: str) -> None:
    ledger.reject(ID, owner, reason=Reason.INFECTED, detail="Eicar", etag='"e"')


def hold(ledger: DynamoDbLedger, owner: str) -> None:
    ledger.hold(ID, owner, etag='"e"', held_etag='"h"')


def release(ledger: DynamoDbLedger, owner: str) -> None:
    ledger.release(ID, owner)


def withdraw(ledger: DynamoDbLedger, owner: str) -> None:
    ledger.withdraw(ID, owner)


VERDICTS: dict[str, Step] = {"accepted": accept, "rejected": reject, "held": hold}
STEPS: dict[str, Step] = {**VERDICTS, "release": release, "withdraw": withdraw}


def test_issued_upload_is_found_unchanged(ledger):
    upload = found(ledger)
    assert (upload.status, upload.file_name, upload.file_size) == (
        Status.ISSUED,
        "写真 \N{PILE OF POO}.MOV",
        48_211_234,
    )
    assert upload.created_at == upload.updated_at == NOON


def test_unknown_upload_is_not_found(ledger):
    assert ledger.find("f" * 32) is None


def test_existing_id_cannot_be_issued_again(ledger):
    with pytest.raises(LedgerError):
        ledger.issue(found(ledger))


def test_item_expires_after_30_days(ledger, dynamodb, table):
    """By the TTL attribute in the template, in seconds since the epoch."""
    rule = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    item = dynamodb.get_item(TableName=table, Key={"uploadId": {"S": ID}})["Item"]
    assert item[rule["AttributeName"]] == {"N": str(int((NOON + timedelta(days=30)).timestamp()))}


def test_table_has_one_key_and_no_indexes(described):
    assert described["KeySchema"] == [{"AttributeName": "uploadId", "KeyType": "HASH"}]
    assert not {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"} & set(described)


def test_claim_leases_the_upload_to_its_owner(ledger, clock):
    clock.advance(5)
    upload = ledger.claim(ID, "me", LEASE)
    assert (upload.status, upload.lease_until) == (Status.VALIDATING, clock.now.timestamp() + LEASE)
    assert upload.updated_at == clock.now
    assert found(ledger) == upload


def test_second_worker_waits_until_the_lease_expires(ledger, clock):
    until = ledger.claim(ID, "me", LEASE).lease_until
    for seconds in (0, LEASE / 2, LEASE / 2):
        clock.advance(seconds)
        with pytest.raises(LeaseHeldError) as held:
            ledger.claim(ID, "you", LEASE)
        assert held.value.until == until
    clock.advance(0.001)
    assert ledger.claim(ID, "you", LEASE).lease_until > until


def test_owner_may_repeat_a_claim(ledger, clock):
    """Botocore retries a call that timed out, even one that succeeded: the retry must not wait for the lease."""
    ledger.claim(ID, "me", LEASE)
    clock.advance(3)
    assert ledger.claim(ID, "me", LEASE).lease_until == clock.now.timestamp() + LEASE
    with pytest.raises(LeaseHeldError):
        ledger.claim(ID, "you", LEASE)


def test_claim_of_an_unknown_upload_creates_no_item(ledger):
    with pytest.raises(UnknownUploadError):
        ledger.claim("f" * 32, "me", LEASE)
    assert ledger.find("f" * 32) is None


@pytest.mark.parametrize("status", VERDICTS)
def test_lease_holder_records_the_verdict(ledger, clock, status):
    ledger.claim(ID, "me", LEASE)
    clock.advance(7)
    VERDICTS[status](ledger, "me")
    upload = found(ledger)
    assert (upload.status, upload.etag, upload.updated_at) == (status, '"e"', clock.now)
    assert upload.created_at == NOON


def test_rejection_keeps_reason_and_detail(ledger):
    ledger.claim(ID, "me", LEASE)
    reject(ledger, "me")
    assert (found(ledger).reason, found(ledger).detail) == (Reason.INFECTED, "Eicar")


def test_accepted_upload_has_its_final_key_and_hash(ledger):
    ledger.claim(ID, "me", LEASE)
    accept(ledger, "me")
    assert (found(ledger).final_key, found(ledger).sha256) == ("videos/2026/11/23/x.mov", "c2hh")


@pytest.mark.parametrize("status", VERDICTS)
@pytest.mark.parametrize("owner", ["me", "you"])
def test_verdict_cannot_be_changed(ledger, clock, status, owner):
    """A settled upload can be neither claimed nor changed, however late."""
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
def test_step_without_a_claim_changes_nothing(ledger, step):
    issued = found(ledger)
    with pytest.raises(LeaseLostError):
        STEPS[step](ledger, "me")
    assert found(ledger) == issued


@pytest.mark.parametrize("step", STEPS)
def test_worker_that_lost_its_lease_changes_nothing(ledger, clock, step):
    ledger.claim(ID, "slow", LEASE)
    clock.advance(LEASE + 1)
    mine = ledger.claim(ID, "me", LEASE)
    with pytest.raises(LeaseLostError):
        STEPS[step](ledger, "slow")
    assert found(ledger) == mine


@pytest.mark.parametrize("step", STEPS)
def test_step_on_a_deleted_item_does_not_create_it_again(ledger, dynamodb, table, step):
    """UpdateItem creates missing items, and the TTL may have deleted this one meanwhile."""
    ledger.claim(ID, "me", LEASE)
    dynamodb.delete_item(TableName=table, Key={"uploadId": {"S": ID}})
    with pytest.raises(LeaseLostError):
        STEPS[step](ledger, "me")
    assert ledger.find(ID) is None


def test_expired_lease_that_no_worker_took_over_still_counts(ledger, clock):
    ledger.claim(ID, "slow", LEASE)
    clock.advance(LEASE + 1)
    accept(ledger, "slow")
    assert found(ledger).status is Status.ACCEPTED


def test_released_upload_can_be_claimed_at_once(ledger):
    ledger.claim(ID, "me", LEASE)
    release(ledger, "me")
    assert found(ledger).status is Status.VALIDATING
    assert ledger.claim(ID, "you", LEASE).lease_until > 0


def test_withdrawn_upload_is_issued_and_can_be_claimed(ledger):
    ledger.claim(ID, "me", LEASE)
    withdraw(ledger, "me")
    assert found(ledger).status is Status.ISSUED
    assert ledger.claim(ID, "you", LEASE).status is Status.VALIDATING


def test_readmitted_held_upload_is_issued_and_can_be_claimed(ledger, clock):
    ledger.claim(ID, "me", LEASE)
    hold(ledger, "me")
    clock.advance(1)
    ledger.readmit(ID, '"h"')
    assert (found(ledger).status, found(ledger).updated_at) == (Status.ISSUED, clock.now)
    assert ledger.claim(ID, "you", LEASE).status is Status.VALIDATING


@pytest.mark.parametrize("steps", [[], ["accepted"], ["rejected"]], ids=str)
def test_readmission_keeps_verdicts_and_leases(ledger, steps):
    """A redrive may run during validation: it must not undo a verdict or end a lease."""
    ledger.claim(ID, "me", LEASE)
    for step in steps:
        STEPS[step](ledger, "me")
    before = found(ledger)
    ledger.readmit(ID, '"h"')
    assert found(ledger) == before


def test_upload_held_while_the_ledger_was_down_is_readmitted(ledger):
    """The item still has the status from before the outage: issued, or validating with a released lease."""
    for give_up in (withdraw, release):
        ledger.claim(ID, "me", LEASE)
        give_up(ledger, "me")
        ledger.readmit(ID, '"h"')
        assert (found(ledger).status, found(ledger).held_etag) == (Status.ISSUED, '"h"')


def test_readmission_of_an_unknown_upload_creates_no_item(ledger):
    ledger.readmit("f" * 32, '"h"')
    assert ledger.find("f" * 32) is None
