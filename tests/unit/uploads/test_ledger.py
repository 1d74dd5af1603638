"""The ledger's calls to DynamoDB, and the meaning of its answers and errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)
from hypothesis import given
from hypothesis import strategies as st

from uploads.errors import (
    LeaseHeldError,
    LeaseLostError,
    LedgerError,
    PartsSettledError,
    SettledError,
    UnknownUploadError,
)
from uploads.ledger import DynamoDbLedger
from uploads.media_types import MEDIA_TYPES
from uploads.multipart import Multipart, MultipartState
from uploads.reasons import Reason
from uploads.record import Release, ReleaseMode, Status, Upload

NOW = datetime(2026, 11, 23, 11, 0, 0, 123_456, tzinfo=UTC)
ID = "0123456789abcdef" * 2


@dataclass
class FakeDynamoDb:
    """Returns or raises `answer` for every call; `asked` is the last call."""

    answer: Mapping[str, Any] | Exception = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)

    def _call(self, **arguments: Any) -> Mapping[str, Any]:
        self.asked = arguments
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def put_item(self, **arguments: Any) -> Mapping[str, Any]:
        return self._call(**arguments)

    def get_item(self, **arguments: Any) -> Mapping[str, Any]:
        return self._call(**arguments)

    def update_item(self, **arguments: Any) -> Mapping[str, Any]:
        return self._call(**arguments)


def upload(**changes: Any) -> Upload:
    fields: dict[str, Any] = {
        "upload_id": ID,
        "status": Status.ISSUED,
        "content_type": "image/jpeg",
        "file_size": 1234,
        "file_name": "cat.jpg",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Upload(**(fields | changes))


def ledger(answer: Mapping[str, Any] | Exception | None = None) -> tuple[DynamoDbLedger, FakeDynamoDb]:
    client = FakeDynamoDb(answer if answer is not None else {})
    return DynamoDbLedger(client, "the-table", lambda: NOW), client


def failure(code: str, item: Mapping[str, Any] | None = None) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "…"}, **({"Item": item} if item else {})}
    return ClientError(response, "UpdateItem")


def stored(**changes: Any) -> Mapping[str, Any]:
    """Returns the item of an issued upload, with some attributes changed."""
    it, client = ledger()
    it.issue(upload())
    item: dict[str, Any] = client.asked["Item"]
    return item | {name: {"N": str(v)} if isinstance(v, int | float) else {"S": v} for name, v in changes.items()}


CALLS: Mapping[str, Callable[[DynamoDbLedger], object]] = {
    "issue": lambda it: it.issue(upload()),
    "find": lambda it: it.find(ID),
    "claim": lambda it: it.claim(ID, "me", 60),
    "accept": lambda it: it.accept(ID, "me", final_key="k", etag="e", sha256=None),
    "reject": lambda it: it.reject(ID, "me", reason=Reason.INFECTED, detail="d", etag="e"),
    "hold": lambda it: it.hold(ID, "me", etag="e", held_etag="h"),
    "release": lambda it: it.release(ID, "me"),
    "withdraw": lambda it: it.withdraw(ID, "me"),
    "readmit": lambda it: it.readmit(ID, "h"),
    "complete_parts": lambda it: it.complete_parts(ID),
    "abort_parts": lambda it: it.abort_parts(ID),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    "code",
    [
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "InternalServerError",
        "ResourceNotFoundException",
        "AccessDeniedException",
        "ExpiredTokenException",
        "TransactionConflictException",
        "503",
    ],
)
def test_dynamodb_error_code_is_in_the_ledger_error(call, code):
    it, _ = ledger(failure(code))
    with pytest.raises(LedgerError, match=f"UpdateItem: {code}"):
        call(it)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://x"),
        ConnectTimeoutError(endpoint_url="https://x"),
        ReadTimeoutError(endpoint_url="https://x"),
        NoCredentialsError(),
        ParamValidationError(report="with the values of the request"),
        BotoCoreError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_connection_error_is_a_ledger_error_with_only_its_name(call, error):
    """Their messages may contain values of the request."""
    it, _ = ledger(error)
    with pytest.raises(LedgerError, match=f"^{type(error).__name__}$"):
        call(it)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_error_without_a_code_is_a_ledger_error(call):
    it, _ = ledger(ClientError({}, "UpdateItem"))
    with pytest.raises(LedgerError):
        call(it)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_programming_error_is_not_translated(call):
    it, _ = ledger(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        call(it)


def test_existing_id_is_not_overwritten():
    it, client = ledger()
    it.issue(upload())
    assert client.asked["ConditionExpression"] == "attribute_not_exists(uploadId)"
    client.answer = failure("ConditionalCheckFailedException")
    with pytest.raises(LedgerError):
        it.issue(upload())


def test_item_has_its_expiry_time():
    """DynamoDB's TTL is a number of whole seconds since the epoch."""
    assert stored()["expiresAt"] == {"N": str(int((NOW + timedelta(days=30)).timestamp()) + 1)}


