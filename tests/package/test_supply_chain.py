"""Bills of materials and licences of the built packages."""

import json
import subprocess
from pathlib import Path

import pytest

from phenom.functions import FUNCTIONS, Function
from tools.supply_chain import licences, packages
from tools.supply_chain.installed import distributions
from tools.supply_chain.locks import ROOT, page_packages, python_packages
from tools.supply_chain.packages import PackageError

pytestmark = pytest.mark.package
SBOM = ROOT / "artifacts" / "sbom"


@pytest.fixture(scope="module")
def written(build: Path) -> dict[str, bytes]:
    """Returns the bills of materials that `make sbom` writes, by file name."""
    assert build.is_dir()
    return write_sbom()


def write_sbom() -> dict[str, bytes]:
    make = ["make", "--assume-old=build", "sbom"]  # the fixture `build` is up to date
    done = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return {path.name: path.read_bytes() for path in SBOM.glob("*.cdx.json")}


def test_each_package_and_the_page_have_a_bill_of_materials(written: dict[str, bytes]):
    assert {"UploadPage.cdx.json", *(f"{each.resource}.cdx.json" for each in FUNCTIONS.values())} <= written.keys()


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda each: each.name)
def test_bill_of_materials_lists_the_locked_packages(written: dict[str, bytes], function: Function):
    bom = json.loads(written[f"{function.resource}.cdx.json"])
    assert bom["specVersion"] == "1.6"
    listed = {(each["name"], each["version"]) for each in bom["components"]}
    assert listed == {(each.name, each.version) for each in python_packages(function.lock)}
    assert all(each["purl"].startswith("pkg:pypi/") and each["licenses"] for each in bom["components"])
    properties = {each["name"]: each["value"] for each in bom["metadata"]["component"]["properties"]}
    assert properties["phenom:package-sha256"] == packages.digest(function.package)


def test_components_inside_wheels_are_listed(written: dict[str, bytes]):
    validator = json.loads(written["ValidatorFunction.cdx.json"])["components"]
    (wheel,) = [each for each in validator if each["name"] == "libmagic-wheel"]
    assert {each["name"] for each in wheel["components"]} == {"libmagic", "bzip2-libs", "xz-libs"}
    presign = json.loads(written["PresignFunction.cdx.json"])["components"]
    (core,) = [each for each in presign if each["name"] == "pydantic-core"]
    assert "pyo3" in {each["name"] for each in core["components"]}


def test_bill_of_materials_of_the_page_lists_its_packages(written: dict[str, bytes]):
    components = json.loads(written["UploadPage.cdx.json"])["components"]
    assert {(each["name"], each["version"]) for each in components} == {
        (each.name, each.version) for each in page_packages()
    }
    assert all(each["licenses"] and each["hashes"][0]["alg"] == "SHA-512" for each in components)


def test_same_packages_give_the_same_bytes(written: dict[str, bytes]):
    assert write_sbom() == written


def test_file_that_no_lock_explains_is_refused(tmp_path: Path, build: Path, monkeypatch: pytest.MonkeyPatch):
    function = FUNCTIONS["cognito_trigger"]
    found = distributions(function)
    packages.check(function, found)
    copy = tmp_path / function.resource
    subprocess.run(["cp", "-R", build / function.resource, copy], check=True)
    monkeypatch.setattr(Function, "package", property(lambda each: tmp_path / each.resource))
    (copy / "jmespath" / "lexer.py").write_text("import os\n")
    with pytest.raises(PackageError, match=r"jmespath/lexer\.py"):
        packages.check(function, found)


def test_licences_are_allowed_and_the_document_is_up_to_date():
    found = licences.shipped()
    licences.check(found)
    assert licences.DOCUMENT.read_text() == licences.document(found), "docs/licences.md is out of date: make licences"
