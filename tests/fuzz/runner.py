"""Runs the fuzzer of a target in a separate process and parses its output."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.seeds import ROOT, write_seeds
from tests.fuzz.targets import Target

CACHE = ROOT / ".cache" / "fuzz"
HANGS_AFTER_SECONDS = 60
MEMORY_MB = 2048

_STATUS = re.compile(r"#(\d+)\s+[A-Z]\w*\s+cov: (\d+) ft: (\d+) corp: (\d+)")
_LAST_LINES = 40


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a fuzzer: inputs tried, edges and features of src covered, inputs kept."""

    runs: int = 0
    edges: int = 0
    features: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of a run. `crash` is the input that showed a defect, `output` the fuzzer's last lines."""

    progress: Progress
    failed: bool = False
    crash: Path | None = None
    output: str = ""


def fuzz(
    target: Target, limits: Iterable[str], corpus: Path | None = None, tell: Callable[[Progress], None] = lambda _: None
) -> Outcome:
    """Fuzzes until one of libFuzzer's `limits` is reached or an input shows a defect.

    New inputs that cover more code are added to `corpus`, if given.
    """
    crashes = CACHE / "crashes" / target.name
    crashes.mkdir(parents=True, exist_ok=True)
    seeds = write_seeds(target.name, CACHE / "seeds")
    with tempfile.TemporaryDirectory() as scratch:
        grown = corpus or Path(scratch, "corpus")
        grown.mkdir(parents=True, exist_ok=True)
        words = Path(scratch, "words")
        words.write_text("".join(f'"{"".join(f"\\x{byte:02x}" for byte in word)}"\n' for word in target.words))
        command = [
            *(sys.executable, "-m", "tests.fuzz.engine", target.name, str(grown), str(seeds)),
            *(f"-dict={words}", f"-artifact_prefix={crashes}/", f"-max_len={target.longest}", "-len_control=100"),
            *(f"-timeout={HANGS_AFTER_SECONDS}", f"-rss_limit_mb={MEMORY_MB}", "-report_slow_units=1000", *limits),
        ]
        return _run(command, tell)


def _run(command: list[str], tell: Callable[[Progress], None]) -> Outcome:
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    progress, last = Progress(), list[str]()
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace",
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            for line in process.stdout:
                last = [*last[1 - _LAST_LINES :], line]
                if found := _STATUS.search(line):
                    progress = Progress(*map(int, found.groups()))
                    tell(progress)
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.communicate()
            raise
    output = "".join(last)
    crash = re.search(r"Test unit written to (\S+)", output)
    return Outcome(progress, process.returncode != 0, Path(crash[1]) if crash else None, output)
