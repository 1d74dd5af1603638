"""Writes all users of a pool to Hasura's database: for those who have not signed in since users are written there.

Each user goes to the queue from which the user sync takes whom it could not write at once, so that a Hasura that is
down, slow or full is met with the same patience; a row that is newer stays as it is. Safe to repeat, and to interrupt
at any point: the next run goes on with the page where this one ended.
"""

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from tqdm import tqdm

from phenom.aws.stacks import ENVIRONMENTS, LIVE, LOCAL_STACK, ROOT, SignIn, UnreachableError, find_sign_in
from runtime.aws_errors import code_of
from user_sync.queue_message import encode_user
from user_sync.settings import DEFAULT_COLUMNS
from user_sync.users import MalformedUserError, User, user_from_attributes

PAGE = 60  # the most that Cognito gives
BATCH = 10  # the most that SQS takes
SEND_TRIES = 5
POLL_SECONDS = 1.0
DRY_POLLS = 3  # the queue's counts are approximate: it is empty when they say so several times in a row
PROGRESS = ROOT / ".cache" / "backfill"
# Whoever signs up with somebody's address is not yet anybody.
UNCONFIRMED = "UNCONFIRMED"


class BackfillError(Exception):
    """The run cannot go on. The message says why."""


@dataclass(slots=True)
class Progress:
    """How far a run has come: the page that comes next (None for the first), and what was done with those before."""

    user_pool_id: str
    page: str | None = None
    sent: int = 0
    skipped: int = 0

    @property
    def seen(self) -> int:
        return self.sent + self.skipped


class Bookmark:
    """Progress on disk, written at once or not at all, gone when all is done."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, user_pool_id: str) -> Progress:
        """Of another pool, or of no sense, it counts for nothing."""
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

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)


class Backfill:
    """One run over one environment."""

    def __init__(self, sign_in: SignIn, bookmark: Bookmark) -> None:
        self._pool = sign_in.user_pool_id
        self._queue = sign_in.queue_url
        self._letters = sign_in.dead_letter_queue_url
        self._cognito = sign_in.client("cognito-idp")
        self._sqs = sign_in.client("sqs")
        self._columns = _columns(sign_in)
        self._bookmark = bookmark

    def estimate(self) -> int:
        pool = self._cognito.describe_user_pool(UserPoolId=self._pool)["UserPool"]
        return int(pool.get("EstimatedNumberOfUsers", 0))

    def progress(self, *, anew: bool) -> Progress:
        return Progress(self._pool) if anew else self._bookmark.read(self._pool)

    def remember(self, progress: Progress) -> None:
        """What comes next; nothing any more when that was all."""
        if progress.page is None:
            self._bookmark.forget()
        else:
            self._bookmark.write(progress)

    def page(self, token: str | None) -> tuple[list[User | None], str | None]:
        """Users, None for one who is passed over; and the token of the page that follows, if one does."""
        asked_at = datetime.now(UTC)
        answer = self._list(token)
        return [self._user(each, asked_at) for each in answer["Users"]], answer.get("PaginationToken")

    def send(self, users: Sequence[User]) -> None:
        """Raises BackfillError when the queue does not take them."""
        for some in batched(users, BATCH, strict=False):
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
                raise BackfillError(f"The queue does not take users now: {failed[0].get('Message', 'no reason given')}")

    def waiting(self) -> int:
        """About how many users are yet to be written."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=names)["Attributes"]
        return sum(int(counts[name]) for name in names)

    def given_up(self) -> int:
        name = "ApproximateNumberOfMessages"
        return int(self._sqs.get_queue_attributes(QueueUrl=self._letters, AttributeNames=[name])["Attributes"][name])

    def _list(self, page: str | None) -> dict[str, Any]:
        more = {"PaginationToken": page} if page else {}
        try:
            answer: dict[str, Any] = self._cognito.list_users(UserPoolId=self._pool, Limit=PAGE, **more)
        except ClientError as error:
            if page and code_of(error) == "InvalidParameterException":
                self._bookmark.forget()
                raise BackfillError(
                    "The page where the last run ended is too old. Run it again: it begins anew."
                ) from error
            raise
        return answer

    def _user(self, listed: dict[str, Any], at: datetime) -> User | None:
        if listed["UserStatus"] == UNCONFIRMED:
            return None
        attributes = {each["Name"]: each.get("Value") for each in listed.get("Attributes", [])}
        try:
            return user_from_attributes(attributes, at, signed_in=False)
        except MalformedUserError:
            return None


