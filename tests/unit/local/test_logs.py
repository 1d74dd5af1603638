"""Structured log lines are shown as text, without platform lines."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import logs
from local.logs import FunctionLostError, follow, readable

LINE = {"timestamp": 0, "logStreamName": "s"}


def test_structured_line_keeps_level_message_and_details() -> None:
    line = {"level": "INFO", "message": "upload issued", "service": "presign", "upload_id": "1", "function_name": "f"}
    assert readable(json.dumps(line)) == "INFO    upload issued  upload_id=1"


def test_exception_is_shown_with_its_traceback() -> None:
    line = {"level": "ERROR", "message": "failed", "exception": "Traceback\n  here", "exception_name": "KeyError"}
    assert readable(json.dumps(line)) == "ERROR   failed\nTraceback\n  here"


def test_platform_lines_and_metrics_are_hidden() -> None:
    assert readable("START RequestId: 1 Version: $LATEST") is None
    assert readable(json.dumps({"_aws": {}, "UploadIssued": [1]})) is None
    assert readable("") is None


def test_other_lines_are_unchanged() -> None:
    assert readable("a warning") == "a warning"
    assert readable("42") == "42"


@pytest.mark.parametrize("character", ["\n", "\r", "\x1b", "\0", "\x7f", "\x9b", "\u202e", "\u2028", "\ud800"])
def test_characters_that_control_the_terminal_are_escaped(character: str) -> None:
    key = f"a{character}12:00:00  presign  INFO forged"
    for line in ({"level": "INFO", "message": key}, {"level": "INFO", "message": "x", "key": key, f"k{character}": 1}):
        shown = readable(json.dumps(line))
        assert shown is not None
        assert shown.isprintable()
        assert "forged" in shown
    shown = readable(json.dumps({"message": "failed", "exception": f"KeyError: a{character}"}))
    assert shown is not None
    assert shown.replace("\n", "").isprintable()
    plain = readable(f"printed {character}!")
    assert plain is not None
    assert plain.replace("\n", "").isprintable()


class FakeAws:
    """Logs and functions of an emulator: `events` by log group, `functions` are deployed."""

    def __init__(self, events: dict[str, list[dict[str, Any]]], functions: set[str]) -> None:
        self.events, self.functions = events, functions

    class exceptions:  # noqa: N801 - as a client of boto3
        ResourceNotFoundException = ClientError

    def client(self, _: str) -> "FakeAws":
        return self

    def get_paginator(self, _: str) -> "FakeAws":
        return self

    def paginate(self, logGroupName: str, **_: Any) -> Any:  # noqa: N803 - as in AWS
        if logGroupName not in self.events:
            raise ClientError({}, "FilterLogEvents")
        return [{"events": self.events[logGroupName]}]

    def get_function_configuration(self, FunctionName: str) -> None:  # noqa: N803 - as in AWS
        if FunctionName not in self.functions:
            raise ClientError({}, "GetFunctionConfiguration")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "POLL_SECONDS", 0)


def test_no_line_looks_like_another_one(capsys: pytest.CaptureFixture[str]) -> None:
    message = json.dumps({"message": "failed", "exception": "Error\n12:00:00  presign  forged"})
    next(follow(FakeAws({"/aws/lambda/f": [LINE | {"message": message}]}, {"f"}), {"validator": "f"}))  # type: ignore[arg-type]
    first, *others = capsys.readouterr().out.splitlines()
    assert "validator" in first
    assert [line.strip() for line in others] == ["Error", "12:00:00  presign  forged"]
    assert all(line.startswith(" " * 20) for line in others)


def test_missing_function_is_reported_with_the_remedy() -> None:
    """As after a reset of the emulator."""
    with pytest.raises(FunctionLostError, match=r"f is no longer deployed[\s\S]*make run"):
        next(follow(FakeAws({}, set()), {"validator": "f"}))  # type: ignore[arg-type]


def test_deleted_log_of_a_deployed_function_is_no_error() -> None:
    next(follow(FakeAws({}, {"f"}), {"validator": "f"}))  # type: ignore[arg-type]
