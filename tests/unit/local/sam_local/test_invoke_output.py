"""Output of SAM CLI 1.170 for each way a function can end. It exits 0 except in the last two."""

import json

import pytest

from local.sam_local import invoke_output
from phenom.event_cases import expectation

BEFORE = """\
Invoking validator.handler.handler (python3.13)
Requested to skip pulling images ...

Mounting /build/Function as /var/task:ro,delegated, inside runtime container
SAM_CONTAINER_ID: 395dfec6789a
"""
AFTER = """\
END RequestId: 0517db91-02e6-4d48-8375-1432a368442d
REPORT RequestId: 0517db91-02e6-4d48-8375-1432a368442d\tInit Duration: 0.45 ms\tDuration: 1000.00 ms\t
"""
TIMED_OUT = "Function 'SlowFunction' timed out after 1 seconds\n"


@pytest.mark.parametrize("result", [{"statusCode": 200, "body": "{}"}, {"batchItemFailures": []}, {}, None, [1], "é"])
def test_returned_value_is_the_result(result):
    assert invoke_output.read(0, json.dumps(result), BEFORE + AFTER) == {"result": result}


def test_stderr_lines_are_never_the_result():
    assert invoke_output.read(0, '{"a": 1}\n', BEFORE + '{"errorType": "X", "errorMessage": ""}\n') == {
        "result": {"a": 1}
    }


@pytest.mark.parametrize(
    "report",
    [
        {"errorMessage": "no", "errorType": "UnsupportedEventError", "requestId": "e1", "stackTrace": ["…"]},
        {"errorMessage": "Unable to import module 'x'", "errorType": "Runtime.ImportModuleError", "requestId": ""},
        {
            "errorType": "Runtime.ExitError",
            "errorMessage": "RequestId: 8 Error: Runtime exited with error: signal: killed",
        },
    ],
)
def test_exception_or_crash_is_an_error(report):
    assert invoke_output.read(0, json.dumps(report), BEFORE) == {"error": report}


def test_timeout_is_an_error_without_output():
    (kind, report), = invoke_output.read(0, "", BEFORE + TIMED_OUT + AFTER).items()  # fmt: skip
    assert (kind, report["errorType"]) == ("error", "Sandbox.Timedout")
    assert "SlowFunction" in report["errorMessage"]


@pytest.mark.parametrize(
    ("code", "stdout", "stderr", "message"),
    [
        (
            0,
            "",
            BEFORE + "No response from invoke container for X\n" + AFTER,
            "No response from invoke container for X",
        ),
        (0, "no JSON", BEFORE, "SAM prints no result but no JSON"),
        (1, "", "Error: Running AWS SAM projects locally requires a container runtime.", "container runtime"),
        (-9, '{"statusCode": 200}', BEFORE, "SAM exits with -9"),
    ],
)
def test_failure_of_sam_matches_no_expectation(code, stdout, stderr, message):
    came = invoke_output.read(code, stdout, stderr)
    assert came.keys() == {invoke_output.TROUBLE}
    assert message in came[invoke_output.TROUBLE]
    for expected in ({"result": {}}, {"error": {}}):
        assert expectation.failures(expected, came) != []


def test_message_of_a_failure_omits_noise():
    told = invoke_output.read(1, "", BEFORE + AFTER + "Error: no space left\n")[invoke_output.TROUBLE]
    assert "no space left" in told
    assert "RequestId" not in told
