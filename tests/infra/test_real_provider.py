"""The documented first deployment with the real AWS provider, in an empty account of moto.

`make infra-real` runs it. It takes 10 minutes on two cores, because the provider needs much computing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.infra.moto_account import ACCOUNT, Account, empty_account
from tests.infra.plans import ENVIRONMENTS, TERRAFORM
from tests.infra.real_provider import Copy, Result, configuration_of_real_provider

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not configuration_of_real_provider(),
        reason="needs TERRAFORM_REAL_CONFIG: a Terraform CLI configuration that has hashicorp/aws 5.100.0",
    ),
]

# Attributes that moto does not return, by resource type: the second plan sets them again.
FORGOTTEN_BY_MOTO = {
    "aws_appautoscaling_target": {"tags_all"},
    "aws_budgets_budget": {"tags_all"},
    "aws_db_instance": {
        "engine_lifecycle_support",
        "performance_insights_enabled",
        "performance_insights_retention_period",
    },
    "aws_db_parameter_group": {"parameter"},
    "aws_ecs_service": {  # without its capacity providers, it is replaced: the last three attributes are then new
        "capacity_provider_strategy",
        "enable_ecs_managed_tags",
        "health_check_grace_period_seconds",
        "availability_zone_rebalancing",
        "deployment_controller",
        "service_registries",
    },
    "aws_vpc_security_group_egress_rule": {"description"},
    "aws_vpc_security_group_ingress_rule": {"description"},
}


@dataclass(frozen=True)
class Deployment:
    """An environment after its first deployment, and the results of the commands."""

    environment: str
    account: Account
    copy: Copy
    bootstrap: Result
    init: Result
    plan: Result
    apply: Result

    @property
    def directory(self) -> str:
        return f"environments/{self.environment}"


def state_bucket(environment: str) -> str:
    return f"phenom-{ENVIRONMENTS[environment]}-terraform-state-{ACCOUNT}"


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The environment after bootstrap, and after `terraform init`, `plan` and `apply` without arguments."""
    environment = request.param
    with empty_account() as account:
        copy = Copy(tmp_path_factory.mktemp(environment), account.endpoint)
        copy.override(environment, "repository_override.tf")
        if "domain_name         = null" not in (TERRAFORM / "environments" / environment / "locals.tf").read_text():
            copy.override(environment, "names_override.tf")
            account.create_certificate("api.acme.org")
        short = ENVIRONMENTS[environment]
        assert copy.terraform("bootstrap", "init").code == 0
        bootstrap = copy.terraform(
            "bootstrap", "apply", "-auto-approve", f"-var=environment={short}", f"-state={short}.tfstate"
        )
        # The bucket refuses calls without TLS, and moto's server has none.
        account.client("s3").delete_bucket_policy(Bucket=state_bucket(environment))
        account.push_images(short)
        directory = f"environments/{environment}"
        init = copy.terraform(directory, "init")
        plan = copy.terraform(directory, "plan")
        apply = copy.terraform(directory, "apply", "-auto-approve")
        yield Deployment(environment, account, copy, bootstrap, init, plan, apply)


def changes(plan: dict[str, Any]) -> set[tuple[str, str]]:
    """Returns what a plan changes, as resource type and attribute. Leaves out what AWS computes."""
    found = set()
    for each in plan["resource_changes"]:
        change = each["change"]
        before, after = change["before"] or {}, change["after"] or {}
        if change["actions"] in (["no-op"], ["read"]):
            continue
        names = {name for name in after if after[name] != before.get(name) and after[name] is not None}
        found |= {(each["type"], name) for name in names} or {(each["type"], "")}
    return found


def test_first_deployment_needs_no_argument(deployment: Deployment):
    for result in (deployment.bootstrap, deployment.init, deployment.plan, deployment.apply):
        assert (result.code, result.errors) == (0, [])
    assert deployment.account.missing == set(), "moto lacks operations that the provider needs"
    assert not deployment.plan.warnings


def test_state_is_in_the_bucket_of_bootstrap(deployment: Deployment):
    objects = deployment.account.client("s3").list_objects_v2(Bucket=state_bucket(deployment.environment))
    assert [each["Key"] for each in objects["Contents"]] == [f"phenom-{ENVIRONMENTS[deployment.environment]}.tfstate"]


def test_second_plan_undoes_only_callback_urls_changed_by_hand(deployment: Deployment):
    """It also keeps a changed app secret, as docs/operations/after-deployment.md says."""
    copy, directory, account = deployment.copy, deployment.directory, deployment.account
    short = ENVIRONMENTS[deployment.environment]
    account.client("secretsmanager").put_secret_value(SecretId=f"phenom-{short}-app-secrets", SecretString="{}")
    pools = account.client("cognito-idp")
    pool = pools.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    client = pools.list_user_pool_clients(UserPoolId=pool)["UserPoolClients"][0]["ClientId"]
    pools.update_user_pool_client(UserPoolId=pool, ClientId=client, CallbackURLs=["https://by.hand.org"])

    assert copy.terraform(directory, "plan", "-out=plan").errors == []
    forgotten = {(type_, name) for type_, names in FORGOTTEN_BY_MOTO.items() for name in names}
    assert changes(copy.show(directory, "plan")) - forgotten == {("aws_cognito_user_pool_client", "callback_urls")}


def test_bootstrap_refuses_the_state_of_the_other_environment(deployment: Deployment):
    one, other = ("dev", "prod") if deployment.environment == "development" else ("prod", "dev")
    result = deployment.copy.terraform("bootstrap", "plan", f"-var=environment={other}", f"-state={one}.tfstate")
    assert result.code == 1
    assert f"Add: -state={other}.tfstate" in result.output


def test_destroy_removes_development_and_not_production(deployment: Deployment):
    result = deployment.copy.terraform(deployment.directory, "destroy", "-auto-approve")
    if deployment.environment == "development":
        assert (result.code, result.errors) == (0, [])
    else:
        assert "deletion protection" in result.output.lower()
