"""The sizes that cost money, as template.yaml, samconfig.toml and infra/terraform have them."""

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from phenom.aws import sam_template
from phenom.functions import FUNCTIONS

ROOT = Path(__file__).parents[2]
TERRAFORM = ROOT / "infra" / "terraform"
_WEB_ACL = "AWS::WAFv2::WebACL"


class SizeError(Exception):
    """A size is not where it used to be. The message says which, and where it was looked for."""


@dataclass(frozen=True, slots=True)
class Task:
    """A Fargate task: `cpu` in vCPUs, `memory` in GB; how many run at least and at most, how many of 100 on Spot."""

    cpu: float
    memory: float
    least: int
    most: int
    spot_percent: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """One environment. Memory in MB by function, retention in days, database storage in GB, rules by web ACL."""

    memory: dict[str, int]
    architecture: str
    log_retention_days: int
    validators_at_once: int
    daily_quota: int
    rate_limit: int
    alarms: int
    queues_waited_on: int
    services: int
    service: Task
    clamd: Task
    zones: int
    nat_gateways: int
    interface_endpoints: tuple[str, ...]
    database_class: str
    database_zones: int
    database_gb: int
    user_pool_tier: str
    budget: int
    firewall_rules: tuple[int, ...]


def read(environment: str) -> Sizes:
    """`environment` is a directory of infra/terraform/environments. Raises SizeError."""
    template = sam_template.read()
    settings = {**_defaults(template), **_overrides(environment)}
    found = terraform_locals(TERRAFORM / "environments" / environment / "locals.tf")
    resources: dict[str, Any] = template["Resources"]
    functions = {name: resources[each.resource]["Properties"] for name, each in FUNCTIONS.items()}
    zones = int(_first(r'variable "zone_count".*?default +=\s*(\d+)', TERRAFORM / "modules/networking/variables.tf"))
    return Sizes(
        memory={name: each["MemorySize"] for name, each in functions.items()},
        architecture=template["Globals"]["Function"]["Architectures"][0],
        log_retention_days=int(settings["LogRetentionDays"]),
        validators_at_once=int(settings["ValidatorMaxConcurrency"]),
        daily_quota=int(settings["DailyQuota"]),
        rate_limit=int(settings["RateLimit"]),
        alarms=sum(each["Type"].endswith("Alarm") for each in resources.values()),
        queues_waited_on=sum(_waits_on_a_queue(each) for each in functions.values()),
        services=len(found["images"]),
        service=_task(found["service_size"], found["service_scaling"]),
        clamd=_task(_clamd_size(), found["clamd_scaling"]),
        zones=zones,
        nat_gateways={"none": 0, "one": 1, "per_zone": zones}[found["nat_gateways"]],
        interface_endpoints=tuple(found["interface_endpoints"]),
        database_class=found["database_instance_class"],
        database_zones=2 if found["database_multi_az"] else 1,
        database_gb=found["database_storage_gb"]["initial"],
        user_pool_tier=found["cognito_user_pool_tier"].lower(),
        budget=found["monthly_budget_usd"],
        firewall_rules=tuple(
            len(each["Properties"]["Rules"]) for each in resources.values() if each["Type"] == _WEB_ACL
        ),
    )


def terraform_locals(file: Path) -> dict[str, Any]:
    """The locals that are plain values: numbers, texts, lists, objects. Raises SizeError."""
    text = re.sub(r"\s#.*$", "", file.read_text(), flags=re.MULTILINE)
    body = text.partition("locals {")[2].rpartition("}")[0]
    values = re.findall(r"^  (\w+) +=\s*(\{.*?^  \}|\[$.*?^  \]|.*?)$", body, re.MULTILINE | re.DOTALL)
    return {name: _value(file, name, value) for name, value in values}


def _value(file: Path, name: str, value: str) -> Any:
    """HCL that is almost JSON: names without quotes, `=` for `:`, a comma where a line ends."""
    text = re.sub(r"(\w+)\s*=\s", r'"\1": ', value)
    text = re.sub(r"\n\s*(?=\")", ",", text).replace("{,", "{").replace(",,", ",")
    text = re.sub(r"\[,|,\s*\]", lambda found: found[0].replace(",", ""), text)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise SizeError(f"{file.relative_to(ROOT)}: {name} cannot be read: {value!r}") from error


def _task(size: dict[str, int], scaling: dict[str, int]) -> Task:
    return Task(
        size["cpu"] / 1024, size["memory"] / 1024, scaling["min"], scaling["max"], scaling.get("spot_percent", 0)
    )


def _clamd_size() -> dict[str, int]:
    found = _first(r"size += (\{ cpu = \d+, memory = \d+ \})", file := TERRAFORM / "modules/clamd/main.tf")
    size: dict[str, int] = _value(file, "size", found)
    return size


def _first(pattern: str, file: Path) -> str:
    found = re.search(pattern, file.read_text(), re.DOTALL)
    if found is None:
        raise SizeError(f"{file.relative_to(ROOT)} has nothing like {pattern}")
    return found[1]


def _defaults(template: dict[str, Any]) -> dict[str, Any]:
    return {name: each["Default"] for name, each in template["Parameters"].items() if "Default" in each}


def _overrides(environment: str) -> dict[str, str]:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())[environment]["deploy"]["parameters"]
    return dict(each.split("=", 1) for each in settings["parameter_overrides"])


def _waits_on_a_queue(function: dict[str, Any]) -> bool:
    return any(each["Type"] == "SQS" for each in (function.get("Events") or {}).values())
