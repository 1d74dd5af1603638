"""Writes all users of a pool to Hasura's database, for users who have not signed in since rows are written.

Each user goes into the retry queue of user_sync, so that a Hasura that is down or slow is met with the same retries; a
newer row is kept. Safe to repeat and to interrupt: the next run continues with the page where this one ended.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from phenom.aws.stacks import LIVE, DeployedStack
from phenom.errors import DONE, NOT_ALL_DONE, CommandError
from phenom.functions import ROOT
from phenom.terminal import progress_bar
from runtime.aws_errors import code_of
from user_sync.queue_message import encode_user
from user_sync.settings import DEFAULT_COLUMNS
from user_sync.users import MalformedUserError, User, user_from_attributes

PAGE_USERS = 60  # Cognito's maximum
BATCH_MESSAGES = 10  # SQS's maximum
SEND_TRIES = 5
POLL_SECONDS = 1.0
EMPTY_POLLS = 3  # SQS's counts are approximate: the queue is empty when it says so several times in a row
PROGRESS_DIRECTORY = ROOT / ".cache" / "backfill"
UNCONFIRMED = "UNCONFIRMED"
"""Cognito's status of a user whose e-mail address is not confirmed: it may belong to another person."""


class BackfillError(CommandError):
    """The run cannot continue."""


@dataclass(slots=True)
class Progress:
    """How far a run has come. `page` is the token of the next page, None for the first; counts are of earlier pages."""

    user_pool_id: str
    page: str | None = None
    sent: int = 0
    skipped: int = 0

    @property
    def seen(self) -> int:
        return self.sent + self.skipped


class ProgressFile:
    """Progress on disk; written atomically and deleted when the run is complete."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, user_pool_id: str) -> Progress:
        """Returns new progress when the file is missing, malformed, or of another pool."""
        try:
            known = Progress(**json.loads(self._path.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return Progress(user_pool_id)
        return known if known.user_pool_id == user_pool_id else Progress(user_pool_id)

    def write(self, progress: Progress) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".tmp")
        draft.write_text(json.dumps(asdict(progress)))
        draft.replace(self._path)

    def delete(self) -> None:
        self._path.unlink(missing_ok=True)


class Backfill:
    """One run over one environment."""

    def __init__(self, stack: DeployedStack, file: ProgressFile) -> None:
        self._pool = stack.output("UserPoolId")
        self._queue = stack.output("UserSyncQueueUrl")
        self._dead_letters = stack.output("UserSyncDeadLetterQueueUrl")
        self._cognito = stack.client("cognito-idp")
        self._sqs = stack.client("sqs")
        self._columns = _read_columns(stack)
        self._file = file

    def estimate_users(self) -> int:
        pool = self._cognito.describe_user_pool(UserPoolId=self._pool)["UserPool"]
        return int(pool.get("EstimatedNumberOfUsers", 0))

    def load_progress(self, *, restart: bool) -> Progress:
        return Progress(self._pool) if restart else self._file.read(self._pool)

    def save_progress(self, progress: Progress) -> None:
        """Deletes the file after the last page."""
        if progress.page is None:
            self._file.delete()
        else:
            self._file.write(progress)

    def read_page(self, token: str | None) -> tuple[list[User | None], str | None]:
        """Returns the users, None for each that is skipped, and the token of the next page, None after the last."""
        asked_at = datetime.now(UTC)
        answer = self._list(token)
        return [_parse_user(each, asked_at) for each in answer["Users"]], answer.get("PaginationToken")

    def send(self, users: Sequence[User]) -> None:
        """Raises BackfillError when the queue keeps refusing."""
        for some in batched(users, BATCH_MESSAGES, strict=False):
            entries = [
                {"Id": str(number), "MessageBody": encode_user(user, self._columns)} for number, user in enumerate(some)
            ]
            for attempt in range(SEND_TRIES):
                failed = self._sqs.send_message_batch(QueueUrl=self._queue, Entries=entries).get("Failed", [])
                if not failed:
                    break
                entries = [entry for entry in entries if entry["Id"] in {each["Id"] for each in failed}]
                time.sleep(min(0.5 * 2**attempt, 5))
            else:
                raise BackfillError(f"The queue refuses users: {failed[0].get('Message', 'no reason given')}")

    def count_waiting(self) -> int:
        """Returns about how many users are in the queue."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=names)["Attributes"]
        return sum(int(counts[name]) for name in names)

    def count_dead_letters(self) -> int:
        name = "ApproximateNumberOfMessages"
        answer = self._sqs.get_queue_attributes(QueueUrl=self._dead_letters, AttributeNames=[name])
        return int(answer["Attributes"][name])

    def _list(self, page: str | None) -> dict[str, Any]:
        more = {"PaginationToken": page} if page else {}
        try:
            answer: dict[str, Any] = self._cognito.list_users(UserPoolId=self._pool, Limit=PAGE_USERS, **more)
        except ClientError as error:
            if page and code_of(error) == "InvalidParameterException":
                self._file.delete()
                raise BackfillError(
                    "Cognito no longer accepts the page where the last run ended. Run it again: it starts over."
                ) from error
            raise
        return answer


