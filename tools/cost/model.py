"""The bill: one line for each thing that costs, in US dollars a month of 730 hours."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tools.cost.inputs import Assumptions, Prices, Scenario
from tools.cost.sizes import Sizes, Task

HOURS = 730
DAYS = 365 / 12
GB = 1024  # MB; AWS bills in binary ones
MILLION = 1_000_000
GROUPS = (
    "functions",
    "API, queues, ledger",
    "files",
    "virus scanner",
    "services",
    "database",
    "network",
    "sign-in",
    "watching",
)


@dataclass(frozen=True, slots=True)
class Line:
    """`grows` when it follows the number of uploads."""

    group: str
    name: str
    usd: float
    grows: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """All that a bill depends on. Levers change a part of it."""

    scenario: Scenario
    sizes: Sizes
    assumed: Assumptions
    prices: Prices
    fargate_architecture: str = "x86_64"
    tiered: bool = False
    crossing_zones: bool = True

    @property
    def uploads(self) -> float:
        """A month."""
        return self.scenario.uploads_a_day * DAYS

    @property
    def peak(self) -> float:
        """Uploads a second."""
        return self.scenario.uploads_a_day / 86400 * self.assumed.uploads["peak_factor"]

    @property
    def validator_seconds(self) -> float:
        """Mean of one upload: reading and scanning go at clamd's pace."""
        return self.assumed.seconds["validator_overhead"] + self.assumed.mean_mb / self.assumed.seconds["clamd_mb"]

    @property
    def kept_gb(self) -> float:
        """In the final bucket, when the bill is looked at."""
        return self.uploads * self.accepted * self.assumed.mean_mb / GB * self.assumed.standing["kept_months"]

    @property
    def accepted(self) -> float:
        return 1 - self.assumed.uploads["rejected_share"]

    def clamd_tasks(self, uploads_a_second: float) -> float:
        """Tasks that many uploads keep busy, at 60 %, where autoscaling holds them; never below the least."""
        task, pace = self.sizes.clamd, self.assumed.seconds["clamd_mb"]
        return max(task.least, uploads_a_second * self.assumed.mean_mb / (pace * task.cpu) / 0.6)


def bill(case: Case) -> list[Line]:
    parts: tuple[Callable[[Case], Iterator[Line]], ...] = (
        _functions, _requests, _files, _containers, _database, _network, _sign_in, _watching,
    )  # fmt: skip
    return [line for part in parts for line in part(case)]


def total(lines: list[Line]) -> float:
    return sum(line.usd for line in lines)


def a_thousand(case: Case, lines: list[Line]) -> tuple[float, float]:
    """Of 1,000 uploads: with everything, and what 1,000 more would cost, without keeping the files."""
    more = sum(line.usd for line in lines if line.grows and line.group != "files")
    return total(lines) / case.uploads * 1000, more / case.uploads * 1000


def shortages(case: Case) -> list[str]:
    """What would have to be raised before this many uploads get through."""
    at_once = math.ceil(case.peak * case.validator_seconds)
    tasks = math.ceil(case.clamd_tasks(case.peak))
    needs = (
        ("`DailyQuota`", case.sizes.daily_quota, case.scenario.uploads_a_day),
        ("`RateLimit`", case.sizes.rate_limit, math.ceil(case.peak)),
        ("`ValidatorMaxConcurrency`", case.sizes.validators_at_once, at_once),
        ("`clamd_scaling.max`", case.sizes.clamd.most, tasks),
    )
    return [f"{name} from {has:,} to {need:,}" for name, has, need in needs if need > has]


def _lambda(case: Case, name: str, invocations: float, seconds: float) -> float:
    started = seconds + case.assumed.seconds["cold_start_share"]
    gb_seconds = invocations * started * case.sizes.memory[name] / GB
    return gb_seconds * case.prices("lambda", f"gb_second_{case.sizes.architecture}") + (
        invocations / MILLION * case.prices("lambda", "million_requests")
    )


