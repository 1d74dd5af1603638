"""The body of the dashboard, as template.yaml has it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tools.monitoring.catalogue import Alarm, Metric, Widget, alarms, widgets
from uploads.reasons import Reason

BEGIN = "      # Generated from tools/monitoring/metrics.yaml by `make generate`.\n"
END = "      # End of the generated part.\n"
_WIDTH, _HEIGHT, _PER_ROW = 8, 6, 3
_ALARMS_HEIGHT = 4
_LINE = 118
_INDENT = "          "


def replace_dashboard(template: str) -> str:
    """Returns the text of template.yaml with the present dashboard."""
    before, begun, rest = template.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begun and ended):
        raise ValueError("the marks of the dashboard are missing")
    return before + BEGIN + _property(widgets(), alarms()) + END + after


def _property(graphs: Sequence[Widget], states: Sequence[Alarm]) -> str:
    lines = ["      DashboardBody: !Sub", "        - |", f'{_INDENT}{{"widgets": [']
    lines += _alarm_widget([each.logical_id for each in states if not each.conditional])
    for place, graph in enumerate(graphs):
        lines += _graph(graph, place % _PER_ROW * _WIDTH, _ALARMS_HEIGHT + place // _PER_ROW * _HEIGHT)
    lines[-1] = lines[-1].removesuffix(",")
    lines += [f"{_INDENT}]}}", "        - NewVersionAlarms: !If", "            - ShiftsTraffic"]
    lines += ["            - !Sub >-", "              ,"]
    lines += [f'              "${{{each.logical_id}.Arn}}",' for each in states if each.conditional]
    lines[-1] = lines[-1].removesuffix(",")
    lines += ['            - ""']
    return "".join(f"{line}\n" for line in lines)


def _alarm_widget(logical_ids: Iterable[str]) -> Iterator[str]:
    yield (
        f'{_INDENT}{{"type": "alarm", "x": 0, "y": 0, "width": {_WIDTH * _PER_ROW}, "height": {_ALARMS_HEIGHT}, '
        '"properties": {'
    )
    yield f'{_INDENT}  "title": "Alarms of phenom-${{Environment}}", "alarms": ['
    packed = list(_packed([f'"${{{logical_id}.Arn}}"' for logical_id in logical_ids]))
    packed[-1] = packed[-1].removesuffix(",") + "${NewVersionAlarms}]}},"
    yield from packed


def _graph(graph: Widget, x: int, y: int) -> Iterator[str]:
    settings: dict[str, Any] = {"stat": graph.stat, "period": 300}
    if graph.stacked:
        settings["stacked"] = True
    if graph.line:
        settings["annotations"] = {"horizontal": [graph.line]}
    yield f'{_INDENT}{{"type": "metric", "x": {x}, "y": {y}, "width": {_WIDTH}, "height": {_HEIGHT}, "properties": {{'
    yield f'{_INDENT}  "title": {json.dumps(graph.title)}, "region": "${{AWS::Region}}", "view": "timeSeries",'
    yield f'{_INDENT}  {json.dumps(settings)[1:-1]}, "metrics": ['
    packed = list(_packed([json.dumps(row) for row in _shortened(_rows(graph.metrics))]))
    packed[-1] = packed[-1].removesuffix(",") + "]}},"
    yield from packed


def _rows(metrics: Iterable[Metric]) -> Iterator[list[Any]]:
    for metric in metrics:
        if metric.by_reason:
            namespace, name, *dimensions = metric.dimensions
            for reason in Reason:
                yield [namespace, name, "reason", str(reason), *dimensions, {"label": str(reason)}]
            continue
        options = {"stat": metric.stat, "label": metric.label, "yAxis": metric.axis}
        given = {name: value for name, value in options.items() if value}
        yield [*metric.dimensions, given] if given else metric.dimensions


def _shortened(rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """Writes `.` for a text that is the same as in the row above, as CloudWatch allows."""
    above: list[Any] = []
    for row in rows:
        same_length = len([each for each in row if isinstance(each, str)]) == len(
            [each for each in above if isinstance(each, str)]
        )
        yield [
            "." if same_length and isinstance(word, str) and word == above[place] else word
            for place, word in enumerate(row)
        ]
        above = row


def _packed(parts: Sequence[str]) -> Iterator[str]:
    """Joins parts by commas to lines of up to 118 characters."""
    line = f"{_INDENT}   "
    for part in parts:
        if len(line) + len(part) + 2 > _LINE and line.strip():
            yield line
            line = f"{_INDENT}   "
        line += f" {part},"
    yield line