def run(backfill: Backfill, *, dry_run: bool, restart: bool, rate: float, wait_seconds: float) -> int:
    """Returns the exit code: 0 when all users are written."""
    progress = backfill.load_progress(restart=dry_run or restart)
    dead_letters = backfill.count_dead_letters()
    if progress.seen:
        print(f"Continuing after {progress.seen} users (--restart starts over).")
    _send_all(backfill, progress, dry_run=dry_run, rate=rate)
    skipped = f"; {progress.skipped} skipped, whose address is not confirmed" if progress.skipped else ""
    if dry_run:
        print(f"{progress.sent} users would be sent{skipped}.")
        return DONE
    print(f"{progress.sent} users sent{skipped}.")
    left = _await_empty_queue(backfill, wait_seconds)
    lost = backfill.count_dead_letters() - dead_letters
    print_unwritten(left, lost)
    return NOT_ALL_DONE if left or lost > 0 else DONE


def print_unwritten(left: int, lost: int) -> None:
    if left:
        print(f"{left} still wait for Hasura and are written when it answers.")
    if lost > 0:
        print(f"{lost} could not be written: `phenom redrive-users` lists the reasons.")


def _send_all(backfill: Backfill, progress: Progress, *, dry_run: bool, rate: float) -> None:
    started, before = time.monotonic(), progress.seen
    total = max(backfill.estimate_users(), before)
    with progress_bar("Listing users" if dry_run else "Sending users", total, done=before) as bar:
        while True:
            page, following = backfill.read_page(progress.page)
            users = [user for user in page if user is not None]
            if not dry_run:
                backfill.send(users)
            progress.page = following
            progress.sent += len(users)
            progress.skipped += len(page) - len(users)
            bar.advance(len(page))
            if not dry_run:
                backfill.save_progress(progress)
            if following is None:
                return
            if not dry_run:
                time.sleep(max(0, (progress.seen - before) / rate - (time.monotonic() - started)))


def _await_empty_queue(backfill: Backfill, seconds: float) -> int:
    """Returns how many users are left when time runs out."""
    deadline = time.monotonic() + seconds
    most = left = backfill.count_waiting()
    empty = 0
    with progress_bar("Writing users", most) as bar:
        while (left or empty < EMPTY_POLLS) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            left = backfill.count_waiting()
            empty = 0 if left else empty + 1
            most = max(most, left)
            bar.update(done=most - left, total=most)
    return left


def _parse_user(listed: dict[str, Any], at: datetime) -> User | None:
    if listed["UserStatus"] == UNCONFIRMED:
        return None
    attributes = {each["Name"]: each.get("Value") for each in listed.get("Attributes", [])}
    try:
        return user_from_attributes(attributes, at, signed_in=False)
    except MalformedUserError:
        return None


def _read_columns(stack: DeployedStack) -> dict[str, str]:
    """Returns the deployed function's setting, so that attributes without a column are not sent."""
    name = stack.output("UserSyncFunctionName")
    function = stack.client("lambda").get_function_configuration(FunctionName=name, Qualifier=LIVE)
    text = function["Environment"]["Variables"].get("COLUMNS_BY_ATTRIBUTE")
    return dict(json.loads(text or "{}") or DEFAULT_COLUMNS)