def _columns(sign_in: SignIn) -> dict[str, str]:
    """As the function has it, so that attributes without a column stay where they are."""
    lambda_ = sign_in.client("lambda")
    function = lambda_.get_function_configuration(FunctionName=sign_in.user_sync_function, Qualifier=LIVE)
    text = function["Environment"]["Variables"].get("COLUMNS_BY_ATTRIBUTE")
    return dict(json.loads(text or "{}") or DEFAULT_COLUMNS)


def run(backfill: Backfill, *, dry_run: bool, restart: bool, rate: float, wait_seconds: float) -> int:
    """Exit status: 0 when all users are written, 1 otherwise."""
    progress = backfill.progress(anew=dry_run or restart)
    letters = backfill.given_up()
    if progress.seen:
        print(f"Going on after {progress.seen} users. (--restart begins anew.)")
    _send_all(backfill, progress, dry_run=dry_run, rate=rate)
    skipped = f"; {progress.skipped} skipped, who never confirmed their address" if progress.skipped else ""
    if dry_run:
        print(f"{progress.sent} users would be sent{skipped}.")
        return 0
    print(f"{progress.sent} users sent{skipped}.")
    left = _follow(backfill, wait_seconds)
    lost = backfill.given_up() - letters
    if left:
        print(f'{left} still wait for Hasura, and are written when it is there: docs/operations.md, "Hasura is down".')
    if lost > 0:
        print(f'{lost} could not be written, each with its reason: docs/operations.md, "Users that were given up".')
    return 1 if left or lost > 0 else 0


def _send_all(backfill: Backfill, progress: Progress, *, dry_run: bool, rate: float) -> None:
    started, before = time.monotonic(), progress.seen
    total = max(backfill.estimate(), before)
    with tqdm(total=total, initial=before, unit="user", desc="Listed" if dry_run else "Sent", file=sys.stderr) as bar:
        while True:
            page, following = backfill.page(progress.page)
            users = [user for user in page if user is not None]
            if not dry_run:
                backfill.send(users)
            progress.page = following
            progress.sent += len(users)
            progress.skipped += len(page) - len(users)
            bar.update(len(page))
            if not dry_run:
                backfill.remember(progress)
            if following is None:
                return
            if not dry_run:
                time.sleep(max(0, (progress.seen - before) / rate - (time.monotonic() - started)))


def _follow(backfill: Backfill, seconds: float) -> int:
    """Waits until the queue is empty, with a progress bar; how many are left where time ran out."""
    deadline = time.monotonic() + seconds
    most = left = backfill.waiting()
    dry = 0
    with tqdm(total=most, unit="user", desc="Written", file=sys.stderr) as bar:
        while (left or dry < DRY_POLLS) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            left = backfill.waiting()
            dry = 0 if left else dry + 1
            bar.total = most = max(most, left)
            bar.update(most - left - bar.n)
    return left


def main() -> int:
    arguments = _parser().parse_args()
    bookmark = Bookmark(arguments.progress or PROGRESS / f"{arguments.env}.json")
    try:
        backfill = Backfill(find_sign_in(arguments.env, arguments.stack), bookmark)
        return run(
            backfill,
            dry_run=arguments.dry_run,
            restart=arguments.restart,
            rate=arguments.rate,
            wait_seconds=arguments.wait,
        )
    except (UnreachableError, BackfillError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            print("\nInterrupted. Nothing is lost; run it again to go on.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="phenom.commands.backfill_users", description=__doc__.partition("\n")[0])
    parser.add_argument("--env", choices=ENVIRONMENTS, required=True, help="the environment")
    parser.add_argument("--dry-run", action="store_true", help="only list and count")
    parser.add_argument("--restart", action="store_true", help="from the first user, not where the last run ended")
    parser.add_argument("--rate", type=_positive, default=50, metavar="N", help="users a second (default: %(default)s)")
    parser.add_argument(
        "--wait", type=float, default=600, metavar="SECONDS", help="until all are written (default: %(default)s)"
    )
    parser.add_argument("--progress", type=Path, help=f"file with the progress ({PROGRESS.relative_to(ROOT)}/ENV.json)")
    parser.add_argument("--stack", type=Path, default=LOCAL_STACK, help="stack.json of another local cloud")
    return parser


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("must be more than 0")
    return number


if __name__ == "__main__":
    sys.exit(main())
