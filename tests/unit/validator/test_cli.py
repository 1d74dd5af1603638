"""`python -m validator`: what it prints, and with which status it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from validator.__main__ import main

from testkit.samples.videos import mp4, webm

SRC = Path(__file__).parents[3] / "src"


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.mp4"
    path.write_bytes(mp4())
    return str(path)


@pytest.fixture
def cut(tmp_path):
    path = tmp_path / "cut.webm"
    path.write_bytes(webm()[:-1])
    return str(path)


def test_a_good_file_is_accepted(good, capsys):
    """The type, the outcome, and what the inspection cost."""
    assert main([good]) == 0
    printed = capsys.readouterr().out
    assert f"{good}: video/mp4: accepted" in printed
    assert "in 1 ranges" in printed


def test_a_bad_file_is_refused_with_its_reason(good, cut, capsys):
    """One bad file among good ones is enough for the status."""
    assert main([good, cut]) == 1
    printed = capsys.readouterr().out
    assert "refused  malformed" in printed
    assert "cut off" in printed


def test_json_holds_one_report_for_each_file(good, cut, capsys):
    """For scripts."""
    assert main(["--json", good, cut]) == 1
    first, second = json.loads(capsys.readouterr().out)
    assert (first["file"], first["declared"], first["found"], first["accepted"]) == (
        good,
        "video/mp4",
        "video/mp4",
        True,
    )
    assert (second["found"], second["accepted"], second["reason"]) == (None, False, "malformed")
    assert first["size"] == first["bytes_read"] == len(mp4())


def test_the_declared_type_can_be_said(good, capsys):
    """As the client of the API says it."""
    assert main(["--declared", "video/quicktime", good]) == 1
    assert "type_mismatch" in capsys.readouterr().out


def test_the_extension_declares_the_type(tmp_path, capsys):
    """A file under a wrong name is a mismatch."""
    path = tmp_path / "film.mov"
    path.write_bytes(mp4())
    assert main([str(path)]) == 1
    assert "type_mismatch" in capsys.readouterr().out


def test_without_a_known_extension_a_file_is_what_it_proves_to_be(tmp_path, capsys):
    """Nobody has declared anything."""
    path = tmp_path / "film"
    path.write_bytes(mp4())
    assert main([str(path)]) == 0
    assert "video/mp4: accepted" in capsys.readouterr().out


def test_an_unreadable_file_is_named_and_the_others_are_judged(good, tmp_path, capsys):
    """Status 2 says that the answer is incomplete."""
    missing = str(tmp_path / "missing.mp4")
    assert main([missing, good, str(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert f"validator: {missing}: No such file or directory" in captured.err
    assert f"validator: {tmp_path}: Is a directory" in captured.err
    assert "accepted" in captured.out


@pytest.mark.parametrize("arguments", [[], ["--nonsense", "x"]])
def test_wrong_usage_ends_with_status_2(arguments):
    """As every command does."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


def test_it_runs_as_a_module(good):
    """From `src`, or with PYTHONPATH=src; and says what it can do."""
    for arguments, word in (([good], "accepted"), (["--help"], "Exit status")):
        done = subprocess.run(
            [sys.executable, "-m", "validator", *arguments],
            env={**os.environ, "PYTHONPATH": str(SRC)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert word in done.stdout
