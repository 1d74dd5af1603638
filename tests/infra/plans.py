"""Terraform's plans and the state after its tests, as Python objects."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TERRAFORM = ROOT / "infra" / "terraform"
PLANS = ROOT / ".cache" / "infra-plans"
ENVIRONMENTS = {"development": "dev", "production": "prod"}
FILES = ("plan.json", "state.json", "locals.json", "graph.dot")


@dataclass(frozen=True)
class Resource:
    """One resource: `address` in Terraform's notation, `values` by attribute, None when only AWS knows the value."""

    address: str
    type: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Environment:
    """One environment: the plan, and the state after its test, in which the mocked provider has filled in all ids."""

    name: str
    short: str
    planned: list[Resource]
    applied: list[Resource]
    configuration: dict[str, Any]
    locals: dict[str, Any] = field(default_factory=dict)
    dependencies: dict[str, set[str]] = field(default_factory=dict)

    def created_before(self, address: str) -> set[str]:
        """Returns all resources that Terraform creates before this one. Addresses have no index."""
        found: set[str] = set()
        waiting = [address]
        while waiting:
            new = self.dependencies.get(waiting.pop(), set()) - found
            found |= new
            waiting += new
        return found

    def plan_of(self, type_: str) -> list[Resource]:
        return [resource for resource in self.planned if resource.type == type_]

    def state_of(self, type_: str) -> list[Resource]:
        return [resource for resource in self.applied if resource.type == type_]


def has_terraform() -> bool:
    return shutil.which("terraform") is not None


def refresh_plans() -> str:
    """Plans both environments again if a source file is newer than its plan. Returns an error message, or ''."""
    made = [PLANS / f"{name}.{file}" for name in ENVIRONMENTS for file in FILES]
    patterns = ("*.tf", "*.hcl", "*.sh")
    sources = [ROOT / "local/clamav/clamd.conf", *(path for path in (ROOT / "images").rglob("*") if path.is_file())]
    sources += [path for pattern in patterns for path in TERRAFORM.rglob(pattern)]
    newest = max(path.stat().st_mtime for path in sources if ".terraform" not in path.parts)
    if all(path.exists() and path.stat().st_size and path.stat().st_mtime > newest for path in made):
        return ""
    command = [str(TERRAFORM / "prove.sh"), "plan", *ENVIRONMENTS]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def read(name: str) -> Environment:
    plan = json.loads((PLANS / f"{name}.plan.json").read_text())
    state = json.loads((PLANS / f"{name}.state.json").read_text())
    return Environment(
        name=name,
        short=ENVIRONMENTS[name],
        planned=list(_resources(plan["planned_values"]["root_module"])),
        applied=list(_resources(state["test_state"]["root_module"])),
        configuration=plan["configuration"]["root_module"],
        # terraform console prints the JSON document as a quoted string.
        locals=json.loads(json.loads((PLANS / f"{name}.locals.json").read_text())),
        dependencies=_dependencies((PLANS / f"{name}.graph.dot").read_text()),
    )


def _dependencies(graph: str) -> dict[str, set[str]]:
    """Returns the resources on which each resource depends directly, from Terraform's graph in DOT notation."""
    found: dict[str, set[str]] = {}
    for one, other in re.findall(r'^  "([^"]+)" -> "([^"]+)";$', graph, re.MULTILINE):
        found.setdefault(one, set()).add(other)
    return found


def _resources(module: dict[str, Any]) -> Iterator[Resource]:
    for found in module.get("resources", []):
        if found["mode"] == "managed":
            yield Resource(found["address"], found["type"], found["values"])
    for child in module.get("child_modules", []):
        yield from _resources(child)
