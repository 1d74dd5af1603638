"""GitHub Actions workflows: pinned actions, least privilege, timeouts, and only targets that exist."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / ".github/workflows").glob("*.yml")}
TEXTS = {path.stem: path.read_text() for path in (ROOT / ".github/workflows").glob("*.yml")}
JOBS = {f"{name}.{job}": described for name, found in WORKFLOWS.items() for job, described in found["jobs"].items()}
NO_TRIGGER = True  # YAML 1.1 reads the key `on` as this


def runs(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job.get("steps", []) if "run" in step]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_action_is_pinned_to_a_commit_with_its_version(name: str):
    for used, rest in re.findall(r"uses: (\S+)(.*)", TEXTS[name]):
        assert used.startswith("./") or re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", used), used
        assert used.startswith("./") or re.fullmatch(r" # v\d+\.\d+\.\d+", rest), used


def test_every_action_has_the_same_commit_everywhere():
    """Otherwise an update could miss a workflow."""
    used = set(re.findall(r"uses: ([\w.-]+/[\w.-]+@[0-9a-f]{40})", "\n".join(TEXTS.values())))
    assert len({each.partition("@")[0] for each in used}) == len(used)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_permissions_are_granted_per_job_only(name: str):
    assert WORKFLOWS[name]["permissions"] == {}
    for job in WORKFLOWS[name]["jobs"].values():
        assert job["permissions"] in ({"contents": "read"}, {"contents": "read", "id-token": "write"})


@pytest.mark.parametrize("name", [name for name, job in JOBS.items() if "uses" not in job])
def test_every_job_has_a_timeout(name: str):
    assert JOBS[name]["timeout-minutes"] <= 60


def test_workflows_use_no_github_secrets():
    assert not any("secrets." in text or "secrets:" in text for text in TEXTS.values())


def test_expressions_are_never_inside_scripts():
    """Titles and branch names are untrusted input: expressions belong into `env` and `with`."""
    assert not [run for job in JOBS.values() for run in runs(job) if "${{" in run]


def test_deployments_wait_for_checks_and_never_overlap():
    deploy = JOBS["deploy.deploy"]
    assert deploy["concurrency"] == {"group": "deploy-${{ inputs.environment }}", "cancel-in-progress": False}
    assert deploy["environment"] == "${{ inputs.environment }}"
    for name in ("development", "production"):
        job = JOBS[f"{name}.deploy"]
        assert job["needs"] == "checks"
        assert job["with"] == {"environment": name}
    assert WORKFLOWS["development"][NO_TRIGGER] == {"push": {"branches": ["main"]}}
    assert WORKFLOWS["production"][NO_TRIGGER] == {"release": {"types": ["published"]}}
    assert JOBS["production.checks"]["needs"] == "on-main"


def test_packages_are_installed_before_the_job_has_credentials():
    steps = JOBS["deploy.deploy"]["steps"]
    (credentials,) = [n for n, step in enumerate(steps) if "configure-aws-credentials" in step.get("uses", "")]
    builds = [n for n, step in enumerate(steps) if step.get("name", "").startswith("Build the")]
    assert len(builds) == 2
    assert max(builds) < credentials


def test_images_are_pushed_before_the_stack_is_deployed():
    """An administrator can then apply Terraform for a change of images/ as soon as it is on main."""
    names = [step.get("name") for step in JOBS["deploy.deploy"]["steps"]]
    assert names.index("Push the container images") < names.index("Deploy the stack")


def test_workflows_run_the_make_targets_of_developers():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = {target for job in JOBS.values() for run in runs(job) for target in re.findall(r"make ([a-z-]+)", run)}
    assert called <= targets
    assert "make check" in runs(JOBS["checks.check"])
    assert {"infra-tests", "infra-plans", "infra-rules"} <= called
    assert re.search(r"^infra: infra-tests infra-plans infra-rules ", (ROOT / "Makefile").read_text(), re.MULTILINE)
