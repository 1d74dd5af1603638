"""One list of metrics: what the code emits, what is looked at, and what docs/operations.md says of each."""

from typing import Any

import pytest

from tests import template
from tests.unit.watching import documentation
from tests.unit.watching.metrics import Metric, drawn, emitted, looked_at
from tests.unit.watching.test_alarms import ALARMS, heading_of
from tests.unit.watching.test_dashboard import WIDGETS
from uploads.reasons import Reason

DEPLOYED = template.deployed("dev")
WATCHED = [
    *((logical_id, metric) for logical_id, alarm in ALARMS.items() for metric in looked_at(alarm)),
    *((widget["properties"]["title"], metric) for widget in WIDGETS for metric in drawn(widget)),
]
NAMED_IN_AWS = {
    "FunctionName": DEPLOYED.names_of("AWS::Serverless::Function"),
    "QueueName": DEPLOYED.names_of("AWS::SQS::Queue"),
    "TableName": DEPLOYED.names_of("AWS::DynamoDB::Table"),
    "ApiName": {api["Name"] for api in DEPLOYED.of_type("AWS::Serverless::Api").values()},
    "Stage": {api["StageName"] for api in DEPLOYED.of_type("AWS::Serverless::Api").values()},
}
OF_AWS = {  # what is published under just these dimensions, by AWS's documentation
    ("AWS/Lambda", ("FunctionName",)): {
        "ConcurrentExecutions",
        "Duration",
        "Errors",
        "Invocations",
        "IteratorAge",
        "Throttles",
    },
    ("AWS/SQS", ("QueueName",)): {
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesVisible",
    },
    ("AWS/ApiGateway", ("ApiName", "Stage")): {"4XXError", "5XXError", "Count", "IntegrationLatency", "Latency"},
}


def test_the_list_names_exactly_what_is_emitted():
    listed = {(f"phenom-dev-{row.service}", row.metric) for row in documentation.metrics()}
    assert listed == emitted("dev")


def test_the_list_is_sound():
    rows = documentation.metrics()
    assert len({(row.metric, row.service) for row in rows}) == len(rows)
    for row in rows:
        assert row.dimensions == (("reason", "service") if row.metric == "UploadRefused" else ("service",))


@pytest.mark.parametrize(("_where", "metric"), WATCHED, ids=lambda each: getattr(each, "name", None) or str(each))
def test_whatever_is_looked_at_exists_under_just_these_dimensions(_where: str, metric: Metric):
    dimensions: dict[str, str] = dict(metric.dimensions)
    if metric.namespace == "Phenom":
        assert (dimensions.pop("service"), metric.name) in emitted("dev")
        if metric.name == "UploadRefused":
            assert dimensions.pop("reason") in set(Reason)
        assert not dimensions
        return
    known: Any = OF_AWS.get((metric.namespace, tuple(sorted(dimensions))))
    assert known is None or metric.name in known, f"is {metric} published under these dimensions? Add it to OF_AWS"
    assert metric.namespace.startswith("AWS/")
    for name, value in dimensions.items():
        assert value in NAMED_IN_AWS.get(name, {value}), f"the template has no {name} {value}"


def test_the_list_says_which_alarm_looks_at_a_metric():
    alarms = {
        (dict(metric.dimensions)["service"], metric.name, heading_of(alarm))
        for alarm in ALARMS.values()
        for metric in looked_at(alarm)
        if metric.namespace == "Phenom"
    }
    listed = {(f"phenom-dev-{r.service}", r.metric, r.alarm) for r in documentation.metrics() if r.alarm}
    assert listed <= alarms
    assert {(service, name) for service, name, _ in alarms} == {(service, name) for service, name, _ in listed}


def test_every_metric_of_ours_is_drawn():
    drawn_ones = {(dict(m.dimensions)["service"], m.name) for w in WIDGETS for m in drawn(w) if m.namespace == "Phenom"}
    assert drawn_ones == emitted("dev")


def test_what_is_counted_from_the_access_log_has_its_service_from_there():
    """The filter takes the dimension from a field: the log must have it, with the name that the alarm looks for."""
    api = DEPLOYED.of_type("AWS::Serverless::Api")["UploadApi"]
    (transformation,) = DEPLOYED.of_type("AWS::Logs::MetricFilter")["ApiQuotaMetric"]["MetricTransformations"]
    assert transformation["Dimensions"] == [{"Key": "service", "Value": "$.service"}]
    assert '"service":"phenom-dev-upload-api"' in api["AccessLogSetting"]["Format"]
    assert '"error":"$context.error.responseType"' in api["AccessLogSetting"]["Format"]


def test_no_function_shares_its_service_name_with_another_environment():
    """Both may live in one account: an alarm of one must not hear of the other."""
    for function in DEPLOYED.of_type("AWS::Serverless::Function").values():
        assert function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"].startswith("phenom-dev-")
