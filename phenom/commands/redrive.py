"""Sends held uploads through the pipeline again. Safe to repeat and to interrupt at any point.

It collects the objects under held/ and the messages in the dead-letter queue, because either may outlive the other.
Nothing is copied: the pipeline validates a readmitted upload where it is, under held/, so that a later upload with the
same URL cannot take its place. An object leaves held/ only when its upload has a verdict.
"""

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from phenom.aws.dead_letter_queue import DeadLetterQueue, describe_locked
from phenom.aws.stacks import DeployedStack
from phenom.errors import DONE, NOT_ALL_DONE
from phenom.terminal import progress_bar
from runtime.aws_errors import code_of
from uploads.ledger import DynamoDbLedger
from uploads.record import DECIDED, HELD_PREFIX, STAGING_PREFIX, Status, Upload, upload_id_from_key
from validator.s3_events import MalformedMessageError, created_keys

POLL_SECONDS = 1.0
UNFINISHED = "unfinished"


@dataclass(slots=True)
class DeadLetter:
    """A dead letter, and those of its keys that are not readmitted yet."""

    id: str
    keys: set[str]


@dataclass(slots=True)
class HeldUpload:
    """An upload that may be held: its staging key, and the dead letters that name it."""

    key: str
    dead_letters: list[DeadLetter] = field(default_factory=list)

    @property
    def held_key(self) -> str:
        return HELD_PREFIX + self.key.removeprefix(STAGING_PREFIX)


@dataclass(frozen=True, slots=True)
class Backlog:
    """The findings of a run. `foreign` dead letters are no upload events; `locked` ones belong to another run."""

    uploads: list[HeldUpload]
    foreign: int
    locked: int


@dataclass(frozen=True, slots=True)
class Result:
    """The results of a run: verdicts by status (UNFINISHED where time ran out), and reasons of failures by key."""

    verdicts: dict[str, int]
    failed: dict[str, str]

    @property
    def is_complete(self) -> bool:
        return not self.failed and not self.verdicts.keys() & {Status.HELD, UNFINISHED}


class Redrive:
    """One run over one environment."""

    def __init__(self, stack: DeployedStack) -> None:
        self._bucket = stack.output("VideoStagingBucket")
        self._queue = stack.output("ValidatorQueueUrl")
        self._s3 = stack.client("s3")
        self._sqs = stack.client("sqs")
        self.dead_letters = DeadLetterQueue(self._sqs, stack.output("ValidatorDeadLetterQueueUrl"))
        self._ledger = DynamoDbLedger(stack.client("dynamodb"), stack.output("UploadsTableName"))

    def read_backlog(self) -> Backlog:
        """Returns the uploads to redrive. Locks the dead letters, so that no other run receives them."""
        held = {key: HeldUpload(key) for key in self._held_keys()}
        foreign = 0
        for message in self.dead_letters.receive():
            try:
                keys = created_keys(message["Body"], self._bucket)
            except MalformedMessageError:
                foreign += 1
                continue
            letter = DeadLetter(message["MessageId"], set(keys))
            for key in letter.keys:
                held.setdefault(key, HeldUpload(key)).dead_letters.append(letter)
        locked = self.dead_letters.count_locked_elsewhere()
        return Backlog([held[key] for key in sorted(held)], foreign, locked)

    def readmit(self, held: HeldUpload) -> str | None:
        """Sends one upload through the pipeline; when that is impossible, changes nothing and returns the reason."""
        upload = self.find_upload(held)
        if upload is None:
            return "is unknown to the ledger"
        if not self._deliver(held, upload):
            return "has no object any more"
        for letter in held.dead_letters:
            letter.keys.discard(held.key)
            if not letter.keys:  # until then it may be the last trace of another upload
                self.dead_letters.delete(letter.id)
        return None

    def finish(self, held: HeldUpload) -> Status | None:
        """Returns the upload's verdict, or `held` when it is held again; None while the validator works on it.

        Deletes the held object of an upload that has a verdict.
        """
        upload = self.find_upload(held)
        if upload is None or upload.status not in DECIDED | {Status.HELD}:
            return None
        if upload.status in DECIDED:
            self._s3.delete_object(Bucket=self._bucket, Key=held.held_key)
        return upload.status

    def find_upload(self, held: HeldUpload) -> Upload | None:
        upload_id = upload_id_from_key(held.key)
        upload = self._ledger.find(upload_id) if upload_id else None
        return upload if upload is not None and upload.staging_key == held.key else None

    def _deliver(self, held: HeldUpload, upload: Upload) -> bool:
        """Enqueues an event for the upload. Returns False when there is neither an object nor a verdict."""
        # The staged object first: a validator that holds the upload meanwhile copies it before deleting it.
        staged_etag = self._etag(held.key)
        held_etag = self._etag(held.held_key)
        if upload.status in DECIDED:
            if staged_etag is not None:  # the pipeline could not remove it
                self._enqueue(held.key)
            return True
        if held_etag is not None:
            self._ledger.readmit(upload.upload_id, held_etag)
        elif staged_etag is None or upload.status is Status.HELD:
            now = self.find_upload(held)
            return now is not None and now.status in DECIDED
        self._enqueue(held.key)
        return True

    def _enqueue(self, key: str) -> None:
        record = {"s3": {"bucket": {"name": self._bucket}, "object": {"key": key}}}
        body = json.dumps({"Records": [record | {"eventName": "ObjectCreated:Redrive"}]})
        self._sqs.send_message(QueueUrl=self._queue, MessageBody=body)

    def _etag(self, key: str) -> str | None:
        """Returns None also for an empty object: it only seals a used URL."""
        try:
            head = self._s3.head_object(Bucket=self._bucket, Key=key)
            return str(head["ETag"]) if head["ContentLength"] else None
        except ClientError as error:
            if code_of(error) in {"404", "NoSuchKey"}:
                return None
            raise

    def _held_keys(self) -> Iterator[str]:
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=HELD_PREFIX):
            for each in page.get("Contents", []):
                yield STAGING_PREFIX + each["Key"].removeprefix(HELD_PREFIX)


