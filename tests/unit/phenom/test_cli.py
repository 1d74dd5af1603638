"""The command line as a whole: help, errors and exit codes of every command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ProfileNotFound
from typer.main import get_command

from phenom.cli import _INTERRUPTED, app
from phenom.errors import CommandRefusedError, IncompleteError
from tests.unit.phenom.conftest import Phenom
from uploads.errors import LedgerError

COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]
ON_A_STACK = {
    "logs": ["0123456789abcdef" * 2],
    "redrive": [],
    "redrive-users": [],
    "backfill-users": [],
    "announce": ["--since", "2026-11-28"],
    "rollback": [],
    "prune-versions": [],
    "deploy-client": [],
    "outputs": [],
}
ON_AN_ENVIRONMENT = {**ON_A_STACK, "adopt": [], "hasura-jwt": []}


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "…"}}, "DescribeStacks")


def test_commands_are_exactly_the_documented_ones():
    others = [
        "upload",
        "sign-in",
        "inspect",
        "event",
        "invoke",
        "start-api",
        "push-images",
        "preflight",
        "quarantine",
        "release",
        "origin-certificate",
        "probe-origin",
    ]
    assert sorted([*ON_AN_ENVIRONMENT, *others]) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_help_describes_the_command(phenom: Phenom, command: str):
    ran = phenom(command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert f"Usage: phenom {command}" in ran.out


def test_help_names_commands_and_exit_codes(phenom: Phenom):
    ran = phenom("--help")
    assert ran.code == 0
    for text in (*COMMANDS, "0 done", "1 not all done", "2 command refused or wrong usage", "130"):
        assert text in ran.out
    assert "..." not in ran.out.partition("Commands:")[2], "summaries fit into a narrow terminal"


def test_help_imports_no_aws_client():
    """Keeps `phenom --help` and shell completion quick."""
    program = "import phenom.cli, sys\ntry: phenom.cli.app(['--help'])\nfinally: print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"boto3", "botocore", "local", "rich"} & set(done.stderr.split())


def test_completion_offers_commands_and_environments():
    def complete(words: str) -> str:
        environment = os.environ | {
            "_PHENOM_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split())),
        }
        program = Path(sys.executable).with_name("phenom")
        return subprocess.run([program], env=environment, capture_output=True, text=True, check=False).stdout

    assert "redrive-users" in complete("phenom ")
    assert complete("phenom rollback ").split() == ["local", "development", "production"]


@pytest.mark.parametrize("command", ON_AN_ENVIRONMENT)
def test_unknown_environment_is_wrong_usage(phenom: Phenom, command: str):
    ran = phenom(command, "staging", *ON_AN_ENVIRONMENT[command])
    assert ran.code == 2
    assert "development" in ran.err


@pytest.mark.parametrize("command", ON_AN_ENVIRONMENT)
def test_stopped_local_cloud_says_how_to_start_it(phenom: Phenom, command: str, tmp_path):
    ran = phenom(command, "local", *ON_AN_ENVIRONMENT[command], "--stack", str(tmp_path / "none.json"))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "The local cloud is not running: start it with `make run`.\n"


@pytest.mark.parametrize("command", ["upload", "sign-in"])
def test_stopped_local_cloud_is_said_without_an_environment(phenom: Phenom, command: str, tmp_path):
    files = [str(tmp_path / "a.jpg")] if command == "upload" else []
    ran = phenom(command, *files, "--stack", str(tmp_path / "none.json"))
    assert (ran.code, ran.out) == (2, "")
    assert "make run" in ran.err


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (CommandRefusedError("Nothing was changed."), 2, "Nothing was changed."),
        (IncompleteError("Half of it."), 1, "Half of it."),
        (NoCredentialsError(), 2, "No AWS credentials found. Set AWS_PROFILE"),
        (ProfileNotFound(profile="x"), 2, "Set AWS_PROFILE to a profile"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:4566"), 2, "Is the local cloud running"),
        (client_error("AccessDenied"), 2, "Permission denied: "),
        (client_error("ExpiredToken"), 2, "Your AWS session has expired."),
        (client_error("InvalidClientTokenId"), 2, "AWS does not know these credentials"),
        (client_error("Throttling"), 2, "Throttling"),
        (LedgerError("The ledger does not answer."), 2, "The ledger does not answer."),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_expected_error_is_one_sentence_and_an_exit_code(phenom: Phenom, monkeypatch, error, code: int, text: str):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("phenom.aws.stacks.find_stack", fail)
    ran = phenom("redrive", "production")
    assert (ran.code, ran.out) == (code, "")
    assert text in ran.err
    assert ran.err.count("\n") == 1


def test_defect_keeps_its_traceback(phenom: Phenom, monkeypatch):
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("phenom.aws.stacks.find_stack", fail)
    with pytest.raises(ZeroDivisionError):
        phenom("redrive", "production")


@pytest.mark.parametrize("command", ON_A_STACK)
def test_ctrl_c_ends_with_130_and_one_line(phenom: Phenom, monkeypatch, command: str):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("phenom.aws.stacks.find_stack", interrupt)
    ran = phenom(command, "production", *ON_A_STACK[command])
    assert (ran.code, ran.out) == (130, "")
    assert ran.err == f"Interrupted. {_INTERRUPTED.get(command, '')}".rstrip() + "\n"
    assert ran.err.count("\n") == 1


def test_event_prints_a_case_for_a_pipe(phenom: Phenom):
    ran = phenom("event", "presign", "not_json")
    assert ran.code == 0
    assert json.loads(ran.out)["resource"] == "/upload/generate-url"


def test_event_lists_the_cases_of_a_function(phenom: Phenom):
    ran = phenom("event", "presign")
    assert ran.code == 0
    assert "not_json" in ran.out.splitlines()


@pytest.mark.parametrize("arguments", [["nope"], ["presign", "nope"]])
def test_unknown_event_is_refused(phenom: Phenom, arguments: list[str]):
    ran = phenom("event", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "nope" in ran.err
