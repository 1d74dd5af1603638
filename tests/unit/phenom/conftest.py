"""Running `phenom.commands.logs` over a deployed stack in memory."""

import sys

import pytest

from phenom.commands import logs
from tests.unit.phenom.fake_deployment import FakeStack


@pytest.fixture
def stack(monkeypatch) -> FakeStack:
    stack = FakeStack()
    monkeypatch.setattr(logs, "stack_of", lambda *_: stack.deployed)
    return stack


class Told:
    """What a run printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch
        self.out = self.err = ""

    def run(self, *arguments: str) -> int:
        self._monkeypatch.setattr(sys, "argv", ["logs", "--env", "development", *arguments])
        try:
            return logs.main()
        finally:
            self.out, self.err = self._capsys.readouterr()

    def rows(self) -> list[str]:
        """Without the date, which is the same in all."""
        return [" ".join(row.split()[1:]) for row in self.out.partition("TIME (UTC)")[2].splitlines()[1:]]


@pytest.fixture
def told(capsys, monkeypatch) -> Told:
    return Told(capsys, monkeypatch)
