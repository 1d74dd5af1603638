"""Measures what users wait and pay for, side by side with peers: `python -m benchmarks` (or `make bench`).

Prints a table; a run of everything also writes benchmarks/results.json and docs/performance.md. It is a report: a
missed target is no failure. Exits 1 where a measurement broke, 130 on Ctrl-C, which leaves nothing behind.
"""

import argparse
import importlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks import machine, report
from benchmarks.figures import Figure, MissingPartError, not_measured
from benchmarks.peers import versions

FAMILIES = {
    "cold_start": "how long a function takes to start",
    "presign_cpu": "processor time of one upload URL",
    "inspection": "files inspected a second",
    "reads": "bytes read of an object, by type",
    "memory": "memory that a huge object takes",
    "antivirus": "time of a virus scan",
    "user_sync": "time of writing a user",
    "sizes": "packages",
    "pipeline": "uploads through the local cloud",
}
"""In this order: the last one starts servers. Each is a module with `measure(quick, say)`, which gives its figures."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leaves nothing behind either
    load = os.getloadavg()[0]
    try:
        figures, broken = _measure(options.only or list(FAMILIES), quick=options.quick)
    except KeyboardInterrupt:
        _say("stopped; nothing was written")
        return 130
    described = machine.describe(load)
    rows = [each for family in figures.values() for each in family]
    print(report.section(rows, described, versions()))
    if options.only or options.quick or broken:
        _say("not written: that takes a whole run")
    else:
        report.write(figures, described, versions())
        _say(f"written: {report.RESULTS.relative_to(report.ROOT)}, {report.DOCUMENT.relative_to(report.ROOT)}")
    return 1 if broken else 0


def _measure(names: Sequence[str], *, quick: bool) -> tuple[dict[str, list[Figure]], bool]:
    figures: dict[str, list[Figure]] = {}
    broken = False
    for position, name in enumerate(names, start=1):
        _say(f"[{position}/{len(names)}] {name}: {FAMILIES[name]}")
        started = time.monotonic()
        try:
            measure: Callable[..., list[Figure]] = importlib.import_module(f"benchmarks.{name}").measure
            figures[name] = measure(quick=quick, say=_say)
        except MissingPartError as missing:
            figures[name] = [not_measured(FAMILIES[name], str(missing))]
            _say(f"    not measured: {missing}")
        except Exception as error:  # noqa: BLE001 - what broke must not take the other measurements with it
            traceback.print_exc()
            figures[name] = [not_measured(FAMILIES[name], f"broke: {type(error).__name__}")]
            broken = True
        _say(f"    {time.monotonic() - started:.0f} s")
    return figures, broken


def _say(text: Any) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    names = "\n".join(f"  {name:12} {what}" for name, what in FAMILIES.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog=f"names:\n{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", choices=FAMILIES, help="measure these and write nothing (names below)"
    )
    parser.add_argument("--quick", action="store_true", help="few rounds, to see whether it works; writes nothing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
