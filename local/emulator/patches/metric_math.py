"""Patches the emulator's CloudFormation to accept alarms on metric math and describe them as AWS does.

The expressions are not computed: such an alarm stays in INSUFFICIENT_DATA.
"""

import importlib
from typing import Any

_NOT_MATH = {"MetricName": "none", "Namespace": "none"}  # the emulator requires both; a metric math alarm has neither


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
    """Returns numbers and booleans for text: CloudFormation passes them on as the template writes them."""
    typed = query | {"ReturnData": str(query.get("ReturnData", True)).lower() == "true"}
    if "MetricStat" in query:
        typed["MetricStat"] = query["MetricStat"] | {"Period": int(query["MetricStat"]["Period"])}
    return typed
