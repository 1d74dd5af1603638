"""What could be done otherwise, each as the difference that it makes to a bill, alone."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tools.cost.model import MILLION, Case, bill, total

WITHOUT_NAT = ("secretsmanager", "ecr.api", "ecr.dkr", "logs", "sqs")


@dataclass(frozen=True, slots=True)
class Lever:
    """`pull` gives the case with it, or None where it is pulled already; `price` says what is given for it."""

    name: str
    pull: Callable[[Case], Case | None]
    price: str


def difference(lever: Lever, case: Case) -> float | None:
    """US dollars a month, negative where it saves; None where there is nothing to pull."""
    pulled = lever.pull(case)
    return None if pulled is None else total(bill(pulled)) - total(bill(case))


def firewall(case: Case) -> float:
    """The web application firewalls of API and page (Waf=on), which are off: what they would add.

    The page's requests are left out: browsers keep most of it, and the API's are more.
    """
    requests = case.uploads * (1 + case.assumed.uploads["status_calls"]) / MILLION
    acls = case.sizes.firewall_rules
    fixed = len(acls) * case.prices("waf", "acl") + sum(acls) * case.prices("waf", "rule")
    return fixed + requests * case.prices("waf", "million_requests")


def _graviton_functions(case: Case) -> Case | None:
    return None if case.sizes.architecture == "arm64" else _sized(case, architecture="arm64")


def _graviton_tasks(case: Case) -> Case:
    return replace(case, fargate_architecture="arm64")


def _graviton_database(case: Case) -> Case | None:
    return None if "g." in case.sizes.database_class else _sized(case, database_class="db.m7g.large")


def _small_database(case: Case) -> Case:
    return _sized(case, database_class="db.t4g.medium")


def _spot(case: Case) -> Case | None:
    service = case.sizes.service
    return None if service.spot_percent == 100 else _sized(case, service=replace(service, spot_percent=100))


def _one_nat(case: Case) -> Case | None:
    return None if case.sizes.nat_gateways <= 1 else _sized(case, nat_gateways=1)


def _no_nat(case: Case) -> Case | None:
    if not case.sizes.nat_gateways:
        return None
    endpoints = tuple(sorted({*case.sizes.interface_endpoints, *WITHOUT_NAT}))
    return _sized(case, nat_gateways=0, interface_endpoints=endpoints)


def _tiering(case: Case) -> Case:
    return replace(case, tiered=True)


def _own_zone(case: Case) -> Case:
    return replace(case, crossing_zones=False)


def _short_logs(case: Case) -> Case | None:
    return None if case.sizes.log_retention_days <= 30 else _sized(case, log_retention_days=30)


def _less_memory(case: Case) -> Case:
    return _sized(case, memory={**case.sizes.memory, "validator": 1769})


def _sized(case: Case, **changes: object) -> Case:
    return replace(case, sizes=replace(case.sizes, **changes))  # type: ignore[arg-type]


LEVERS = (
    Lever("Graviton for the functions", _graviton_functions, "packages for arm64, and tests on it"),
    Lever("Graviton for services and clamd", _graviton_tasks, "images for arm64"),
    Lever("Graviton for the database (db.m7g.large)", _graviton_database, "a restart"),
    Lever("db.t4g.medium for the database", _small_database, "half the memory, CPU in bursts"),
    Lever("Spot for the services", _spot, "tasks that AWS takes away with two minutes' notice"),
    Lever("one NAT gateway", _one_nat, "a zone that fails takes the way out of both"),
    Lever("endpoints and no NAT", _no_nat, "images and virus definitions from a mirror of our own"),
    Lever("Intelligent-Tiering for what is kept", _tiering, "nothing, while old files are seldom read"),
    Lever(
        "each validator scans in its own zone",
        _own_zone,
        "a name of clamd for each zone, and a way out when it is down",
    ),
    Lever("logs for 30 days", _short_logs, "a shorter memory"),
    Lever("validator with 1,769 MB", _less_memory, "less CPU: only if it takes no longer then"),
)
