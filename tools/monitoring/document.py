"""The metrics table of docs/operations/metrics.md."""

from collections.abc import Iterator

from tools.monitoring.catalogue import Metric, alarms, our_metrics

BEGIN = "<!-- Generated from tools/monitoring/metrics.yaml by `make generate`. -->\n"
END = "<!-- End of the generated part. -->\n"


def replace_table(page: str) -> str:
    """Returns the text of metrics.md with the present table. Raises ValueError for a metric without alarm or reason."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "".join(f"{line}\n" for line in _lines()) + END + after


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
