"""`phenom inspect`: output and exit codes."""

import json

import pytest

from testkit.samples.videos import mp4, webm
from tests.unit.phenom.conftest import Phenom


@pytest.fixture
def valid(tmp_path) -> str:
    path = tmp_path / "valid.mp4"
    path.write_bytes(mp4())
    return str(path)


@pytest.fixture
def truncated(tmp_path) -> str:
    path = tmp_path / "truncated.webm"
    path.write_bytes(webm()[:-1])
    return str(path)


def test_valid_file_is_accepted_and_its_read_cost_is_shown(phenom: Phenom, valid):
    ran = phenom("inspect", valid)
    assert ran.code == 0
    assert f"{valid}: video/mp4: accepted" in ran.out
    assert "in 1 ranges" in ran.out


def test_one_malformed_file_among_valid_ones_is_a_failure(phenom: Phenom, valid, truncated):
    ran = phenom("inspect", valid, truncated)
    assert ran.code == 1
    assert "rejected  malformed" in ran.out
    assert "cut off" in ran.out


def test_json_has_one_report_per_file(phenom: Phenom, valid, truncated):
    ran = phenom("inspect", "--json", valid, truncated)
    assert ran.code == 1
    first, second = json.loads(ran.out)
    assert (first["file"], first["declared"], first["found"]) == (valid, "video/mp4", "video/mp4")
    assert first["accepted"]
    assert (second["found"], second["accepted"], second["reason"]) == (None, False, "malformed")
    assert first["size"] == first["bytes_read"] == len(mp4())


def test_declared_type_is_compared_with_the_content(phenom: Phenom, valid):
    ran = phenom("inspect", "--declared", "video/quicktime", valid)
    assert ran.code == 1
    assert "type_mismatch" in ran.out


def test_extension_declares_the_type(phenom: Phenom, tmp_path):
    path = tmp_path / "film.mov"
    path.write_bytes(mp4())
    ran = phenom("inspect", str(path))
    assert ran.code == 1
    assert "type_mismatch" in ran.out


def test_file_without_a_known_extension_may_be_any_accepted_type(phenom: Phenom, tmp_path):
    path = tmp_path / "film"
    path.write_bytes(mp4())
    ran = phenom("inspect", str(path))
    assert ran.code == 0
    assert "video/mp4: accepted" in ran.out


def test_unreadable_file_is_named_and_the_others_are_inspected(phenom: Phenom, valid, tmp_path):
    missing = str(tmp_path / "missing.mp4")
    ran = phenom("inspect", missing, valid, str(tmp_path))
    assert ran.code == 2
    assert f"{missing}: No such file or directory" in ran.err
    assert f"{tmp_path}: Is a directory" in ran.err
    assert "accepted" in ran.out


@pytest.mark.parametrize("arguments", [[], ["--nonsense", "x"]])
def test_wrong_usage_is_refused(phenom: Phenom, arguments):
    assert phenom("inspect", *arguments).code == 2
