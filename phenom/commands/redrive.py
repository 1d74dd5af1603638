"""Brings uploads that were given up back through the pipeline. Safe to repeat, and to interrupt at any point.

What is held is found from both ends, the objects under held/ and the messages in the dead-letter queue, because either
may outlive the other. Nothing is copied: an upload that is readmitted is judged where it lies aside, so that what was
sent to its URL since cannot come in between. An object leaves held/ only when its upload has a verdict.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from tqdm import tqdm

from phenom.aws.dead_letter_queue import HIDDEN_SECONDS, DeadLetters
from phenom.aws.stacks import ENVIRONMENTS, LOCAL_STACK, Deployment, UnreachableError, find
from runtime.aws_errors import code_of
from uploads.errors import LedgerError
from uploads.ledger import Ledger
from uploads.record import DECIDED, HELD_PREFIX, STAGING_PREFIX, Status, Upload, upload_id_from_key
from validator.s3_events import MalformedMessageError, created_keys

POLL_SECONDS = 1.0


@dataclass(slots=True)
class Letter:
    """A dead letter, and which of its keys have not been dealt with."""

    id: str
    keys: set[str]


@dataclass(slots=True)
class Case:
    """One upload that was given up: its staging key, and the dead letters that speak of it."""

    key: str
    letters: list[Letter] = field(default_factory=list)

    @property
    def held_key(self) -> str:
        return HELD_PREFIX + self.key.removeprefix(STAGING_PREFIX)


class Redrive:
    """One run over one environment."""

    def __init__(self, deployment: Deployment) -> None:
        self._bucket = deployment.staging_bucket
        self._queue = deployment.queue_url
        self._s3 = deployment.client("s3")
        self._sqs = deployment.client("sqs")
        self.letters = DeadLetters(self._sqs, deployment.dead_letter_queue_url)
        self._ledger = Ledger(deployment.client("dynamodb"), deployment.uploads_table)

    def cases(self) -> tuple[list[Case], int]:
        """All that was given up, and how many dead letters are no events of ours and are left where they are."""
        cases = {key: Case(key) for key in self._held()}
        foreign = 0
        for message in self.letters.take():
            try:
                keys = created_keys(message["Body"], self._bucket)
            except MalformedMessageError:
                foreign += 1
                continue
            letter = Letter(message["MessageId"], set(keys))
            for key in letter.keys:
                cases.setdefault(key, Case(key)).letters.append(letter)
        return [cases[key] for key in sorted(cases)], foreign

    def readmit(self, case: Case) -> str | None:
        """Sends one upload into the pipeline again; where that cannot be, returns why and leaves all as it is."""
        upload = self.find(case)
        if upload is None:
            return "is unknown to the ledger"
        if not self._deliver(case, upload):
            return "has no object any more"
        for letter in case.letters:
            letter.keys.discard(case.key)
            if not letter.keys:  # until then it may be all that speaks of another upload
                self.letters.delete(letter.id)
        return None

    def finish(self, case: Case) -> Status | None:
        """The upload's verdict, or that it is held again; None while there is neither. Cleans up after a verdict."""
        upload = self.find(case)
        if upload is None or upload.status not in DECIDED | {Status.HELD}:
            return None
        if upload.status in DECIDED:
            self._s3.delete_object(Bucket=self._bucket, Key=case.held_key)
        return upload.status

    def find(self, case: Case) -> Upload | None:
        upload_id = upload_id_from_key(case.key)
        upload = self._ledger.find(upload_id) if upload_id else None
        return upload if upload is not None and upload.staging_key == case.key else None

    def _deliver(self, case: Case, upload: Upload) -> bool:
        """What is staged is looked for first: who puts it aside meanwhile copies before they delete."""
        staged = self._etag(case.key)
        held = self._etag(case.held_key)
        if upload.status in DECIDED:
            if staged is not None:  # the pipeline could not remove it
                self._announce(case.key)
            return True
        if held is not None:
            self._ledger.readmit(upload.upload_id, held)
        elif staged is None or upload.status is Status.HELD:
            now = self.find(case)
            return now is not None and now.status in DECIDED
        self._announce(case.key)
        return True

    def _announce(self, key: str) -> None:
        record = {"s3": {"bucket": {"name": self._bucket}, "object": {"key": key}}}
        body = json.dumps({"Records": [record | {"eventName": "ObjectCreated:Redrive"}]})
        self._sqs.send_message(QueueUrl=self._queue, MessageBody=body)

    def _etag(self, key: str) -> str | None:
        try:
            return str(self._s3.head_object(Bucket=self._bucket, Key=key)["ETag"])
        except ClientError as error:
            if code_of(error) in {"404", "NoSuchKey"}:
                return None
            raise

    def _held(self) -> Iterator[str]:
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=HELD_PREFIX):
            for each in page.get("Contents", []):
                yield STAGING_PREFIX + each["Key"].removeprefix(HELD_PREFIX)


