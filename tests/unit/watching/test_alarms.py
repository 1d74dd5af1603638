"""Every alarm is on something that exists, says what it means, and leads to what to do."""

import re
from typing import Any

import pytest

from tests import template
from tests.unit.watching import documentation
from tests.unit.watching.metric_math import Point, compute
from tests.unit.watching.metrics import Metric, looked_at

ALARMS = template.deployed("dev").of_type("AWS::CloudWatch::Alarm")
each_alarm = pytest.mark.parametrize("alarm", ALARMS.values(), ids=ALARMS)


def heading_of(alarm: dict[str, Any]) -> str:
    named = re.search(r'See docs/operations\.md, "([^"]+)"\.$', alarm["AlarmDescription"])
    assert named, alarm["AlarmDescription"]
    return named[1]


@each_alarm
def test_alarm_names_a_section_that_says_what_it_means_where_to_look_and_what_to_do(alarm):
    text = documentation.sections()[heading_of(alarm)]
    name = alarm["AlarmName"].replace("phenom-dev", "phenom-<env>")
    assert f"`{name}`" in text or f"`-{name.removeprefix('phenom-<env>-')}`" in text
    for word in ("Means", "Look", "Do"):
        assert re.search(rf"^\*\*{word}[*:]", text, re.MULTILINE), f"{word} is missing"


@each_alarm
def test_section_of_an_alarm_has_the_commands(alarm):
    text = documentation.sections()[heading_of(alarm)]
    what_to_do = text[text.index("**Do") :]
    assert re.search(r"`(aws|make|git) |^    (aws|make) ", what_to_do, re.MULTILINE)
    assert re.search(r"`(aws|make) |^    (aws|make|curl) ", text[: text.index("**Do")], re.MULTILINE)


@each_alarm
def test_alarm_tells_the_topic_also_that_it_is_over(alarm):
    assert alarm["AlarmActions"] == alarm["OKActions"] == ["AlarmTopicArn"]


@each_alarm
def test_silence_is_no_alarm(alarm):
    """Counters have points only while something is counted, and queues none while nobody uses them."""
    assert alarm["TreatMissingData"] == "notBreaching"


@each_alarm
def test_alarm_of_one_environment_has_its_name_and_looks_at_nothing_of_another(alarm):
    assert alarm["AlarmName"].startswith("phenom-dev-")
    for metric in looked_at(alarm):
        values = [value for _, value in metric.dimensions if value != "v1"]
        assert values
        assert all(value.startswith("phenom-dev-") for value in values), metric


def test_names_of_alarms_are_their_own():
    assert len({alarm["AlarmName"] for alarm in ALARMS.values()}) == len(ALARMS)


@each_alarm
def test_expression_of_an_alarm_computes_from_its_own_metrics_to_one_value(alarm):
    queries = alarm.get("Metrics", [])
    returned = [query for query in queries if query.get("ReturnData", True)]
    assert [("Expression" in query) for query in returned] == [True] * bool(queries)
    periods = {query["MetricStat"]["Period"] for query in queries if "MetricStat" in query}
    assert len(periods) == bool(queries)
    if queries:
        points: dict[str, Point] = {query["Id"]: 1.0 for query in queries if "MetricStat" in query}
        assert compute(returned[0]["Expression"], points) is not None


def breaches(logical_id: str, **points: Point) -> bool:
    """Whether the alarm's expression is over its threshold for these points; those that are not named are missing."""
    alarm = ALARMS[logical_id]
    queries = alarm["Metrics"]
    all_points: dict[str, Point] = {query["Id"]: None for query in queries if "MetricStat" in query}
    assert points.keys() <= all_points.keys()
    (expression,) = (query["Expression"] for query in queries if "Expression" in query)
    value = compute(expression, all_points | points)
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    return value is not None and value > alarm["Threshold"]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ({}, False),
        ({"rejected": 1}, False),  # one at night
        ({"rejected": 19}, False),
        ({"rejected": 20}, True),  # all of them, so that `accepted` has no point at all
        ({"accepted": 20}, False),
        ({"accepted": 1000, "rejected": 400}, False),
        ({"accepted": 10, "rejected": 10}, False),
        ({"accepted": 9, "rejected": 11}, True),
        ({"accepted": 400, "rejected": 1000}, True),
    ],
)
def test_rejections_are_an_alarm_when_they_are_many_and_most(points, expected):
    assert breaches("UploadsRejectedAlarm", **points) is expected


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ({}, False),
        ({"issued": 19}, False),
        ({"issued": 20}, True),
        ({"issued": 500, "accepted": 1}, False),
        ({"issued": 500, "rejected": 1}, False),
        ({"issued": 500, "held": 1}, False),
        ({"issued": 500, "failed": 1}, False),  # they come; what is wrong with them is another alarm's
        ({"accepted": 500}, False),
    ],
)
def test_uploads_are_missing_when_many_were_issued_and_none_came(points, expected):
    assert breaches("UploadsMissingAlarm", **points) is expected


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ({}, False),
        ({"requests": 100, "errors": 0}, False),
        ({"requests": 4, "errors": 4}, False),
        ({"requests": 5, "errors": 5}, True),
        ({"requests": 100, "errors": 5}, False),
        ({"requests": 99, "errors": 5}, True),
        ({"requests": 10_000, "errors": 100}, False),
    ],
)
def test_errors_of_the_api_are_an_alarm_from_five_and_five_percent_on(points, expected):
    assert breaches("ApiServerErrorAlarm", **points) is expected


@pytest.mark.parametrize(
    ("points", "expected"),
    [({}, False), ({"presign": 1}, True), ({"validator": 1}, True), ({"presign": 0, "validator": 0}, False)],
)
def test_the_ledger_fails_for_whoever_calls_it(points, expected):
    assert breaches("LedgerUnavailableAlarm", **points) is expected


def test_slow_validation_is_told_at_80_percent_of_the_time_out():
    function = template.deployed("dev").of_type("AWS::Serverless::Function")["ValidatorFunction"]
    assert ALARMS["ValidatorSlowAlarm"]["Threshold"] == 0.8 * function["Timeout"] * 1000


def test_every_function_has_an_alarm_for_its_throttles():
    throttled = {
        dict(m.dimensions)["FunctionName"] for a in ALARMS.values() for m in looked_at(a) if m.name == "Throttles"
    }
    assert throttled == template.deployed("dev").names_of("AWS::Serverless::Function")


def test_every_dead_letter_queue_has_an_alarm():
    watched = {metric for alarm in ALARMS.values() for metric in looked_at(alarm)}
    for queue in template.deployed("dev").names_of("AWS::SQS::Queue"):
        if "dead-letters" in queue:
            assert Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", (("QueueName", queue),)) in watched
