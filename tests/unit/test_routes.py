"""The routes of the template, of the handler and of the README are the same."""

import re
from typing import Any

import pytest

from testkit.wiring import PRESIGN, import_fresh
from tests.template import properties
from tests.unit.test_documentation import ROOT
from tests.unit.test_firewall import WITH_PASSWORD

EVENTS: list[dict[str, Any]] = [each["Properties"] for each in properties("PresignFunction")["Events"].values()]
ROUTES = {(each["Method"], each["Path"]) for each in EVENTS if each["Method"] != "OPTIONS"}


def test_handler_serves_exactly_the_routes_of_the_template(monkeypatch: pytest.MonkeyPatch):
    assert import_fresh(monkeypatch, "presign.handler", PRESIGN)._ROUTES.keys() == ROUTES


def test_every_path_answers_preflight_requests_once():
    assert sorted(each["Path"] for each in EVENTS if each["Method"] == "OPTIONS") == sorted(
        {path for _, path in ROUTES}
    )


def test_only_routes_that_start_an_upload_need_the_api_key():
    assert {each["Path"] for each in EVENTS if each.get("Auth", {}).get("ApiKeyRequired")} == WITH_PASSWORD


def test_readme_lists_every_route():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([A-Z]+) (/upload[^`]*)` \|", readme, re.MULTILINE)) == ROUTES
