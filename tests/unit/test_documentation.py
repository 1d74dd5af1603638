"""References in the documents: links, files, and the commands `make …` and `phenom …`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from phenom.cli import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for pattern in (
        "*.md",
        "docs/**/*.md",
        "events/*.md",
        "hasura/*.md",
        "images/*.md",
        "local/**/*.md",
        "infra/**/README.md",
    )
    for path in ROOT.glob(pattern)
    if ".terraform" not in path.parts
)
FOLDERS = sorted(path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith("."))
NAMED_FILE = re.compile(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]+)`")
MAKE_COMMAND = re.compile(r"(?:^ *|`|\$\(|&& )make ([a-z-]+)(?=[ `\n])", re.MULTILINE)
PHENOM_COMMAND = re.compile(r"(?:^ *|[`|(]|&& |bin/)phenom ([a-z][a-z-]*)([^`|&\n#]*)", re.MULTILINE)
MAKE_TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def phenom_options() -> dict[str, set[str]]:
    """Returns the options of each command, including those of its subcommands."""
    commands = getattr(typer.main.get_command(app), "commands", {})
    return {name: {"--help", *_options(command)} for name, command in commands.items()}


def _options(command: Any) -> Iterator[str]:
    for parameter in command.params:
        yield from (*parameter.opts, *parameter.secondary_opts)
    for each in getattr(command, "commands", {}).values():
        yield from _options(each)


def anchors(path: Path) -> set[str]:
    """Returns the anchors that GitHub creates: lower case, no punctuation, dashes for spaces."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_document
def test_links_have_a_target(document: Path):
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (document.parent / path).resolve() if path else document
        assert found.exists(), target
        if anchor and found.suffix == ".md":
            assert anchor in anchors(found), target


@each_document
def test_named_files_exist(document: Path):
    missing = [name for name in NAMED_FILE.findall(document.read_text(encoding="utf-8")) if not _exists(name)]
    assert missing == [] or document.name == "CHANGELOG.md"


def _exists(name: str) -> bool:
    return (ROOT / name).exists() or name.startswith(
        ("client/dist", "infra/terraform/environments/<", "client/node_modules")
    )


@each_document
def test_named_make_targets_exist(document: Path):
    assert set(MAKE_COMMAND.findall(document.read_text(encoding="utf-8"))) <= MAKE_TARGETS


@each_document
def test_named_phenom_commands_and_options_exist(document: Path):
    known = phenom_options()
    for command, arguments in PHENOM_COMMAND.findall(document.read_text(encoding="utf-8")):
        assert command in known
        assert set(re.findall(r"(?<!\S)--[a-z][a-z-]*", arguments)) <= known[command], f"phenom {command}{arguments}"


def test_each_phenom_command_is_documented():
    text = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    assert {command for command, _ in PHENOM_COMMAND.findall(text)} == phenom_options().keys()
