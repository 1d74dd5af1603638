"""Alarms on metric math, which the emulator's CloudFormation refuses, kept in the emulator as AWS describes them.

It does not compute the expressions: such an alarm stays in INSUFFICIENT_DATA. `cognito_triggers.py`, which is installed
before, refuses any release of the emulator but the one that both are made for.
"""

import importlib
from typing import Any

_NOT_MATH = {"MetricName": "none", "Namespace": "none"}  # what the emulator demands, and does not find in such an alarm


def install() -> None:
    provisioners: Any = importlib.import_module("ministack.services.cloudformation.provisioners")
    provisioners._cw_metric_alarm_record = _with_math(provisioners._cw_metric_alarm_record)


def _with_math(describe: Any) -> Any:
    def describe_alarm(name: str, properties: dict[str, Any]) -> dict[str, Any]:
        queries = properties.get("Metrics")
        if not queries:
            return dict(describe(name, properties))
        plain = {key: value for key, value in properties.items() if key != "Metrics"}
        alarm = dict(describe(name, plain | _NOT_MATH))
        for key in ("MetricName", "Namespace", "Statistic", "Period", "Dimensions"):
            del alarm[key]
        return alarm | {"Metrics": [_typed(query) for query in queries]}

    return describe_alarm


def _typed(query: dict[str, Any]) -> dict[str, Any]:
    """CloudFormation hands numbers and truth values on as the text that the template may hold them as."""
    typed = query | {"ReturnData": str(query.get("ReturnData", True)).lower() == "true"}
    if "MetricStat" in query:
        typed["MetricStat"] = query["MetricStat"] | {"Period": int(query["MetricStat"]["Period"])}
    return typed
