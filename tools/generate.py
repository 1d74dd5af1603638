"""Writes everything that is derived from a list in the code: `make generate`. With --check, only says what is old.

Each derived part stands between two marks or is a whole file; the text around it is written by hand.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from phenom.functions import FUNCTIONS
from presign.problems import CODES
from tools.monitoring import dashboard, document
from uploads.media_types import MEDIA_TYPES
from uploads.reasons import Reason
from uploads.record import Status

ROOT = Path(__file__).parents[1]
SCHEMAS = ("upload-accepted", "upload-held", "upload-rejected")
GATEWAY_CODES = re.compile(r'"code":"(\w+)"')


def contract(_: str) -> str:
    """Returns client/src/contract.ts: the lists that the page shares with the functions."""
    types = "".join(
        f'  {extension}: "{kind.mime}",\n' for kind in MEDIA_TYPES.values() for extension in kind.extensions
    )
    return f"""\
// Written by `make generate` (tools/generate.py) from the Python code. Do not edit.

/** `uploads.reasons.Reason` */
{_constant("REASONS", [str(each) for each in Reason], "Reason")}
/** `uploads.record.Status` */
{_constant("STATUSES", [str(each) for each in Status], "Status")}
/** The codes of `presign.problems` and of API Gateway's own responses in template.yaml. */
{_constant("PROBLEMS", problem_codes(), "ProblemCode")}
/** The accepted types, for people: `uploads.media_types` */
{_constant("TYPE_NAMES", [kind.name for kind in MEDIA_TYPES.values()], "TypeName")}
/** The media type that an extension stands for: `uploads.media_types`. Browsers and systems disagree. */
export const TYPE_OF_EXTENSION: Readonly<Record<string, string>> = {{
{types}}};
"""


def problem_codes() -> list[str]:
    """Returns the codes of the API's problems: the functions' own and API Gateway's."""
    gateway = GATEWAY_CODES.findall((ROOT / "template.yaml").read_text(encoding="utf-8"))
    return list(dict.fromkeys([*CODES, *gateway]))


def schema(text: str) -> str:
    """Returns a schema of upload events with current examples of media types and reasons."""
    content: dict[str, Any] = json.loads(text)
    detail = content["properties"]["detail"]["properties"]
    detail["contentType"]["examples"] = list(MEDIA_TYPES)
    if "reason" in detail:
        detail["reason"]["examples"] = [str(each) for each in Reason]
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def accepted_types(text: str) -> str:
    """Returns docs/formats.md with the current table of accepted types."""
    rows = [
        f"| `{kind.mime}` | {', '.join(f'`.{each}`' for each in kind.extensions)} | `{kind.family}/` |"
        for kind in MEDIA_TYPES.values()
    ]
    table = "\n".join(["| media type | extensions | final prefix |", "|---|---|---|", *rows])
    return between_marks(text, "accepted types", table)


def metrics(text: str) -> str:
    """Returns docs/operations/metrics.md with the current table of metrics."""
    return between_marks(text, "metrics", document.render_table())


def import_contracts(text: str) -> str:
    """Returns pyproject.toml with the functions and shared packages of src/functions.toml in its import contracts."""
    functions = list(FUNCTIONS)
    shared = list(dict.fromkeys(package for each in FUNCTIONS.values() for package in each.shares))
    for section, key, packages in (
        ("[tool.importlinter]", "root_packages", shared + functions),
        ('name = "functions never import each other"', "modules", functions),
        ('name = "shared packages import no function"', "source_modules", shared),
        ('name = "shared packages import no function"', "forbidden_modules", functions),
    ):
        listed = re.compile(rf"({re.escape(section)}\n(?:.+\n)*?{key} = )\[.*]")
        text, found = listed.subn(lambda match, names=packages: match[1] + json.dumps(names), text)
        if found != 1:
            raise ValueError(f"pyproject.toml has no list {key} below {section}")
    return text


def between_marks(text: str, name: str, content: str) -> str:
    """Returns `text` with `content` between the marks of this name. Raises ValueError if they are missing."""
    begin, end = f"<!-- {name}: written by `make generate` -->", f"<!-- end of {name} -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"the marks of {name!r} are missing")
    return f"{before}{begin}\n{content}\n{end}{after}"


DERIVED: Sequence[tuple[str, Callable[[str], str]]] = (
    ("client/src/contract.ts", contract),
    *((f"schemas/upload-events/{name}.json", schema) for name in SCHEMAS),
    ("docs/formats.md", accepted_types),
    ("template.yaml", dashboard.replace_dashboard),
    ("docs/operations/metrics.md", metrics),
    ("pyproject.toml", import_contracts),
)
"""Each file with the function that returns its content from the present one."""


def outdated() -> dict[Path, str]:
    """Returns the files that differ from what the code says, with their new content."""
    found = {}
    for name, generate in DERIVED:
        path = ROOT / name
        present = path.read_text(encoding="utf-8")
        wanted = generate(present)
        if wanted != present:
            found[path] = wanted
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the outdated files, or only names them; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is old")
    options = parser.parse_args(arguments)
    for path, content in (found := outdated()).items():
        if not options.check:
            path.write_text(content, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {'is old: run `make generate`' if options.check else 'written'}")
    return 1 if found and options.check else 0


def _constant(name: str, values: Sequence[str], kind: str) -> str:
    line = f"export const {name} = [{', '.join(json.dumps(each) for each in values)}] as const;"
    if len(line) > 120:
        line = f"export const {name} = [\n" + "".join(f"  {json.dumps(each)},\n" for each in values) + "] as const;"
    return f"{line}\nexport type {kind} = (typeof {name})[number];\n"


if __name__ == "__main__":
    sys.exit(main())
