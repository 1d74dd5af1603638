"""Writes the generated parts of files: `make generate`. A test fails when one of them is out of date."""

from collections.abc import Callable, Sequence
from pathlib import Path

from tools.monitoring import dashboard, document

ROOT = Path(__file__).parents[1]
GENERATED: Sequence[tuple[Path, Callable[[str], str]]] = (
    (ROOT / "template.yaml", dashboard.replace_dashboard),
    (ROOT / "docs/operations/metrics.md", document.replace_table),
)
"""Each file with a function from its present text to the text that it should have."""


def outdated() -> dict[Path, str]:
    """Returns the right text of each file that is out of date."""
    texts = {path: (path.read_text(encoding="utf-8"), update) for path, update in GENERATED}
    return {path: right for path, (text, update) in texts.items() if (right := update(text)) != text}


def main() -> None:
    for path, text in outdated().items():
        path.write_text(text, encoding="utf-8")
        print(f"Updated {path.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
