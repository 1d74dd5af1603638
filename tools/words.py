"""Checks the words of the repository: `make lint` runs it, docs/adr/0014-house.md says why.

Prints `file:line: "words found": what to write instead` for each hit and exits 1. Add to PHRASES what you catch
yourself writing; add to EXCEPTIONS only words that are an API contract or a quotation.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]

PHRASES: Mapping[str, str] = {
    r"whoever|whomever|whosoever": "name the actor: 'a user who', 'callers that'",
    r"whatever": "'any', 'everything that'",
    r"anew": "'again', 'new'",
    r"beside(?! (?:it|the file|them|this file|each other)\b)": "'next to' for a place, 'in addition to' otherwise",
    r"(?<![`\"])nobody|no one": "name the actor, or use the passive",
    r"somebody|someone": "name the actor",
    r"everybody|everyone": "'all users', 'every caller'",
    r"seldom": "'rarely'",
    r"tells? of|told of|hears? of|heard of": "'reports', 'receives'",
    r"(?:is|are|was|were|be) (?-i:none)": "'does not exist', 'is empty'",
    r"(?:is|are|was) no more": "'was deleted', 'no longer exists'",
    r"(?:lies?|lay|put|kept|keeps?|laid|set|held|moved?s?) aside": "'held', 'quarantined'",
    r"alone(?!-)": "'only'",
    r"at the (?:most|least)": "'at most', 'at least'",
    r"of (?:its|their|our|his|one's) own(?! (?:code|accord))": "'its own …', 'a separate …'",
    r"be it": "'whether'",
    r"(?:the )?dear(?:er|est)": "'slower', 'more expensive'",
    r"mend(?:s|ed|ing)?": "'fix', 'repair'",
    r"by heart": "'cached'",
    r"goes by|go by|went by": "'uses', 'reads'",
    r"as far as (?:it|they|the) (?:goes|go|is|are) ": "say exactly how far",
    r"of (?:no|any) use": "'useless', 'useful'",
    r"is of (?:no|little) ": "'does not matter'",
    r"wakes? (?:somebody|people|a person)": "'alarms', 'pages the operator'",
    r"come to (?:nothing|the same)": "say what happens",
    r"made? (?:up )?out of": "'built from'",
    r"(?:hence|thus|thereby|therein|thereof|whereby|wherein|hereby|forthwith)": "'so', 'therefore', or a new sentence",
    r"to this end|in good order|in so far|inasmuch": "plain words",
    r"(?:lest|ere|albeit|nigh|behold|forsooth|thence|whence)": "plain words",
    r"is (?:still )?to be (?:had|found|seen)": "'is available'",
    r"cannot be had": "'is not available'",
    r"honest(?:ly)?": "'valid', 'ordinary'",
    r"(?:the )?news of|no news": "'event', 'message'",
    r"a stranger": "'a reader', 'an unknown caller'",
    r"in the hands of": "'locked by', 'processed by'",
    r"give(?:s|n)? (?:it |them )?up for good|given up": "'moved to the dead-letter queue', 'failed after all retries'",
}
"""What to avoid, as a regular expression between word boundaries, with what to write instead."""

SENTENCE_STARTS: Mapping[str, str] = {
    r"What (?!is new|to |happens|changed|happened|it |can go)\w+": "start with a noun or a verb",
    r"Whether ": "'Returns True when…', 'True if…'",
    r"Who(?:se)? (?!may |can )\w+": "name the actor",
    r"Where (?:the|a|an|what|things) ": "'Paths of…', 'Returns the location of…'",
    r"As (?:far|long) as ": "plain words",
}
"""First words of a docstring, comment or heading that make a reader start twice."""

FOR_MEANING_BECAUSE = re.compile(
    r",\s+for\s+(?:it|they|he|she|this|that|these|those|there|then|what|who|which|otherwise|nothing|else|some|"
    r"Lambda|S3|AWS|SAM|the [a-z]+ (?:is|are|has|have|does|do|can|cannot|may|must|knows?|takes?|gives?|needs?))\b"
)

EXCEPTIONS: Mapping[str, tuple[str, ...]] = {}
"""By path: words that stand there for a reason."""

SUFFIXES = frozenset(
    {".py", ".md", ".yaml", ".yml", ".toml", ".tf", ".hcl", ".ts", ".css", ".html", ".sh", ".sql", ".in"}
)
NAMES = frozenset({"Makefile", "run", "github-runner", "Dockerfile"})
NOT_READ = (
    "tools/words.py",
    "LICENSE",
    "docs/licences.md",
    "client/package-lock.json",
    "client/src/generated/",
)

_PHRASES = [(re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), advice) for pattern, advice in PHRASES.items()]
_STARTS = [
    (re.compile(rf'(?:"""|^\s*#+ |^\s*//+ |^\s*\* |^\s*-- )({pattern})'), advice)
    for pattern, advice in SENTENCE_STARTS.items()
]


def hits(text: str) -> Iterator[tuple[int, str, str]]:
    """Yields line number, words found and advice."""
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern, advice in _PHRASES:
            yield from ((number, found[0], advice) for found in pattern.finditer(line))
        for pattern, advice in _STARTS:
            yield from ((number, found[1], advice) for found in pattern.finditer(line))
        yield from ((number, found[0], "'because'") for found in FOR_MEANING_BECAUSE.finditer(line))


def tracked() -> Iterator[Path]:
    """Yields the files of the repository that people read."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if not name.startswith(NOT_READ) and path.is_file() and (path.suffix in SUFFIXES or path.name in NAMES):
            yield path


def main(arguments: list[str]) -> int:
    """Checks the files named, or all; returns the exit code."""
    paths = [Path(each).resolve() for each in arguments] or list(tracked())
    count = 0
    for path in paths:
        name = path.relative_to(ROOT).as_posix()
        allowed = EXCEPTIONS.get(name, ())
        for number, words, advice in hits(path.read_text(encoding="utf-8")):
            if words not in allowed:
                count += 1
                print(f'{name}:{number}: "{words}": {advice}')
    if count:
        print(f"{count} phrases to rewrite (tools/words.py)", file=sys.stderr)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
