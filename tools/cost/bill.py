"""The bill: one line for each item that costs money, in US dollars a month of 730 hours."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

from tools.cost.sizes import read

HERE = Path(__file__).parent
HOURS, DAYS = 730, 365 / 12
GB = 1024  # MB; AWS bills binary gigabytes
MILLION = 1_000_000
SCANNER_LOAD = 0.6  # autoscaling keeps clamd's CPU there
Values = Mapping[str, Any]


class PriceError(Exception):
    """prices.toml lacks a price. The message says where to add it."""


@dataclass(frozen=True, slots=True)
class Line:
    """`per_upload` is True when the amount grows with the number of uploads."""

    group: str
    name: str
    usd: float
    per_upload: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario with everything its bill depends on: sizes of its environment, sections of assumptions.toml."""

    scenario: Values
    sizes: Values
    uploads: Values
    functions: Values
    seconds: Values
    requests: Values
    standing: Values

    @property
    def monthly(self) -> float:
        """Uploads a month."""
        return float(self.scenario["uploads_a_day"] * DAYS)

    @property
    def peak(self) -> float:
        """Uploads a second in the busiest minute."""
        return float(self.scenario["uploads_a_day"] / 86400 * self.uploads["peak_factor"])

    @property
    def mean_mb(self) -> float:
        photos = self.uploads["photo_share"]
        return float(photos * self.uploads["photo_mb"] + (1 - photos) * self.uploads["video_mb"])

    @property
    def accepted(self) -> float:
        """Accepted uploads a month."""
        return float(self.monthly * (1 - self.uploads["rejected_share"]))

    @property
    def validator_seconds(self) -> float:
        """Mean duration of a validation; clamd's pace decides it."""
        return float(self.functions["validator"]["upload"] + self.mean_mb / self.seconds["clamd_mb"])

    def clamd_tasks(self, uploads_a_second: float) -> float:
        """Returns the number of clamd tasks for this load, at least the minimum of the service."""
        clamd = self.sizes["clamd"]
        busy = uploads_a_second * self.mean_mb / (self.seconds["clamd_mb"] * clamd["vcpu"])
        return float(max(clamd["min"], busy / SCANNER_LOAD))

    def with_changes(self, changes: Mapping[str, Values]) -> "Case":
        """A copy with values replaced, by section (`sizes`, `standing`…)."""
        sections = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return Case(**_merged(sections, changes))


@cache
def table(name: str) -> dict[str, Any]:
    """Returns prices.toml or assumptions.toml."""
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


def cases() -> list[Case]:
    """Returns one case for each scenario. Raises SizeError."""
    assumed = table("assumptions")
    sections = {name: assumed[name] for name in ("uploads", "functions", "seconds", "requests", "standing")}
    return [Case(each, read(each["environment"]), **sections) for each in assumed["scenarios"].values()]


def price(group: str, name: str) -> float:
    """Returns US dollars for a unit. Raises PriceError."""
    try:
        return float(table("prices")[group][name]["usd"])
    except KeyError:
        raise PriceError(f'tools/cost/prices.toml has no price "{name}" in [{group}]: add it with its source') from None


def bill(case: Case) -> list[Line]:
    """Returns the lines in the order of their groups. Raises PriceError."""
    parts = (_functions, _requests, _files, _containers, _chat, _database, _network, _sign_in, _monitoring)
    return [line for part in parts for line in part(case)]


def total(lines: list[Line]) -> float:
    return sum(line.usd for line in lines)


def shortages(case: Case) -> list[str]:
    """Returns the settings to raise before the busiest minute of the scenario gets through."""
    needs = (
        ("`DailyQuota`", case.sizes["daily_quota"], case.scenario["uploads_a_day"]),
        ("`ApiDailyCeiling`", case.sizes["daily_ceiling"], case.scenario["uploads_a_day"]),
        ("`RateLimit`", case.sizes["rate_limit"], ceil(case.peak)),
        ("`ValidatorMaxConcurrency`", case.sizes["validator_concurrency"], ceil(case.peak * case.validator_seconds)),
        ("`clamd_scaling.max`", case.sizes["clamd"]["max"], ceil(case.clamd_tasks(case.peak))),
    )
    return [f"{name} from {has:,} to {need:,}" for name, has, need in needs if need > has]


def firewall(case: Case) -> float:
    """Returns what the web ACLs would add; they are off by default. Requests for the page are not counted."""
    fixed = case.sizes["waf_acls"] * price("waf", "acl") + case.sizes["waf_rules"] * price("waf", "rule")
    return float(fixed + _calls(case) / MILLION * price("waf", "million_requests"))


def _merged(old: Values, new: Values) -> dict[str, Any]:
    return {
        **old,
        **{name: _merged(old[name], each) if isinstance(each, Mapping) else each for name, each in new.items()},
    }


def _calls(case: Case) -> float:
    """API calls a month."""
    return float(case.monthly * (1 + case.uploads["status_calls"]))


