"""The local cloud's own build; other tests give it the packages of `make build`."""

import filecmp
from pathlib import Path

import pytest

from local.aws import Aws
from local.deployment import Deployment
from local.paths import CloudPaths
from phenom.functions import FUNCTIONS


@pytest.mark.slow
def test_local_cloud_builds_the_packages_of_make_build(build: Path, tmp_path: Path) -> None:
    paths = CloudPaths(tmp_path)
    paths.create()
    built = Deployment(paths, Aws("http://127.0.0.1:9", "none", "none")).build()
    for function in FUNCTIONS.values():
        assert_equal(filecmp.dircmp(built / function.resource, build / function.resource, shallow=False))


def assert_equal(comparison: "filecmp.dircmp[str]") -> None:
    assert comparison.left_only + comparison.right_only + comparison.diff_files + comparison.funny_files == []
    for folder in comparison.subdirs.values():
        assert_equal(folder)
