"""The metrics table of docs/operations/metrics.md."""

from collections.abc import Iterator

from tools.monitoring.catalogue import Metric, alarms, our_metrics


def render_table() -> str:
    """Returns the table in Markdown. Raises ValueError for a metric with neither alarm nor reason."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "| service | metric | meaning | alarm |"
    yield "|---|---|---|---|"
    for metric in sorted(our_metrics(), key=lambda each: str(each.service)):
        yield f"| {metric.service} | `{metric.name}` | {metric.means} | {_alarm(metric)} |"


def _alarm(metric: Metric) -> str:
    runbooks = sorted({each.runbook for each in alarms() if (metric.service, metric.name) in each.metrics})
    if bool(runbooks) is bool(metric.no_alarm):
        raise ValueError(f"{metric.service}: {metric.name} needs either an alarm or a reason in no_alarm")
    return ", ".join(f"[{name}](../runbooks/{name}.md)" for name in runbooks) or f"none: {metric.no_alarm}"
