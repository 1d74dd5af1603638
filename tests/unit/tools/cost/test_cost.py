"""The cost document is computed from what is really there, and is current."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from tests.template import properties
from tools.cost import __main__ as command
from tools.cost import sizes
from tools.cost.document import CHART, DOCUMENT, cases, made, money, signed
from tools.cost.inputs import HERE, PriceError, Prices, assumptions
from tools.cost.levers import LEVERS, difference
from tools.cost.model import GROUPS, Case, a_thousand, bill, shortages, total
from tools.cost.sizes import SizeError, read, terraform_locals

DEVELOPMENT, TEN_THOUSAND, MILLION = range(3)


@pytest.fixture(scope="module")
def found() -> list[Case]:
    return cases()


def usd(case: Case, name: str) -> float:
    return sum(line.usd for line in bill(case) if line.name.startswith(name))


@pytest.mark.parametrize("path", [DOCUMENT, CHART], ids=lambda path: path.name)
def test_document_and_chart_are_current(found: list[Case], path: Path):
    assert made(found)[path] == path.read_text(), f"{path.name} is old: make cost"


def test_the_chart_is_an_image_that_says_what_it_shows():
    root = ET.fromstring(CHART.read_text())
    assert root.attrib["role"] == "img"
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert "1,000,000 uploads a day $" in (title.text or "")


def test_sizes_are_those_of_the_template(found: list[Case]):
    for case in found:
        assert case.sizes.memory["validator"] == properties("ValidatorFunction")["MemorySize"]
        assert case.sizes.memory["presign"] == properties("PresignFunction")["MemorySize"]
    assert found[DEVELOPMENT].sizes.log_retention_days == 7
    assert found[MILLION].sizes.log_retention_days == 365


def test_sizes_are_those_of_terraform(found: list[Case]):
    development, production = found[DEVELOPMENT].sizes, found[MILLION].sizes
    assert (development.nat_gateways, production.nat_gateways) == (1, 2)
    assert (development.database_zones, production.database_zones) == (1, 2)
    assert development.service.spot_percent == 100
    assert "sqs" in production.interface_endpoints
    assert (production.clamd.cpu, production.clamd.memory) == (1, 4)


def test_a_size_that_moved_moves_the_bill(found: list[Case]):
    case = found[TEN_THOUSAND]
    twice = replace(case, sizes=replace(case.sizes, memory={name: 2 * mb for name, mb in case.sizes.memory.items()}))
    assert usd(twice, "validator") > 1.9 * usd(case, "validator")
    one_zone = replace(case, sizes=replace(case.sizes, database_zones=1))
    assert usd(one_zone, "db.") == pytest.approx(usd(case, "db.") / 2)


def test_what_is_published_elsewhere_comes_out_here_too(found: list[Case]):
    """A task of 1 vCPU and 4 GB is said to cost 42 dollars a month, a NAT gateway 32.85 without its address."""
    case = found[DEVELOPMENT]
    assert usd(case, "clamd, at least") == pytest.approx(42.53, abs=0.01)
    idle = {**case.assumed.standing, "nat_gb": 0, "nat_gb_each_clamd": 0}
    without_data = replace(case, assumed=replace(case.assumed, standing=idle))
    assert usd(without_data, "1 NAT") == pytest.approx(32.85 + 3.65)


def test_what_grows_with_uploads_grows_as_they_do(found: list[Case]):
    case = found[TEN_THOUSAND]
    tenfold = replace(case, scenario=replace(case.scenario, uploads_a_day=10 * case.scenario.uploads_a_day))
    for before, after in zip(bill(case), bill(tenfold), strict=True):
        if before.group == "virus scanner":
            assert after.usd >= before.usd
        elif before.grows:
            assert after.usd == pytest.approx(10 * before.usd, rel=0.05), before.name
        else:
            assert after.usd == pytest.approx(before.usd, rel=0.05), before.name


def test_every_line_belongs_to_a_group_and_costs_nothing_less_than_nothing(found: list[Case]):
    for case in found:
        assert {line.group for line in bill(case)} == set(GROUPS)
        assert all(line.usd >= 0 for line in bill(case))
        with_everything, more = a_thousand(case, bill(case))
        assert with_everything > more > 0


def test_a_million_a_day_does_not_fit_and_it_is_said_what_to_raise(found: list[Case]):
    assert not shortages(found[DEVELOPMENT])
    told = " ".join(shortages(found[MILLION]))
    assert all(name in told for name in ("DailyQuota", "RateLimit", "ValidatorMaxConcurrency", "clamd_scaling.max"))


def test_levers_change_the_bill_by_what_they_say(found: list[Case]):
    case = found[MILLION]
    for lever in LEVERS:
        changed = difference(lever, case)
        assert changed is not None, lever.name
        assert changed < 0, lever.name
        assert -changed < total(bill(case)), lever.name


def test_a_lever_that_is_pulled_already_says_so(found: list[Case]):
    spot = next(lever for lever in LEVERS if lever.name.startswith("Spot"))
    assert difference(spot, found[DEVELOPMENT]) is None


def test_every_price_has_a_source_and_is_used(found: list[Case]):
    prices = Prices()
    assert re.fullmatch(r"2026-\d\d-\d\d", prices.date)
    assert all(entry["usd"] > 0 and entry["seen"] for entry in prices.all.values())
    code = "".join(path.read_text() for path in HERE.glob("*.py"))
    known = ("gb_second_", "vcpu_hour_", "gb_hour_", "active_user_", "db.")  # whose names are put together
    assert [name for _, name in prices.all if f'"{name}"' not in code and not name.startswith(known)] == []


def test_a_price_that_is_missing_is_named(found: list[Case]):
    case = replace(found[DEVELOPMENT], sizes=replace(found[DEVELOPMENT].sizes, database_class="db.x9.huge"))
    with pytest.raises(PriceError, match=r'no price for "db\.x9\.huge" in \[rds\]'):
        bill(case)


def test_locals_are_read_with_comments_and_objects_over_many_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sizes, "ROOT", tmp_path)
    file = tmp_path / "locals.tf"
    file.write_text(
        'locals {\n  # a comment = 1\n  name = "a-b" # c\n  many = ["x", "y"]\n  flag = true\n  nothing = null\n'
        '  images = {\n    one = "a/b:1"\n    two = "c:2"\n  }\n  size = { cpu = 256, memory = 512 }\n}\n'
    )
    assert terraform_locals(file) == {
        "name": "a-b",
        "many": ["x", "y"],
        "flag": True,
        "nothing": None,
        "images": {"one": "a/b:1", "two": "c:2"},
        "size": {"cpu": 256, "memory": 512},
    }


def test_a_local_that_is_computed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sizes, "ROOT", tmp_path)
    file = tmp_path / "locals.tf"
    file.write_text("locals {\n  size = max(1, 2)\n}\n")
    with pytest.raises(SizeError, match=r"locals\.tf: size cannot be read"):
        terraform_locals(file)


def test_the_command_prints_bills_and_lines(capsys: pytest.CaptureFixture[str]):
    assert command.main(["--lines"]) == 0
    printed = capsys.readouterr().out
    assert "1,000 uploads, all included" in printed
    assert "grows with uploads" in printed


def test_money_reads_well():
    assert [money(0.004), money(99.999), money(1234.5)] == ["0.00", "100.00", "1,234"]
    assert [signed(0.001), signed(2), signed(-1234)] == ["0", "+2.00", "\N{MINUS SIGN}1,234"]


def test_scenarios_are_environments_of_this_project():
    assert {each.environment for each in assumptions().scenarios} == {"development", "production"}
    assert read("development") != read("production")