def run(redrive: Redrive, *, dry_run: bool, wait_seconds: float, as_json: bool = False) -> int:
    """Redrives the backlog, or only shows it, and returns the exit code: NOT_ALL_DONE while uploads are held."""
    try:
        backlog = redrive.read_backlog()
        statuses = list_statuses(redrive, backlog) if dry_run or as_json else {}
        if not as_json:
            print_backlog(backlog, statuses)
        result = None if dry_run else readmit_all(redrive, backlog.uploads, wait_seconds)
    finally:
        redrive.dead_letters.release()
    if as_json:
        print(as_json_text(backlog, statuses, result))
    elif result:
        print_result(result)
    return DONE if result is None or (result.is_complete and not backlog.locked) else NOT_ALL_DONE


def list_statuses(redrive: Redrive, backlog: Backlog) -> dict[str, Status | None]:
    """Returns the ledger's status of each key; None when the ledger does not know it."""
    uploads = {held.key: redrive.find_upload(held) for held in backlog.uploads}
    return {key: upload.status if upload else None for key, upload in uploads.items()}


def readmit_all(redrive: Redrive, uploads: Sequence[HeldUpload], wait_seconds: float) -> Result:
    """Readmits the uploads and waits for their verdicts."""
    readmitted, failed = [], {}
    with progress_bar("Readmitting uploads", len(uploads)) as bar:
        for held in uploads:
            if reason := redrive.readmit(held):
                failed[held.key] = reason
            else:
                readmitted.append(held)
            bar.advance()
    return Result(_await_verdicts(redrive, readmitted, wait_seconds), failed)


def _await_verdicts(redrive: Redrive, uploads: Iterable[HeldUpload], seconds: float) -> dict[str, int]:
    """Counts verdicts by status; UNFINISHED where time ran out."""
    waiting, counts = list(uploads), dict[str, int]()
    deadline = time.monotonic() + seconds
    with progress_bar("Verdicts", len(waiting)) as bar:
        while waiting and time.monotonic() < deadline:
            statuses = [(held, redrive.finish(held)) for held in waiting]
            for _, status in statuses:
                if status is not None:
                    counts[status] = counts.get(status, 0) + 1
                    bar.advance()
            waiting = [held for held, status in statuses if status is None]
            time.sleep(POLL_SECONDS if waiting else 0)
    return counts | ({UNFINISHED: len(waiting)} if waiting else {})


def print_backlog(backlog: Backlog, statuses: dict[str, Status | None]) -> None:
    print(f"{len(backlog.uploads)} uploads are held or in the dead-letter queue.")
    for key, status in statuses.items():
        print(f"  {key}  {status or 'unknown to the ledger'}")
    if backlog.foreign:
        print(f"{backlog.foreign} dead letters are no upload events; they stay in the queue.")
    if backlog.locked:
        print(describe_locked(backlog.locked))


def print_result(result: Result) -> None:
    for key, reason in result.failed.items():
        print(f"  {key} {reason}", file=sys.stderr)
    print(", ".join(f"{count} {status}" for status, count in sorted(result.verdicts.items())) or "Nothing to do.")


def as_json_text(backlog: Backlog, statuses: dict[str, Status | None], result: Result | None) -> str:
    uploads = [{"key": key, "status": status} for key, status in statuses.items()]
    content = {"uploads": uploads, "foreign": backlog.foreign, "locked": backlog.locked}
    if result:
        content |= {"verdicts": result.verdicts, "failed": result.failed}
    return json.dumps(content)
