"""Shows one upload: its ledger record, its objects, and what the functions logged about it.

Changes nothing. Needs cloudformation:DescribeStacks, dynamodb:GetItem on the ledger's table, logs:FilterLogEvents on
the log groups of presign and validator, and, to find the objects, s3:GetObject and s3:ListBucket on the staging and the
final bucket.
"""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from phenom.aws.log_search import Line, LogSearch
from phenom.aws.permissions import NotAllowedError, needing
from phenom.aws.stacks import DeployedStack
from phenom.errors import DONE, NOT_ALL_DONE
from phenom.upload_report import Location, print_report
from runtime.aws_errors import code_of
from uploads.ledger import DynamoDbLedger
from uploads.record import HELD_PREFIX, STAGING_PREFIX, Upload

_MARGIN = timedelta(minutes=5)
_LONGEST_NAME = 4096
_ID_IN_NAME = re.compile(r"(?:^|/)([0-9a-f]{32})(?=$|[./?#])")
_FUNCTIONS = {"presign": "PresignFunctionName", "validator": "ValidatorFunctionName"}


@dataclass(frozen=True, slots=True)
class Story:
    """All facts about an upload. `upload` is None when the ledger has no record, or no longer has it."""

    upload_id: str
    upload: Upload | None
    locations: Sequence[Location]
    lines: Sequence[Line]
    missing_groups: Sequence[str]

    @property
    def is_empty(self) -> bool:
        return self.upload is None and not self.lines


def parse_upload_id(name: str) -> str:
    """Returns the id in an id, a key (staging, held or final) or a URL. Raises ValueError."""
    found = set(_ID_IN_NAME.findall(name.strip())) if len(name) <= _LONGEST_NAME else set()
    if len(found) != 1:
        raise ValueError(
            f"{name[:80]!r} names no upload: give its id (32 hexadecimal digits), a key such as uploads/<id>.jpg or "
            "images/2026/11/28/<id>.jpg, or its status URL"
        )
    return str(found.pop())


def collect(stack: DeployedStack, upload_id: str, days: int) -> Story:
    """Searches the logs since the upload was issued, or `days` back when there is no record.

    Raises UnreachableError, NotAllowedError, LedgerError, and botocore's errors.
    """
    table_name = stack.output("UploadsTableName")
    with needing("dynamodb:GetItem", f"table {table_name}"):
        upload = DynamoDbLedger(stack.client("dynamodb"), table_name).find(upload_id)
    now = datetime.now(UTC)
    since = upload.created_at - _MARGIN if upload else now - timedelta(days=days)
    groups = {function: f"/aws/lambda/{stack.output(output)}" for function, output in _FUNCTIONS.items()}
    search = LogSearch(stack.client("logs"), groups)
    lines = search.find_lines(upload_id, since, now + _MARGIN)
    return Story(upload_id, upload, list(_find_objects(stack, upload, lines)), lines, search.missing)


def run(stack: DeployedStack, upload_id: str, days: int, *, as_json: bool) -> int:
    """Returns the exit code: 1 when neither ledger nor logs know the upload."""
    story = collect(stack, upload_id, days)
    for group in story.missing_groups:
        print(f"There is no log group {group}.", file=sys.stderr)
    if story.is_empty:
        print(
            f"Upload {upload_id} not found in the ledger or in {days} days of logs.\n"
            "Is it in another environment? Older logs: --days",
            file=sys.stderr,
        )
        return NOT_ALL_DONE
    if as_json:
        print(as_json_text(story))
    else:
        print_report(story.upload_id, story.upload, story.locations, story.lines)
    return DONE


def as_json_text(story: Story) -> str:
    """Returns one JSON object, with the lines as they were logged."""
    lines = [
        {"time": line.at, "who": line.function, "stream": line.stream, "line": line.content or line.text}
        for line in story.lines
    ]
    objects = [asdict(each) for each in story.locations]
    record = asdict(story.upload) if story.upload else None
    content = {"uploadId": story.upload_id, "record": record, "objects": objects, "lines": lines}
    return json.dumps(content, indent=2, default=lambda moment: moment.isoformat(), ensure_ascii=True)


def _find_objects(stack: DeployedStack, upload: Upload | None, lines: Sequence[Line]) -> Iterator[Location]:
    """Without a record the key comes from the validator's log, and the final key, which has a date, is unknown."""
    logged = next((str(line.content["key"]) for line in lines if line.content.get("key")), None)
    staging_key = upload.staging_key if upload else logged
    if staging_key is None:
        return
    s3, staging = stack.client("s3"), stack.output("VideoStagingBucket")
    yield _find_object(s3, Location("staging", staging, staging_key))
    yield _find_object(s3, Location("held", staging, HELD_PREFIX + staging_key.removeprefix(STAGING_PREFIX)))
    if upload:
        yield _find_object(s3, Location("final", stack.output("VideoFinalBucket"), upload.promotion_key))


def _find_object(s3: Any, location: Location) -> Location:
    name, bucket, key = location.name, location.bucket, location.key
    try:
        with needing("s3:GetObject and s3:ListBucket", f"bucket {bucket}"):
            found = s3.head_object(Bucket=bucket, Key=key)
    except NotAllowedError as error:
        return Location(name, bucket, key, trouble=str(error))
    except ClientError as error:
        if code_of(error) in {"404", "NoSuchKey"}:
            return location
        raise
    if not found["ContentLength"]:  # it only seals a used URL
        return location
    return Location(name, bucket, key, found["ContentLength"], found["LastModified"].astimezone(UTC))