def follow(redrive: Redrive, cases: Iterable[Case], seconds: float) -> dict[str, int]:
    """Waits for the verdicts, with a progress bar; counts them by status, `waiting` where time ran out."""
    waiting, counts = list(cases), dict[str, int]()
    deadline = time.monotonic() + seconds
    with tqdm(total=len(waiting), unit="upload", desc="Verdicts", file=sys.stderr) as bar:
        while waiting and time.monotonic() < deadline:
            statuses = [(case, redrive.finish(case)) for case in waiting]
            for _, status in statuses:
                if status is not None:
                    counts[status] = counts.get(status, 0) + 1
                    bar.update()
            waiting = [case for case, status in statuses if status is None]
            time.sleep(POLL_SECONDS if waiting else 0)
    return counts | ({"waiting": len(waiting)} if waiting else {})


def run(redrive: Redrive, *, dry_run: bool, wait_seconds: float) -> int:
    """Exit status: 0 when nothing is left held, 1 otherwise."""
    try:
        return _run(redrive, dry_run=dry_run, wait_seconds=wait_seconds)
    finally:
        redrive.letters.let_go()


def _run(redrive: Redrive, *, dry_run: bool, wait_seconds: float) -> int:
    cases, foreign = redrive.cases()
    hidden = redrive.letters.hidden_elsewhere()
    print(f"{len(cases)} uploads were given up.")
    if foreign:
        print(f"{foreign} dead letters are no upload events; look at them in the console. They stay where they are.")
    if hidden:
        minutes = HIDDEN_SECONDS // 60
        print(f"{hidden} more are in the hands of another run; if there is none, try again in {minutes} minutes.")
    if dry_run:
        for case in cases:
            upload = redrive.find(case)
            print(f"  {case.key}  {upload.status if upload else 'unknown to the ledger'}")
        return 0
    readmitted, left = [], 0
    for case in tqdm(cases, unit="upload", desc="Readmitted", file=sys.stderr):
        if trouble := redrive.readmit(case):
            left += 1
            tqdm.write(f"  {case.key} {trouble}", file=sys.stderr)
        else:
            readmitted.append(case)
    counts = follow(redrive, readmitted, wait_seconds)
    print(", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "Nothing to do.")
    return 1 if left or hidden or counts.keys() & {Status.HELD, "waiting"} else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="phenom.commands.redrive", description=__doc__.partition("\n")[0])
    parser.add_argument("--env", choices=ENVIRONMENTS, required=True, help="the environment")
    parser.add_argument("--dry-run", action="store_true", help="only list what was given up")
    parser.add_argument(
        "--wait", type=float, default=300, metavar="SECONDS", help="for verdicts (default: %(default)s)"
    )
    parser.add_argument("--stack", type=Path, default=LOCAL_STACK, help="stack.json of another local cloud")
    arguments = parser.parse_args()
    try:
        redrive = Redrive(find(arguments.env, arguments.stack))
        return run(redrive, dry_run=arguments.dry_run, wait_seconds=arguments.wait)
    except (UnreachableError, LedgerError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted. Nothing is lost; run it again to go on.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
