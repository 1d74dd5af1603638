"""Tables that say what the configuration says, so that they cannot grow old.

`python -m tests.infra.documents` writes them, between the two marks, into docs/environments.md (how the environments
differ) and each module's README (its variables and outputs); the tests compare. It needs the plans: `make infra`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.infra.plans import ENVIRONMENTS, ROOT, TERRAFORM, Environment, read

BEGIN = "<!-- made by `python -m tests.infra.documents` -->"
END = "<!-- end -->"
DOCUMENT = ROOT / "docs" / "environments.md"


def table(head: list[str], rows: list[list[str]]) -> str:
    cells = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in cells)


def cell(value: Any) -> str:
    """A value as it would stand in the configuration."""
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def differences(environments: dict[str, Environment]) -> str:
    """The locals that differ, one a row."""
    development, production = (environments[name].locals for name in ENVIRONMENTS)
    rows = [
        [f"`{name}`", cell(development[name]), cell(production[name])]
        for name in development
        if development[name] != production[name]
    ]
    return table(["local", *ENVIRONMENTS], rows)


def prose(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def interface(module: dict[str, Any]) -> str:
    """A module's variables, those that must be given first, and its outputs."""
    variables = sorted(module["variables"].items(), key=lambda item: ("default" in item[1], item[0]))
    inputs = [
        [f"`{name}`", prose(found["description"]), cell(found["default"]) if "default" in found else "required"]
        for name, found in variables
    ]
    outputs = [[f"`{name}`", prose(found["description"])] for name, found in sorted(module["outputs"].items())]
    return "\n\n".join([table(["variable", "", "default"], inputs), table(["output", ""], outputs)])


def modules(environment: Environment) -> dict[str, dict[str, Any]]:
    """Every module that an environment uses, by the name of its directory."""

    def walk(calls: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for call in calls.values():
            yield call["source"].rpartition("/")[2], call["module"]
            yield from walk(call["module"].get("module_calls", {}))

    return dict(walk(environment.configuration["module_calls"]))


def wanted(environments: dict[str, Environment]) -> dict[Path, str]:
    """What has to stand between the marks, by file."""
    readmes = {
        TERRAFORM / "modules" / name / "README.md": interface(module)
        for name, module in modules(environments["production"]).items()
    }
    return {DOCUMENT: differences(environments), **readmes}


def filled(text: str, content: str) -> str:
    """The document with this content between its marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the marks {BEGIN} and {END} are missing")
    return f"{before}{BEGIN}\n{content}\n{END}{after}"


def main() -> None:
    for path, content in wanted({name: read(name) for name in ENVIRONMENTS}).items():
        path.write_text(filled(path.read_text(), content))


if __name__ == "__main__":
    main()
