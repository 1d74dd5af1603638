"""The real application, deployed by SAM to a local cloud of the tests' own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from local.ports import any_free
from phenom.aws.stacks import LIVE
from tests.e2e.api import Application, wait_for

ROOT = Path(__file__).parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    directory = tmp_path_factory.mktemp("cloud")
    command = [sys.executable, "-m", "local.cloud"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))}
    up = subprocess.run(
        [*command, "up", "--dir", str(directory), "--port", str(any_free())],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert up.returncode == 0, up.stdout[-4000:] + up.stderr[-4000:]
    stack_file = directory / "stack.json"
    yield Application(json.loads(stack_file.read_text()), stack_file)
    subprocess.run([*command, "down", "--dir", str(directory)], cwd=ROOT, env=environment, check=True, timeout=120)


type ChangeSettings = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def changed_settings(application: Application) -> ChangeSettings:
    """Other settings of one function for a while, for example `with changed_settings("validator", CLAMAV_PORT="1")`.

    `timeout` is its time-out in seconds.
    """
    functions = application.functions

    def configure(name: str, variables: dict[str, str], timeout: int) -> None:
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables}, Timeout=timeout
        )
        wait_for(lambda: _updated(application, name), 20, f"update of {name}")

    @contextmanager
    def change(function: str, timeout: int | None = None, **variables: str) -> Iterator[None]:
        name = application.stack["functions"][function]
        configuration = functions.get_function_configuration(FunctionName=name)
        before, patience = configuration["Environment"]["Variables"], configuration["Timeout"]
        served = functions.get_alias(FunctionName=name, Name=LIVE)["FunctionVersion"]
        configure(name, before | variables, timeout or patience)
        changed = functions.publish_version(FunctionName=name)["Version"]
        functions.update_alias(FunctionName=name, Name=LIVE, FunctionVersion=changed)
        try:
            yield
        finally:
            functions.update_alias(FunctionName=name, Name=LIVE, FunctionVersion=served)
            configure(name, before, patience)

    return change


def _updated(application: Application, name: str) -> bool:
    state: dict[str, Any] = application.functions.get_function_configuration(FunctionName=name)
    return state.get("LastUpdateStatus", "Successful") == "Successful"


@pytest.fixture
def validator_paused(application: Application) -> Callable[[], AbstractContextManager[None]]:
    """While `with validator_paused()` lasts, messages stay in the queue."""
    mappings = application.functions.list_event_source_mappings(
        FunctionName=f"{application.stack['functions']['validator']}:{LIVE}"
    )["EventSourceMappings"]

    @contextmanager
    def pause() -> Iterator[None]:
        for mapping in mappings:
            application.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        try:
            yield
        finally:
            for mapping in mappings:
                application.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    return pause
