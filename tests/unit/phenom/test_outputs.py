"""`phenom outputs`: the specified names, from the SAM stack and from Terraform."""

import json
from typing import Any

import pytest

from phenom.commands import outputs
from phenom.commands.outputs import SAM_OUTPUTS, TERRAFORM_OUTPUTS, collect
from phenom.functions import ROOT
from tests.template import read
from tests.unit.phenom.conftest import Phenom
from tests.unit.phenom.fake_deployment import deployed_stack

DEPLOYED = {output: f"value of {output}" for output in SAM_OUTPUTS.values()}
TERRAFORM: dict[str, Any] = {name: f"value of {name}" for name in TERRAFORM_OUTPUTS}


def stack(**values: str) -> Any:
    return deployed_stack(lambda _: None, **values)


@pytest.fixture(autouse=True)
def deployed(monkeypatch) -> None:
    monkeypatch.setattr("phenom.aws.stacks.find_stack", lambda *_: stack(**DEPLOYED))
    monkeypatch.setattr(outputs, "read_terraform_outputs", lambda _: TERRAFORM)


def test_template_and_terraform_have_the_specified_outputs():
    assert set(SAM_OUTPUTS.values()) <= read()["Outputs"].keys()
    text = (ROOT / "infra/terraform/environments/production/outputs.tf").read_text()
    assert not [name for name in TERRAFORM_OUTPUTS if f'output "{name}"' not in text]


def test_json_has_all_values_under_the_specified_names(phenom: Phenom):
    ran = phenom("outputs", "production", "--json")
    assert ran.code == 0
    values = json.loads(ran.out)
    assert values.keys() == {*SAM_OUTPUTS, *TERRAFORM_OUTPUTS}
    assert values["video_staging_bucket"] == "value of VideoStagingBucket"


def test_table_has_one_line_per_output(phenom: Phenom):
    ran = phenom("outputs", "production")
    assert ran.code == 0
    assert len(ran.out.splitlines()) == 1 + len(SAM_OUTPUTS) + len(TERRAFORM_OUTPUTS)


def test_missing_output_is_named_and_the_others_are_printed(phenom: Phenom, monkeypatch):
    monkeypatch.setattr(outputs, "read_terraform_outputs", lambda _: "Terraform's outputs are missing: no reason.")
    ran = phenom("outputs", "production", "--json")
    assert ran.code == 1
    assert json.loads(ran.out).keys() == SAM_OUTPUTS.keys()
    assert ran.err == "Terraform's outputs are missing: no reason.\n"


def test_stack_without_upload_page_lacks_no_output():
    outputs_without_page = {name: value for name, value in DEPLOYED.items() if name != "VideoClientWebsiteUrl"}
    without_page = stack(**outputs_without_page)
    without_page.description["Parameters"] = [{"ParameterKey": "UploadPage", "ParameterValue": "off"}]
    found = collect(without_page, "local")
    assert found.missing == []
    assert found.values["video_client_website_url"] is None


def test_older_stack_must_be_deployed_again():
    older = {name: value for name, value in DEPLOYED.items() if name != "VideoFinalBucket"}
    found = collect(stack(**older), "production")
    assert found.missing == ["Stack phenom-test has no video_final_bucket: deploy it again."]


def test_uninitialised_terraform_says_what_to_run(monkeypatch, tmp_path):
    monkeypatch.undo()
    monkeypatch.setattr(outputs, "ROOT", tmp_path)
    monkeypatch.setattr(outputs, "_DIRECTORY", tmp_path)
    assert "terraform init" in str(outputs.read_terraform_outputs("production"))


def test_terraform_outputs_are_read_by_its_command(monkeypatch, tmp_path):
    monkeypatch.undo()
    monkeypatch.setattr(outputs, "ROOT", tmp_path)
    monkeypatch.setattr(outputs, "_DIRECTORY", tmp_path)
    (tmp_path / "production/.terraform").mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "is not installed" in str(outputs.read_terraform_outputs("production"))
    program = tmp_path / "terraform"
    program.write_text('#!/bin/sh\necho \'{"alb_dns_name": {"sensitive": false, "value": "alb.example.org"}}\'\n')
    program.chmod(0o700)
    assert outputs.read_terraform_outputs("production") == {"alb_dns_name": "alb.example.org"}
    program.write_text("#!/bin/sh\necho 'no state' >&2; exit 1\n")
    assert "no state" in str(outputs.read_terraform_outputs("production"))


def test_local_cloud_has_its_own_addresses_and_no_terraform(monkeypatch):
    monkeypatch.undo()
    local = stack(**DEPLOYED)
    local = type(local)(local.client, local.description, "http://127.0.0.1:4566/api", "http://127.0.0.1:4570/")
    found = collect(local, "local")
    assert found.missing == []
    assert found.values["video_upload_generate_url_endpoint"] == "http://127.0.0.1:4566/api/upload/generate-url"
    assert found.values["video_client_website_url"] == "http://127.0.0.1:4570/"
