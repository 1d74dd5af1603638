"""The archive between the two kinds of jobs of a deployment: same content, same bytes; nothing unexpected comes out."""

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from phenom.deployment.bundle import BundleError, unpack, write_bundle, write_package
from phenom.functions import FUNCTIONS

RESOURCES = [function.resource for function in FUNCTIONS.values()]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    directory = tmp_path / "built"
    (directory / "library").mkdir(parents=True)
    (directory / "handler.py").write_text("handler = None\n")
    (directory / "library" / "fast.so").write_bytes(b"\x7fELF")
    (directory / "library" / "fast.so").chmod(0o755)
    return directory


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "page" / "assets").mkdir(parents=True)
    (tmp_path / "page" / "index.html").write_text("<!doctype html>")
    (tmp_path / "page" / "assets" / "index.js").write_text("1")
    return tmp_path / "page"


def archive(tmp_path: Path, *members: tarfile.TarInfo, packages: list[str] = RESOURCES) -> Path:
    file = tmp_path / "deployment.tar"
    with tarfile.open(file, "w") as tar:
        for resource in packages:
            tar.addfile(tarfile.TarInfo(f"{resource}.zip"), io.BytesIO())
        for member in members:
            tar.addfile(member, io.BytesIO(b"\0" * member.size))
    return file


def link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def test_package_of_the_same_content_has_the_same_bytes(built: Path, tmp_path: Path):
    write_package(built, tmp_path / "first.zip")
    for path in built.rglob("*"):
        os.utime(path, (1, 1))
    write_package(built, tmp_path / "second.zip")
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()


def test_package_keeps_executable_files_executable(built: Path, tmp_path: Path):
    write_package(built, tmp_path / "package.zip")
    modes = {e.filename: e.external_attr >> 16 & 0o777 for e in zipfile.ZipFile(tmp_path / "package.zip").infolist()}
    assert modes == {"handler.py": 0o644, "library/fast.so": 0o755}


def test_bundle_has_every_package_and_the_page(built: Path, page: Path, tmp_path: Path):
    write_bundle(tmp_path / "deployment.tar", dict.fromkeys(RESOURCES, built), page)
    unpack(tmp_path / "deployment.tar", tmp_path / "unpacked")
    found = {p.relative_to(tmp_path / "unpacked").as_posix() for p in (tmp_path / "unpacked").rglob("*") if p.is_file()}
    assert found == {*(f"{each}.zip" for each in RESOURCES), "page/index.html", "page/assets/index.js"}


@pytest.mark.parametrize(
    "member",
    [
        tarfile.TarInfo("template.yaml"),
        tarfile.TarInfo("phenom/deployment/stack.py"),
        tarfile.TarInfo("/etc/profile"),
        tarfile.TarInfo("../deploy.sh"),
        link("page/index.html", "/etc/passwd", tarfile.SYMTYPE),
        link("page/index.html", "PresignFunction.zip", tarfile.LNKTYPE),
        link("page/pipe", "", tarfile.FIFOTYPE),
    ],
    ids=lambda member: f"{member.name}-{member.type.decode()}",
)
def test_unpack_refuses_foreign_members_and_links(tmp_path: Path, member: tarfile.TarInfo):
    with pytest.raises(BundleError):
        unpack(archive(tmp_path, member), tmp_path / "unpacked")
    assert not (tmp_path / "unpacked").exists()


def test_unpack_refuses_names_that_leave_the_directory(tmp_path: Path):
    with pytest.raises(tarfile.OutsideDestinationError):
        unpack(archive(tmp_path, tarfile.TarInfo("page/../../deploy.sh")), tmp_path / "unpacked")
    assert not (tmp_path / "deploy.sh").exists()


def test_unpack_refuses_a_bundle_without_a_package(tmp_path: Path):
    with pytest.raises(BundleError, match=RESOURCES[0]):
        unpack(archive(tmp_path, packages=RESOURCES[1:]), tmp_path / "unpacked")


def test_unpack_refuses_what_is_no_archive(tmp_path: Path):
    (tmp_path / "deployment.tar").write_bytes(b"PK\x03\x04")
    with pytest.raises(BundleError, match="no tar archive"):
        unpack(tmp_path / "deployment.tar", tmp_path / "unpacked")
