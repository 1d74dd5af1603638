"""What the documents point to is there: files, headings, tests, commands."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "events/*.md", "hasura/*.md", "local/**/*.md", "infra/**/README.md")
    for path in ROOT.glob(pattern)
    if ".terraform" not in path.parts
)
COMMAND = re.compile(r"(?:^    |`|\$\(|&& )make ([a-z-]+)(?=[ `\n])", re.MULTILINE)
OF_THE_PROJECT = re.compile(r"`((?:src|tests|local|operations|infra|docs|schemas|events|client|hasura)/[\w./-]+)`")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _anchors(path: Path) -> set[str]:
    """As GitHub makes them: lower case, without punctuation, dashes for spaces."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_links_lead_somewhere(document: Path):
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (document.parent / path).resolve() if path else document
        assert found.exists(), target
        if anchor and found.suffix == ".md":
            assert anchor in _anchors(found), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_files_that_are_named_exist(document: Path):
    missing = [name for name in OF_THE_PROJECT.findall(document.read_text(encoding="utf-8")) if not _exists(name)]
    assert not missing or document.name == "CHANGELOG.md"


def _exists(name: str) -> bool:
    return (ROOT / name).exists() or name.startswith(("client/dist", "infra/terraform/environments/<"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_commands_that_are_named_exist(document: Path):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+)(?: [a-z-]+)*:", makefile, re.MULTILINE))
    assert set(COMMAND.findall(document.read_text(encoding="utf-8"))) <= targets
