"""Sizes of the functions' packages, zipped, compared with `pip install` of common libraries."""

import io
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks import peers
from benchmarks.figures import Figure, MissingPartError, not_measured
from phenom.functions import FUNCTIONS, Function


def measure(*, quick: bool, say: Callable[[object], None]) -> list[Figure]:
    say(f"    {len(FUNCTIONS)} packages" + (", all of them although --quick" if quick else ""))
    return [_figure(function) for function in FUNCTIONS.values()]


def _figure(function: Function) -> Figure:
    title = f"{function.name}: package, zipped"
    if not function.package.is_dir():
        return not_measured(title, "not built: run `make build`")
    ours = zipped([function.package])
    try:
        naive = zipped([peers.python_packages(f"package-{function.name}", *function.naive)])
    except MissingPartError as missing:
        return Figure(title, ours / 1e6, "MB", note=str(missing))
    return Figure(title, ours / 1e6, "MB", detail=f"pip install {' '.join(function.naive)}: {naive / 1e6:.2f} MB")


def zipped(directories: Iterable[Path]) -> int:
    """Returns the size in bytes of a ZIP archive of the directories."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as target:
        for directory in directories:
            for path in sorted(directory.rglob("*")):
                if path.is_file():
                    target.write(path, path.relative_to(directory))
    return archive.tell()
