"""Licences of what is shipped: `make licences` writes docs/licences.md, or says what is refused."""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from phenom.functions import FUNCTIONS
from tools.supply_chain.installed import Distribution, InstallError, distributions
from tools.supply_chain.locks import page_libraries
from tools.supply_chain.paths import ROOT

DOCUMENT = ROOT / "docs" / "licences.md"
PAGE = "upload page"
INTRODUCTION = """\
Made by `make licences`: everything that is shipped beside our own code ([MIT](../LICENSE)), to Lambda or to browsers. A
test keeps it current, and refuses whatever stands under a licence that asks for more than to be named. What only builds
and tests is not shipped and not listed, nor are the container images, which are their makers'."""

# Those that ask for no more than to be named (SPDX identifiers).
ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0",
    "PSF-2.0", "Unicode-3.0", "Unicode-DFS-2016", "Unlicense", "Zlib",
}  # fmt: skip
# More for one package, with the reason.
ALLOWED_FOR = {
    "pyclamd": (
        "LGPL-3.0-or-later",
        "shipped unchanged and as source, as a package of its own that anybody can replace",
    ),
}
# Where a package's metadata says less than its licence file.
READ = {"pylibmagic": "BSD-3-Clause", "python-dateutil": "Apache-2.0 OR BSD-3-Clause"}
_OF_CLASSIFIER = {
    "Apache Software License": "Apache-2.0",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "MIT License": "MIT",
}


@dataclass(frozen=True, slots=True, order=True)
class Shipped:
    """One thing that is shipped. `inside` is the wheel that it is compiled into, or nothing."""

    inside: str
    name: str
    version: str
    licence: str
    where: tuple[str, ...]


class LicenceError(Exception):
    """Something is shipped under a licence that is not allowed, or unknown. The message names all of them."""


def licence_of(found: Distribution) -> str:
    """SPDX expression; empty where the metadata tells none that is known here."""
    if known := READ.get(found.name):
        return known
    if expression := found.metadata["License-Expression"]:
        return str(expression)
    classifiers = [each.rpartition(" :: ")[2] for each in found.metadata.get_all("Classifier", [])]
    said = (found.metadata["License"] or "").rpartition(" :: ")[2]
    if said in ALLOWED:
        return said
    return next((_OF_CLASSIFIER[each] for each in classifiers if each in _OF_CLASSIFIER), "")


def is_allowed(name: str, expression: str) -> bool:
    """https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/: one side of OR, both of AND."""
    allowed = ALLOWED | {ALLOWED_FOR[name][0]} if name in ALLOWED_FOR else ALLOWED
    return _holds(re.findall(r"\(|\)|[^\s()]+", expression), allowed) if expression else False


def shipped() -> list[Shipped]:
    """All of it, in the order of the document. Raises InstallError."""
    where: dict[tuple[str, str, str, str], list[str]] = {}
    for function in FUNCTIONS.values():
        for found in distributions(function):
            where.setdefault(("", found.name, found.version, licence_of(found)), []).append(function.name)
            for each in found.carries:
                key = (f"{found.name} {found.version}", each.name, each.version, each.licence)
                where.setdefault(key, []).append(function.name)
    for library in page_libraries():
        where.setdefault(("", library.name, library.version, library.licence), []).append(PAGE)
    return sorted(Shipped(*key, tuple(sorted(names))) for key, names in where.items())


def check(found: Iterable[Shipped]) -> None:
    """Raises LicenceError."""
    refused = [each for each in found if not is_allowed(each.name, each.licence)]
    if refused:
        listed = "\n".join(f"  {each.name} {each.version}: {each.licence or 'unknown'}" for each in refused)
        raise LicenceError(f"Not allowed:\n{listed}\nReplace it, or decide in licences.py: ALLOWED, ALLOWED_FOR, READ.")


def document(found: list[Shipped]) -> str:
    """docs/licences.md."""
    parts = [
        "# Licences",
        INTRODUCTION,
        _table([each for each in found if not each.inside], last="shipped in"),
        *(f"{name} is allowed {licence}: {reason}." for name, (licence, reason) in ALLOWED_FOR.items()),
    ]
    for wheel in sorted({each.inside for each in found if each.inside}):
        parts += [f"## Inside {wheel}", _table([each for each in found if each.inside == wheel], last="")]
    return "\n\n".join(parts) + "\n"


def _table(rows: Iterable[Shipped], last: str) -> str:
    head = ["name", "version", "licence", last] if last else ["name", "version", "licence"]
    cells = [[each.name, each.version, each.licence or "unknown", ", ".join(each.where)][: len(head)] for each in rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *cells])


def _holds(words: list[str], allowed: Iterable[str]) -> bool:
    """By descent: OR binds weakest, then AND, then WITH."""
    position = 0

    def either() -> bool:
        nonlocal position
        result = both()
        while words[position : position + 1] == ["OR"]:
            position += 1
            result |= both()
        return result

    def both() -> bool:
        nonlocal position
        result = one()
        while words[position : position + 1] == ["AND"]:
            position += 1
            result &= one()
        return result

    def one() -> bool:
        nonlocal position
        if words[position] == "(":
            position += 1
            result = either()
            position += 1
            return result
        name = words[position]
        position += 1
        if words[position : position + 1] == ["WITH"]:
            name = " ".join([name, *words[position : position + 2]])
            position += 2
        return name in allowed

    return either()


def main() -> int:
    try:
        found = shipped()
        check(found)
    except (InstallError, LicenceError) as error:
        print(error, file=sys.stderr)
        return 1
    DOCUMENT.write_text(document(found))
    print(f"{DOCUMENT.relative_to(ROOT)}: {len(found)} packages, all under allowed licences.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
