"""Moves imports of installed libraries that a cold start does not need into the functions that use them.

usage: defer_imports.py DIRECTORY

Nothing is removed: a deferred module is read when it is first used. The build stops when a library's text differs from
the release this script knows. docs/adr/0013-fast-starts.md has the measurements.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

DEFERRED: Mapping[str, Sequence[tuple[str, str]]] = {
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
"""By file: an import, and its only use; the import moves directly before the use."""

POWERTOOLS = "aws_lambda_powertools/__init__.py"
POWERTOOLS_IMPORTS = (
    "from pathlib import Path\n",
    "PACKAGE_PATH = Path(__file__).parent\n",
    "from aws_lambda_powertools.metrics import Metrics, single_metric\n",
    "from aws_lambda_powertools.tracing import Tracer\n",
)
"""Lines that Powertools runs whenever its Logger is imported. Nothing reads PACKAGE_PATH."""

_POWERTOOLS_END = "set_package_logger_handler()\n"
_LAZY_ATTRIBUTES = """
def __getattr__(name):
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from aws_lambda_powertools.metrics import Metrics, single_metric
    from aws_lambda_powertools.tracing import Tracer

    return {"Metrics": Metrics, "single_metric": single_metric, "Tracer": Tracer}[name]


"""


class UnknownReleaseError(Exception):
    """A library's text is not that of the known release. The message names the file."""


def defer_imports(directory: Path) -> None:
    """Edits the libraries installed in `directory`. Raises UnknownReleaseError."""
    for name, moves in DEFERRED.items():
        if (directory / name).is_file():
            for line, use in moves:
                _move(directory / name, line, use)
    powertools = directory / POWERTOOLS
    if powertools.is_file():
        for line in POWERTOOLS_IMPORTS:
            _replace(powertools, line, "")
        _replace(powertools, _POWERTOOLS_END, _LAZY_ATTRIBUTES + _POWERTOOLS_END)


def _move(file: Path, line: str, use: str) -> None:
    indent = use[: len(use) - len(use.lstrip())]
    _replace(file, f"{line}\n", "")
    _replace(file, use, f"{indent}{line}\n\n{use}")


def _replace(file: Path, old: str, new: str) -> None:
    content = file.read_text(encoding="utf-8")
    if content.count(old) != 1:
        raise UnknownReleaseError(f"{file} does not contain {old.strip()!r} once: adapt packaging/defer_imports.py")
    file.write_text(content.replace(old, new), encoding="utf-8")


if __name__ == "__main__":
    try:
        defer_imports(Path(sys.argv[1]))
    except UnknownReleaseError as error:
        sys.exit(str(error))
