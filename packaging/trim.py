"""Takes from installed libraries what a start of a function would read for nothing.

usage: trim.py DIRECTORY SERVICE…

Of botocore's data the services stay that are named, of each the operations below. And imports that only documentation,
HTTP/2 or unused features need move into the functions that use them: nothing is lost, it is read when it is asked for.
What each of it is worth: docs/adr/0013-fast-starts.md.
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
"""The operations that the functions call, by service."""

MOVED: Mapping[str, Sequence[tuple[str, str]]] = {
    "botocore/docs/__init__.py": [
        ("from botocore.docs.service import ServiceDocumenter", "    for service_name in available_services:\n"),
    ],
    "botocore/docs/docstring.py": [
        (
            "from botocore.docs.bcdoc.restdoc import DocumentStructure",
            "        docstring_structure = DocumentStructure(",
        ),
        ("from botocore.docs.method import document_model_driven_method", "        document_model_driven_method("),
        ("from botocore.docs.paginator import document_paginate_method", "        document_paginate_method("),
        ("from botocore.docs.waiter import document_wait_method", "        document_wait_method("),
    ],
    "urllib3/http2/__init__.py": [("from importlib.metadata import version", '    h2_version = version("h2")')],
    "aws_lambda_powertools/logging/logger.py": [
        (
            "from aws_lambda_powertools.utilities import jmespath_utils",
            "                self.set_correlation_id(\n                    jmespath_utils.query(",
        ),
    ],
    "aws_lambda_powertools/shared/functions.py": [
        ("from pathlib import Path", "    current_working_directory = os.environ.get("),
    ],
}
"""By file: an import, and the only place that uses it, before which it goes."""

POSTPONED = (
    "from pathlib import Path\n",
    "PACKAGE_PATH = Path(__file__).parent\n",
    "from aws_lambda_powertools.metrics import Metrics, single_metric\n",
    "from aws_lambda_powertools.tracing import Tracer\n",
)
"""What Powertools loads with its Logger: read when it is asked for. Nothing asks for PACKAGE_PATH."""

_POWERTOOLS_READY = "set_package_logger_handler()\n"
_WHEN_ASKED_FOR = """
def __getattr__(name):
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from aws_lambda_powertools.metrics import Metrics, single_metric
    from aws_lambda_powertools.tracing import Tracer

    return {"Metrics": Metrics, "single_metric": single_metric, "Tracer": Tracer}[name]


"""
_UNUSED_DATA = ("examples-1.json", "paginators-1*.json", "waiters-*.json")


class UnknownTextError(Exception):
    """A library is not the release that this knows. The message names the file."""


def trim(directory: Path, services: Sequence[str]) -> None:
    """Changes the libraries installed in `directory`. Raises UnknownTextError, and KeyError for an unknown service."""
    if (directory / "botocore").is_dir():
        _trim_data(directory / "botocore" / "data", services)
    for name, moves in MOVED.items():
        if (directory / name).is_file():
            _move_imports(directory / name, moves)
    powertools = directory / "aws_lambda_powertools" / "__init__.py"
    if powertools.is_file():
        _replace(
            powertools, [*((line, "") for line in POSTPONED), (_POWERTOOLS_READY, _WHEN_ASKED_FOR + _POWERTOOLS_READY)]
        )


def _move_imports(file: Path, moves: Sequence[tuple[str, str]]) -> None:
    for line, use in moves:
        indent = use[: len(use) - len(use.lstrip())]
        _replace(file, [(f"{line}\n", ""), (use, f"{indent}{line}\n\n{use}")])


def _replace(file: Path, replacements: Sequence[tuple[str, str]]) -> None:
    content = file.read_text(encoding="utf-8")
    for old, new in replacements:
        if content.count(old) != 1:
            raise UnknownTextError(f"{file} does not hold, once, {old.strip()!r}: see what its new release changed")
        content = content.replace(old, new)
    file.write_text(content, encoding="utf-8")


def _trim_data(data: Path, services: Sequence[str]) -> None:
    for entry in data.iterdir():
        if entry.is_dir() and entry.name not in services:
            shutil.rmtree(entry)
    _trim_endpoints(data / "endpoints.json", services)
    for service in services:
        for version in (data / service).iterdir():
            _trim_service(version, OPERATIONS[service])


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
    wanted = set(_reachable(operations, model["shapes"]))
    shapes = {name: shape for name, shape in model["shapes"].items() if name in wanted}
    packed.unlink()
    _write(version / "service-2.json", _undocumented({**model, "operations": operations, "shapes": shapes}))


def _reachable(operations: Any, shapes: Mapping[str, Any]) -> Iterator[str]:
    """The names of the shapes that the operations take, answer with or fail with, and of what these are made of."""
    seen: set[str] = set()
    waiting = [*_named(operations)]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield name
            waiting += _named(shapes[name])


def _named(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("shape"), str):
            yield node["shape"]
        for value in node.values():
            yield from _named(value)
    elif isinstance(node, list):
        for value in node:
            yield from _named(value)


def _undocumented(node: Any) -> Any:
    """With empty texts for `documentation`: botocore insists on some, and a member may bear the name."""
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
    except UnknownTextError as error:
        sys.exit(str(error))
    except KeyError as error:
        sys.exit(f"packaging/trim.py: say in OPERATIONS what is called of {error}")
