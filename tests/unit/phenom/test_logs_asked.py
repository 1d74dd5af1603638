"""How `phenom.commands.logs` is asked, and what a person is told who asks for what cannot be, or may not see it."""

import os
import subprocess
import sys

import pytest
from botocore.exceptions import EndpointConnectionError

from phenom.aws.stacks import ROOT, UnreachableError
from phenom.commands import logs
from phenom.commands.logs import upload_id_in
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
def test_an_upload_may_be_named_by_whatever_is_at_hand(name):
    assert upload_id_in(name) == ID


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
def test_what_names_no_upload_is_refused_before_anything_is_asked(stack, told, name):
    with pytest.raises(SystemExit) as stopped:
        told.run("--", name)
    assert stopped.value.code == 2
    assert "names no upload: give its id" in told.err
    assert "\x1b" not in told.err
    assert stack.logs.queries == []


def test_whoever_may_not_read_the_ledger_or_the_logs_is_told_which_action_is_missing(stack, told):
    stack.dynamodb.broken = denied("GetItem")
    assert told.run(ID) == 2
    assert told.err == "Your credentials lack dynamodb:GetItem on table ledger.\n"
    stack.dynamodb.broken, stack.logs.broken = None, denied("FilterLogEvents")
    assert told.run(ID) == 2
    assert told.err == "Your credentials lack logs:FilterLogEvents on log group /aws/lambda/url-generator.\n"


def test_whoever_may_not_look_into_the_buckets_gets_the_rest_of_the_story(stack, told):
    stack.record(UPLOAD)
    stack.s3.code = "403"
    assert told.run(ID) == 0
    assert "unknown: Your credentials lack s3:GetObject and s3:ListBucket on bucket staging." in told.out


@pytest.mark.parametrize("part", ["dynamodb", "logs"])
def test_any_other_trouble_ends_with_its_name(stack, told, part):
    getattr(stack, part).broken = EndpointConnectionError(endpoint_url="https://x")
    assert told.run(ID) == 2
    assert "EndpointConnectionError" in told.err or "Could not connect" in told.err


def test_ctrl_c_ends_without_a_traceback(stack, told):
    stack.logs.broken = KeyboardInterrupt()
    assert told.run(ID) == 130
    assert told.err == "Interrupted.\n"


def test_environment_out_of_reach_ends_with_what_to_do(told, monkeypatch):
    def find(*_arguments: object) -> None:
        raise UnreachableError("Start it with `make run`.")

    monkeypatch.setattr(logs, "stack_of", find)
    assert told.run(ID) == 2
    assert told.err == "Start it with `make run`.\n"


@pytest.mark.parametrize("days", ["0", "-1", "99999", "soon"])
def test_days_that_make_no_sense_are_refused(stack, told, days):
    with pytest.raises(SystemExit) as stopped:
        told.run("--days", days, ID)
    assert stopped.value.code == 2
    assert "--days" in told.err


def test_help_names_the_permissions():
    answer = subprocess.run(
        [sys.executable, "-m", "phenom.commands.logs", "--help"],
        capture_output=True, text=True, check=True, env={"PYTHONPATH": "src:.", "COLUMNS": "200"},
    )  # fmt: skip
    for action in ("dynamodb:GetItem", "logs:FilterLogEvents", "s3:GetObject", "s3:ListBucket"):
        assert action in answer.stdout


@pytest.mark.parametrize("quoted", ["`touch {}`", '"; touch {}; "', "$(shell touch {})", "$$(touch {})", "$(touch {})"])
def test_nothing_that_is_pasted_becomes_a_command(tmp_path, quoted):
    """`make logs` gets what an operator was sent by a stranger."""
    trace = tmp_path / "trace"
    command = ["make", "logs", "ENV=local", f"UPLOAD={quoted.format(trace)}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "names no upload" in answer.stderr or "dollar sign" in answer.stderr
    assert not trace.exists()
