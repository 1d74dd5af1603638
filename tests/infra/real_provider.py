"""Runs Terraform with the real AWS provider 5.100.0 on a copy of the configuration.

The project needs provider 6.19 or later; 5.100.0 lacks only what `NEWER` lists. It has what a stand-in with the
provider's schema lacks: its own checks of values, its defaults, and its calls of AWS.

TERRAFORM_REAL_CONFIG is the path of a Terraform CLI configuration that tells where the provider is; an empty file such
as /dev/null means Terraform's registry.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.infra.moto_account import CREDENTIALS
from tests.infra.plans import ROOT, TERRAFORM

VERSION = "5.100.0"
NEWER = {  # what 5.100.0 cannot read, as a regular expression, and how it is written for 5.100.0
    r'"~> 6\.\d+"': f'"{VERSION}"',
    r'\n  dynamic "transform" \{\n.*?\n  \}\n': "\n",
    r"regex_values = \[[^\]]*\]": 'values = ["/..*"]',
    r"data\.aws_region\.(\w+)\.region": r"data.aws_region.\1.name",
    r"aws_ecs_service\.(\w+)\.arn": r"aws_ecs_service.\1.id",
}
# Chat's edge is left out: there is no provider for Cloudflare here, and moto has no trust stores.
WITHOUT_CLOUDFLARE = {
    r"\n    cloudflare = \{\n.*?\n    \}": "",
    r'# Reads CLOUDFLARE_API_TOKEN[^\n]*\nprovider "cloudflare" \{\}\n': "",
    r'\nmodule "cloudflare_chat" \{\n.*?\n\}\n': "\n",
    r"one\(module\.cloudflare_chat\[\*\]\.\w+\)": "null",
}
WITHOUT_CHAT = "locals {\n  chat    = null\n  synapse = null\n}\n"  # moto lacks trust stores and policies of EFS
DROPPED_BY_MOTO = r"\n +newer_noncurrent_versions += \d+"  # the provider waits until S3 returns it
PATH_STYLE = "s3_use_path_style = true"  # names of buckets are no host names on loopback
PROVIDER = f'provider "aws" {{\n  {PATH_STYLE}\n  max_retries = 2\n}}\n'
SECONDS = 1200


def configuration_of_real_provider() -> str:
    return os.environ.get("TERRAFORM_REAL_CONFIG", "")


@dataclass(frozen=True)
class Result:
    """One Terraform command: exit code, and its messages of level error or warning."""

    code: int
    output: str
    errors: list[str]
    warnings: list[str]


class Copy:
    """A copy of the configuration that the real provider can read and that calls `endpoint` instead of AWS."""

    def __init__(self, directory: Path, endpoint: str) -> None:
        ignored = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate*", "plan")
        shutil.copytree(TERRAFORM, directory / "infra/terraform", ignore=ignored)
        shutil.copytree(ROOT / "local/clamav", directory / "local/clamav")
        shutil.copytree(ROOT / "images", directory / "images")
        for path in directory.rglob("*.tf"):
            path.write_text(_for_real_provider(path.read_text()))
        self._root = directory / "infra/terraform"
        for path in (self._root / "environments").glob("*/*.tf"):
            path.write_text(_replace(WITHOUT_CLOUDFLARE, path.read_text()))
            path.with_name("without_chat_override.tf").write_text(WITHOUT_CHAT)
        for path in self._root.rglob("versions.tf"):
            if 'provider "aws"' in path.read_text():
                path.with_name("provider_override.tf").write_text(PROVIDER)
        for path in self._root.rglob("backend.tf"):
            _insert_into_backend(path, "use_path_style = true")
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._variables = (
            inherited
            | CREDENTIALS
            | {
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_EC2_METADATA_DISABLED": "true",
                "CHECKPOINT_DISABLE": "1",
                "TF_CLI_CONFIG_FILE": configuration_of_real_provider(),
                "TF_INPUT": "0",
            }
        )

    def override(self, environment: str, *names: str) -> None:
        """Copies files of infra/terraform/testing, which set what the owner of the environment would set."""
        for name in names:
            shutil.copy(self._root / "testing" / name, self._root / "environments" / environment)

    def terraform(self, directory: str, *arguments: str) -> Result:
        done = subprocess.run(
            ["terraform", f"-chdir={self._root / directory}", arguments[0], "-no-color", *arguments[1:]],
            env=self._variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        output = done.stdout + done.stderr
        return Result(done.returncode, output, _messages("Error", output), _messages("Warning", output))

    def show(self, directory: str, *plan: str) -> dict[str, Any]:
        """Returns the state or a plan."""
        shown: dict[str, Any] = json.loads(self.terraform(directory, "show", "-json", *plan).output)
        return shown


def _for_real_provider(text: str) -> str:
    return re.sub(DROPPED_BY_MOTO, "", _replace(NEWER, text))


def _replace(patterns: Mapping[str, str], text: str) -> str:
    for pattern, replacement in patterns.items():
        text = re.sub(pattern, replacement, text, flags=re.DOTALL)
    return text


def _insert_into_backend(path: Path, line: str) -> None:
    path.write_text(path.read_text().replace("    encrypt ", f"    {line}\n    encrypt ", 1))


def _messages(level: str, output: str) -> list[str]:
    """Returns Terraform's messages, each in one line with the resource that it names."""
    found = re.findall(rf"^{level}: (.*?)(?=^Error: |^Warning: |\Z)", output, re.DOTALL | re.MULTILINE)
    return [" ".join(message.split()) for message in found]
