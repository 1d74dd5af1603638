"""The local cloud's upload page when the stack has none."""

from types import SimpleNamespace
from typing import Any

from local import upload_page
from local.paths import CloudPaths


def test_stack_without_a_page_is_said_and_builds_nothing(tmp_path, monkeypatch, capsys):
    stack = {"Parameters": [{"ParameterKey": "UploadPage", "ParameterValue": "off"}], "Outputs": []}
    cloudformation = SimpleNamespace(describe_stacks=lambda StackName: {"Stacks": [stack]})  # noqa: N803 - AWS's name
    aws: Any = SimpleNamespace(client=lambda _service: cloudformation)
    monkeypatch.setattr(upload_page, "_build", lambda: 1 / 0)
    assert upload_page.bring_up(CloudPaths(tmp_path), aws, "http://api", 1) is None
    assert "UploadPage=off" in capsys.readouterr().out