def test_find_reads_consistently():
    """Otherwise a status read just after the verdict could miss it."""
    it, client = ledger()
    assert it.find(ID) is None
    assert client.asked == {"TableName": "the-table", "Key": {"uploadId": {"S": ID}}, "ConsistentRead": True}


text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
zones = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])
moments = st.builds(
    datetime.fromtimestamp, st.integers(0, 4 * 10**15).map(lambda microseconds: microseconds / 1e6), zones
)


@given(
    st.builds(
        upload,
        content_type=st.sampled_from(sorted(MEDIA_TYPES)),
        file_size=st.integers(1, 5 * 10**9),
        file_name=text,
        created_at=moments,
        updated_at=moments,
        sha256=st.none() | text,
        multipart=st.none()
        | st.builds(
            Multipart,
            multipart_id=text,
            part_bytes=st.integers(1, 5 * 10**9),
            part_count=st.integers(1, 10_000),
            with_sha256=st.booleans(),
            state=st.sampled_from(MultipartState),
        ),
    )
)
def test_issued_upload_is_read_back_to_the_millisecond(issued):
    it, client = ledger()
    it.issue(issued)
    client.answer = {"Item": client.asked["Item"]}
    found = it.find(issued.upload_id)
    assert found is not None
    for moment, original in ((found.created_at, issued.created_at), (found.updated_at, issued.updated_at)):
        assert timedelta(0) <= original - moment < timedelta(milliseconds=1)
        assert moment.tzinfo is UTC
    assert found == upload(
        content_type=issued.content_type,
        file_size=issued.file_size,
        file_name=issued.file_name,
        sha256=issued.sha256,
        multipart=issued.multipart,
        created_at=found.created_at,
        updated_at=found.updated_at,
    )


def test_verdict_is_read_back_with_all_fields():
    item = stored(status="rejected", reason="infected", detail="Eicar", etag='"e"', leaseUntil=17.5, somethingNew="x")
    found = ledger({"Item": item})[0].find(ID)
    assert found is not None
    assert (found.status, found.reason, found.detail, found.etag, found.lease_until) == (
        Status.REJECTED,
        Reason.INFECTED,
        "Eicar",
        '"e"',
        17.5,
    )


def test_quarantined_rejection_is_read_back_with_its_release():
    fields = {"status": "rejected", "reason": "infected", "quarantineEtag": '"e"', "signature": "Win.Test",
              "releaseMode": "overrule", "releasedBy": "arn", "releasedBecause": "known",
              "releasedAt": "2026-11-23T11:00:00.000Z"}  # fmt: skip
    found = ledger({"Item": stored(**fields) | {"quarantined": {"BOOL": True}}})[0].find(ID)
    assert found is not None
    assert (found.quarantined, found.quarantine_etag, found.signature) == (True, '"e"', "Win.Test")
    at = datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert found.release == Release(mode=ReleaseMode.OVERRULE, by="arn", because="known", at=at)


@pytest.mark.parametrize(("etag", "quarantined"), [('"e"', True), (None, False)])
def test_rejection_says_whether_the_file_is_quarantined_and_keeps_its_record(etag, quarantined):
    it, client = ledger({"Attributes": stored()})
    it.reject(ID, "me", reason=Reason.INFECTED, detail="d", etag='"x"', quarantine_etag=etag)
    values = client.asked["ExpressionAttributeValues"]
    assert values[":set_quarantined"] == {"BOOL": quarantined}
    assert (":set_expiresAt" in values) is quarantined
    if quarantined:
        assert int(values[":set_expiresAt"]["N"]) >= (NOW + timedelta(days=31)).timestamp()


