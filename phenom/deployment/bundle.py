"""Puts everything that was built into one archive: a package per function, and the upload page.

usage: python -m phenom.deployment.bundle FILE
"""

import sys
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from phenom.errors import CommandRefusedError
from phenom.functions import FUNCTIONS, ROOT

PAGE = "page"
_COMMENT = b"phenom"
"""Differs from the archives of `sam deploy`: Lambda refuses a new version whose code equals the last one's."""
_DATE = (1980, 1, 1, 0, 0, 0)


class BundleError(CommandRefusedError):
    """The archive holds something else than packages and a page."""


def write_package(directory: Path, file: Path) -> None:
    """Writes a function's package. The same content gives the same bytes, so unchanged functions are not deployed."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = _COMMENT
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(directory).as_posix(), _DATE)
                entry.create_system = 3  # Unix: Lambda applies the permissions
                entry.external_attr = (0o100755 if path.stat().st_mode & 0o100 else 0o100644) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())


def write_bundle(file: Path, packages: Mapping[str, Path], page: Path) -> None:
    """Writes the archive from the functions' built folders, by logical id, and the built page."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file, "w") as archive:
        for resource, directory in packages.items():
            package = file.with_name(f"{resource}.zip")
            write_package(directory, package)
            archive.add(package, package.name)
            package.unlink()
        archive.add(page, PAGE)


def unpack(file: Path, directory: Path) -> None:
    """Unpacks the archive into a new directory. Raises BundleError when something is missing or more is in it.

    The archive was built by third-party code: only plain files with expected names are accepted.
    """
    wanted = {f"{function.resource}.zip" for function in FUNCTIONS.values()}
    try:
        archive = tarfile.open(file, "r:")  # noqa: SIM115, closed below
    except tarfile.TarError as error:
        raise BundleError(f"{file} is no tar archive: {error}") from error
    with archive:
        members = archive.getmembers()
        foreign = [each.name for each in members if not (each.isreg() or each.isdir())]
        foreign += [each.name for each in members if each.name.partition("/")[0] not in {*wanted, PAGE}]
        if foreign or not wanted <= {each.name for each in members}:
            raise BundleError(f"{file} must have {', '.join(sorted(wanted))} and {PAGE}/, as plain files. {foreign}")
        directory.mkdir(parents=True)
        archive.extractall(directory, members, filter="data")


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    page = ROOT / "client" / "dist"
    write_bundle(Path(arguments[0]), {each.resource: each.package for each in FUNCTIONS.values()}, page)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
