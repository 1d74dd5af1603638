"""Fixtures of end-to-end tests; `application` in tests/conftest.py is the deployed local cloud."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from local.emulator.process import Emulator
from local.paths import CloudPaths
from local.ports import any_free
from phenom.aws.stacks import LIVE
from tests.e2e.api import Application, wait_for
from tests.e2e.environment_stack import ENVIRONMENTS, Account

type ChangeSettings = Callable[..., AbstractContextManager[None]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def account(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An empty account, to which tests deploy development and production."""
    paths = CloudPaths(tmp_path_factory.mktemp("account"))
    paths.create()
    for environment in ENVIRONMENTS:  # tests change the packages
        shutil.copytree(build, paths.directory / environment)
    emulator = Emulator(paths)
    emulator.start(any_free())
    try:
        yield Account(emulator.aws(), paths)
    finally:
        emulator.stop()


@pytest.fixture
def changed_settings(application: Application) -> ChangeSettings:
    """Changes a function's environment variables: `with changed_settings("validator", CLAMAV_PORT="1"):`.

    `timeout` is the function's timeout in seconds. The end of the block restores everything.
    """
    functions = application.functions

    def configure(name: str, variables: dict[str, str], timeout: int) -> None:
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables}, Timeout=timeout
        )
        wait_for(lambda: _updated(application, name), 20, f"update of {name}")

    @contextmanager
    def change(function: str, timeout: int | None = None, **variables: str) -> Iterator[None]:
        name = application.function_name(function)
        configuration = functions.get_function_configuration(FunctionName=name)
        variables_before, timeout_before = configuration["Environment"]["Variables"], configuration["Timeout"]
        version_before = functions.get_alias(FunctionName=name, Name=LIVE)["FunctionVersion"]
        configure(name, variables_before | variables, timeout or timeout_before)
        version = functions.publish_version(FunctionName=name)["Version"]
        functions.update_alias(FunctionName=name, Name=LIVE, FunctionVersion=version)
        try:
            yield
        finally:
            functions.update_alias(FunctionName=name, Name=LIVE, FunctionVersion=version_before)
            configure(name, variables_before, timeout_before)

    return change


def _updated(application: Application, name: str) -> bool:
    state: dict[str, Any] = application.functions.get_function_configuration(FunctionName=name)
    return state.get("LastUpdateStatus", "Successful") == "Successful"


@pytest.fixture
def validator_paused(application: Application) -> Callable[[], AbstractContextManager[None]]:
    """Keeps messages in the validator's queue: `with validator_paused():`."""
    mappings = application.functions.list_event_source_mappings(
        FunctionName=f"{application.function_name('validator')}:{LIVE}"
    )["EventSourceMappings"]

    def enable(enabled: bool) -> None:  # noqa: FBT001 - a private step
        for mapping in mappings:
            application.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)

    @contextmanager
    def pause() -> Iterator[None]:
        enable(False)
        try:
            yield
        finally:
            enable(True)

    return pause
