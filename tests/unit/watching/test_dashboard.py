"""The dashboard is JSON that CloudWatch takes, and shows all that there is to see.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
from itertools import combinations
from typing import Any

import pytest

from tests import template
from tests.unit.watching.metrics import drawn
from uploads.reasons import Reason

DEPLOYED = template.deployed("dev")
DASHBOARD = DEPLOYED.of_type("AWS::CloudWatch::Dashboard")["Dashboard"]
WIDGETS: list[dict[str, Any]] = json.loads(DASHBOARD["DashboardBody"])["widgets"]
GRAPHS = [widget for widget in WIDGETS if widget["type"] == "metric"]
COLUMNS = 24
each_graph = pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph["properties"]["title"])


def test_states_of_all_alarms_are_on_top():
    first = WIDGETS[0]
    assert (first["type"], first["x"], first["y"], first["width"]) == ("alarm", 0, 0, COLUMNS)
    wanted = {f"{name}.Arn" for name in DEPLOYED.names_of("AWS::CloudWatch::Alarm")}
    assert set(first["properties"]["alarms"]) == wanted
    assert len(first["properties"]["alarms"]) == len(wanted) <= 100


def test_its_name_is_none_of_terraforms():
    """Whose phenom-<env> shows load balancer, containers and database: one would replace the other."""
    assert DASHBOARD["DashboardName"].startswith("phenom-dev-")
    assert DEPLOYED.outputs["DashboardUrl"]["Value"].endswith(f"#dashboards/dashboard/{DASHBOARD['DashboardName']}")


def test_widgets_are_within_the_columns_and_do_not_overlap():
    for widget in WIDGETS:
        assert widget["width"] > 0
        assert widget["height"] > 0
        assert min(widget["x"], widget["y"]) >= 0
        assert widget["x"] + widget["width"] <= COLUMNS
    for one, other in combinations(WIDGETS, 2):
        beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        below = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
        assert beside or below, (one["properties"]["title"], other["properties"]["title"])


@each_graph
def test_graph_has_a_title_a_region_and_metrics_that_are_well_formed(graph):
    properties = graph["properties"]
    assert properties["title"]
    assert properties["region"] == "us-east-1"
    assert properties["view"] == "timeSeries"
    assert properties["period"] % 60 == 0
    assert 0 < len(properties["metrics"]) <= 500
    for row in properties["metrics"]:
        options = [word for word in row if isinstance(word, dict)]
        assert len(row) % 2 == len(options) <= 1  # namespace, name, then pairs; options last
        assert isinstance(row[-1], dict) is bool(options)
        assert all(option.keys() <= {"stat", "label", "yAxis"} for option in options)
        assert all(word for word in row)
    assert len(set(drawn(graph))) == len(list(drawn(graph))) or any(
        isinstance(row[-1], dict) for row in properties["metrics"]
    )


def test_every_reason_of_a_refusal_has_its_line():
    (refused,) = (graph for graph in GRAPHS if graph["properties"]["title"] == "Refused, by reason")
    assert {dict(metric.dimensions)["reason"] for metric in drawn(refused)} == set(Reason)


def test_time_out_is_drawn_where_it_is():
    (duration,) = (graph for graph in GRAPHS if graph["properties"]["title"] == "Validator: duration (ms)")
    timeout = DEPLOYED.of_type("AWS::Serverless::Function")["ValidatorFunction"]["Timeout"]
    assert duration["properties"]["annotations"]["horizontal"] == [{"label": "time-out", "value": 1000 * timeout}]


def test_every_function_and_queue_is_on_it():
    shown = {value for graph in GRAPHS for metric in drawn(graph) for _, value in metric.dimensions}
    assert DEPLOYED.names_of("AWS::Serverless::Function") | DEPLOYED.names_of("AWS::SQS::Queue") <= shown
