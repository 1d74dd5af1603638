"""Alarms, dashboard and emitted metrics of the deployed application."""

import json
from collections.abc import Iterator
from typing import Any

from tests import template
from tests.e2e import samples
from tests.e2e.api import Application, wait_for


def emitted(application: Application, function: str) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Yields namespace, name and dimensions of each metric in the function's log (embedded metric format)."""
    group = f"/aws/lambda/{application.function_name(function)}"
    pages = application.client("logs").get_paginator("filter_log_events")
    for page in pages.paginate(logGroupName=group, filterPattern="CloudWatchMetrics"):
        for event in page["events"]:
            blob: dict[str, Any] = json.loads(event["message"])
            for directive in blob["_aws"]["CloudWatchMetrics"]:
                for names in directive["Dimensions"]:
                    dimensions = tuple(sorted((name, blob[name]) for name in names))
                    for metric in directive["Metrics"]:
                        yield directive["Namespace"], metric["Name"], dimensions


def watched(alarm: dict[str, Any]) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Yields namespace, name and dimensions of each metric that an alarm reads."""
    stats = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
    for metric in stats or [alarm]:
        dimensions = tuple(sorted((each["Name"], each["Value"]) for each in metric.get("Dimensions", [])))
        yield metric["Namespace"], metric["MetricName"], dimensions


def alarms(application: Application) -> list[dict[str, Any]]:
    """Returns the alarms of this stack; other tests deploy more stacks to the same account."""
    pages = application.client("cloudwatch").get_paginator("describe_alarms").paginate()
    found = [alarm for page in pages for alarm in page["MetricAlarms"]]
    return [alarm for alarm in found if alarm["AlarmName"].startswith("phenom-local-")]


def test_every_alarm_of_the_template_is_deployed(application: Application) -> None:
    """Except those of new versions, which only a stack that shifts traffic has."""
    described = template.deployed("local").of_type("AWS::CloudWatch::Alarm")
    wanted = {each["AlarmName"] for name, each in described.items() if "NewVersion" not in name}
    assert {alarm["AlarmName"] for alarm in alarms(application)} == wanted


def test_alarms_read_metrics_with_the_emitted_dimensions(application: Application) -> None:
    """An alarm on a metric with one dimension more or less is never raised."""
    application.upload_and_wait(samples.jpeg(80), "image/jpeg")
    application.upload_and_wait(samples.jpeg(81), "image/png")
    application.request_url(contentType="image/png", fileSize=1, password="wrong")
    presign, validator = (f"phenom-local-{name}" for name in ("presign", "validator"))
    refused = (("reason", "type_mismatch"), ("service", validator))
    wait_for(lambda: ("Phenom", "UploadRefused", refused) in set(emitted(application, "validator")), 30, "metric")
    seen = {*emitted(application, "presign"), *emitted(application, "validator")}
    for name, service in (
        ("UploadIssued", presign),
        ("WrongPassword", presign),
        ("UploadAccepted", validator),
        ("UploadRejected", validator),
    ):
        assert ("Phenom", name, (("service", service),)) in seen
    read = {each for alarm in alarms(application) for each in watched(alarm)}
    names = {name for namespace, name, _ in read if namespace == "Phenom"}
    relevant = {metric for metric in seen if metric[1] in names}
    assert relevant
    assert relevant <= read


def test_alarm_is_raised_by_its_metric(application: Application) -> None:
    """The emulator ignores dimensions, data points and metric math."""
    cloudwatch = application.client("cloudwatch")
    name = "phenom-local-scanner-unavailable"

    def put(value: float) -> str:
        dimensions = [{"Name": "service", "Value": "phenom-local-validator"}]
        metric = {"MetricName": "ScannerUnavailable", "Dimensions": dimensions, "Unit": "Count", "Value": value}
        cloudwatch.put_metric_data(Namespace="Phenom", MetricData=[metric])
        return str(cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"])

    assert [put(0), put(1)] == ["OK", "ALARM"]


def test_dashboard_shows_the_deployed_alarms(application: Application) -> None:
    stack = application.client("cloudformation").describe_stacks(StackName="phenom-local")["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    name = "phenom-local-serverless"
    body = json.loads(application.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])
    deployed = {alarm["AlarmArn"] for alarm in alarms(application)}
    assert set(body["widgets"][0]["properties"]["alarms"]) == deployed
    assert outputs["DashboardUrl"].endswith(f"#dashboards/dashboard/{name}")
