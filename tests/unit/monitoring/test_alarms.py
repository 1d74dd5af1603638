"""Every alarm reads a metric that exists and is raised when it should be."""

import pytest

from tests import template
from tests.unit.monitoring.metric_math import Point, compute
from tests.unit.monitoring.metrics import Metric, assert_exists, watched_by

DEPLOYED = template.deployed("dev")
ALARMS = DEPLOYED.of_type("AWS::CloudWatch::Alarm")
each_alarm = pytest.mark.parametrize("alarm", ALARMS.values(), ids=ALARMS)


@each_alarm
def test_alarm_notifies_the_topic_when_raised_and_when_over(alarm):
    assert alarm["AlarmActions"] == alarm["OKActions"] == ["AlarmTopicArn"]


@each_alarm
def test_missing_data_raises_no_alarm(alarm):
    """Counters have data points only while something is counted, and unused queues have none."""
    assert alarm["TreatMissingData"] == "notBreaching"


@each_alarm
def test_alarm_reads_only_metrics_of_its_environment(alarm):
    assert alarm["AlarmName"].startswith("phenom-dev-")
    for metric in watched_by(alarm):
        values = [value for name, value in metric.dimensions if name not in {"Stage", "Method"} and value[0] != "/"]
        assert values
        assert all(value.startswith("phenom-dev-") for value in values), metric


def test_alarm_names_are_unique():
    assert len({alarm["AlarmName"] for alarm in ALARMS.values()}) == len(ALARMS)


@each_alarm
def test_metric_math_of_an_alarm_yields_one_value(alarm):
    queries = alarm.get("Metrics", [])
    returned = [query for query in queries if query.get("ReturnData", True)]
    assert [("Expression" in query) for query in returned] == [True] * bool(queries)
    periods = {query["MetricStat"]["Period"] for query in queries if "MetricStat" in query}
    assert len(periods) == bool(queries)
    if queries:
        points: dict[str, Point] = {query["Id"]: 1.0 for query in queries if "MetricStat" in query}
        assert compute(returned[0]["Expression"], points) is not None


def breaches(logical_id: str, **points: Point) -> bool:
    """Returns True if the alarm is raised for these data points; unnamed metrics have none."""
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
        ({"rejected": 20}, True),  # `accepted` has no data point
        ({"accepted": 20}, False),
        ({"accepted": 1000, "rejected": 400}, False),
        ({"accepted": 10, "rejected": 10}, False),
        ({"accepted": 9, "rejected": 11}, True),
        ({"accepted": 400, "rejected": 1000}, True),
    ],
)
def test_uploads_rejected_needs_many_uploads_and_a_majority(points, expected):
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
        ({"issued": 500, "failed": 1}, False),  # files arrive; another alarm covers the failures
        ({"accepted": 500}, False),
    ],
)
def test_uploads_missing_needs_many_issued_and_none_arrived(points, expected):
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
def test_api_errors_needs_five_errors_and_five_percent(points, expected):
    assert breaches("ApiServerErrorAlarm", **points) is expected


@pytest.mark.parametrize(
    ("points", "expected"),
    [({}, False), ({"presign": 1}, True), ({"validator": 1}, True), ({"presign": 0, "validator": 0}, False)],
)
def test_ledger_unavailable_counts_failures_of_both_callers(points, expected):
    assert breaches("LedgerUnavailableAlarm", **points) is expected


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ({}, False),
        ({"single": 50_000}, False),
        ({"single": 50_001}, True),
        ({"multipart": 50_001}, True),
        ({"single": 40_000, "multipart": 20_000}, True),
    ],
)
def test_half_of_the_ceiling_counts_both_routes_with_a_key(points, expected):
    assert breaches("ApiCeilingHalfAlarm", **points) is expected


def test_half_of_the_ceiling_watches_every_route_with_a_key():
    events = [each["Properties"] for each in template.properties("PresignFunction")["Events"].values()]
    with_key = {(each["Method"], each["Path"]) for each in events if each.get("Auth", {}).get("ApiKeyRequired")}
    dimensions = [dict(each.dimensions) for each in watched_by(ALARMS["ApiCeilingHalfAlarm"])]
    assert {(each["Method"], each["Resource"]) for each in dimensions} == with_key


@pytest.mark.parametrize(("alarm", "percent"), [("UploadQuotaHalfAlarm", 50), ("UploadQuotaNearlyUsedAlarm", 80)])
def test_quota_alarms_are_raised_at_their_percent(alarm, percent):
    """The metric has whole numbers, rounded down."""
    described = ALARMS[alarm]
    assert (described["MetricName"], described["Statistic"]) == ("DailyQuotaUsed", "Maximum")
    assert (described["ComparisonOperator"], described["Threshold"]) == ("GreaterThanThreshold", percent - 1)


def test_slow_crowd_is_noticed_long_before_it_makes_10_000_guesses():
    """10,000 guesses a day are 104 in 15 minutes, about half of what raises the other alarm."""
    fast, slow = ALARMS["PasswordGuessingAlarm"], ALARMS["PasswordGuessingSlowAlarm"]
    assert fast["MetricName"] == slow["MetricName"] == "WrongPassword"
    assert 10_000 * fast["Period"] / 86_400 < fast["Threshold"]
    assert slow["Period"] == 86_400
    assert 10 * slow["Threshold"] <= 10_000


def test_slow_validation_alarm_is_at_80_percent_of_the_timeout():
    function = DEPLOYED.of_type("AWS::Serverless::Function")["ValidatorFunction"]
    assert ALARMS["ValidatorSlowAlarm"]["Threshold"] == 0.8 * function["Timeout"] * 1000


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_has_an_alarm_on_errors_and_throttles(metric: str):
    watched = {
        dict(each.dimensions)["FunctionName"] for a in ALARMS.values() for each in watched_by(a) if each.name == metric
    }
    assert watched == DEPLOYED.names_of("AWS::Serverless::Function")


def test_every_entry_of_metric_alarms_is_an_alarm():
    """The loop over the map names its keys; a key that it does not name would be no alarm."""
    assert {f"{key}Alarm" for key in template.read()["Mappings"]["MetricAlarms"]} <= ALARMS.keys()


def test_every_dead_letter_queue_has_an_alarm():
    watched = {metric for alarm in ALARMS.values() for metric in watched_by(alarm)}
    for queue in DEPLOYED.names_of("AWS::SQS::Queue"):
        if "dead-letters" in queue:
            assert Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", (("QueueName", queue),)) in watched


@each_alarm
def test_metrics_of_an_alarm_exist(alarm):
    metrics = list(watched_by(alarm))
    assert metrics
    for metric in metrics:
        assert_exists(metric)
