"""The upload ledger: one DynamoDB item per upload, changed only by conditional writes."""

import contextlib
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from runtime.aws_errors import code_of
from uploads.errors import (
    LeaseHeldError,
    LeaseLostError,
    LedgerError,
    PartsSettledError,
    SettledError,
    UnknownUploadError,
)
from uploads.items import LEDGER_TTL, Item, Value, iso, to_attribute, to_item, to_upload
from uploads.multipart import MultipartState
from uploads.reasons import Reason
from uploads.record import DECIDED, ReleaseMode, Status, Upload

QUARANTINE_TTL = LEDGER_TTL + timedelta(days=2)
"""S3 deletes a quarantined object at a midnight after its 30 days, so its record is kept a little longer."""


class DynamoDbClient(Protocol):
    """The three methods of botocore's DynamoDB client that the ledger uses."""

    def put_item(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def get_item(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def update_item(self, **kwargs: Any) -> Mapping[str, Any]: ...


class DynamoDbLedger:
    """The records of uploads and their transitions (docs/adr/0003-ledger.md)."""

    def __init__(
        self, client: DynamoDbClient, table: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def issue(self, upload: Upload) -> None:
        """Records a new upload. Raises LedgerError, also when the id exists."""
        self._call(
            self._client.put_item,
            Item=to_item(upload),
            ConditionExpression="attribute_not_exists(uploadId)",
        )

    def find(self, upload_id: str) -> Upload | None:
        answer = self._call(self._client.get_item, Key=_key(upload_id), ConsistentRead=True)
        return to_upload(answer["Item"]) if "Item" in answer else None

    def complete_parts(self, upload_id: str) -> None:
        """Moves the parts from open to completing; they can no longer be aborted. May be repeated.

        Raises PartsSettledError when the parts are aborted or the upload has left `issued`, and UnknownUploadError.
        """
        self._move_parts(upload_id, MultipartState.COMPLETING)

    def abort_parts(self, upload_id: str) -> None:
        """Moves the parts from open to aborted; they can no longer be completed. May be repeated.

        Raises PartsSettledError when the parts are completing or the upload has left `issued`, and UnknownUploadError.
        """
        self._move_parts(upload_id, MultipartState.ABORTED)

    def claim(self, upload_id: str, owner: str, seconds: float) -> Upload:
        """Moves an upload to validating, leased by `owner` for `seconds`, from issued or from an expired lease.

        A lease that `owner` already holds is renewed, because botocore retries a call whose answer was lost.
        Raises UnknownUploadError, SettledError or LeaseHeldError when the upload cannot be claimed.
        """
        now = self._clock().timestamp()
        try:
            answer = self._update(
                upload_id,
                {"status": Status.VALIDATING, "leaseOwner": owner, "leaseUntil": now + seconds},
                "#status = :issued OR (#status = :validating AND (leaseUntil < :now OR leaseOwner = :owner))",
                {":issued": Status.ISSUED, ":validating": Status.VALIDATING, ":now": now, ":owner": owner},
            )
        except _ConditionFailedError as failed:
            raise _claim_refusal(failed.item) from None
        return to_upload(answer["Attributes"])

    def approve(self, upload_id: str, owner: str, *, etag: str) -> None:
        """Records that the object is good before it is promoted, so that another worker can resume the promotion.

        Raises LeaseLostError unless `owner` holds the lease.
        """
        self._settle(upload_id, owner, approvedEtag=etag)

    def accept(self, upload_id: str, owner: str, *, final_key: str, etag: str, sha256: str | None) -> None:
        """Moves from validating to accepted. Raises LeaseLostError unless `owner` holds the lease."""
        self._settle(
            upload_id, owner, status=Status.ACCEPTED, finalKey=final_key, etag=etag, sha256=sha256, quarantined=False
        )

    def reject(  # noqa: PLR0913 - a verdict with its facts
        self,
        upload_id: str,
        owner: str,
        *,
        reason: Reason,
        detail: str,
        etag: str,
        quarantine_etag: str | None = None,
        signature: str | None = None,
    ) -> None:
        """Moves from validating to rejected. Raises LeaseLostError unless `owner` holds the lease.

        `quarantine_etag` is that of an object that was copied under quarantine/. Its record is kept as long as it is.
        """
        quarantined = quarantine_etag is not None
        kept = {"expiresAt": math.ceil((self._clock() + QUARANTINE_TTL).timestamp())} if quarantined else {}
        self._settle(
            upload_id,
            owner,
            status=Status.REJECTED,
            reason=reason,
            detail=detail,
            etag=etag,
            quarantined=quarantined,
            quarantineEtag=quarantine_etag,
            signature=signature,
            **kept,
        )

    def hold(self, upload_id: str, owner: str, *, etag: str, held_etag: str) -> None:
        """Moves from validating to held. Raises LeaseLostError unless `owner` holds the lease."""
        self._settle(upload_id, owner, status=Status.HELD, etag=etag, heldEtag=held_etag)

    def release(self, upload_id: str, owner: str) -> None:
        """Ends the lease, so that the next delivery need not wait until it expires."""
        self._settle(upload_id, owner, leaseUntil=0)

    def withdraw(self, upload_id: str, owner: str) -> None:
        """Moves from validating back to issued, because there was no object to validate."""
        self._settle(upload_id, owner, status=Status.ISSUED)

    def readmit(self, upload_id: str, held_etag: str) -> None:
        """Moves a held upload back to issued, so that the held copy is validated again (used by redrive).

        Works also when the copy was held while the ledger was down. Does nothing once the upload has a verdict or
        while a worker holds its lease.
        """
        with contextlib.suppress(_ConditionFailedError):
            self._update(
                upload_id,
                {"status": Status.ISSUED, "heldEtag": held_etag},
                "#status = :held OR #status = :issued OR (#status = :validating AND leaseUntil < :now)",
                {
                    ":held": Status.HELD,
                    ":issued": Status.ISSUED,
                    ":validating": Status.VALIDATING,
                    ":now": self._clock().timestamp(),
                },
            )

    def reopen(self, upload_id: str, *, held_etag: str, mode: ReleaseMode, by: str, because: str) -> bool:
        """Moves a quarantined upload from rejected to validating, without a lease, so that its held copy is judged.

        Records who ordered that and why. May be repeated until the upload is accepted. Returns False, and changes
        nothing, when the upload is not quarantined, while a worker holds its lease, and after a worker has approved it:
        that release will be accepted, and its order must stay on record.
        """
        now = self._clock()
        try:
            self._update(
                upload_id,
                {
                    "status": Status.VALIDATING,
                    "leaseUntil": 0,
                    "leaseOwner": "release",
                    "heldEtag": held_etag,
                    "releaseMode": mode,
                    "releasedBy": by,
                    "releasedBecause": because,
                    "releasedAt": iso(now),
                },
                "quarantined = :true AND (#status = :rejected OR (attribute_not_exists(approvedEtag) AND"
                " (#status = :held OR #status = :issued OR (#status = :validating AND leaseUntil < :now))))",
                {
                    ":true": True,
                    ":rejected": Status.REJECTED,
                    ":held": Status.HELD,
                    ":issued": Status.ISSUED,
                    ":validating": Status.VALIDATING,
                    ":now": now.timestamp(),
                },
            )
        except _ConditionFailedError:
            return False
        return True

    def _move_parts(self, upload_id: str, state: MultipartState) -> None:
        try:
            self._update(
                upload_id,
                {"multipartState": state},
                "#status = :issued AND (multipartState = :open OR multipartState = :state)",
                {":issued": Status.ISSUED, ":open": MultipartState.OPEN, ":state": state},
            )
        except _ConditionFailedError as failed:
            raise PartsSettledError(to_upload(failed.item)) if failed.item else UnknownUploadError() from None

    def _settle(self, upload_id: str, owner: str, **changes: Value | None) -> None:
        try:
            self._update(
                upload_id,
                changes,
                "#status = :validating AND leaseOwner = :owner",
                {":validating": Status.VALIDATING, ":owner": owner},
            )
        except _ConditionFailedError:
            raise LeaseLostError(upload_id) from None

    def _update(
        self,
        upload_id: str,
        changes: Mapping[str, Value | None],
        condition: str,
        operands: Mapping[str, Value],
    ) -> Mapping[str, Any]:
        fields = {"updatedAt": iso(self._clock())} | {name: v for name, v in changes.items() if v is not None}
        return self._call(
            self._client.update_item,
            Key=_key(upload_id),
            UpdateExpression="SET " + ", ".join(f"#{name} = :set_{name}" for name in fields),
            ConditionExpression=condition,
            ExpressionAttributeNames={"#status": "status"} | {f"#{name}": name for name in fields},
            ExpressionAttributeValues={f":set_{name}": to_attribute(value) for name, value in fields.items()}
            | {name: to_attribute(value) for name, value in operands.items()},
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    def _call(self, operation: Callable[..., Mapping[str, Any]], **arguments: Any) -> Mapping[str, Any]:
        try:
            return operation(TableName=self._table, **arguments)
        except ClientError as error:
            code = code_of(error)
            if code == "ConditionalCheckFailedException" and operation == self._client.update_item:
                raise _ConditionFailedError(error.response.get("Item")) from error
            raise LedgerError(f"{error.operation_name}: {code}") from error
        except BotoCoreError as error:
            raise LedgerError(code_of(error)) from error


class _ConditionFailedError(Exception):
    def __init__(self, item: Any) -> None:
        super().__init__()
        self.item = item


def _claim_refusal(item: Item | None) -> Exception:
    if not item:
        return UnknownUploadError()
    upload = to_upload(item)
    if upload.status in DECIDED or upload.status is Status.HELD:
        return SettledError(upload)
    return LeaseHeldError(upload.lease_until)


def _key(upload_id: str) -> Item:
    return {"uploadId": {"S": upload_id}}
