"""Container images: by digest, from the environment's own registry, which bootstrap creates and GitHub may fill."""

import hashlib
import json
import re
from typing import Any

from phenom.images import image_list
from tests.infra.iam import is_allowed, statements
from tests.infra.plans import TERRAFORM, Environment

REPOSITORY = "arn:aws:ecr:us-east-1:111122223333:repository/phenom-{}/{}"
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
PUSH = (
    *PULL,
    *("ecr:CompleteLayerUpload", "ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:InitiateLayerUpload"),
    *("ecr:PutImage", "ecr:UploadLayerPart"),
)


def task_definitions(environment: Environment) -> list[dict[str, Any]]:
    return [task.values for task in environment.state_of("aws_ecs_task_definition")]


def images(environment: Environment) -> dict[str, str]:
    """Returns the image of each container."""
    containers = [one for task in task_definitions(environment) for one in json.loads(task["container_definitions"])]
    return {container["name"]: container["image"] for container in containers}


def test_every_container_runs_a_listed_image_by_digest(environment: Environment):
    """prove.sh gives each image the SHA-256 of its tag as digest, so Terraform and Python compute the same tags."""
    registry = f"111122223333.dkr.ecr.us-east-1.amazonaws.com/phenom-{environment.short}"
    expected = {
        f"{registry}/{name}@sha256:{hashlib.sha256(image.tag.encode()).hexdigest()}"
        for name, image in image_list.read().items()
    }
    assert set(images(environment).values()) <= expected


def test_every_listed_image_is_used_or_is_a_base(environments: dict[str, Environment]):
    listed = image_list.read()
    bases = {image.base.name for image in listed.values() if isinstance(image, image_list.BuiltImage)}
    running = [image for environment in environments.values() for image in images(environment).values()]
    used = {re.sub(r".*/([^/]+)@.*", r"\1", image) for image in running}
    assert used | bases == set(listed)


def test_bootstrap_creates_a_repository_for_every_listed_image():
    """bootstrap/tests prove that it makes one for each name that it reads."""
    text = (TERRAFORM / "bootstrap" / "registry.tf").read_text()
    assert 'keys(jsondecode(file("${path.module}/../../../images/images.json")))' in text
    assert '"phenom-${var.environment}/${each.key}"' in text


def test_every_task_may_pull_its_own_images_only(environment: Environment):
    policies = {policy.address: policy.values["policy"] for policy in environment.state_of("aws_iam_role_policy")}
    pulling = {
        address: text for address, text in policies.items() if "ecr:BatchGetImage" in text and ".ci." not in address
    }
    families = {task.values["family"] for task in environment.state_of("aws_ecs_task_definition")}
    assert len(pulling) == len(families - {f"phenom-{environment.short}-clamd-refresh"}), "the refresh has clamd's role"
    for address, text in pulling.items():
        (pull,) = [each for each in json.loads(text)["Statement"] if each["Sid"] == "PullImage"]
        assert sorted(pull["Action"]) == sorted(PULL), address
        names = ["synapse", "nginx"] if address.startswith("module.chat[0]") else ["[a-z-]+"]
        for name, resource in zip(names, pull["Resource"], strict=True):
            assert re.fullmatch(REPOSITORY.format(environment.short, name), resource), address


def test_deployments_may_push_to_this_environment_only(environment: Environment):
    (policy,) = [
        p for p in environment.state_of("aws_iam_role_policy") if p.address == "module.ci.aws_iam_role_policy.deploy[0]"
    ]
    allowed = statements(policy.values["policy"])
    other = {"dev": "prod", "prod": "dev"}[environment.short]
    assert is_allowed(allowed, "ecr:GetAuthorizationToken", "*")
    for action in PUSH:
        assert is_allowed(allowed, action, REPOSITORY.format(environment.short, "functions")), action
        assert not is_allowed(allowed, action, REPOSITORY.format(other, "functions")), action
    for action in ("ecr:BatchDeleteImage", "ecr:PutLifecyclePolicy", "ecr:SetRepositoryPolicy", "ecr:DeleteRepository"):
        assert not is_allowed(allowed, action, REPOSITORY.format(environment.short, "functions")), action
