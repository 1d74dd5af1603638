"""Checks the account's quotas against what the environment needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from botocore.exceptions import ClientError

from phenom.preflight.check import Check, State
from phenom.preflight.cloud import Cloud
from runtime.aws_errors import code_of

CLAMD_VCPU = 1.0
CHAT_MCP_VCPU = 0.25  # as in main.tf
SYNAPSE_CPU_UNITS = 512  # default of module settings
"""As infra/terraform/modules/clamd sets it [tests/infra/test_preflight.py]."""
SIGN_IN_EXECUTIONS = 10
"""Concurrent executions that should be left for API and sign-in when the validator uses its maximum."""
_UNRESERVED_MINIMUM = 100
"""Lambda refuses a reservation that leaves fewer executions to all other functions."""
_LAMBDA_DEFAULT = 1000
_ZONES = 2


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota of Service Quotas."""

    title: str
    service: str
    code: str

    def increase(self, value: int) -> str:
        """Returns the command that asks AWS for a higher value."""
        return (
            f"aws service-quotas request-service-quota-increase --service-code {self.service} "
            f"--quota-code {self.code} --desired-value {value}"
        )


FARGATE = Quota("Fargate On-Demand vCPUs", "fargate", "L-3032A538")
FARGATE_SPOT = Quota("Fargate Spot vCPUs", "fargate", "L-36FBB829")
LAMBDA = Quota("Lambda concurrency", "lambda", "L-B99A9384")
ADDRESSES = Quota("Elastic IP addresses", "ec2", "L-0263D0A3")
NETWORKS = Quota("VPCs", "vpc", "L-F678F1CE")


@dataclass(frozen=True, slots=True)
class Vcpus:
    """vCPUs on Fargate: those that run always, and the most that run during a deployment or at the highest load."""

    least: float
    most: float


def fargate_needs(settings: Mapping[str, Any]) -> tuple[Vcpus, Vcpus]:
    """Returns what the services need on demand and on Spot. `settings` are Terraform's locals."""
    services = sum(image is not None for image in settings["images"].values())
    scaling, size = settings["service_scaling"], settings["service_size"]["cpu"] / 1024
    groups = [(services, size, scaling["min"], scaling["max"], scaling.get("spot_percent", 0))]
    if settings["clamd_image"] is not None:
        clamd = settings["clamd_scaling"]
        groups.append((1, CLAMD_VCPU, clamd["min"], clamd["max"], 0))
    if settings["chat_mcp"] is not None:
        groups.append((1, CHAT_MCP_VCPU, 1, 2, 0))
    on_demand, spot = [0.0, 0.0], [0.0, 0.0]
    for number, vcpu, least, most, spot_percent in groups:
        # A rolling deployment starts as many tasks as run before it stops the old ones.
        for at, tasks in enumerate((least, max(2 * least, most))):
            regular = 1 + ceil((tasks - 1) * (100 - spot_percent) / 100)
            on_demand[at] += number * vcpu * regular
            spot[at] += number * vcpu * (tasks - regular)
    synapse = _synapse_vcpu(settings["synapse"])  # its only task stops before the next one starts
    return Vcpus(on_demand[0] + synapse, on_demand[1] + synapse), Vcpus(*spot)


def _synapse_vcpu(synapse: Mapping[str, Any] | None) -> float:
    return 0.0 if synapse is None else float((synapse.get("size") or {}).get("cpu", SYNAPSE_CPU_UNITS)) / 1024


def check_fargate(cloud: Cloud) -> Iterator[Check]:
    names = ("images", "service_scaling", "service_size", "clamd_image", "clamd_scaling", "synapse", "chat_mcp")
    needs = fargate_needs({name: cloud.settings.local(name) for name in names})
    for quota, need in zip((FARGATE, FARGATE_SPOT), needs, strict=True):
        if need.most == 0:
            continue
        allowed = read_quota(cloud, quota)
        found = f"{allowed:g} allowed; needs {need.least:g}, and up to {need.most:g} when it deploys or scales"
        state = State.MISSING if allowed < need.least else State.WARNING if allowed < need.most else State.OK
        yield _result(quota, state, found, ceil(need.most))


def check_lambda(cloud: Cloud) -> Check:
    """Checks the account's concurrent executions against the validator's share and the reservations."""
    settings = cloud.settings
    limit = cloud.client("lambda").get_account_settings()["AccountLimit"]
    total, unreserved = limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]
    validator = settings.number("ValidatorMaxConcurrency")
    reserved = settings.number("PresignReservedConcurrency") + 2 * settings.number("SignInReservedConcurrency")
    increase = LAMBDA.increase(_LAMBDA_DEFAULT)
    if reserved and cloud.stack_status is None and unreserved - reserved < _UNRESERVED_MINIMUM:
        return Check(
            LAMBDA.title,
            State.MISSING,
            f"{unreserved} unreserved; reserving {reserved} leaves fewer than {_UNRESERVED_MINIMUM}, which AWS refuses",
            f"{increase}; or reserve less in samconfig.toml (PresignReservedConcurrency, SignInReservedConcurrency)",
        )
    found = f"{total} allowed; the validator may use {validator}"
    if total >= validator + SIGN_IN_EXECUTIONS:
        return Check(LAMBDA.title, State.OK, found)
    found += f", which leaves fewer than {SIGN_IN_EXECUTIONS} for API and sign-in"
    remedy = f"{increase}; until then, set ValidatorMaxConcurrency={max(2, total // 2)} in samconfig.toml"
    return Check(LAMBDA.title, State.WARNING, found, remedy)


def check_addresses(cloud: Cloud) -> Check:
    """Checks that each NAT gateway gets its Elastic IP address."""
    gateways = {"none": 0, "one": 1, "per_zone": _ZONES}[cloud.settings.local("nat_gateways")]
    found = cloud.client("ec2").describe_addresses()["Addresses"]
    return _check_count(cloud, ADDRESSES, gateways, found)


def check_networks(cloud: Cloud) -> Check:
    found = [each for page in cloud.pages("ec2", "describe_vpcs") for each in page["Vpcs"]]
    return _check_count(cloud, NETWORKS, 1, found)


def read_quota(cloud: Cloud, quota: Quota) -> float:
    """Returns the quota that applies to the account; AWS's default when the account has none. Raises ClientError."""
    client, which = cloud.client("service-quotas"), {"ServiceCode": quota.service, "QuotaCode": quota.code}
    try:
        answer = client.get_service_quota(**which)
    except ClientError as error:
        if code_of(error) != "NoSuchResourceException":
            raise
        answer = client.get_aws_default_service_quota(**which)
    return float(answer["Quota"]["Value"])


def _check_count(cloud: Cloud, quota: Quota, needed: int, existing: list[dict[str, Any]]) -> Check:
    """Compares the number of resources with the quota. `existing` are all of the account, with their tags."""
    own = sum(cloud.has_own_tags(each.get("Tags", [])) for each in existing)
    needed = max(0, needed - own)
    allowed = read_quota(cloud, quota)
    found = f"{allowed:g} allowed, {len(existing)} in use, {needed} more needed"
    missing = len(existing) + needed > allowed and needed > 0
    return _result(quota, State.MISSING if missing else State.OK, found, len(existing) + needed)


def _result(quota: Quota, state: State, found: str, wanted: int) -> Check:
    return Check(quota.title, state, found, "" if state is State.OK else quota.increase(wanted))