def test_reopen_records_who_and_why():
    it, client = ledger({"Attributes": stored()})
    assert it.reopen(ID, held_etag='"h"', mode=ReleaseMode.JUDGE_AGAIN, by="arn", because="known")
    values = client.asked["ExpressionAttributeValues"]
    assert values[":set_status"] == {"S": "validating"}
    assert (values[":set_releasedBy"], values[":set_releasedBecause"]) == ({"S": "arn"}, {"S": "known"})
    assert client.asked["ConditionExpression"].startswith("quarantined = :true AND ")


def test_reopen_of_an_upload_that_is_not_quarantined_changes_nothing():
    it, _ = ledger(failure("ConditionalCheckFailedException", stored(status="accepted")))
    assert not it.reopen(ID, held_etag='"h"', mode=ReleaseMode.OVERRULE, by="arn", because="known")


def test_claim_of_a_missing_item_is_unknown_upload():
    it, _ = ledger(failure("ConditionalCheckFailedException"))
    with pytest.raises(UnknownUploadError):
        it.claim(ID, "me", 60)


@pytest.mark.parametrize("status", ["accepted", "rejected", "held"])
def test_claim_after_the_verdict_raises_it(status):
    it, _ = ledger(failure("ConditionalCheckFailedException", stored(status=status)))
    with pytest.raises(SettledError) as settled:
        it.claim(ID, "me", 60)
    assert settled.value.upload.status == status


def test_claim_during_a_lease_raises_its_end():
    it, _ = ledger(failure("ConditionalCheckFailedException", stored(status="validating", leaseUntil=1234.5)))
    with pytest.raises(LeaseHeldError) as held:
        it.claim(ID, "me", 60)
    assert held.value.until == 1234.5


@pytest.mark.parametrize("name", ["accept", "reject", "hold", "release", "withdraw"])
def test_change_requires_the_lease(name):
    it, client = ledger(failure("ConditionalCheckFailedException"))
    with pytest.raises(LeaseLostError):
        CALLS[name](it)
    assert client.asked["ConditionExpression"] == "#status = :validating AND leaseOwner = :owner"


@pytest.mark.parametrize("name", sorted(set(CALLS) - {"issue", "find"}))
def test_change_sets_the_time_of_update(name):
    it, client = ledger({"Attributes": stored()})
    CALLS[name](it)
    assert client.asked["ExpressionAttributeValues"][":set_updatedAt"] == {"S": "2026-11-23T11:00:00.123Z"}


@pytest.mark.parametrize("name", sorted(set(CALLS) - {"issue", "find"}))
def test_change_is_one_conditional_call(name):
    """A read before the write would let two workers race."""
    it, client = ledger({"Attributes": stored()})
    CALLS[name](it)
    assert client.asked["Key"] == {"uploadId": {"S": ID}}
    assert client.asked["ConditionExpression"]


def test_lease_runs_from_now():
    it, client = ledger({"Attributes": stored()})
    it.claim(ID, "me", 60.5)
    values = client.asked["ExpressionAttributeValues"]
    assert float(values[":set_leaseUntil"]["N"]) == float(values[":now"]["N"]) + 60.5 == NOW.timestamp() + 60.5


@pytest.mark.parametrize(("call", "state"), [("complete_parts", "completing"), ("abort_parts", "aborted")])
def test_parts_move_in_one_repeatable_conditional_call(call, state):
    it, client = ledger({"Attributes": stored()})
    CALLS[call](it)
    values = client.asked["ExpressionAttributeValues"]
    assert client.asked["ConditionExpression"] == (
        "#status = :issued AND (multipartState = :open OR multipartState = :state)"
    )
    assert (values[":issued"], values[":open"], values[":state"]) == ({"S": "issued"}, {"S": "open"}, {"S": state})
    assert values[":set_multipartState"] == {"S": state}


@pytest.mark.parametrize("call", ["complete_parts", "abort_parts"])
def test_settled_parts_raise_the_current_upload(call):
    item = stored(multipartId="m", multipartState="aborted", partBytes=5, partCount=2, status="validating")
    it, _ = ledger(failure("ConditionalCheckFailedException", item))
    with pytest.raises(PartsSettledError) as settled:
        CALLS[call](it)
    assert settled.value.upload.status is Status.VALIDATING
    assert settled.value.upload.multipart is not None
    assert settled.value.upload.multipart.state is MultipartState.ABORTED


@pytest.mark.parametrize("call", ["complete_parts", "abort_parts"])
def test_parts_of_a_missing_item_are_unknown_upload(call):
    it, _ = ledger(failure("ConditionalCheckFailedException"))
    with pytest.raises(UnknownUploadError):
        CALLS[call](it)