def _functions(case: Case) -> Iterator[Line]:
    seconds, status = case.assumed.seconds, case.assumed.uploads["status_calls"]
    presign = _lambda(case, "presign", case.uploads, seconds["presign"])
    asked = _lambda(case, "presign", case.uploads * status, seconds["status"])
    yield Line("functions", "presign", presign + asked, grows=True)
    yield Line("functions", "validator", _lambda(case, "validator", case.uploads, case.validator_seconds), grows=True)
    sign_ins = case.scenario.active_users * case.assumed.standing["sign_ins"]
    yield Line("functions", "cognito_trigger", _lambda(case, "cognito_trigger", sign_ins, seconds["claims"]))
    yield Line("functions", "user_sync", _lambda(case, "user_sync", sign_ins, seconds["sync"]))
    # What Lambda reads of a stream, and what its filter drops, costs nothing.
    yield Line(
        "functions", "upload_events", _lambda(case, "upload_events", case.uploads, seconds["announce"]), grows=True
    )


def _requests(case: Case) -> Iterator[Line]:
    group, price, each = "API, queues, ledger", case.prices, case.assumed.requests
    millions = case.uploads * (1 + case.assumed.uploads["status_calls"]) / MILLION
    over = max(0.0, millions - 333)
    rest = (millions - over) * price("api_gateway", "million_rest_requests")
    yield Line(group, "API Gateway", rest + over * price("api_gateway", "million_rest_requests_over_333"), grows=True)
    sqs = price("sqs", "million_requests") / MILLION
    yield Line(group, "SQS", case.uploads * each["sqs"] * sqs, grows=True)
    yield Line(group, "SQS, polling", case.sizes.queues_waited_on * case.assumed.standing["sqs_polls"] * sqs)
    dynamodb = each["dynamodb_writes"] * price("dynamodb", "million_writes") + (
        each["dynamodb_reads"] * price("dynamodb", "million_reads")
    )
    kept = case.uploads * each["ledger_kb"] / GB / GB  # items live for a month
    storage = price("dynamodb", "gb_month") + price("dynamodb", "recovery_gb_month")
    events = case.uploads * each["events"] / MILLION * price("eventbridge", "million_events")
    yield Line(group, "EventBridge", events, grows=True)
    yield Line(group, "DynamoDB", case.uploads / MILLION * dynamodb + kept * storage, grows=True)


def _files(case: Case) -> Iterator[Line]:
    each, price = case.assumed.requests, case.prices
    requests = each["s3_puts"] * price("s3", "thousand_puts") + each["s3_gets"] * price("s3", "thousand_gets")
    yield Line("files", "S3 requests", case.uploads / 1000 * requests, grows=True)
    months = case.assumed.standing["kept_months"]
    if not case.tiered:
        yield Line("files", f"S3, {months:.0f} months kept", _standard(case.kept_gb, price), grows=True)
        return
    month = case.kept_gb / months
    objects = case.uploads * case.accepted * months
    tiers = (
        _standard(month, price)
        + month * min(2, months - 1) * price("s3", "gb_month_infrequent")
        + month * max(0, months - 3) * price("s3", "gb_month_archive")
    )
    tiered = tiers + objects / 1000 * price("s3", "thousand_objects_tiered")
    yield Line("files", f"S3, {months:.0f} months kept, tiered", tiered, grows=True)


def _standard(gb: float, price: Prices) -> float:
    first, second = min(gb, 50 * GB), min(max(0.0, gb - 50 * GB), 450 * GB)
    rest = max(0.0, gb - 500 * GB)
    return (
        first * price("s3", "gb_month")
        + second * price("s3", "gb_month_over_50_tb")
        + rest * price("s3", "gb_month_over_500_tb")
    )


def _fargate(case: Case, task: Task, tasks: float) -> float:
    architecture = case.fargate_architecture
    hour = task.cpu * case.prices("fargate", f"vcpu_hour_{architecture}") + (
        task.memory * case.prices("fargate", f"gb_hour_{architecture}")
    )
    spot = task.spot_percent / 100
    return tasks * HOURS * hour * (1 - spot + spot * case.prices("fargate", "spot_share"))


