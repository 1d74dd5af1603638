"""Licences that may be shipped."""

from email import message_from_string

import pytest

from tools.supply_chain.installed import Distribution
from tools.supply_chain.licences import ALLOWED_FOR, LicenceError, Shipped, check, document, is_allowed, licence_of
from tools.supply_chain.locks import REQUIREMENTS, normal, page_packages, python_packages


def distribution(metadata: str, name: str = "x") -> Distribution:
    return Distribution(name, "1", message_from_string(metadata), {}, frozenset(), ())


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("", False),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("(MIT OR Apache-2.0) AND Unicode-DFS-2016", True),
        ("(MIT OR Apache-2.0) AND AGPL-3.0-only", False),
        ("MIT OR GPL-3.0-only AND AGPL-3.0-only", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0-only", True),
        ("MIT AND (", False),
    ],
)
def test_spdx_expressions_are_evaluated(expression: str, *, allowed: bool):
    assert is_allowed("x", expression) is allowed


def test_exception_applies_to_one_package_only():
    assert is_allowed("pyclamd", "LGPL-3.0-or-later")
    assert not is_allowed("another", "LGPL-3.0-or-later")
    assert all(reason for _, reason in ALLOWED_FOR.values())


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ("License-Expression: PSF-2.0\n\n", "PSF-2.0"),
        ("License: Apache-2.0\n\n", "Apache-2.0"),
        ("License: see file\nClassifier: License :: OSI Approved :: MIT License\n\n", "MIT"),
        ("License: see file\n\n", ""),
        ("Classifier: License :: OSI Approved :: BSD License\n\n", ""),  # does not say which BSD licence
    ],
)
def test_licence_is_read_from_metadata_only_if_exact(metadata: str, licence: str):
    assert licence_of(distribution(metadata)) == licence


def test_refused_package_is_named_with_its_licence():
    found = [Shipped("", "good", "1", "MIT", ("presign",)), Shipped("", "bad", "2", "AGPL-3.0-only", ("presign",))]
    with pytest.raises(LicenceError, match=r"bad 2: AGPL-3\.0-only") as refused:
        check(found)
    assert "good" not in str(refused.value)


def test_components_of_a_wheel_have_a_separate_table():
    found = [Shipped("", "wheel", "1", "MIT", ("presign",)), Shipped("wheel 1", "crate", "2", "Zlib", ("presign",))]
    assert "## Inside wheel 1\n\n| name | version | licence |\n| --- | --- | --- |\n| crate | 2 | Zlib |" in document(
        found
    )


def test_lock_is_read_completely():
    names = {each.name for each in python_packages(REQUIREMENTS / "presign.txt")}
    assert {"botocore", "pydantic-core", "aws-lambda-powertools"} <= names
    assert normal("Foo._Bar") == "foo-bar"


def test_page_packages_contain_no_build_tools():
    names = {each.name for each in page_packages()}
    assert "@uppy/core" in names
    assert not {"vite", "vitest", "typescript"} & names
