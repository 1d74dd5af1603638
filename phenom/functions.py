"""The table of functions, src/functions.toml. Standard library only: packaging runs it with a bare interpreter.

`python -m phenom.functions names` prints the functions' names, `… pack RESOURCE` what packaging/pack.sh needs.
"""

import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "src" / "functions.toml"


@dataclass(frozen=True, slots=True)
class Function:
    """One function: its package `name`, logical id `resource`, and the other columns of the table."""

    name: str
    resource: str
    shares: tuple[str, ...]
    botocore: tuple[str, ...]
    naive: tuple[str, ...]
    measured: str = ""

    @property
    def lock(self) -> Path:
        """The locked dependencies."""
        return ROOT / "requirements" / f"{self.name}.txt"

    @property
    def package(self) -> Path:
        """The folder that `sam build` creates."""
        return ROOT / ".aws-sam" / "build" / self.resource

    @property
    def stack_key(self) -> str:
        """The key of its name in `functions` of stack.json."""
        first, *rest = self.name.split("_")
        return first + "".join(word.capitalize() for word in rest)


def _function(name: str, entry: Mapping[str, Any]) -> Function:
    shares, botocore, naive = (tuple(entry[key]) for key in ("shares", "botocore", "naive"))
    return Function(name, entry["resource"], shares, botocore, naive, entry.get("measured", ""))


def _read() -> tuple[Mapping[str, Function], Mapping[str, tuple[str, ...]]]:
    content = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    functions = {name: _function(name, entry) for name, entry in content["functions"].items()}
    operations = {service: tuple(names) for service, names in content["operations"].items()}
    return MappingProxyType(functions), MappingProxyType(operations)


FUNCTIONS, OPERATIONS = _read()
"""Functions by package name; operations called by botocore service."""


def by_resource(resource: str) -> Function:
    """Returns the function with this logical id. Raises LookupError."""
    for function in FUNCTIONS.values():
        if function.resource == resource:
            return function
    raise LookupError(f"src/functions.toml has no function with resource {resource}")


def main(arguments: Sequence[str]) -> int:
    """Prints for scripts: names, or name, packages and services of one resource, one per line."""
    match arguments:
        case ["names"]:
            print(*FUNCTIONS)
        case ["pack", resource]:
            function = by_resource(resource)
            print(function.name, " ".join((function.name, *function.shares)), " ".join(function.botocore), sep="\n")
        case _:
            print("usage: python -m phenom.functions names | pack RESOURCE", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
