"""Releases a quarantined upload: the validator judges it again, or accepts it without the scanner.

Safe to repeat and to interrupt at any point: the quarantined object is deleted only after the upload is accepted. The
operator copies it to held/, where the pipeline validates it like a redriven upload; so no function ever reads
quarantine/, one pipeline makes all verdicts, and the final object is that of any other upload.
"""

import json
import time
from dataclasses import dataclass

from botocore.exceptions import ClientError

from phenom.aws.operator_role import Operator
from phenom.aws.stacks import DeployedStack
from phenom.errors import DONE, NOT_ALL_DONE, CommandRefusedError
from phenom.upload_report import printable
from runtime.aws_errors import code_of
from uploads.ledger import DynamoDbLedger
from uploads.record import ReleaseMode, Status, Upload
from validator.s3_storage import COPIED_CLEAN, OVERRULED_METADATA

POLL_SECONDS = 1.0
_GONE = frozenset({"404", "NoSuchKey", "412", "PreconditionFailed"})


@dataclass(frozen=True, slots=True)
class Order:
    """One order of an operator: which upload, how, and why."""

    upload_id: str
    mode: ReleaseMode
    because: str


class Quarantine:
    """The quarantined objects and the ledger of one environment, with the operator's rights."""

    def __init__(self, stack: DeployedStack, operator: Operator) -> None:
        self.operator = operator
        self._bucket = stack.output("VideoStagingBucket")
        self._queue = stack.output("ValidatorQueueUrl")
        self._s3 = operator.client("s3")
        self._sqs = operator.client("sqs")
        self._ledger = DynamoDbLedger(operator.client("dynamodb"), stack.output("UploadsTableName"))

    def find(self, upload_id: str) -> Upload:
        """Raises CommandRefusedError when the ledger does not know the upload."""
        upload = self._ledger.find(upload_id)
        if upload is None:
            raise CommandRefusedError(
                f"Upload {upload_id} not found in the ledger, which keeps a record as long as a quarantined file. "
                "Wrong environment?"
            )
        return upload

    def etag(self, upload: Upload) -> str | None:
        """Returns the ETag of the quarantined object, None if it does not exist."""
        if upload.quarantine_etag is None:
            return None
        key = upload.quarantine_key(upload.quarantine_etag)
        try:
            return str(self._s3.head_object(Bucket=self._bucket, Key=key)["ETag"])
        except ClientError as error:
            if code_of(error) in _GONE:
                return None
            raise

    def hand_over(self, upload: Upload, etag: str, order: Order) -> bool:
        """Has the validator judge the object. Returns False if it is judging it already.

        The object is copied first: until the record is reopened, nothing looks at the copy, and `phenom redrive`
        finds it if this command dies afterwards.
        """
        assert upload.quarantine_etag is not None
        source = {"Bucket": self._bucket, "Key": upload.quarantine_key(upload.quarantine_etag)}
        overruled = {OVERRULED_METADATA: "yes"} if order.mode is ReleaseMode.OVERRULE else {}
        answer = self._s3.copy_object(
            Bucket=self._bucket,
            Key=upload.held_key,
            CopySource=source,
            CopySourceIfMatch=etag,
            Metadata=overruled,
            **COPIED_CLEAN,
        )
        reopened = self._ledger.reopen(
            upload.upload_id,
            held_etag=str(answer["CopyObjectResult"]["ETag"]),
            mode=order.mode,
            by=self.operator.arn,
            because=order.because,
        )
        if reopened:
            record = {"s3": {"bucket": {"name": self._bucket}, "object": {"key": upload.staging_key}}}
            body = json.dumps({"Records": [record | {"eventName": "ObjectCreated:Release"}]})
            self._sqs.send_message(QueueUrl=self._queue, MessageBody=body)
        return reopened

    def copies(self, upload: Upload) -> list[str]:
        """Returns all keys of the upload; more than one if a worker died between copy and verdict."""
        answer = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=upload.quarantine_prefix)
        return [each["Key"] for each in answer.get("Contents", [])]

    def delete(self, key: str) -> None:
        self._s3.delete_object(Bucket=self._bucket, Key=key)


def run(quarantine: Quarantine, order: Order, *, dry_run: bool, wait_seconds: float) -> int:
    """Returns the exit code: NOT_ALL_DONE unless the upload is accepted in the end."""
    upload = quarantine.find(order.upload_id)
    if upload.status is Status.ACCEPTED and (upload.release or quarantine.copies(upload)):
        return _finish(quarantine, upload, dry_run=dry_run)
    if not upload.quarantined:
        raise CommandRefusedError(f"Upload {order.upload_id} is not in quarantine: it is {_verdict(upload)}.")
    etag = quarantine.etag(upload)
    if etag is None:
        raise CommandRefusedError(f"The file of upload {order.upload_id} is gone: quarantine keeps files for 30 days.")
    print(_summary(upload))
    if dry_run:
        print(f"Would {_INTENTS[order.mode]}. Nothing was changed.")
        return DONE
    return _release(quarantine, upload, etag, order, wait_seconds)


_INTENTS = {
    ReleaseMode.JUDGE_AGAIN: "have it scanned again and accept it if it is clean",
    ReleaseMode.OVERRULE: "accept it without a scan if its structure is valid",
}


def _release(quarantine: Quarantine, upload: Upload, etag: str, order: Order, seconds: float) -> int:
    deadline = time.monotonic() + seconds
    ours = quarantine.hand_over(upload, etag, order)
    while time.monotonic() < deadline:
        upload = quarantine.find(order.upload_id)
        if upload.status is Status.ACCEPTED:
            return _finish(quarantine, upload, dry_run=False)
        if (upload.status is Status.REJECTED and ours) or upload.status is Status.HELD:
            print(f"The upload is {_verdict(upload)}; the file is kept.")
            return NOT_ALL_DONE
        if upload.status in {Status.REJECTED, Status.ISSUED}:
            # Another worker was at it; or a redrive removed the held copy before the record was reopened.
            ours = quarantine.hand_over(upload, etag, order) or ours
        time.sleep(POLL_SECONDS)
    print("There is no verdict yet. Run the command again to see it.")
    return NOT_ALL_DONE


def _finish(quarantine: Quarantine, upload: Upload, *, dry_run: bool) -> int:
    print(f"The upload is accepted: {upload.final_key}")
    for key in () if dry_run else quarantine.copies(upload):
        quarantine.delete(key)
        print(f"Deleted {key}.")
    return DONE


def _summary(upload: Upload) -> str:
    name = printable(f"{upload.file_name!r}")
    return f"Upload {upload.upload_id}: {upload.content_type}, {upload.file_size:,} bytes, {name}: {_verdict(upload)}"


def _verdict(upload: Upload) -> str:
    why = ": ".join(filter(None, (upload.reason, upload.signature))) if upload.status is Status.REJECTED else ""
    return printable(f"{upload.status} ({why})") if why else str(upload.status)


def parse_because(text: str) -> str:
    """Returns the reason for the ledger. Raises ValueError when it is empty, too long, or not printable."""
    text = text.strip()
    if not 1 <= len(text) <= 500 or not text.isprintable():
        raise ValueError("must be one line of 1 to 500 characters")
    return text
