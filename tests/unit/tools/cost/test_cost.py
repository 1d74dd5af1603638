"""The cost document follows from the sizes of this project and is up to date."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from phenom.functions import FUNCTIONS
from tests.template import properties
from tools.cost import __main__ as command
from tools.cost import sizes
from tools.cost.bill import HERE, Case, PriceError, bill, cases, shortages, table, total
from tools.cost.document import DOCUMENT, document, money, signed
from tools.cost.sizes import SizeError, planned_sizes

DEVELOPMENT, TEN_THOUSAND, MILLION = range(3)


def saving(case: Case, each: dict) -> float:
    """Returns the difference, negative, that the lever makes or, where it is in place, made."""
    without = case.with_changes(each.get("undo", {}))
    return total(bill(without.with_changes(each["changes"]))) - total(bill(without))


@pytest.fixture(scope="module")
def found() -> list[Case]:
    return cases()


def usd(case: Case, name: str) -> float:
    return sum(line.usd for line in bill(case) if line.name.startswith(name))


def lever(name: str) -> dict:
    return next(each for each in table("assumptions")["levers"] if each["name"].startswith(name))


def test_document_is_up_to_date(found: list[Case]):
    assert document(found) == DOCUMENT.read_text(), "docs/cost.md is out of date: make cost"


def test_sizes_come_from_the_template(found: list[Case]):
    for case in found:
        assert case.sizes["memory"]["validator"] == properties("ValidatorFunction")["MemorySize"]
        assert case.sizes["memory"]["presign"] == properties("PresignFunction")["MemorySize"]
        assert case.sizes["template_alarms"] > 20
    assert found[DEVELOPMENT].sizes["log_retention_days"] < found[MILLION].sizes["log_retention_days"] == 365


def test_sizes_come_from_terraform_plans(found: list[Case]):
    development, production = found[DEVELOPMENT].sizes, found[MILLION].sizes
    assert (development["nat_gateways"], production["nat_gateways"]) == (1, 2)
    assert (development["database_zones"], production["database_zones"]) == (1, 2)
    assert development["service"]["spot_percent"] == 100
    assert (production["clamd"]["vcpu"], production["clamd"]["gb"]) == (1, 4)


def test_refresh_without_plans_keeps_committed_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    committed = tmp_path / "sizes.json"
    committed.write_text(sizes.COMMITTED.read_text())
    monkeypatch.setattr(sizes, "COMMITTED", committed)
    monkeypatch.setattr(sizes, "PLANS", tmp_path)
    assert sizes.refresh() == {"development": False, "production": False}
    assert committed.read_text() == sizes.COMMITTED.read_text()
    assert json.loads(committed.read_text()).keys() == {"development", "production"}


def test_plan_without_a_database_is_named():
    with pytest.raises(SizeError, match="clamd service"):
        planned_sizes({"planned_values": {"root_module": {}}})


def test_bigger_sizes_cost_more(found: list[Case]):
    case = found[TEN_THOUSAND]
    twice = case.with_changes({"sizes": {"memory": {name: 2 * mb for name, mb in case.sizes["memory"].items()}}})
    assert usd(twice, "validator") > 1.9 * usd(case, "validator")
    one_zone = case.with_changes({"sizes": {"database_zones": 1}})
    assert usd(one_zone, "db.") == pytest.approx(usd(case, "db.") / 2)


def test_expected_bill_raises_no_alarm_of_the_budget(found: list[Case]):
    """The first alarm comes at 80 %: an alarm in every month would be ignored."""
    for case in (found[DEVELOPMENT], found[TEN_THOUSAND]):
        assert total(bill(case)) < 0.8 * case.sizes["monthly_budget_usd"]


def test_every_function_has_a_line(found: list[Case]):
    assert {line.name for line in bill(found[0]) if line.group == "functions"} == {*FUNCTIONS, "keep warm"}


def test_warm_up_costs_under_half_a_dollar_and_only_in_production(found: list[Case]):
    assert usd(found[DEVELOPMENT], "keep warm") == 0
    assert 0.05 < usd(found[TEN_THOUSAND], "keep warm") < 0.5


def test_warm_up_follows_the_schedule_of_the_template(found: list[Case]):
    rule = properties("KeepWarmRule")
    assert rule["ScheduleExpression"] == f"rate({found[0].standing['warm_up_minutes']} minutes)"
    assert {each["Id"].replace("-", "_") for each in rule["Targets"]} == found[0].seconds["warm_up"].keys()


def test_tiered_files_are_the_largest_saving_and_shown_where_in_place(found: list[Case]):
    tiering = lever("Intelligent-Tiering")
    case = found[TEN_THOUSAND]
    assert case.with_changes(tiering["changes"]) == case
    saved = {each["name"]: saving(case, each) for each in table("assumptions")["levers"]}
    assert min(saved, key=saved.__getitem__) == tiering["name"]
    assert f"| in place, {signed(saved[tiering['name']])} |" in DOCUMENT.read_text()


def test_savings_plan_does_not_cover_spot(found: list[Case]):
    plan = lever("Savings Plan")["changes"]
    case = found[DEVELOPMENT]
    assert case.sizes["service"]["spot_percent"] == 100
    before, after = bill(case), bill(case.with_changes(plan))
    assert {line.name for line in {*before} ^ {*after}} == {"clamd, minimum"}


def test_published_monthly_prices_are_reproduced(found: list[Case]):
    """Guides give 42 dollars for a task of 1 vCPU and 4 GB, 32.85 for a NAT gateway without its address."""
    case = found[DEVELOPMENT]
    assert usd(case, "clamd, minimum") == pytest.approx(42.53, abs=0.01)
    without_data = case.with_changes({"standing": {"nat_gb": 0, "nat_gb_mirror": 0}})
    assert usd(without_data, "1 NAT") == pytest.approx(32.85 + 3.65)


def test_lines_per_upload_grow_with_uploads_and_others_do_not(found: list[Case]):
    case = found[TEN_THOUSAND]
    tenfold = case.with_changes({"scenario": {"uploads_a_day": 10 * case.scenario["uploads_a_day"]}})
    for before, after in zip(bill(case), bill(tenfold), strict=True):
        if before.group == "virus scanner":
            assert after.usd >= before.usd
        elif before.per_upload:
            assert after.usd == pytest.approx(10 * before.usd, rel=0.05), before.name
        else:
            assert after.usd == pytest.approx(before.usd, rel=0.05), before.name


def test_every_case_has_the_same_groups_and_no_negative_line(found: list[Case]):
    assert len({tuple(dict.fromkeys(line.group for line in bill(case))) for case in found}) == 1
    assert all(line.usd >= 0 for case in found for line in bill(case))


def test_thousand_more_uploads_cost_less_than_the_average_thousand(found: list[Case]):
    for case in found:
        marginal = sum(line.usd for line in bill(case) if line.per_upload and line.group != "files")
        assert 0 < marginal < total(bill(case))


def test_shortages_at_a_million_uploads_name_the_settings_to_raise(found: list[Case]):
    assert not shortages(found[DEVELOPMENT])
    needs = " ".join(shortages(found[MILLION]))
    assert all(
        name in needs for name in ("DailyQuota", "ApiDailyCeiling", "ValidatorMaxConcurrency", "clamd_scaling.max")
    )


def test_each_lever_saves_money_at_a_million_uploads(found: list[Case]):
    case = found[MILLION]
    for each in table("assumptions")["levers"]:
        without = total(bill(case.with_changes(each.get("undo", {}))))
        assert -without < saving(case, each) < 0, each["name"]


def test_lever_that_is_already_set_does_not_change_the_case(found: list[Case]):
    case = found[DEVELOPMENT]
    assert case.with_changes(lever("Spot")["changes"]) == case


def test_lever_names_existing_values(found: list[Case]):
    def paths(node: dict, known: dict) -> None:
        for name, each in node.items():
            assert name in known, name
            if isinstance(each, dict):
                paths(each, known[name])

    for each in table("assumptions")["levers"]:
        paths(each["changes"], {name: getattr(found[0], name) for name in Case.__dataclass_fields__})


def test_every_price_has_a_source_and_is_used():
    prices = dict(table("prices"))
    assert re.fullmatch(r"2026-\d\d-\d\d", prices.pop("date"))
    assert prices.pop("region") == "us-east-1"
    code = "".join(path.read_text() for path in HERE.glob("*.py"))
    # Names that the code assembles.
    computed = ("gb_second_", "vcpu_hour_", "gb_hour_", "active_user_", "db.", "reserved_")
    for group, entries in prices.items():
        assert entries["page"].startswith("https://aws.amazon.com/"), group
        for name, entry in ((name, entry) for name, entry in entries.items() if name != "page"):
            assert entry["usd"] > 0, name
            assert re.match(r"https://|a public guide of 20|memory$", entry["seen"]), name
            assert f'"{name}"' in code or name.startswith(computed), name


def test_missing_price_is_named(found: list[Case]):
    case = replace(found[DEVELOPMENT], sizes={**found[DEVELOPMENT].sizes, "database_class": "db.x9.huge"})
    with pytest.raises(PriceError, match=r'no price "db\.x9\.huge" in \[rds\]'):
        bill(case)


def test_command_prints_every_line_and_updates_the_document(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "sizes.json").write_text(sizes.COMMITTED.read_text())
    monkeypatch.setattr(sizes, "COMMITTED", tmp_path / "sizes.json")
    monkeypatch.setattr(sizes, "PLANS", tmp_path)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "DOCUMENT", tmp_path / "cost.md")
    assert command.main() == 0
    assert (tmp_path / "cost.md").read_text() == DOCUMENT.read_text()
    printed = capsys.readouterr()
    assert "clamd, minimum" in printed.out
    assert "per upload" in printed.out
    assert "production: no Terraform plan here" in printed.err


def test_amounts_are_rounded_for_reading():
    assert [money(0.004), money(99.999), money(1234.5)] == ["0.00", "100.00", "1,234"]
    assert [signed(0.001), signed(2), signed(-1234)] == ["0", "+2.00", "\N{MINUS SIGN}1,234"]


def test_scenarios_use_both_environments(found: list[Case]):
    assert {case.scenario["environment"] for case in found} == {"development", "production"}


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.scenario["title"])
def test_private_mirror_costs_less_than_downloads_of_every_task(case):
    """The cost of the refresh is visible, and only with a mirror."""
    without = case.with_changes({"sizes": {"definitions_refresh": None}})
    lines = {line.name: line.usd for line in bill(case)}
    assert 0 < lines["definitions"] < 1
    assert "definitions" not in {line.name for line in bill(without)}
