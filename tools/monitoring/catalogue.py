"""Metrics and alarms: metrics.yaml, and the alarms of template.yaml."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from phenom.aws import sam_template

CATALOGUE = Path(__file__).parent / "metrics.yaml"
_RUNBOOK = re.compile(r"docs/runbooks/([a-z-]+)\.md")


@dataclass(frozen=True, slots=True)
class Metric:
    """One line of a graph: our metric with a `service`, or one of AWS with a `function`, `queue` or `api`."""

    name: str
    service: str | None = None
    function: str | None = None
    queue: str | None = None
    api: str | None = None
    means: str = ""
    no_alarm: str = ""
    by_reason: bool = False
    stat: str | None = None
    label: str | None = None
    axis: str | None = None

    @property
    def dimensions(self) -> list[str]:
        """Returns the namespace and, after the name's place, the dimensions, as a row of a dashboard has them."""
        match self:
            case Metric(service=str(service)):
                return ["Phenom", self.name, "service", f"phenom-${{Environment}}-{service}"]
            case Metric(function=str(function)):
                return ["AWS/Lambda", self.name, "FunctionName", f"${{{function}}}"]
            case Metric(queue=str(queue)):
                return ["AWS/SQS", self.name, "QueueName", f"${{{queue}.QueueName}}"]
            case Metric(api=str(api)):
                return ["AWS/ApiGateway", self.name, "ApiName", f"phenom-${{Environment}}-{api}", "Stage", "v1"]
        raise ValueError(f"{self.name} in {CATALOGUE.name} needs a service, function, queue or api")


@dataclass(frozen=True, slots=True)
class Widget:
    """A graph of the dashboard. `line` is a horizontal line: label and value."""

    title: str
    metrics: tuple[Metric, ...]
    stat: str = "Sum"
    stacked: bool = False
    line: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm of template.yaml. `metrics` are pairs of service and name, of our metrics only."""

    logical_id: str
    conditional: bool
    runbook: str
    metrics: frozenset[tuple[str, str]]


@cache
def widgets() -> list[Widget]:
    listed = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    return [Widget(**{**each, "metrics": tuple(Metric(**metric) for metric in each["metrics"])}) for each in listed]


def our_metrics() -> Iterator[Metric]:
    """Yields the metrics of the namespace Phenom."""
    return (metric for widget in widgets() for metric in widget.metrics if metric.service)


def alarms() -> list[Alarm]:
    resources: Mapping[str, Any] = sam_template.read()["Resources"]
    return [
        _alarm(logical_id, resource)
        for logical_id, resource in resources.items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    ]


def _alarm(logical_id: str, resource: Mapping[str, Any]) -> Alarm:
    properties = resource["Properties"]
    runbook = _RUNBOOK.search(properties["AlarmDescription"])
    if runbook is None:
        raise ValueError(f"the description of {logical_id} names no docs/runbooks/<alarm>.md")
    queries = [query["MetricStat"]["Metric"] for query in properties.get("Metrics", []) if "MetricStat" in query]
    watched = {
        (_service(metric["Dimensions"][0]["Value"]), metric["MetricName"])
        for metric in queries or [properties]
        if metric["Namespace"] == "Phenom"
    }
    return Alarm(logical_id, "Condition" in resource, runbook[1], frozenset(watched))


def _service(value: Mapping[str, Any]) -> str:
    """Returns `validator` for a dimension's value phenom-<env>-validator."""
    match value["Fn::Sub"]:
        case [_, {"Of": str(service)}]:
            return service
        case str(text):
            return text.removeprefix("phenom-${Environment}-")
    raise ValueError(f"not the name of a service: {value}")
