"""The generated dashboard is valid and complete.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
from typing import Any

from tests import template
from tests.unit.monitoring.metrics import AWS_METRICS
from tools.monitoring import catalogue

DEPLOYED = template.deployed("dev")
DASHBOARD = DEPLOYED.of_type("AWS::CloudWatch::Dashboard")["Dashboard"]
WIDGETS: list[dict[str, Any]] = json.loads(DASHBOARD["DashboardBody"])["widgets"]
COLUMNS = 24


def test_widgets_fill_rows_without_overlap():
    assert (WIDGETS[0]["x"], WIDGETS[0]["y"], WIDGETS[0]["width"]) == (0, 0, COLUMNS)
    places = [(widget["x"], widget["y"]) for widget in WIDGETS[1:]]
    assert places == [(x, y) for y in range(4, 4 + 6 * 6, 6) for x in (0, 8, 16)][: len(places)]
    assert {(widget["width"], widget["height"]) for widget in WIDGETS[1:]} == {(8, 6)}


def test_first_widget_shows_every_alarm():
    shown = WIDGETS[0]["properties"]["alarms"]
    assert set(shown) == {f"{name}.Arn" for name in DEPLOYED.names_of("AWS::CloudWatch::Alarm")}
    assert len(shown) == len(set(shown)) <= 100


def test_dashboard_name_differs_from_terraforms():
    """Terraform's is phenom-<env>; the same name would replace it."""
    assert DASHBOARD["DashboardName"].startswith("phenom-dev-")
    assert DEPLOYED.outputs["DashboardUrl"]["Value"].endswith(f"#dashboards/dashboard/{DASHBOARD['DashboardName']}")


def test_abbreviated_rows_stand_for_the_listed_metrics():
    """`.` repeats the text above it."""
    for widget, listed in zip(WIDGETS[1:], catalogue.widgets(), strict=True):
        above: list[str] = []
        names = []
        for row in widget["properties"]["metrics"]:
            words = [word for word in row if isinstance(word, str)]
            above = [above[place] if word == "." else word for place, word in enumerate(words)]
            assert len(above) % 2 == 0
            names.append(above[1])
        assert list(dict.fromkeys(names)) == list(dict.fromkeys(metric.name for metric in listed.metrics))


def test_metrics_of_aws_exist():
    for widget in catalogue.widgets():
        for metric in widget.metrics:
            namespace, name, *_ = metric.dimensions
            assert namespace == "Phenom" or name in AWS_METRICS[namespace]


def test_timeout_line_is_at_the_timeout_of_the_validator():
    (duration,) = (each for each in catalogue.widgets() if each.line)
    timeout = DEPLOYED.of_type("AWS::Serverless::Function")["ValidatorFunction"]["Timeout"]
    assert duration.line["value"] == 1000 * timeout


def test_every_function_and_queue_is_shown():
    shown = {metric.function or metric.queue for widget in catalogue.widgets() for metric in widget.metrics}
    assert shown >= DEPLOYED.of_type("AWS::Serverless::Function").keys() | DEPLOYED.of_type("AWS::SQS::Queue").keys()
