"""An AWS account for tests of preflight: moto, and canned answers where moto has none.

Clients are created once for all tests, because reading their models takes most of the time.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import boto3

from phenom.images import image_list
from phenom.preflight.check import Check, State
from phenom.preflight.cloud import Cloud, connect
from phenom.preflight.settings import Settings

NUMBER = "123456789012"  # moto's
TAGS = {"application": "phenom", "environment": "dev"}
SETTINGS = Settings(
    environment="development",
    region="us-east-1",
    stack_name="phenom-dev",
    terraform={
        "region": "us-east-1",
        "domain_name": "api.acme.test",
        "ci_subject": "repo:acme/phenom",
        "ci_creates_provider": True,
        "nat_gateways": "one",
        "images": {"graphql": "g:1", "auth": "a:1", "storage": "s:1", "functions": None},
        "service_size": {"cpu": 256, "memory": 512},
        "service_scaling": {"min": 2, "max": 4, "spot_percent": 100},
        "clamd_image": "clamav:1",
        "clamd_scaling": {"min": 1, "max": 2},
        "synapse": None,
        "chat_mcp": None,
        "database_engine": {"version": "17", "allow_major_upgrade": False, "apply_at_once": False},
        "database_instance_class": "db.m5.large",
        "database_multi_az": False,
        "cognito_domain_prefix": "phenom-dev",
        "cognito_self_registration": False,
    },
    parameters={
        "ValidatorMaxConcurrency": "10",
        "PresignReservedConcurrency": "0",
        "SignInReservedConcurrency": "0",
        "UploadPage": "on",
        "AllowedOrigins": "https://upload.acme.org",
        "ClientDomainName": "",
        "ShortPasswords": "accept",
        "DailyQuota": "10000",
        "ApiDailyCeiling": "100000",
        "Waf": "off",
        "WafRateLimit": "300",
        "ManageApiGatewayAccount": "true",
    },
    file="infra/terraform/environments/development/locals.tf",
)
type Answer = Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]]


def settings(*, parameters: Mapping[str, str] | None = None, **terraform: Any) -> Settings:
    """Returns SETTINGS with other values."""
    return replace(
        SETTINGS,
        terraform={**SETTINGS.terraform, **terraform},
        parameters={**SETTINGS.parameters, **(parameters or {})},
    )


def refusal(code: str, message: str = "…") -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": message}}


def limits(total: int) -> dict[str, dict[str, int]]:
    """Returns Lambda's account settings."""
    return {"AccountLimit": {"ConcurrentExecutions": total, "UnreservedConcurrentExecutions": total}}


def offer(version: str, storage: str = "gp3", *, two_zones: bool = True) -> dict[str, Any]:
    return {"EngineVersion": version, "StorageType": storage, "MultiAZCapable": two_zones}


class World:
    """One account. `answers` are parsed answers by operation, or functions of the parameters; `calls` are all calls."""

    def __init__(self) -> None:
        self.quotas: dict[str, float] = {"L-3032A538": 10, "L-36FBB829": 10, "L-0263D0A3": 5, "L-F678F1CE": 5}
        self.calls: list[tuple[str, Mapping[str, Any]]] = []
        self.answers: dict[str, Answer] = {
            "DescribeStacks": refusal("ValidationError"),
            "GetServiceQuota": lambda asked: {"Quota": {"Value": self.quotas[asked["QuotaCode"]]}},
            "GetAccountSettings": limits(1000),
            "GetAccount": {},
            "DescribeUserPoolDomain": {"DomainDescription": {}},
            "DescribeOrderableDBInstanceOptions": {"OrderableDBInstanceOptions": [offer("17.9")]},
            "ListCostAllocationTags": {"CostAllocationTags": []},
        }

    def client(self, service: str, **options: Any) -> Any:
        """Returns a client; those with options are preflight's own."""
        _Current.world = self
        return _client(service, own=bool(options))

    def cloud(self, chosen: Settings = SETTINGS) -> Cloud:
        return connect(self.client, chosen)

    def deploy_stack(self, *logical_ids: str, status: str = "CREATE_COMPLETE", **outputs: str) -> None:
        resources = [{"LogicalResourceId": each, "ResourceStatus": "CREATE_COMPLETE"} for each in logical_ids]
        listed = [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()]
        self.answers["DescribeStacks"] = {"Stacks": [{"StackStatus": status, "Outputs": listed}]}
        self.answers["ListStackResources"] = {"StackResourceSummaries": resources}

    def apply_terraform(self) -> None:
        """Creates the state bucket with a state."""
        s3, bucket = self.client("s3"), f"phenom-dev-terraform-state-{NUMBER}"
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="phenom-dev.tfstate", Body=b"{}")

    def push_images(self, *, without: str = "") -> None:
        """Creates the registry with all images of the list but one."""
        repositories = [{"repositoryName": f"phenom-dev/{name}"} for name in image_list.read()]
        pushed = {"imageDetails": [{"imageDigest": "sha256:0"}]}
        self.answers["DescribeRepositories"] = {"repositories": repositories}
        self.answers["DescribeImages"] = lambda asked: (
            refusal("ImageNotFoundException") if asked["repositoryName"] == f"phenom-dev/{without}" else pushed
        )


class _Current:
    """The account that the clients reach."""

    world: World


@cache
def _client(service: str, *, own: bool) -> Any:
    session: Any = boto3.Session("testing", "testing", region_name="us-east-1")
    session.events.register("provide-client-params", _record)
    session.events.register("before-call", _respond)
    return session.client(service)


def _record(model: Any, params: Mapping[str, Any], **_: Any) -> None:
    _Current.world.calls.append((model.name, params))


def _respond(model: Any, **_: Any) -> tuple[Any, Any] | None:
    """Answers instead of AWS. Returns None when moto shall answer."""
    world = _Current.world
    answer = world.answers.get(model.name)
    if answer is None:
        return None
    parsed = dict(answer(world.calls[-1][1]) if callable(answer) else answer)
    code = 400 if "Error" in parsed else 200
    parsed.setdefault("ResponseMetadata", {"HTTPStatusCode": code})
    return SimpleNamespace(status_code=code), parsed


def state_of(check: Check) -> str:
    """Returns the state; a check that is not ok must say what to do."""
    assert check.found
    assert check.state is State.OK or check.remedy
    return str(check.state)
