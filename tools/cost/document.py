"""docs/cost.md and its chart: what stands between the marks is made here."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tools.cost.chart import Bar, svg
from tools.cost.inputs import Assumptions, Prices, assumptions
from tools.cost.levers import LEVERS, difference, firewall
from tools.cost.model import GROUPS, Case, a_thousand, bill, shortages, total
from tools.cost.sizes import ROOT, Sizes, Task, read

DOCUMENT = ROOT / "docs" / "cost.md"
CHART = ROOT / "docs" / "images" / "cost.svg"
END = "<!-- end -->"
MINUS = "\N{MINUS SIGN}"


def cases() -> list[Case]:
    """One for each scenario. Raises SizeError, PriceError."""
    assumed, prices = assumptions(), Prices()
    return [Case(each, read(each.environment), assumed, prices) for each in assumed.scenarios]


def made(found: Sequence[Case]) -> dict[Path, str]:
    """Both files as they should be. Raises ValueError where the document lacks a mark."""
    text = DOCUMENT.read_text()
    for name, content in (
        ("bills", bills(found)),
        ("levers", levers(found)),
        ("limits", limits(found)),
        ("sizes", sizes(found)),
        ("assumptions", assumed(found[0].assumed)),
    ):
        text = _filled(text, name, content)
    return {DOCUMENT: text, CHART: chart(found)}


def bills(found: Sequence[Case]) -> str:
    """A month by group, and 1,000 uploads."""
    lines = [bill(case) for case in found]
    rows = [[group, *(money(sum(x.usd for x in each if x.group == group)) for each in lines)] for group in GROUPS]
    months = found[0].assumed.standing["kept_months"]
    first = [total(bill(_first_month(case))) for case in found]
    thousands = [a_thousand(case, each) for case, each in zip(found, lines, strict=True)]
    rows += [
        [f"**a month, with {months:.0f} months of files kept**", *(f"**{money(total(each))}**" for each in lines)],
        ["a month, with one month of files kept", *(money(each) for each in first)],
        ["1,000 uploads, all included", *(money(each) for each, _ in thousands)],
        ["1,000 uploads more, without keeping them", *(money(more) for _, more in thousands)],
        ["the environment's budget (`monthly_budget_usd`)", *(money(case.sizes.budget) for case in found)],
    ]
    return table(["US dollars", *(case.scenario.title for case in found)], rows)


def levers(found: Sequence[Case]) -> str:
    rows = []
    for lever in LEVERS:
        differences = [difference(lever, case) for case in found]
        rows.append([lever.name, *("is so" if each is None else signed(each) for each in differences), lever.price])
    rows.append(["firewall (WAF) of API and page", *(signed(firewall(case)) for case in found), "refuses floods"])
    return table(["US dollars a month", *(case.scenario.title for case in found), "at the price of"], rows)


def limits(found: Sequence[Case]) -> str:
    """What does not fit into the sizes as they are."""
    told = [f"* {case.scenario.title}: {', '.join(needs)}" for case in found if (needs := shortages(case))]
    fits = [case.scenario.title for case in found if not shortages(case)]
    return "\n".join([*(f"* {title}: fits" for title in fits), *told])


def sizes(found: Sequence[Case]) -> str:
    """What was read, by environment."""
    environments = {case.scenario.environment: _described(case.sizes) for case in found}
    names = next(iter(environments.values()))
    rows = [[name, *(each[name] for each in environments.values())] for name in names]
    return table(["size", *environments], rows, numbers=False)


def assumed(each: Assumptions) -> str:
    """The assumptions that matter most, in words."""
    uploads, seconds = each.uploads, each.seconds
    share = uploads["photo_share"]
    photos = f"{share:.0%} photos of {uploads['photo_mb']} MB, {1 - share:.0%} videos of {uploads['video_mb']} MB"
    users = ", ".join(f"{scenario.active_users:,}" for scenario in each.scenarios)
    told = {
        "Files": f"{photos}: {each.mean_mb:.1f} MB in the mean. {uploads['rejected_share']:.0%} are rejected.",
        "Load": f"the busiest minute has {uploads['peak_factor']} times the mean.",
        "Status": f"each upload asks for it {uploads['status_calls']} times.",
        "Presign": f"{seconds['presign']} s.",
        "Validator": f"{seconds['validator_overhead']} s, and what clamd needs at {seconds['clamd_mb']} MB/s a vCPU.",
        "People": f"{users} active users, who sign in {each.standing['sign_ins']} times a month.",
    }
    return "\n".join(f"* **{name}:** {text}" for name, text in told.items())


def chart(found: Sequence[Case]) -> str:
    bars = []
    for case in found:
        parts = dict.fromkeys(GROUPS, 0.0)
        for line in bill(case):
            parts[line.group] += line.usd
        bars.append(Bar(case.scenario.title, parts))
    return svg("Where the money goes", bars, GROUPS)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = True) -> str:
    ruler = ["---", *(["---:" if numbers else "---"] * (len(head) - 1))]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ruler, *rows])


def money(usd: float) -> str:
    return f"{usd:,.2f}" if usd < 100 else f"{usd:,.0f}"


def signed(usd: float) -> str:
    text = money(abs(usd))
    return "0" if text == "0.00" else f"{MINUS if usd < 0 else '+'}{text}"


def _described(sizes: Sizes) -> dict[str, str]:
    service, clamd = sizes.service, sizes.clamd
    return {
        "functions, MB": ", ".join(f"{name} {mb}" for name, mb in sizes.memory.items()),
        "architecture": sizes.architecture,
        "logs, days": str(sizes.log_retention_days),
        "services": f"{sizes.services}, each {_task(service)}, {service.spot_percent} % Spot",
        "clamd": _task(clamd),
        "database": f"{sizes.database_class}, {sizes.database_gb} GB, zones: {sizes.database_zones}",
        "NAT gateways": str(sizes.nat_gateways),
        "interface endpoints": f"{len(sizes.interface_endpoints)}, in {sizes.zones} zones",
        "user pool": sizes.user_pool_tier,
    }


def _task(task: Task) -> str:
    return f"{task.cpu:g} vCPU and {task.memory:g} GB, {task.least} to {task.most} tasks"


def _first_month(case: Case) -> Case:
    assumed: Assumptions = replace(case.assumed, standing={**case.assumed.standing, "kept_months": 1})
    return replace(case, assumed=assumed)


def _filled(text: str, name: str, content: str) -> str:
    begin = f"<!-- {name}, made by `make cost` -->"
    before, found, rest = text.partition(begin)
    _, end, after = rest.partition(END)
    if not found or not end:
        raise ValueError(f"docs/cost.md lacks the marks {begin} and {END}")
    return f"{before}{begin}\n{content}\n{END}{after}"
