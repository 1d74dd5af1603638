"""The list of container images: tags, order, and mistakes that are reported with the entry's name."""

import hashlib
import json
from pathlib import Path

import pytest

from phenom.images import image_list
from phenom.images.image_list import BuiltImage, CopiedImage, ImageListError

DIGEST = f"sha256:{'0123456789abcdef' * 4}"


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A list with one copied and one built image."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\n")
    return write(tmp_path, app={"base": "vendor"}, vendor={"source": "vendor/server:1.2", "digest": None})


def write(folder: Path, **entries: object) -> Path:
    path = folder / "images.json"
    path.write_text(json.dumps(entries))
    return path


def app_tag(path: Path) -> str:
    return image_list.read(path)["app"].tag


def test_bases_come_before_the_images_built_from_them(images: Path):
    assert list(image_list.read(images)) == ["vendor", "app"]


def test_copied_image_has_the_tag_of_its_source():
    assert CopiedImage("a", "vendor/server:1.2", None).tag == "1.2"
    assert CopiedImage("a", "registry.example.org:5000/server:1.2", None).tag == "1.2"


def test_copied_image_with_a_digest_has_its_start_in_the_tag():
    """The registry never moves a tag, but a source does."""
    image = CopiedImage("a", "vendor/server:1.2", DIGEST)
    assert (image.tag, image.reference) == ("1.2-0123456789ab", f"vendor/server:1.2@{DIGEST}")


def test_built_image_has_a_hash_of_base_names_and_contents(images: Path):
    content = hashlib.sha256(b"ARG BASE\nFROM ${BASE}\n").hexdigest()
    expected = hashlib.sha256(f"vendor/server:1.2\nDockerfile {content}".encode()).hexdigest()
    assert app_tag(images) == expected[:16]


@pytest.mark.parametrize("name", ["Dockerfile", "new.js", "folder/new.js", ".dockerignore"])
def test_built_image_has_another_tag_after_a_change_of_a_file(images: Path, name: str):
    before = app_tag(images)
    (images.parent / "app" / name).parent.mkdir(exist_ok=True)
    (images.parent / "app" / name).write_text("changed")
    assert app_tag(images) != before


def test_built_image_has_another_tag_after_a_change_of_its_base(images: Path):
    before = app_tag(images)
    image_list.write_digests({"vendor": DIGEST}, images)
    assert app_tag(images) != before


def test_installed_packages_do_not_change_the_tag(images: Path):
    before = app_tag(images)
    installed = images.parent / "app" / "node_modules" / "package"
    installed.mkdir(parents=True)
    (installed / "index.js").write_text("")
    assert app_tag(images) == before


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({}, "vendor"),
        ({"source": "vendor/server:1.2"}, "vendor"),
        ({"source": "vendor/server:1.2", "digest": None, "base": "app"}, "vendor.base"),
        ({"source": "vendor/server", "digest": None}, "vendor.source"),
        ({"source": "vendor/server:latest", "digest": None}, "vendor.source"),
        ({"source": None, "digest": None}, "vendor.source"),
        ({"source": "vendor/server:1.2", "digest": "sha256:0123"}, "vendor.digest"),
        ({"base": "nothing"}, "vendor.base"),
        ({"base": "vendor"}, "vendor.base"),
    ],
)
def test_mistake_is_reported_with_entry_and_field(tmp_path: Path, entry: dict[str, str], field: str):
    with pytest.raises(ImageListError, match=rf"^images\.json: {field} must "):
        image_list.read(write(tmp_path, vendor=entry))


def test_built_image_without_dockerfile_is_reported(images: Path):
    (images.parent / "app" / "Dockerfile").unlink()
    with pytest.raises(ImageListError, match="app needs app/Dockerfile"):
        image_list.read(images)


def test_list_of_the_project_is_written_as_the_command_writes_it():
    """Otherwise --pin would change every line."""
    text = image_list.LIST.read_text()
    assert json.dumps(json.loads(text), indent=2) + "\n" == text
    assert list(json.loads(text)) == sorted(json.loads(text))


def built_images() -> list[BuiltImage]:
    return [image for image in image_list.read().values() if isinstance(image, BuiltImage)]


def test_every_folder_of_images_is_listed():
    folders = {path.parent.name for path in image_list.LIST.parent.glob("*/Dockerfile")}
    assert folders == {image.name for image in built_images()}


@pytest.mark.parametrize("image", built_images(), ids=lambda image: image.name)
def test_dockerfiles_start_from_the_listed_base_only(image: BuiltImage):
    """The command fills BASE with a digest: no Dockerfile can start from a tag."""
    lines = [line for line in (image.folder / "Dockerfile").read_text().splitlines() if line and line[0] != "#"]
    assert lines[:2] == ["ARG BASE", "FROM ${BASE}"]
    assert not [line for line in lines[2:] if line.startswith(("FROM ", "ADD ", "COPY --from"))]
