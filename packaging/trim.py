"""Removes from installed libraries the data that a function never uses, or reads at its cold start for nothing.

usage: trim.py DIRECTORY SERVICE…

Of botocore's data only the named services stay, of each service only the operations in src/functions.toml, without
documentation, examples, paginators and waiters. The sources of libmagic's database go. Of a distribution's metadata
only name and version stay: vulnerability scanners find packages by them.
"""

import gzip
import json
import shutil
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[1] / "src" / "functions.toml"
OPERATIONS: Mapping[str, Sequence[str]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))["operations"]
"""Operations that the functions call, by service."""

_KEPT_FIELDS = ("Metadata-Version", "Name", "Version")
"""Those that the core metadata specification requires."""

_UNUSED_DATA = ("examples-1.json", "paginators-1*.json", "waiters-*.json")


def trim(directory: Path, services: Sequence[str]) -> None:
    """Trims the libraries that are installed in `directory`. Raises KeyError for a service without operations."""
    shutil.rmtree(directory / "libmagic" / "data" / "magdir", ignore_errors=True)
    data = directory / "botocore" / "data"
    if not data.is_dir():
        return
    for entry in data.iterdir():
        if entry.is_dir() and entry.name not in services:
            shutil.rmtree(entry)
    _trim_endpoints(data / "endpoints.json", services)
    for service in services:
        for version in (data / service).iterdir():
            _trim_service(version, OPERATIONS[service])


def trim_metadata(directory: Path) -> None:
    """Leaves one file of each distribution's metadata, METADATA, with the fields that scanners read."""
    for metadata in directory.glob("*.dist-info"):
        fields = (metadata / "METADATA").read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
        kept = [line for line in fields if line.partition(":")[0] in _KEPT_FIELDS]
        shutil.rmtree(metadata)
        metadata.mkdir()
        (metadata / "METADATA").write_text("\n".join([*kept, ""]), encoding="utf-8")


def _trim_endpoints(file: Path, services: Sequence[str]) -> None:
    endpoints = json.loads(file.read_text(encoding="utf-8"))
    for partition in endpoints["partitions"]:
        known = partition["services"]
        partition["services"] = {name: known[name] for name in services if name in known}
    _write(file, endpoints)


def _trim_service(version: Path, names: Sequence[str]) -> None:
    for pattern in _UNUSED_DATA:
        for unused in version.glob(pattern):
            unused.unlink()
    packed = version / "service-2.json.gz"
    if not packed.is_file():  # an old version of the API
        shutil.rmtree(version)
        return
    model = json.loads(gzip.decompress(packed.read_bytes()))
    operations = {name: model["operations"][name] for name in names}
    used = set(_reachable(operations, model["shapes"]))
    shapes = {name: shape for name, shape in model["shapes"].items() if name in used}
    packed.unlink()
    _write(version / "service-2.json", _undocumented({**model, "operations": operations, "shapes": shapes}))


def _reachable(operations: Any, shapes: Mapping[str, Any]) -> Iterator[str]:
    """Yields the names of the operations' input, output and error shapes, and of the shapes nested in them."""
    seen: set[str] = set()
    waiting = [*_shape_names(operations)]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield name
            waiting += _shape_names(shapes[name])


def _shape_names(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("shape"), str):
            yield node["shape"]
        for value in node.values():
            yield from _shape_names(value)
    elif isinstance(node, list):
        for value in node:
            yield from _shape_names(value)


def _undocumented(node: Any) -> Any:
    """Returns a copy with empty `documentation` texts: botocore requires the key. A member of that name stays."""
    if isinstance(node, dict):
        return {
            name: "" if name == "documentation" and isinstance(value, str) else _undocumented(value)
            for name, value in node.items()
        }
    return [_undocumented(value) for value in node] if isinstance(node, list) else node


def _write(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    try:
        trim(Path(sys.argv[1]), sys.argv[2:])
        trim_metadata(Path(sys.argv[1]))
    except KeyError as error:
        sys.exit(f"packaging/trim.py: src/functions.toml lists no operations of {error}, or one that botocore lacks")
