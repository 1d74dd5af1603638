"""The generated dashboard is valid and complete.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
from typing import Any

import pytest

from tests import template
from tests.unit.monitoring.metrics import Metric, assert_exists
from tools.monitoring import catalogue
from uploads.reasons import Reason

DEPLOYED = template.deployed("dev")
DASHBOARD = DEPLOYED.of_type("AWS::CloudWatch::Dashboard")["Dashboard"]
WIDGETS: list[dict[str, Any]] = json.loads(DASHBOARD["DashboardBody"])["widgets"]
GRAPHS = WIDGETS[1:]
COLUMNS = 24
each_graph = pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph["properties"]["title"])


def test_widgets_fill_rows_without_overlap():
    assert (WIDGETS[0]["x"], WIDGETS[0]["y"], WIDGETS[0]["width"]) == (0, 0, COLUMNS)
    places = [(widget["x"], widget["y"]) for widget in WIDGETS[1:]]
    assert places == [(x, y) for y in range(4, 4 + 6 * len(places), 6) for x in (0, 8, 16)][: len(places)]
    assert {(widget["width"], widget["height"]) for widget in WIDGETS[1:]} == {(8, 6)}


def test_first_widget_shows_every_alarm():
    assert WIDGETS[0]["type"] == "alarm"
    shown = WIDGETS[0]["properties"]["alarms"]
    assert set(shown) == {f"{name}.Arn" for name in DEPLOYED.names_of("AWS::CloudWatch::Alarm")}
    assert len(shown) == len(set(shown)) <= 100


def test_dashboard_name_differs_from_terraforms():
    """Terraform's is phenom-<env>; the same name would replace it."""
    assert DASHBOARD["DashboardName"].startswith("phenom-dev-")
    assert DEPLOYED.outputs["DashboardUrl"]["Value"].endswith(f"#dashboards/dashboard/{DASHBOARD['DashboardName']}")


def shown_by(graph: dict[str, Any]) -> list[Metric]:
    """Returns the metrics of a graph, in which `.` repeats the text above it."""
    shown = []
    above: list[str] = []
    for row in graph["properties"]["metrics"]:
        words = [word for word in row if isinstance(word, str)]
        above = [above[place] if word == "." else word for place, word in enumerate(words)]
        namespace, name, *dimensions = above
        shown.append(Metric(namespace, name, tuple(sorted(zip(dimensions[::2], dimensions[1::2], strict=True)))))
    return shown


@each_graph
def test_graph_is_in_the_format_of_cloudwatch(graph):
    properties = graph["properties"]
    assert (graph["type"], properties["view"], properties["region"]) == ("metric", "timeSeries", "us-east-1")
    assert properties["title"]
    assert properties["period"] % 60 == 0
    assert 0 < len(properties["metrics"]) <= 500
    for row in properties["metrics"]:
        options = [word for word in row if isinstance(word, dict)]
        assert options == row[len(row) - len(options) :]
        assert len(options) <= 1
        assert all(option.keys() <= {"stat", "label", "yAxis"} for option in options)
        assert all(row)


@each_graph
def test_metrics_of_a_graph_exist(graph):
    for metric in shown_by(graph):
        assert_exists(metric)


def test_abbreviated_rows_stand_for_the_listed_metrics():
    for graph, listed in zip(GRAPHS, catalogue.widgets(), strict=True):
        names = [metric.name for metric in shown_by(graph)]
        assert list(dict.fromkeys(names)) == list(dict.fromkeys(metric.name for metric in listed.metrics))


def test_every_rejection_reason_has_a_line():
    reasons = [dict(metric.dimensions).get("reason") for graph in GRAPHS for metric in shown_by(graph)]
    assert sorted(filter(None, reasons)) == sorted(Reason)


def test_timeout_line_is_at_the_timeout_of_the_validator():
    (duration,) = (each for each in catalogue.widgets() if each.line)
    timeout = DEPLOYED.of_type("AWS::Serverless::Function")["ValidatorFunction"]["Timeout"]
    assert duration.line["value"] == 1000 * timeout
    (line,) = (each["properties"]["annotations"] for each in GRAPHS if "annotations" in each["properties"])
    assert line == {"horizontal": [duration.line]}


def test_every_function_and_queue_is_shown():
    shown = {metric.function or metric.queue for widget in catalogue.widgets() for metric in widget.metrics}
    assert shown >= DEPLOYED.of_type("AWS::Serverless::Function").keys() | DEPLOYED.of_type("AWS::SQS::Queue").keys()
