"""`phenom release` and `phenom quarantine list`: exit codes, output, and what they leave unchanged.

tests/faults/test_quarantine.py proves that nothing is lost when they are interrupted or AWS fails.
"""

import json
from collections.abc import Iterator

import pytest

from phenom.commands.release import parse_because
from tests.faults.cloud import OPERATOR, STAGING, Functions, build
from tests.faults.files import Kind, infected_file
from tests.faults.scene import Scene
from tests.faults.storm import Sent


@pytest.fixture(scope="module")
def functions() -> Iterator[Functions]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield build(monkeypatch)


@pytest.fixture
def scene(functions) -> Scene:
    return Scene(functions)


def rejected(scene: Scene) -> Sent:
    upload = scene.send_file(infected_file())
    scene.deliver(upload)
    return upload


def test_empty_quarantine_is_a_success(scene, capsys):
    assert scene.functions.command("quarantine", "list", "local") == 0
    assert capsys.readouterr().out == "Nothing is in quarantine.\n"


def test_list_shows_what_an_operator_needs_to_decide(scene, capsys):
    upload = rejected(scene)
    scene.cloud.dynamodb.items[upload.upload_id]["fileName"] = {"S": "evil\x1b[2J.jpg"}
    assert scene.functions.command("quarantine", "list", "local") == 0
    out = capsys.readouterr().out
    for text in (upload.upload_id, "rejected", "infected", "Test.Malware", "3000", "image/jpeg"):
        assert text in out
    assert "\x1b[2J" not in out


def test_list_as_json_is_complete_and_escaped(scene, capsys):
    upload = rejected(scene)
    scene.cloud.dynamodb.items[upload.upload_id]["fileName"] = {"S": "evil\x1b[2J\u202egpj.exe"}
    scene.release(upload)
    capsys.readouterr()
    assert scene.functions.command("quarantine", "list", "local", "--json") == 0
    out = capsys.readouterr().out
    (entry,) = json.loads(out)
    assert out.isascii()
    assert entry["fileName"] == "evil\x1b[2J\u202egpj.exe"
    assert entry["release"]["by"] == OPERATOR
    assert {"uploadId", "time", "size", "status", "reason", "signature", "contentType"} <= entry.keys()


def test_object_without_a_record_is_listed(scene, capsys):
    upload = rejected(scene)
    del scene.cloud.dynamodb.items[upload.upload_id]
    assert scene.functions.command("quarantine", "list", "local") == 0
    assert "no record" in capsys.readouterr().out


def test_dry_run_says_what_would_be_done_and_changes_nothing(scene, capsys):
    upload = rejected(scene)
    before = dict(scene.cloud.s3.objects), dict(scene.cloud.dynamodb.items)
    assert scene.release(upload, "--overrule", "--dry-run") == 0
    assert (scene.cloud.s3.objects, scene.cloud.dynamodb.items) == before
    assert "Would accept it without a scan if its structure is valid." in capsys.readouterr().out


def test_file_that_is_still_infected_is_a_failure(scene, capsys):
    assert scene.release(rejected(scene)) == 1
    assert "The upload is rejected (infected: Test.Malware); the file is kept." in capsys.readouterr().out


def test_release_without_a_verdict_in_time_is_a_failure(scene, capsys):
    upload = rejected(scene)
    scene.cloud.idle = lambda: None
    assert scene.release(upload) == 1
    assert "There is no verdict yet." in capsys.readouterr().out


@pytest.mark.parametrize("kind", [Kind.GOOD, None])
def test_upload_outside_quarantine_is_refused(scene, capsys, kind):
    upload = scene.send(kind or Kind.BAD)
    scene.cloud.dynamodb.items[upload.upload_id] |= {} if kind else {"status": {"S": "rejected"}}
    if kind:
        scene.deliver(upload)
    assert scene.release(upload, "--overrule") == 2
    assert "is not in quarantine: it is" in capsys.readouterr().err
    assert scene.cloud.s3.keys(STAGING, "held/") == set()


def test_unknown_upload_is_refused(scene, capsys):
    assert scene.functions.release("f" * 32) == 2
    assert "not found in the ledger" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "  ", "two\nlines", "\x1b[2J", "x" * 501])
def test_reason_that_is_no_line_is_refused(text):
    with pytest.raises(ValueError, match="one line"):
        parse_because(text)


def test_reason_is_required(scene, capsys):
    assert scene.functions.command("release", "f" * 32) == 2
    assert "--because" in capsys.readouterr().err
