"""The steps of a job with credentials: no installed package, and AWS and Docker by their command lines."""

import json
import subprocess
from pathlib import Path

import pytest

from phenom.deployment import aws_cli, images
from phenom.deployment.__main__ import main, publish_page
from phenom.deployment.stack import read_deployment
from phenom.errors import REFUSED, CommandRefusedError, IncompleteError
from phenom.functions import ROOT
from tests.aws_cli import BARE_PYTHON

AWS = """#!/bin/sh
printf '%s\\n' "$*" >>"$CALLS"
case "$*" in
*describe-repositories*phenom-dev/*) name=${*##*phenom-dev/}; name=${name%%\\"*}
  echo "{\\"repositories\\": [{\\"repositoryUri\\": \\"registry/phenom-dev/$name\\"}]}" ;;
*describe-images*) for each in $PRESENT; do case "$*" in *phenom-dev/${each%%=*}\\"*)
    echo "{\\"imageDetails\\": [{\\"imageDigest\\": \\"${each#*=}\\"}]}"; exit ;; esac; done
  test ! -e "$CALLS.pushed" || { echo '{"imageDetails": [{"imageDigest": "sha256:02"}]}'; exit; }
  echo "An error occurred (ImageNotFoundException) when calling the DescribeImages operation" >&2; exit 254 ;;
*get-authorization-token*)
  echo '{"authorizationData": [{"authorizationToken": "QVdTOnNlY3JldA==", "proxyEndpoint": "https://registry"}]}' ;;
*describe-stacks*) cat "$CALLS.stack" ;;
*get-api-key*) echo '{"value": "the-key"}' ;;
*refused*) echo "An error occurred (AccessDenied)" >&2; exit 254 ;;
esac
"""
DOCKER = """#!/bin/sh
printf 'docker %s\\n' "$*" >>"$CALLS"
case "$*" in
*--help) echo --prefer-index ;;
login*) cat >/dev/null ;;
push*) touch "$CALLS.pushed" ;;
esac
"""
IMAGES = images.image_list.read()
BUILT = [name for name, image in IMAGES.items() if isinstance(image, images.BuiltImage)]
COPIED = IMAGES.keys() - set(BUILT)


def present(*names: str) -> str:
    """Returns what the stand-in for ECR has: names with digests, as the list wants them."""
    return " ".join(f"{name}={getattr(IMAGES[name], 'digest', None) or 'sha256:01'}" for name in names)


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs `aws` and `docker` that write their arguments into this file."""
    for name, text in (("aws", AWS), ("docker", DOCKER)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("PRESENT", present(*COPIED))
    return tmp_path / "calls"


def test_steps_need_no_installed_package():
    command = [BARE_PYTHON, "-S", "-m", "phenom.deployment", "unknown"]
    done = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": "src"}, capture_output=True, text=True, check=False)
    assert done.returncode == REFUSED
    assert "usage: python -S -m phenom.deployment" in done.stderr


def test_client_passes_arguments_as_json(calls: Path):
    aws_cli.Client("cloudfront").create_invalidation(DistributionId="E1", InvalidationBatch={"Paths": {"Quantity": 1}})
    command, _, arguments = calls.read_text().strip().partition(" --cli-input-json ")
    assert command == "cloudfront create-invalidation --output json"
    assert json.loads(arguments) == {"DistributionId": "E1", "InvalidationBatch": {"Paths": {"Quantity": 1}}}


def test_client_passes_a_body_as_file(calls: Path):
    aws_cli.Client("s3").put_object(Bucket="b", Key="index.html", Body=b"\x00")
    assert calls.read_text().startswith("s3api put-object --output json --cli-input-json")
    assert " --body /" in calls.read_text()


def test_failure_says_what_aws_said(calls: Path):
    with pytest.raises(aws_cli.AwsCliError, match=r"aws sts refused.*AccessDenied"):
        aws_cli.Client("sts").refused()


def test_images_that_must_be_built_are_reported(calls: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["copy-images", "development"]) == 0
    assert capsys.readouterr().out.split() == BUILT
    assert "docker" not in calls.read_text(), "nothing is missing that can be copied"


def test_missing_image_is_copied_not_built(calls: Path, monkeypatch: pytest.MonkeyPatch, capfd):
    monkeypatch.setenv("PRESENT", present(*(IMAGES.keys() - {"postgres"})))
    with pytest.raises(IncompleteError):  # the stand-in's registry never gets it
        images.copy("phenom-dev")
    assert "imagetools create --prefer-index=false --tag registry/phenom-dev/postgres:" in calls.read_text()
    assert "docker buildx build" not in calls.read_text()


def test_built_images_are_loaded_and_pushed(calls: Path, tmp_path: Path, capfd):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "clamd.tar").touch()
    assert main(["push-images", "development", str(tmp_path / "images")]) == 0
    told = calls.read_text()
    assert f"docker load --input {tmp_path}/images/clamd.tar" in told
    assert "docker tag phenom/clamd:built registry/phenom-dev/clamd:" in told
    assert "docker push registry/phenom-dev/clamd:" in told
    assert "docker buildx build" not in told, "code of the image would run next to the credentials"


def test_images_are_built_without_credentials(calls: Path, tmp_path: Path, capfd):
    assert images.main([str(tmp_path / "images"), "clamd"]) == 0
    told = calls.read_text()
    assert "--load --tag phenom/clamd:built --build-arg BASE=clamav/clamav:" in told
    assert f"docker save --output {tmp_path}/images/clamd.tar phenom/clamd:built" in told
    assert "ecr" not in told


def test_image_that_is_not_built_is_refused(calls: Path, tmp_path: Path):
    with pytest.raises(CommandRefusedError, match="postgres"):
        images.build(tmp_path, ["postgres"])


def test_page_is_published_with_the_api_key(calls: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    outputs = {
        "ApiKeyId": "k1", "VideoClientHostingBucket": "page", "ClientDistributionId": "E1",
        "VideoClientWebsiteUrl": "https://page", "VideoUploadApiEndpoint": "https://api",
    }  # fmt: skip
    described = {
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
        "Parameters": [
            {"ParameterKey": "MaxFileBytes", "ParameterValue": "5"},
            {"ParameterKey": "PartBytes", "ParameterValue": "5"},
        ],
    }  # fmt: skip
    Path(f"{calls}.stack").write_text(json.dumps({"Stacks": [described]}))
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "index.html").write_text("<!doctype html>")
    publish_page(read_deployment("development"), tmp_path / "page")
    assert "2 files are in page" in capsys.readouterr().out
    commands = [line.split(" --")[0] for line in calls.read_text().splitlines() if not line.startswith("docker")]
    assert commands == [
        "cloudformation describe-stacks", "apigateway get-api-key",
        "s3api put-object", "s3api put-object", "cloudfront create-invalidation",
    ]  # fmt: skip


def test_stack_without_page_publishes_nothing(calls: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    off = {"ParameterKey": "UploadPage", "ParameterValue": "off"}
    Path(f"{calls}.stack").write_text(json.dumps({"Stacks": [{"Parameters": [off]}]}))
    publish_page(read_deployment("development"), tmp_path)
    assert "UploadPage=off" in capsys.readouterr().out


def test_unknown_step_prints_the_usage(capsys: pytest.CaptureFixture[str]):
    assert main(["everything"]) == REFUSED
    assert "usage:" in capsys.readouterr().err