def _functions(case: Case) -> Iterator[Line]:
    calls = {
        "upload": case.monthly,
        "status_call": case.monthly * case.uploads["status_calls"],
        "sign_in": case.scenario["active_users"] * case.standing["sign_ins"],
    }
    # Lambda's own reads of the stream, and records that its filter drops, are free.
    for name, seconds in case.functions.items():
        invocations = sum(calls[trigger] for trigger in seconds)
        busy = sum(calls[trigger] * duration for trigger, duration in seconds.items())
        if name == "validator":
            busy = case.monthly * case.validator_seconds
        busy += invocations * case.seconds["cold_start_share"]
        usd = busy * case.sizes["memory"][name] / GB * price("lambda", f"gb_second_{case.sizes['architecture']}")
        usd += invocations / MILLION * price("lambda", "million_requests")
        yield Line("functions", name, usd, per_upload="sign_in" not in seconds)
    yield Line("functions", "keep warm", _warm_up(case) if case.sizes["keep_warm"] else 0.0)


def _warm_up(case: Case) -> float:
    """A month of scheduled calls, each of which X-Ray traces: it is the first of its second."""
    calls = HOURS * 60 / case.standing["warm_up_minutes"]
    gb_seconds = sum(case.sizes["memory"][name] / GB * seconds for name, seconds in case.seconds["warm_up"].items())
    usd = gb_seconds * price("lambda", f"gb_second_{case.sizes['architecture']}")
    usd += len(case.seconds["warm_up"]) / MILLION * price("lambda", "million_requests")
    usd += len(case.seconds["warm_up"]) / MILLION * price("monitoring", "million_traces")
    usd += case.standing["warm_up_secret_reads"] / 10_000 * price("secrets", "ten_thousand_calls")
    return float(calls * usd)


def _requests(case: Case) -> Iterator[Line]:
    group, each = "API, queues, ledger", case.requests
    api = _tiered(_calls(case) / MILLION, ((333, price("api_gateway", "million_rest_requests")),
                                           (None, price("api_gateway", "million_rest_requests_over_333"))))  # fmt: skip
    yield Line(group, "API Gateway", api, per_upload=True)
    sqs = price("sqs", "million_requests") / MILLION
    yield Line(group, "SQS", case.monthly * each["sqs"] * sqs, per_upload=True)
    yield Line(group, "SQS, polling", case.sizes["polled_queues"] * case.standing["sqs_polls"] * sqs)
    events = each["events"] * price("eventbridge", "million_events")
    yield Line(group, "EventBridge", case.monthly / MILLION * events, per_upload=True)
    writes = each["dynamodb_writes"] * price("dynamodb", "million_writes")
    reads = each["dynamodb_reads"] * price("dynamodb", "million_reads")
    kept = case.monthly * each["ledger_kb"] / GB / GB  # the TTL of an item is a month
    storage = kept * (price("dynamodb", "gb_month") + price("dynamodb", "recovery_gb_month"))
    yield Line(group, "DynamoDB", case.monthly / MILLION * (writes + reads) + storage, per_upload=True)


def _files(case: Case) -> Iterator[Line]:
    each, months = case.requests, case.standing["kept_months"]
    requests = each["s3_puts"] * price("s3", "thousand_puts") + each["s3_gets"] * price("s3", "thousand_gets")
    yield Line("files", "S3 requests", case.monthly / 1000 * requests, per_upload=True)
    month = case.accepted * case.mean_mb / GB
    if not case.sizes["intelligent_tiering"]:
        yield Line("files", f"S3, {months} months kept", _standard(month * months), per_upload=True)
        return
    usd = _standard(month) + case.accepted * months / 1000 * price("s3", "thousand_objects_tiered")
    usd += case.accepted / 1000 * price("s3", "thousand_objects_moved")
    usd += month * min(2, months - 1) * price("s3", "gb_month_infrequent")
    usd += month * max(0, months - 3) * price("s3", "gb_month_archive")
    yield Line("files", f"S3, {months} months kept, tiered", usd, per_upload=True)


def _standard(gb: float) -> float:
    return _tiered(gb, ((50 * GB, price("s3", "gb_month")), (500 * GB, price("s3", "gb_month_over_50_tb")),
                        (None, price("s3", "gb_month_over_500_tb"))))  # fmt: skip


def _tiered(amount: float, tiers: tuple[tuple[float | None, float], ...]) -> float:
    """Price of an amount whose price falls beyond each limit."""
    usd, below = 0.0, 0.0
    for limit, each in tiers:
        end = amount if limit is None else min(amount, limit)
        usd += max(0.0, end - below) * each
        below = end
    return usd


def _fargate_hour(task: Values) -> float:
    cpu = task["vcpu"] * price("fargate", f"vcpu_hour_{task['architecture']}")
    return float(cpu + task["gb"] * price("fargate", f"gb_hour_{task['architecture']}"))


def _fargate(task: Values, tasks: float) -> float:
    spot = task["spot_percent"] / 100
    return float(tasks * HOURS * _fargate_hour(task) * (1 - spot + spot * price("fargate", "spot_share")))


def _committed(case: Case, task: Values, tasks: float) -> float:
    """Price of tasks that always run. A Savings Plan does not cover Spot."""
    if case.standing["fargate_savings_plan"] and not task["spot_percent"]:
        return _fargate(task, tasks) * price("fargate", "savings_plan_share")
    return _fargate(task, tasks)


