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


# Jobs that can get credentials: with a token for AWS, or with a GitHub environment, whose name is in the token.
TRUSTED = {
    name: job
    for name, job in JOBS.items()
    if "uses" not in job and ("environment" in job or "id-token" in job["permissions"])
}
# Installed by GitHub on its runners, not by a package manager in the job.
PROGRAMS = {"aws", "curl", "cut", "docker", "echo", "jq", "mkdir", "sha256sum", "tar"}
ACTIONS = {
    "actions/checkout", "actions/setup-python", "actions/download-artifact", "actions/upload-artifact",
    "aws-actions/configure-aws-credentials", "hashicorp/setup-terraform",
}  # fmt: skip
OWN_CODE = "python -S -m phenom.deployment "  # -S: no installed package can be imported
TERRAFORM = "make infra-plans "  # for plans; the role may only read what is public or listed


def programs(script: str) -> set[str]:
    """Returns the commands of a script, of its pipes and substitutions too."""
    joined = re.sub(r"\\\n\s*", " ", script)
    starts = re.split(r"\n|\||&&|;|\$\(", joined)
    commands = [re.sub(r"^\s*(\w+=)?", "", start) for start in starts]
    return {command for command in commands if command and not command.startswith(('"', "'"))}


def is_trusted_command(command: str) -> bool:
    return command.startswith((OWN_CODE, TERRAFORM)) or command.split(maxsplit=1)[0] in PROGRAMS


def test_jobs_with_credentials_are_these():
    assert TRUSTED.keys() == {"deploy.deploy", "deploy.push-images", "checks.plans"}


@pytest.mark.parametrize("name", TRUSTED)
def test_job_with_credentials_runs_no_code_of_others(name: str):
    for run in runs(TRUSTED[name]):
        assert all(map(is_trusted_command, programs(run))), run
    used = {step["uses"].partition("@")[0] for step in TRUSTED[name]["steps"] if "uses" in step}
    assert used <= ACTIONS


@pytest.mark.parametrize(
    "script",
    [
        "make build", "make client", "npm ci", "x=1 pip install boto3", ".venvs/sam/bin/sam deploy", "uv sync",
        ".venv/bin/phenom push-images development", "python -m phenom.deployment stack", "echo 1 && make bundle",
        "echo $(npx vite)", "curl https://example.org/install.sh | bash", "docker\\\n  info; make build",
    ],
)  # fmt: skip
def test_check_of_commands_notices_code_of_others(script: str):
    assert not all(map(is_trusted_command, programs(script)))


def test_docker_builds_nothing_where_credentials_are():
    """`docker` pushes what another job built: in the workflow, and in the code that it runs."""
    for job in TRUSTED.values():
        assert not [run for run in runs(job) if re.search(r"docker (buildx )?build|docker run", run)]
    code = (ROOT / "phenom/deployment/images.py").read_text()
    assert "class SavedImages" in code  # tests/unit/phenom/deployment/test_steps.py tests that it replaces the build


def test_plans_run_terraform_only():
    """`make infra-plans` must not install anything: it runs next to a token."""
    rule = re.search(r"^infra-plans:(.*)\n\t(.*)\n", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert rule is not None
    assert rule[1].partition("#")[0].strip() == ""
    assert rule[2].startswith("@infra/terraform/prove.sh plan ")


@pytest.mark.parametrize("name", ["deploy.build", "deploy.build-images", "checks.infra", "checks.check"])
def test_job_that_builds_has_no_token_and_no_environment(name: str):
    assert JOBS[name]["permissions"] == {"contents": "read"}
    assert "environment" not in JOBS[name]
    assert not [step for step in JOBS[name]["steps"] if "configure-aws-credentials" in step.get("uses", "")]


@pytest.mark.parametrize(("builder", "deployer"), [("build", "deploy"), ("build-images", "push-images")])
def test_artifact_is_checked_by_digest_before_it_is_unpacked(builder: str, deployer: str):
    built, steps = JOBS[f"deploy.{builder}"], JOBS[f"deploy.{deployer}"]["steps"]
    assert built["outputs"] == {
        "artifact": "${{ steps.upload.outputs.artifact-id }}",
        "sha256": "${{ steps.digest.outputs.sha256 }}",
    }
    ids = [step.get("id") for step in built["steps"]]
    assert ids.index("digest") < ids.index("upload") == len(ids) - 1
    assert builder in JOBS[f"deploy.{deployer}"]["needs"]
    (download,) = [n for n, step in enumerate(steps) if "download-artifact" in step.get("uses", "")]
    assert steps[download]["with"]["artifact-ids"] == f"${{{{ needs.{builder}.outputs.artifact }}}}"
    check, unpack = steps[download + 1], steps[download + 2]
    assert check["env"]["SHA256"] == f"${{{{ needs.{builder}.outputs.sha256 }}}}"
    assert re.fullmatch(r'echo "\$SHA256  (\S+)" \| sha256sum --check --strict', check["run"])
    assert "continue-on-error" not in check
    assert "artifact/" in unpack["run"]
    assert "configure-aws-credentials" in steps[download + 3]["uses"], "credentials come last"


def test_deployment_takes_template_and_parameters_from_the_commit():
    """The artifact has packages and page only: what built it cannot change roles, buckets or parameters."""
    (checkout,) = [s for s in JOBS["deploy.deploy"]["steps"] if "actions/checkout" in s.get("uses", "")]
    assert "ref" not in checkout["with"]
    assert "template.yaml" not in TEXTS["deploy"]


def test_built_images_are_pushed_after_a_build_elsewhere():
    """An administrator can then apply Terraform for a change of images/ as soon as it is on main."""
    names = [step.get("name") for step in JOBS["deploy.deploy"]["steps"]]
    assert names.index("Copy container images into the registry") < names.index("Deploy the stack")
    assert JOBS["deploy.build-images"]["if"] == "needs.deploy.outputs.images != ''"
    assert JOBS["deploy.push-images"]["environment"] == "${{ inputs.environment }}"


def test_failed_plans_fail_the_required_check():
    """GitHub counts a job that was skipped, because another failed, as successful."""
    infra = JOBS["checks.infra"]
    assert infra["if"] == "${{ !cancelled() }}"
    assert infra["steps"][0]["if"] == "needs.plans.result == 'failure'"
    assert "exit 1" in infra["steps"][0]["run"]


def test_workflows_run_the_make_targets_of_developers():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = {target for job in JOBS.values() for run in runs(job) for target in re.findall(r"make ([a-z-]+)", run)}
    assert called <= targets
    assert "make check" in runs(JOBS["checks.check"])
    assert {"infra-tests", "infra-plans", "infra-rules"} <= called
    assert re.search(r"^infra: infra-tests infra-plans infra-rules ", (ROOT / "Makefile").read_text(), re.MULTILINE)
