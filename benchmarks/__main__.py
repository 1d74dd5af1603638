"""Measures what users wait and pay for, side by side with peers: `python -m benchmarks` (or `make bench`).

Prints a table; a complete run also writes benchmarks/results.json and docs/performance.md. A missed target is not a
failure. Exits 1 if a measurement failed, 130 on Ctrl-C, after cleaning up.
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
    "cold_start": "duration of cold starts",
    "presign_cpu": "processor time of one upload URL",
    "inspection": "files inspected per second",
    "reads": "bytes read of an object, by type",
    "memory": "memory for a huge object",
    "antivirus": "time of a virus scan",
    "user_sync": "time to write a user",
    "sizes": "sizes of the packages",
    "pipeline": "uploads through the local cloud",
}
"""In the order of a run. Each is a module with `measure(quick, say)`, which returns its figures."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that SIGTERM cleans up as well
    load = os.getloadavg()[0]
    try:
        figures, failed = _measure(options.only or list(FAMILIES), quick=options.quick)
    except KeyboardInterrupt:
        _say("stopped; nothing was written")
        return 130
    described = machine.describe(load)
    rows = [each for family in figures.values() for each in family]
    print(report.section(rows, described, versions()))
    if options.only or options.quick or failed:
        _say("not written: only a complete run is")
    else:
        report.write(figures, described, versions())
        _say(f"written: {report.RESULTS.relative_to(report.ROOT)}, {report.DOCUMENT.relative_to(report.ROOT)}")
    return 1 if failed else 0


def _measure(names: Sequence[str], *, quick: bool) -> tuple[dict[str, list[Figure]], bool]:
    figures: dict[str, list[Figure]] = {}
    failed = False
    for position, name in enumerate(names, start=1):
        _say(f"[{position}/{len(names)}] {name}: {FAMILIES[name]}")
        started = time.monotonic()
        try:
            measure: Callable[..., list[Figure]] = importlib.import_module(f"benchmarks.{name}").measure
            figures[name] = measure(quick=quick, say=_say)
        except MissingPartError as missing:
            figures[name] = [not_measured(FAMILIES[name], str(missing))]
            _say(f"    not measured: {missing}")
        except Exception as error:  # noqa: BLE001 - the other measurements go on
            traceback.print_exc()
            figures[name] = [not_measured(FAMILIES[name], f"failed: {type(error).__name__}")]
            failed = True
        _say(f"    {time.monotonic() - started:.0f} s")
    return figures, failed


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
    parser.add_argument("--quick", action="store_true", help="few rounds, to check that it works; writes nothing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
