"""Fixtures for tests of the command line."""

from typing import Protocol

import pytest
from typer.testing import CliRunner

from phenom.cli import app
from tests.unit.phenom.fake_deployment import FakeStack


class Phenom(Protocol):
    """Runs `phenom` with these arguments."""

    def __call__(self, *arguments: str) -> "Ran": ...


class Ran:
    """Exit code and output of one run."""

    def __init__(self, *arguments: str) -> None:
        result = CliRunner().invoke(app, arguments, prog_name="phenom", catch_exceptions=False)
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr


@pytest.fixture
def phenom() -> Phenom:
    return Ran


class Report:
    """`phenom logs development …`: the exit code of a run, and what the last run printed."""

    def __init__(self) -> None:
        self.out = self.err = ""

    def run(self, *arguments: str) -> int:
        ran = Ran("logs", "development", *arguments)
        self.out, self.err = ran.out, ran.err
        return ran.code

    def rows(self) -> list[str]:
        """Returns the rows of the table without the date, which is the same in all."""
        return [" ".join(row.split()[1:]) for row in self.out.partition("TIME (UTC)")[2].splitlines()[1:]]


@pytest.fixture
def report() -> Report:
    return Report()


@pytest.fixture
def stack(monkeypatch) -> FakeStack:
    """The stack that commands find in every environment."""
    stack = FakeStack()
    monkeypatch.setattr("phenom.aws.stacks.find_stack", lambda *_: stack.deployed)
    return stack
