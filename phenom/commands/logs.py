"""Tells the whole story of one upload: its record, where its objects lie, and what the functions logged about it.

It changes nothing. It needs cloudformation:DescribeStacks, dynamodb:GetItem on the table of uploads,
logs:FilterLogEvents on the log groups of the URL generator and the validator, and, to say where the objects are,
s3:GetObject and s3:ListBucket on the staging and the final bucket.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from phenom.aws.log_search import Line, LogSearch
from phenom.aws.permissions import NotAllowedError, needing
from phenom.aws.stacks import ENVIRONMENTS, LOCAL_STACK, DeployedStack, UnreachableError, stack_of
from phenom.commands.upload_report import Place, summary, table
from runtime.aws_errors import code_of
from uploads.errors import LedgerError
from uploads.ledger import Ledger
from uploads.record import HELD_PREFIX, STAGING_PREFIX, Upload

DAYS = 40  # a record goes after 30
_MARGIN = timedelta(minutes=5)
_LONGEST_NAME = 4096
_ID_IN_NAME = re.compile(r"(?:^|/)([0-9a-f]{32})(?=$|[./?#])")
_FUNCTIONS = {"presign": "PresignFunctionName", "validator": "ValidatorFunctionName"}


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of an upload. `upload` is None where the ledger does not know it, or not any more."""

    upload_id: str
    upload: Upload | None
    places: Sequence[Place]
    lines: Sequence[Line]
    missing_groups: Sequence[str]

    @property
    def empty(self) -> bool:
        return self.upload is None and not self.lines


def upload_id_in(name: str) -> str:
    """The upload that an id, a key (staging, held or final) or a URL names. Raises ValueError."""
    found = set(_ID_IN_NAME.findall(name.strip())) if len(name) <= _LONGEST_NAME else set()
    if len(found) != 1:
        raise ValueError(
            f"{name[:80]!r} names no upload: give its id (32 hexadecimal digits), a key such as uploads/<id>.jpg or "
            "images/2026/11/28/<id>.jpg, or the URL of its status"
        )
    return str(found.pop())


def tell(stack: DeployedStack, upload_id: str, days: int = DAYS) -> Story:
    """Searches the logs from when the upload was issued, or `days` back where no record says when.

    Raises UnreachableError, NotAllowedError, and what botocore raises.
    """
    table_name = stack.output("UploadsTableName")
    with needing("dynamodb:GetItem", f"table {table_name}"):
        upload = Ledger(stack.client("dynamodb"), table_name).find(upload_id)
    now = datetime.now(UTC)
    since = upload.created_at - _MARGIN if upload else now - timedelta(days=days)
    groups = {who: f"/aws/lambda/{stack.output(output)}" for who, output in _FUNCTIONS.items()}
    search = LogSearch(stack.client("logs"), groups)
    lines = search.about(upload_id, since, now + _MARGIN)
    return Story(upload_id, upload, list(_places(stack, upload, lines)), lines, search.missing)


def _places(stack: DeployedStack, upload: Upload | None, lines: Sequence[Line]) -> Iterator[Place]:
    """Without a record, the key that the validator logged says the object's name; the final key has a date in it."""
    logged = next((str(line.content["key"]) for line in lines if line.content.get("key")), None)
    staging_key = upload.staging_key if upload else logged
    if staging_key is None:
        return
    s3, staging = stack.client("s3"), stack.output("VideoStagingBucket")
    yield _look(s3, Place("staging", staging, staging_key))
    yield _look(s3, Place("held", staging, HELD_PREFIX + staging_key.removeprefix(STAGING_PREFIX)))
    if upload:
        yield _look(s3, Place("final", stack.output("VideoFinalBucket"), upload.promotion_key))


def _look(s3: Any, place: Place) -> Place:
    try:
        with needing("s3:GetObject and s3:ListBucket", f"bucket {place.bucket}"):
            there = s3.head_object(Bucket=place.bucket, Key=place.key)
    except NotAllowedError as error:
        return Place(place.name, place.bucket, place.key, trouble=str(error))
    except ClientError as error:
        if code_of(error) in {"404", "NoSuchKey"}:
            return place
        raise
    return Place(place.name, place.bucket, place.key, there["ContentLength"], there["LastModified"].astimezone(UTC))


def as_json(story: Story) -> str:
    """One JSON object, with the lines as they were logged."""
    lines = [
        {"time": line.at, "who": line.who, "stream": line.stream, "line": line.content or line.text}
        for line in story.lines
    ]
    places = [asdict(place) for place in story.places]
    record = asdict(story.upload) if story.upload else None
    told = {"uploadId": story.upload_id, "record": record, "objects": places, "lines": lines}
    return json.dumps(told, indent=2, default=lambda moment: moment.isoformat(), ensure_ascii=True)


def run(stack: DeployedStack, upload_id: str, days: int, *, raw: bool) -> int:
    """Exit status: 0 with a story, 1 where nobody knows the upload."""
    story = tell(stack, upload_id, days)
    for group in story.missing_groups:
        print(f"There is no log group {group}.", file=sys.stderr)
    if story.empty:
        print(_nobody_knows(upload_id, days), file=sys.stderr)
        return 1
    if raw:
        print(as_json(story))
        return 0
    print(summary(story.upload_id, story.upload, story.places))
    print("\n" + (table(story.lines) if story.lines else "The logs say nothing of it: they may be gone."))
    return 0


def _nobody_knows(upload_id: str, days: int) -> str:
    return (
        f"Nobody knows upload {upload_id}: neither the ledger nor the logs of the last {days} days.\n"
        "Is it of another environment? Logs may go back further: DAYS=…"
    )


def _parser() -> argparse.ArgumentParser:
    about, _, needs = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="phenom.commands.logs", description=about, epilog=needs)
    parser.add_argument("--env", choices=ENVIRONMENTS, required=True, help="the environment")
    parser.add_argument("--json", action="store_true", help="one JSON object, with the lines as they were logged")
    parser.add_argument(
        "--days",
        type=int,
        default=DAYS,
        help="how far back to search for an upload without a record (default: %(default)s)",
    )
    parser.add_argument("--stack", type=Path, default=LOCAL_STACK, help="stack.json of another local cloud")
    parser.add_argument("upload", help="the upload's id, one of its keys, or the URL of its status")
    return parser


def main() -> int:
    parser = _parser()
    arguments = parser.parse_args()
    try:
        upload_id = upload_id_in(arguments.upload)
    except ValueError as error:
        parser.error(str(error))
    if not 1 <= arguments.days <= 3650:  # as long as logs can be kept
        parser.error("--days must be from 1 to 3650")
    try:
        return run(stack_of(arguments.env, arguments.stack), upload_id, arguments.days, raw=arguments.json)
    except (UnreachableError, NotAllowedError, LedgerError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
