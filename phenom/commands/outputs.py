"""Prints the outputs of an environment: those of the SAM stack and those of Terraform, under the specified names."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from phenom.aws.stacks import DeployedStack
from phenom.errors import DONE, NOT_ALL_DONE
from phenom.functions import ROOT
from phenom.terminal import print_table

SAM_OUTPUTS: Mapping[str, str] = {
    "video_upload_api_endpoint": "VideoUploadApiEndpoint",
    "video_upload_generate_url_endpoint": "VideoUploadGenerateUrlEndpoint",
    "video_staging_bucket": "VideoStagingBucket",
    "video_final_bucket": "VideoFinalBucket",
    "video_client_hosting_bucket": "VideoClientHostingBucket",
    "video_client_website_url": "VideoClientWebsiteUrl",
    "presigned_url_lambda_arn": "PresignedUrlLambdaArn",
    "file_validator_lambda_arn": "FileValidatorLambdaArn",
}
"""Specified names, and the outputs of template.yaml that hold them."""
TERRAFORM_OUTPUTS = (
    "alb_dns_name",
    "service_endpoints",
    "database_endpoint",
    "cognito_user_pool_id",
    "cognito_user_pool_arn",
    "cognito_app_client_id",
    "s3_bucket_name",
    "s3_access_key_id",
)
_DIRECTORY = ROOT / "infra" / "terraform" / "environments"


@dataclass(slots=True)
class Outputs:
    """Values by specified name; `missing` says why values are missing, and what to do."""

    values: dict[str, Any] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def run(stack: DeployedStack, environment: str, *, as_json: bool) -> int:
    """Returns the exit code: 1 when an output is missing."""
    found = collect(stack, environment)
    if as_json:
        print(json.dumps(found.values, indent=2))
    else:
        print_table(("OUTPUT", "VALUE"), [(name, _as_text(value)) for name, value in found.values.items()])
    for reason in found.missing:
        print(reason, file=sys.stderr)
    return NOT_ALL_DONE if found.missing else DONE


def collect(
    stack: DeployedStack, environment: str, read_terraform: Callable[[str], Mapping[str, Any] | str] | None = None
) -> Outputs:
    """`read_terraform` returns the outputs of an environment, or why they cannot be read."""
    outputs = Outputs()
    terraform = (read_terraform or read_terraform_outputs)(environment)
    if isinstance(terraform, str):
        outputs.missing.append(terraform)
    else:
        _take(outputs, terraform, {name: name for name in TERRAFORM_OUTPUTS}, f"Terraform's state of {environment}")
    deployed: dict[str, Any] = dict(stack.outputs)
    if stack.api_url:  # the local cloud, whose addresses the stack does not know
        deployed |= {
            "VideoUploadApiEndpoint": stack.api_url,
            "VideoUploadGenerateUrlEndpoint": f"{stack.api_url}/upload/generate-url",
            "VideoClientWebsiteUrl": stack.client_url,
        }
    if not stack.has_upload_page:
        deployed |= {"VideoClientWebsiteUrl": None}
    _take(outputs, deployed, SAM_OUTPUTS, f"Stack {stack.name}")
    return outputs


def read_terraform_outputs(environment: str) -> Mapping[str, Any] | str:
    """Returns Terraform's outputs, or a sentence that says why they cannot be read."""
    if environment == "local":
        return {}
    directory = _DIRECTORY / environment
    name = directory.relative_to(ROOT)
    command = ["terraform", f"-chdir={directory}", "output", "-json", "-no-color"]
    if not (directory / ".terraform").exists():
        return f"Terraform's outputs are missing: run `terraform init` in {name} first (docs/environments.md)."
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        return "Terraform's outputs are missing: `terraform` is not installed."
    if done.returncode:
        return f"Terraform's outputs are missing: `terraform output` failed in {name}:\n{done.stderr.strip()}"
    return {name: each["value"] for name, each in json.loads(done.stdout).items()}


def _take(outputs: Outputs, source: Mapping[str, Any], names: Mapping[str, str], origin: str) -> None:
    if not source:  # the local cloud has no Terraform
        return
    outputs.values |= {name: source[key] for name, key in names.items() if key in source}
    if absent := [name for name, key in names.items() if key not in source]:
        outputs.missing.append(f"{origin} has no {', '.join(absent)}: deploy it again.")


def _as_text(value: object) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value)
