"""A stream batch with a failed record counts as failed; other calls are unchanged."""

from typing import Any

import pytest

from local.emulator.patches.stream_batches import repeating

STREAM = {"Records": [{"eventSource": "aws:dynamodb"}]}
FAILED = {"batchItemFailures": [{"itemIdentifier": "1"}]}


def result_of(event: Any, body: Any) -> dict[str, Any]:
    result: dict[str, Any] = repeating(lambda _func, _event: {"body": body, "log": "said"})({}, event)
    return result


def test_failed_record_fails_the_batch_and_is_named() -> None:
    result = result_of(STREAM, FAILED)
    assert (result["error"], result["log"]) == (True, "said")
    assert "'itemIdentifier': '1'" in result["body"]["errorMessage"]


@pytest.mark.parametrize(
    ("event", "body"),
    [
        (STREAM, {"batchItemFailures": []}),
        (STREAM, {}),
        (STREAM, None),
        (STREAM, "text"),
        ({"Records": [{"eventSource": "aws:sqs"}]}, FAILED),  # the emulator reads these itself
        ({"Records": []}, FAILED),
        ({"httpMethod": "GET"}, FAILED),
        (b"bytes", FAILED),
    ],
)
def test_other_results_are_unchanged(event: Any, body: Any) -> None:
    assert result_of(event, body) == {"body": body, "log": "said"}