def _containers(case: Case) -> Iterator[Line]:
    clamd, service = case.sizes["clamd"], case.sizes["service"]
    least = _fargate(clamd, clamd["min"])
    mean_load = case.peak / case.uploads["peak_factor"]
    yield Line("virus scanner", "clamd, minimum", _committed(case, clamd, clamd["min"]))
    yield Line(
        "virus scanner", "clamd, scaled out", _fargate(clamd, case.clamd_tasks(mean_load)) - least, per_upload=True
    )
    if refresh := case.sizes["definitions_refresh"]:
        usd = case.standing["refresh_hours"] * _fargate_hour(refresh) + _standard(case.standing["definitions_gb"])
        yield Line("virus scanner", "definitions", usd)
    tasks = case.sizes["services"] * service[case.scenario["services"]]
    yield Line("services", f"{tasks} tasks", _committed(case, service, tasks))
    yield Line("services", "images", case.standing["image_gb"] * price("ecr", "gb_month"))


def _chat(case: Case) -> Iterator[Line]:
    if synapse := case.sizes["synapse"]:
        yield Line("chat", "Synapse", HOURS * _fargate_hour(synapse))
        yield Line("chat", "media", case.standing["chat_media_gb"] * price("efs", "gb_month"))
    yield Line("chat", "secrets", case.sizes["chat_secrets"] * price("secrets", "secret"))
    for rules in case.sizes["terraform_waf"]:
        yield Line("chat", "firewall", price("waf", "acl") + rules * price("waf", "rule"))


def _database(case: Case) -> Iterator[Line]:
    sizes, years = case.sizes, case.standing["database_reserved_years"]
    hour = price("rds", sizes["database_class"]) * (price("rds", f"reserved_{years}_year_share") if years else 1)
    yield Line("database", sizes["database_class"], sizes["database_zones"] * HOURS * hour)
    yield Line("database", "storage", sizes["database_zones"] * sizes["database_gb"] * price("rds", "gb_month"))


def _network(case: Case) -> Iterator[Line]:
    sizes, standing = case.sizes, case.standing
    if gateways := sizes["nat_gateways"]:
        tasks = case.clamd_tasks(case.peak / case.uploads["peak_factor"])
        mirror = sizes["definitions_refresh"]
        gb = standing["nat_gb"] + (standing["nat_gb_mirror"] if mirror else tasks * standing["nat_gb_each_clamd"])
        hour = price("network", "nat_hour") + price("network", "public_address_hour")
        yield Line("network", f"{gateways} NAT", gateways * HOURS * hour + gb * price("network", "nat_gb"))
    endpoints = sizes["interface_endpoints"]
    hours = endpoints * sizes["zones"] * HOURS * price("network", "endpoint_hour")
    yield Line("network", f"{endpoints} endpoints", hours + standing["endpoint_gb"] * price("network", "endpoint_gb"))
    hour = price("network", "balancer_hour") + standing["balancer_units"] * price("network", "balancer_unit_hour")
    balancer = HOURS * (hour + sizes["zones"] * price("network", "public_address_hour"))
    number = sizes["load_balancers"]
    yield Line("network", "load balancer" if number == 1 else f"{number} load balancers", number * balancer)
    # Validators and clamd run in every zone, so with two zones half of the scanned bytes cross between them.
    share = (1 - 1 / sizes["zones"]) * standing["scans_cross_zones"]
    crossing = case.monthly * case.mean_mb / GB * share * price("network", "gb_between_zones")
    yield Line("network", "between zones", crossing, per_upload=True)


def _sign_in(case: Case) -> Iterator[Line]:
    users, tier = case.scenario["active_users"], f"active_user_{case.sizes['user_pool_tier']}"
    prices = ((100_000, price("cognito", tier)), (None, price("cognito", f"{tier}_over_100_000")))
    yield Line("sign-in", f"{users:,} users", _tiered(users, prices))


def _monitoring(case: Case) -> Iterator[Line]:
    group, sizes, standing, each = "monitoring", case.sizes, case.standing, case.requests
    log_gb = price("monitoring", "log_gb") + price("monitoring", "log_gb_month") * sizes["log_retention_days"] / DAYS
    yield Line(group, "logs of uploads", case.monthly * each["log_kb"] / GB / GB * log_gb, per_upload=True)
    yield Line(group, "other logs", standing["log_gb"] * log_gb)
    alarms = (sizes["template_alarms"] + sizes["terraform_alarms"]) * price("monitoring", "alarm")
    metrics = standing["metrics"] * price("monitoring", "metric") + price("monitoring", "dashboard")
    yield Line(group, "metrics, alarms", metrics + alarms)
    traces = (_calls(case) + case.monthly) * each["traced_share"] / MILLION
    yield Line(group, "traces", traces * price("monitoring", "million_traces"), per_upload=True)
    secrets = standing["secrets"] * price("secrets", "secret") + sizes["kms_keys"] * price("secrets", "key")
    yield Line(group, "secrets, key", secrets)