def _containers(case: Case) -> Iterator[Line]:
    least = _fargate(case, case.sizes.clamd, case.sizes.clamd.least)
    all_of_it = _fargate(case, case.sizes.clamd, case.clamd_tasks(case.peak / case.assumed.uploads["peak_factor"]))
    yield Line("virus scanner", "clamd, at least", least)
    yield Line("virus scanner", "clamd, beyond that", all_of_it - least, grows=True)
    service = case.sizes.service
    tasks = case.sizes.services * (service.least if case.scenario.services == "min" else service.most)
    yield Line("services", f"{tasks} tasks", _fargate(case, service, tasks))


def _database(case: Case) -> Iterator[Line]:
    sizes = case.sizes
    instance = sizes.database_zones * HOURS * case.prices("rds", sizes.database_class)
    yield Line("database", sizes.database_class, instance)
    yield Line("database", "storage", sizes.database_zones * sizes.database_gb * case.prices("rds", "gb_month"))


def _network(case: Case) -> Iterator[Line]:
    sizes, price, standing = case.sizes, case.prices, case.assumed.standing
    gateways = sizes.nat_gateways
    if gateways:
        tasks = case.clamd_tasks(case.peak / case.assumed.uploads["peak_factor"])
        gb = standing["nat_gb"] + tasks * standing["nat_gb_each_clamd"]
        hours = gateways * HOURS * (price("network", "nat_hour") + price("network", "public_address_hour"))
        yield Line("network", f"{gateways} NAT", hours + gb * price("network", "nat_gb"))
    endpoints = len(sizes.interface_endpoints)
    hours = endpoints * sizes.zones * HOURS * price("network", "endpoint_hour")
    yield Line("network", f"{endpoints} endpoints", hours + standing["endpoint_gb"] * price("network", "endpoint_gb"))
    unit = price("network", "balancer_hour") + standing["balancer_units"] * price("network", "balancer_unit_hour")
    addresses = sizes.zones * price("network", "public_address_hour")
    yield Line("network", "load balancer", HOURS * (unit + addresses))
    # Validators and clamd are spread over the zones: what one sends the other crosses them half the time, with two.
    crossing = case.uploads * case.assumed.mean_mb / GB * (1 - 1 / sizes.zones) * case.crossing_zones
    yield Line("network", "between zones", crossing * price("network", "gb_between_zones"), grows=True)


def _sign_in(case: Case) -> Iterator[Line]:
    users, tier = case.scenario.active_users, f"active_user_{case.sizes.user_pool_tier}"
    over = max(0, users - 100_000)
    usd = (users - over) * case.prices("cognito", tier) + over * case.prices("cognito", f"{tier}_over_100_000")
    yield Line("sign-in", f"{users:,} users", usd)


def _watching(case: Case) -> Iterator[Line]:
    price, standing, each = case.prices, case.assumed.standing, case.assumed.requests
    kept = price("watching", "log_gb_month") * case.sizes.log_retention_days / DAYS
    gb = case.uploads * each["log_kb"] / GB / GB
    yield Line("watching", "logs of uploads", gb * (price("watching", "log_gb") + kept), grows=True)
    yield Line("watching", "other logs", standing["log_gb"] * (price("watching", "log_gb") + kept))
    alarms = case.sizes.alarms + standing["terraform_alarms"]
    metrics = standing["metrics"] * price("watching", "metric") + price("watching", "dashboard")
    yield Line("watching", "metrics, alarms", metrics + alarms * price("watching", "alarm"))
    traces = case.uploads * (2 + case.assumed.uploads["status_calls"]) * each["traced_share"] / MILLION
    yield Line("watching", "traces", traces * price("watching", "million_traces"), grows=True)
    secrets = standing["secrets"] * price("secrets", "secret") + standing["keys"] * price("secrets", "key")
    yield Line("watching", "secrets, key", secrets)
