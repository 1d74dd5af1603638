"""`make licences`: writes docs/licences.md, or names the packages whose licence is not allowed."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from license_expression import ExpressionError, Licensing

from phenom.functions import FUNCTIONS
from tools.supply_chain.installed import Distribution, InstallError, distributions
from tools.supply_chain.locks import ROOT, page_packages

DOCUMENT = ROOT / "docs" / "licences.md"
PAGE = "upload page"
INTRODUCTION = """\
Third-party software that is shipped to Lambda or to browsers; our own code is under the [MIT](../LICENSE) licence.
`make licences` generates this page. A test keeps it up to date and refuses licences that demand more than attribution.
Build and test tools are not shipped and not listed, and neither are the container images of other vendors."""

# SPDX identifiers of licences that demand only attribution.
ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "ISC",
    "LicenseRef-Public-Domain", "MIT", "MIT-0", "PSF-2.0", "Unicode-3.0", "Unicode-DFS-2016", "Unlicense", "Zlib",
    "bzip2-1.0.6",
}  # fmt: skip
# One more licence for one package, with the reason.
ALLOWED_FOR = {
    "pyclamd": ("LGPL-3.0-or-later", "shipped unchanged and as source, in a separate package that can be replaced"),
}
# Packages whose licence file says more than their metadata.
FROM_LICENCE_FILE = {"python-dateutil": "Apache-2.0 OR BSD-3-Clause"}
FROM_CLASSIFIER = {
    "Apache Software License": "Apache-2.0",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "MIT License": "MIT",
}
_SPDX = Licensing()


@dataclass(frozen=True, slots=True, order=True)
class Shipped:
    """A shipped package. `inside` names the wheel that it is compiled into, or is empty."""

    inside: str
    name: str
    version: str
    licence: str
    where: tuple[str, ...]


class LicenceError(Exception):
    """Licences that are not allowed or unknown. The message names all of them."""


def licence_of(found: Distribution) -> str:
    """Returns the SPDX expression from the metadata, or an empty string if it is not exact."""
    if known := FROM_LICENCE_FILE.get(found.name):
        return known
    if expression := found.metadata["License-Expression"]:
        return str(expression)
    licence = (found.metadata["License"] or "").rpartition(" :: ")[2]
    if licence in ALLOWED:
        return licence
    classifiers = (each.rpartition(" :: ")[2] for each in found.metadata.get_all("Classifier", []))
    return next((FROM_CLASSIFIER[each] for each in classifiers if each in FROM_CLASSIFIER), "")


def is_allowed(name: str, expression: str) -> bool:
    """Returns True if the package's SPDX expression holds with the allowed licences; of OR, one side suffices."""
    allowed = ALLOWED | set(ALLOWED_FOR.get(name, ())[:1])
    try:
        parsed = _SPDX.parse(expression)
    except ExpressionError:
        return False
    if parsed is None:
        return False
    values = {each: _SPDX.TRUE if str(each) in allowed else _SPDX.FALSE for each in parsed.literals}
    return bool(parsed.subs(values, simplify=True) == _SPDX.TRUE)


def shipped() -> list[Shipped]:
    """Returns all shipped packages in the order of the document. Raises InstallError."""
    where: dict[tuple[str, str, str, str], list[str]] = {}
    for function in FUNCTIONS.values():
        for found in distributions(function):
            where.setdefault(("", found.name, found.version, licence_of(found)), []).append(function.name)
            for each in found.carries:
                key = (f"{found.name} {found.version}", each.name, each.version, each.licence)
                where.setdefault(key, []).append(function.name)
    for package in page_packages():
        where.setdefault(("", package.name, package.version, package.licence), []).append(PAGE)
    return sorted(Shipped(*key, tuple(sorted(names))) for key, names in where.items())


def check(found: Iterable[Shipped]) -> None:
    """Raises LicenceError."""
    refused = [each for each in found if not is_allowed(each.name, each.licence)]
    if refused:
        listed = "\n".join(f"  {each.name} {each.version}: {each.licence or 'unknown'}" for each in refused)
        raise LicenceError(
            f"Licences that are not allowed:\n{listed}\n"
            "Replace the package, or extend the tables ALLOWED… in tools/supply_chain/licences.py."
        )


def document(found: list[Shipped]) -> str:
    """Returns the content of docs/licences.md."""
    parts = [
        "# Licences",
        INTRODUCTION,
        _table([each for each in found if not each.inside], ("name", "version", "licence", "shipped in")),
        *(f"{name} is allowed under {licence}: {reason}." for name, (licence, reason) in ALLOWED_FOR.items()),
    ]
    for wheel in sorted({each.inside for each in found if each.inside}):
        rows = [each for each in found if each.inside == wheel]
        parts += [f"## Inside {wheel}", _table(rows, ("name", "version", "licence"))]
    return "\n\n".join(parts) + "\n"


def _table(rows: Iterable[Shipped], head: tuple[str, ...]) -> str:
    cells = [(each.name, each.version, each.licence or "unknown", ", ".join(each.where)) for each in rows]
    return "\n".join("| " + " | ".join(row[: len(head)]) + " |" for row in [head, ("---",) * len(head), *cells])


def main() -> int:
    try:
        found = shipped()
        check(found)
    except (InstallError, LicenceError) as error:
        print(error, file=sys.stderr)
        return 1
    DOCUMENT.write_text(document(found), encoding="utf-8")
    print(f"{DOCUMENT.relative_to(ROOT)}: {len(found)} packages, all under allowed licences.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
