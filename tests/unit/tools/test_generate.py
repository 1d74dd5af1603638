"""Everything that `make generate` writes is current, and it says what is not."""

import pytest

from presign.problems import CODES
from tools import generate


def test_generated_files_are_current():
    assert not generate.outdated(), "run `make generate`"


def test_old_file_is_named_by_check_and_written_otherwise(tmp_path, monkeypatch, capsys):
    (tmp_path / "a.txt").write_text("old")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "DERIVED", (("a.txt", lambda text: text.replace("old", "new")),))
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().out == "a.txt: is old: run `make generate`\n"
    assert (tmp_path / "a.txt").read_text() == "old"
    assert generate.main([]) == 0
    assert (tmp_path / "a.txt").read_text() == "new"
    assert generate.main(["--check"]) == 0


def test_missing_marks_are_an_error():
    with pytest.raises(ValueError, match="the marks of 'x' are missing"):
        generate.between_marks("text", "x", "content")


def test_page_knows_the_codes_of_functions_and_gateway():
    codes = generate.problem_codes()
    assert set(CODES) < set(codes)
    assert {"invalid_api_key", "forbidden", "internal"} <= set(codes)
