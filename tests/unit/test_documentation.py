"""Files, headings, tests and commands that the documents name exist."""

import re
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from phenom.cli import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "events/*.md", "hasura/*.md", "local/**/*.md", "infra/**/README.md")
    for path in ROOT.glob(pattern)
    if ".terraform" not in path.parts
)
COMMAND = re.compile(r"(?:^    |`|\$\(|&& )make ([a-z-]+)(?=[ `\n])", re.MULTILINE)
PHENOM = re.compile(r"(?:^    |`|bin/)phenom ([a-z][a-z-]+)([^`|\n#]*)", re.MULTILINE)
PROJECT_FILE = re.compile(
    r"`((?:src|tests|testkit|local|phenom|packaging|tools|infra|docs|schemas|events|client|hasura)/[\w./-]+)`"
)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _anchors(path: Path) -> set[str]:
    """Returns GitHub's anchors of the headings: lower case, no punctuation, dashes for spaces."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_links_have_a_target(document: Path):
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (document.parent / path).resolve() if path else document
        assert found.exists(), target
        if anchor and found.suffix == ".md":
            assert anchor in _anchors(found), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_named_files_exist(document: Path):
    missing = [name for name in PROJECT_FILE.findall(document.read_text(encoding="utf-8")) if not _exists(name)]
    assert not missing or document.name == "CHANGELOG.md"


def _exists(name: str) -> bool:
    return (ROOT / name).exists() or name.startswith(("client/dist", "infra/terraform/environments/<"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_named_make_targets_exist(document: Path):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+)(?: [a-z-]+)*:", makefile, re.MULTILINE))
    assert set(COMMAND.findall(document.read_text(encoding="utf-8"))) <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_named_phenom_commands_and_options_exist(document: Path):
    commands = get_command(app).commands  # type: ignore[attr-defined]
    for command, rest in PHENOM.findall(document.read_text(encoding="utf-8")):
        assert command in commands, command
        options = {option for each in commands[command].params for option in each.opts}
        assert set(re.findall(r"(?<= )--[a-z-]+", rest)) <= options, f"phenom {command}{rest}"


def test_makefile_defines_each_target_once():
    """GNU make only warns about a second recipe, which a merge may leave behind."""
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
