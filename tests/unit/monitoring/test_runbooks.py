"""Every alarm leads to a runbook that says what it means, where to look, and what to do."""

import re
from pathlib import Path

import pytest

from tests import template
from tools.monitoring.catalogue import alarms

RUNBOOKS = Path(__file__).parents[3] / "docs" / "runbooks"
NAMES = {
    logical_id: alarm["AlarmName"].removeprefix("phenom-dev-")
    for logical_id, alarm in template.deployed("dev").of_type("AWS::CloudWatch::Alarm").items()
}
PAGES = sorted(path.stem for path in RUNBOOKS.glob("*.md") if path.stem != "README")
COMMAND = re.compile(r"`(aws|phenom|make|git) |^ *(aws|phenom|make|curl) ", re.MULTILINE)


@pytest.mark.parametrize("alarm", alarms(), ids=lambda alarm: alarm.logical_id)
def test_runbook_names_the_alarm(alarm):
    page = (RUNBOOKS / f"{alarm.runbook}.md").read_text(encoding="utf-8")
    assert f"`phenom-<env>-{NAMES[alarm.logical_id]}`" in page.partition("## Meaning")[0]


@pytest.mark.parametrize("name", PAGES)
def test_runbook_has_meaning_checks_and_commands(name):
    page = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert headings[:3] == ["Meaning", "Where to look", "What to do"]
    _, meaning, look, do = re.split(r"^## .+$", page, maxsplit=3, flags=re.MULTILINE)
    assert meaning.strip()
    assert COMMAND.search(look)
    assert do.strip()


@pytest.mark.parametrize("name", sorted({alarm.runbook for alarm in alarms()}))
def test_runbook_of_an_application_alarm_has_a_command_to_run(name):
    page = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    assert COMMAND.search(page.partition("## What to do")[2])


def test_index_lists_every_runbook():
    index = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(([a-z0-9-]+)\.md\)", index)) == set(PAGES)
