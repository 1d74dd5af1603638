"""The sizes that cost money: the functions' from template.yaml and samconfig.toml, the rest from Terraform's plans.

Plans exist only where Terraform and credentials are, so sizes.json keeps what they said; tests/infra compares it with
fresh plans.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from phenom.aws import sam_template
from phenom.functions import FUNCTIONS

ROOT = Path(__file__).parents[2]
PLANS = ROOT / ".cache" / "infra-plans"
COMMITTED = Path(__file__).parent / "sizes.json"
ENVIRONMENTS = ("development", "production")


class SizeError(Exception):
    """A size is not where it was expected. The message names it and the place."""


def read(environment: str) -> dict[str, Any]:
    """Returns all sizes of an environment. Raises SizeError."""
    try:
        planned: dict[str, Any] = json.loads(COMMITTED.read_text(encoding="utf-8"))[environment]
        return template_sizes(environment) | planned
    except KeyError as error:
        raise SizeError(f"{error} is missing in template.yaml, samconfig.toml or tools/cost/sizes.json") from error


def refresh() -> dict[str, bool]:
    """Updates sizes.json from the plans of infra/terraform/prove.sh. Returns, by environment, if there was a plan."""
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    plans = {name: PLANS / f"{name}.plan.json" for name in ENVIRONMENTS}
    found = {name: planned_sizes(json.loads(plan.read_text())) for name, plan in plans.items() if plan.is_file()}
    COMMITTED.write_text(json.dumps(committed | found, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return {name: name in found for name in ENVIRONMENTS}


def template_sizes(environment: str) -> dict[str, Any]:
    """Returns memory in MB by function, days of logs, limits, options, and numbers of alarms, queues and WAF rules."""
    template = sam_template.read()
    deploy = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))[environment]["deploy"]["parameters"]
    parameters = {name: each.get("Default") for name, each in template["Parameters"].items()}
    parameters |= dict(each.split("=", 1) for each in deploy["parameter_overrides"])
    resources = template["Resources"]
    functions = {name: resources[each.resource]["Properties"] for name, each in FUNCTIONS.items()}
    mappings = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::Lambda::EventSourceMapping"]
    sources = [each["EventSourceArn"]["Fn::GetAtt"][0] for each in mappings]
    acls = [each["Properties"]["Rules"] for each in resources.values() if each["Type"] == "AWS::WAFv2::WebACL"]
    return {
        "memory": {name: each["MemorySize"] for name, each in functions.items()},
        "architecture": template["Globals"]["Function"]["Architectures"][0],
        "log_retention_days": int(parameters["LogRetentionDays"]),
        "validator_concurrency": int(parameters["ValidatorMaxConcurrency"]),
        "daily_quota": int(parameters["DailyQuota"]),
        "daily_ceiling": int(parameters["ApiDailyCeiling"]),
        "rate_limit": int(parameters["RateLimit"]),
        "keep_warm": parameters["KeepWarm"] == "on",
        "intelligent_tiering": parameters["FinalBucketTiering"] == "on",
        "template_alarms": sum(each["Type"].endswith("Alarm") for each in resources.values()),
        "polled_queues": sum(resources[name]["Type"] == "AWS::SQS::Queue" for name in sources),
        "waf_acls": len(acls),
        "waf_rules": sum(map(len, acls)),
    }


def planned_sizes(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what Terraform's plan (`terraform show -json`) will create, as sizes.json has it. Raises SizeError."""
    found = list(_resources(plan["planned_values"]["root_module"]))

    def of_type(kind: str) -> list[tuple[str, dict[str, Any]]]:
        return [(address, values) for address, type_, values in found if type_ == kind]

    def one(kind: str) -> dict[str, Any]:
        if len(planned := of_type(kind)) != 1:
            raise SizeError(f"The plan has {len(planned)} of {kind}, not one")
        return planned[0][1]

    every = [address.removesuffix(".aws_ecs_service.this") for address, _ in of_type("aws_ecs_service")]
    services = [each for each in every if not each.startswith("module.chat")]
    tasks = {each: _task(each, found) for each in services}
    clamd = [each for each in services if "clamd" in each]
    others = {json.dumps(task, sort_keys=True) for address, task in tasks.items() if address not in clamd}
    if len(clamd) != 1 or len(others) != 1:
        raise SizeError(f"Expected one clamd service and equal sizes for the others, found {tasks}")
    database, endpoints = one("aws_db_instance"), [values for _, values in of_type("aws_vpc_endpoint")]
    return {
        "services": len(services) - 1,
        "service": json.loads(others.pop()),
        "clamd": tasks[clamd[0]],
        "synapse": _single_task(of_type("aws_ecs_task_definition"), "module.chat[0].module.service."),
        "chat_secrets": sum(address.startswith("module.chat") for address, _ in of_type("aws_secretsmanager_secret")),
        "load_balancers": len(of_type("aws_lb")),
        "terraform_waf": [len(values["rule"]) for _, values in of_type("aws_wafv2_web_acl")],
        "definitions_refresh": _single_task(of_type("aws_ecs_task_definition"), "aws_ecs_task_definition.refresh"),
        "zones": len({values["availability_zone"] for _, values in of_type("aws_subnet")}),
        "nat_gateways": len(of_type("aws_nat_gateway")),
        "interface_endpoints": sum(each["vpc_endpoint_type"] == "Interface" for each in endpoints),
        "database_class": database["instance_class"],
        "database_zones": 2 if database["multi_az"] else 1,
        "database_gb": database["allocated_storage"],
        "user_pool_tier": one("aws_cognito_user_pool")["user_pool_tier"].lower(),
        "monthly_budget_usd": float(one("aws_budgets_budget")["limit_amount"]),
        "terraform_alarms": len(of_type("aws_cloudwatch_metric_alarm")),
        "kms_keys": len(of_type("aws_kms_key")),
    }


def _task(service: str, found: list[tuple[str, str, dict[str, Any]]]) -> dict[str, Any]:
    """Size of a service's Fargate task: vCPUs, GB, tasks at least and at most, percentage on Spot."""
    values = {type_: each for address, type_, each in found if address.startswith(f"{service}.")}
    task, scaling = values["aws_ecs_task_definition"], values["aws_appautoscaling_target"]
    weights = {
        each["capacity_provider"]: each["weight"] for each in values["aws_ecs_service"]["capacity_provider_strategy"]
    }
    return _task_size(task) | {
        "min": scaling["min_capacity"],
        "max": scaling["max_capacity"],
        "spot_percent": round(100 * weights.get("FARGATE_SPOT", 0) / sum(weights.values())),
    }


def _single_task(tasks: list[tuple[str, dict[str, Any]]], part: str) -> dict[str, Any] | None:
    """Size of the task definition whose address contains `part`, or None."""
    for address, task in tasks:
        if part in address:
            return _task_size(task)
    return None


def _task_size(task: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "vcpu": int(task["cpu"]) / 1024,
        "gb": int(task["memory"]) / 1024,
        "architecture": task["runtime_platform"][0]["cpu_architecture"].lower(),
    }


def _resources(module: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yields address, type and values of each managed resource."""
    yield from ((e["address"], e["type"], e["values"]) for e in module.get("resources", ()) if e["mode"] == "managed")
    for child in module.get("child_modules", ()):
        yield from _resources(child)
