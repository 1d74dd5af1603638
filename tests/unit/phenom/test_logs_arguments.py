"""`phenom logs`: how an upload may be named, and errors."""

import pytest
from botocore.exceptions import EndpointConnectionError

from phenom.commands.logs import parse_upload_id
from tests.unit.phenom.conftest import Phenom
from tests.unit.phenom.fake_deployment import denied
from tests.unit.phenom.test_logs import ID, OTHER, UPLOAD


@pytest.mark.parametrize(
    "name",
    [
        ID,
        f"  {ID}\n",
        f"uploads/{ID}.png",
        f"held/{ID}.png",
        f"images/2026/11/28/{ID}.png",
        f"s3://phenom-dev-final-123456789012/videos/2026/11/28/{ID}.mp4",
        f"/upload/{ID}",
        f"https://abc.execute-api.us-east-1.amazonaws.com/v1/upload/{ID}",
        f"https://abc.execute-api.us-east-1.amazonaws.com/v1/upload/{ID}/parts?x=1#y",
        f"https://bucket.s3.us-east-1.amazonaws.com/uploads/{ID}.png?X-Amz-Signature={'a' * 64}",
    ],
)
def test_upload_may_be_named_by_id_key_or_url(name):
    assert parse_upload_id(name) == ID


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            "x",
            ID[:-1],
            ID + "0",
            ID.upper(),
            f"x{ID}",
            f'{ID}" || "',
            f"{ID} {OTHER}",
            f"uploads/{ID}/{OTHER}.png",
        ),
        *("{ $.upload_id = * }", "a/" * 5000 + ID, f"{ID}\x1b[2J", f"https://x/upload/{ID}%22"),
    ],
)
def test_name_of_no_upload_is_refused_before_any_search(stack, report, name):
    assert report.run("--", name) == 2
    assert "names no upload: give its id" in report.err
    assert "\x1b" not in report.err
    assert stack.logs.queries == []


def test_missing_permission_on_ledger_or_logs_is_named(stack, report):
    stack.dynamodb.broken = denied("GetItem")
    assert report.run(ID) == 2
    assert report.err == "Your credentials lack dynamodb:GetItem on table ledger.\n"
    stack.dynamodb.broken, stack.logs.broken = None, denied("FilterLogEvents")
    assert report.run(ID) == 2
    assert report.err == "Your credentials lack logs:FilterLogEvents on log group /aws/lambda/url-generator.\n"


def test_missing_permission_on_buckets_still_shows_the_rest(stack, report):
    stack.record(UPLOAD)
    stack.s3.code = "403"
    assert report.run(ID) == 0
    assert "unknown: Your credentials lack s3:GetObject and s3:ListBucket on bucket staging." in report.out


@pytest.mark.parametrize("part", ["dynamodb", "logs"])
def test_unreachable_service_ends_the_command(stack, report, part):
    getattr(stack, part).broken = EndpointConnectionError(endpoint_url="https://x")
    assert report.run(ID) == 2
    assert "Could not connect" in report.err


def test_ctrl_c_ends_without_a_traceback(stack, report):
    stack.logs.broken = KeyboardInterrupt()
    assert report.run(ID) == 130
    assert report.err == "Interrupted.\n"


@pytest.mark.parametrize("days", ["0", "-1", "99999", "soon"])
def test_invalid_number_of_days_is_refused(stack, report, days):
    assert report.run("--days", days, ID) == 2
    assert "--days" in report.err


def test_help_names_the_permissions(phenom: Phenom):
    printed = phenom("logs", "--help").out
    for action in ("dynamodb:GetItem", "logs:FilterLogEvents", "s3:GetObject", "s3:ListBucket"):
        assert action in printed
