"""Structured log lines are shown as text, without platform lines."""

import json

from local.logs import readable


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
